//! The laws of claims.

use super::*;

fn person(sql: &str, parameters: &str) -> Person {
    let mut person = Person::default();
    changes(sql, parameters, &mut |change| {
        if let Change::Set { name, value, .. } = change {
            person.set(&name, &value);
        }
    });
    person
}

#[test]
fn claims_name_the_person_in_every_way_they_are_set() {
    let json =
        r#"{"sub":"u1","role":"authenticated","email":"a@x.org","app_metadata":{"org_id":7}}"#;
    let want = Person {
        user: "u1".to_owned(),
        email: "a@x.org".to_owned(),
        role: "authenticated".to_owned(),
        tenant: "7".to_owned(),
        set_role: "authenticated".to_owned(),
    };
    let listed = format!("$1 = '\"$user\", public', $2 = 'authenticated', $3 = '{json}'");
    let sql = "select set_config('search_path', $1, true), set_config('role', $2, true), set_config('request.jwt.claims', $3, true)";
    assert_eq!(person(sql, &listed), want);
    let named = "select set_config($1, $2, true), set_config($3::text, $4::text, true)";
    let listed =
        format!("$1 = 'role', $2 = 'authenticated', $3 = 'request.jwt.claims', $4 = '{json}'");
    assert_eq!(person(named, &listed), want);
    let local =
        format!("SET LOCAL ROLE authenticated; set local \"request.jwt.claims\" = '{json}';");
    assert_eq!(person(&local, ""), want);
    let literal = format!(
        "select set_config('request.jwt.claims', '{json}', true), set_config('role', 'authenticated', true)"
    );
    assert_eq!(person(&literal, ""), want);
    let older = person("set local request.jwt.claim.sub = 'u1'", "");
    assert_eq!(older.user, "u1");
    let app = person(
        "select set_config('app.current_user_id', $1, true), set_config('app.org_id', $2, true)",
        "$1 = '5', $2 = '9'",
    );
    assert_eq!((app.user.as_str(), app.tenant.as_str()), ("5", "9"));
}

#[test]
fn turns_and_resets_are_seen() {
    let mut seen = Vec::new();
    for sql in [
        "COMMIT",
        "rollback to savepoint a",
        "DISCARD ALL",
        "begin; set role x",
    ] {
        changes(sql, "", &mut |change| seen.push(change));
    }
    let set = Change::Set {
        name: "role".into(),
        value: "x".into(),
        local: false,
    };
    assert_eq!(seen, [Change::Turn, Change::Reset, Change::Turn, set]);
    assert!(!may_change("select * from settings"));
}

#[test]
fn broken_claims_name_nobody() {
    for sql in [
        "select set_config('request.jwt.claims', 'no json', true)",
        "select set_config('request.jwt.claims', ",
        "select set_config(",
        "set local request.jwt.claims = 'torn",
        "set",
        "set local",
        "set role",
    ] {
        assert_eq!(person(sql, "").user, "", "{sql}");
    }
}
