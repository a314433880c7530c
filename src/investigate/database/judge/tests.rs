//! Conditions as the server deparses them, beside look-alikes that are safe.

use super::super::roles::Roles;
use super::super::snapshot::{Column, Function, Grant, Policy, Relation, Role, Snapshot};
use super::*;

const TABLE: Oid = 10;
const MEMBERS: Oid = 11;
const OPEN_LINKS: Oid = 12;
const ANON: Oid = 1;
const SIGNED_IN: Oid = 2;
const APP: Oid = 3;

fn relation(oid: Oid, name: &str, rls: bool, columns: &[&str]) -> Relation {
    let columns = columns.iter().zip(1..).map(|(name, num)| Column {
        num,
        name: (*name).to_owned(),
        kind: if name.ends_with("id") {
            "uuid".to_owned()
        } else {
            "text".to_owned()
        },
        ..Column::default()
    });
    Relation {
        oid,
        schema: "public".into(),
        name: name.into(),
        kind: "r".into(),
        owner: 99,
        rls,
        columns: columns.collect(),
        ..Relation::default()
    }
}

fn function(oid: Oid, name: &str, arguments: i32, source: &str) -> Function {
    Function {
        oid,
        schema: "public".into(),
        name: name.into(),
        language: "sql".into(),
        trusted: true,
        volatility: "s".into(),
        arguments,
        names: Some(vec!["org".into()]),
        returns: "bool".into(),
        source: Some(source.into()),
        ..Function::default()
    }
}

fn functions() -> Vec<Function> {
    vec![
        function(
            30,
            "member_of",
            1,
            "SELECT EXISTS (SELECT 1 FROM members m WHERE m.org_id = org AND m.user_id = auth.uid())",
        ),
        function(31, "ignores", 1, "SELECT auth.uid() IS NOT NULL"),
        function(32, "never", 1, "SELECT false"),
        function(
            52,
            "bypassed",
            0,
            "SELECT coalesce(current_setting('app.bypass', true), 'off') = 'on'",
        ),
        function(53, "me", 0, "SELECT auth.uid()"),
        function(
            33,
            "mine",
            0,
            "SELECT org_id FROM members WHERE user_id = auth.uid()",
        ),
        function(
            50,
            "own_words",
            0,
            "SELECT u.raw_user_meta_data ->> 'org_id' FROM auth.users u WHERE u.id = auth.uid()",
        ),
        function(
            51,
            "asked_for",
            0,
            "SELECT current_setting('request.headers', true)::json ->> 'x-org'",
        ),
    ]
    .into_iter()
    .chain(tricky())
    .collect()
}

/// Helpers of which a glance at the body would mislead: name, the first
/// argument's name, how many there are, and the body.
const TRICKY: [(&str, &str, i32, &str); 10] = [
    (
        "founder",
        "org",
        1,
        "SELECT auth.uid() = '00000000-0000-4000-8000-000000000001' OR EXISTS (SELECT 1 FROM members m WHERE m.org_id = org AND m.user_id = auth.uid())",
    ),
    // The argument has the name of a column that it reads.
    (
        "shadowed",
        "org_id",
        1,
        "SELECT EXISTS (SELECT 1 FROM members m WHERE m.org_id = org_id AND m.user_id = auth.uid())",
    ),
    (
        "qualified",
        "org_id",
        1,
        "SELECT EXISTS (SELECT 1 FROM members m WHERE m.org_id = qualified.org_id AND m.user_id = auth.uid())",
    ),
    // Two of one name, of which the longer asks nothing of its arguments.
    (
        "may",
        "org",
        1,
        "SELECT EXISTS (SELECT 1 FROM members m WHERE m.org_id = org AND m.user_id = auth.uid())",
    ),
    (
        "may",
        "org",
        2,
        "SELECT EXISTS (SELECT 1 FROM members m WHERE m.user_id = auth.uid())",
    ),
    (
        "refuses",
        "org",
        1,
        "BEGIN RAISE NOTICE 'no'; RETURN false; END",
    ),
    (
        "staff",
        "org",
        1,
        "SELECT COALESCE(auth.jwt() -> 'app_metadata' ->> 'kind' = 'staff', false)",
    ),
    (
        "wrote",
        "",
        0,
        "SELECT (auth.jwt() -> 'user_metadata' ->> 'org_id')::uuid",
    ),
    (
        "hides",
        "",
        0,
        "SELECT m.org_id FROM members m WHERE m.user_id = auth.uid() AND m.hue <> (auth.jwt() -> 'user_metadata' ->> 'hue')",
    ),
    ("shown", "org", 1, "SELECT org = 'published'"),
];

fn tricky() -> Vec<Function> {
    let plain = TRICKY.iter().zip(34..);
    let mut all: Vec<Function> = plain
        .map(|((name, argument, arguments, source), oid)| Function {
            names: Some(vec![(*argument).to_owned()]),
            language: if source.starts_with("BEGIN") {
                "plpgsql".into()
            } else {
                "sql".into()
            },
            ..function(oid, name, *arguments, source)
        })
        .collect();
    // Who is asking comes in by an argument that a call leaves out.
    all.push(Function {
        language: "plpgsql".into(),
        defaults: Some("auth.uid()".into()),
        definer: true,
        ..function(
            60,
            "defaulted",
            2,
            "DECLARE n int; BEGIN SELECT count(*) INTO n FROM members m WHERE m.org_id = org AND m.user_id = $2; RETURN n > 0; END",
        )
    });
    all
}

fn survey(condition: &str) -> Survey {
    let role = |oid, name: &str, login| Role {
        oid,
        name: name.into(),
        login,
        ..Role::default()
    };
    let roles = vec![
        role(ANON, "anon", false),
        role(SIGNED_IN, "authenticated", false),
        role(APP, "app", true),
    ];
    let columns = [
        "id",
        "org_id",
        "user_id",
        "email",
        "status",
        "deleted_at",
        "is_public",
        "slug",
        "shared_with",
    ];
    let grant = |role| Grant {
        role,
        relation: TABLE,
        whole: true,
        columns: None,
    };
    let snapshot = Snapshot {
        relations: vec![
            relation(TABLE, "t", true, &columns),
            relation(MEMBERS, "members", true, &["org_id", "user_id"]),
            relation(OPEN_LINKS, "links", false, &["org_id"]),
        ],
        policies: vec![Policy {
            oid: 20,
            relation: TABLE,
            name: "p".into(),
            command: "r".into(),
            permissive: true,
            roles: vec![0],
            using: Some(condition.to_owned()),
            relations: if condition.contains("links") {
                vec![OPEN_LINKS]
            } else {
                vec![MEMBERS]
            },
            ..Policy::default()
        }],
        functions: functions(),
        grants: vec![grant(ANON), grant(SIGNED_IN), grant(APP)],
        roles,
        ..Snapshot::default()
    };
    let roles = Roles::new(&snapshot.roles, &[], &std::collections::BTreeSet::new(), 0);
    let mut survey = Survey::new(snapshot, roles);
    super::super::vote::cast(&mut survey, None);
    survey
}

fn id(role: Oid, condition: &str) -> Option<&'static str> {
    let survey = survey(condition);
    let relation = survey.relation(TABLE).unwrap();
    policy_hole(&survey, role, relation, &survey.policies(TABLE)[0]).map(|hole| hole.id())
}

#[test]
fn open_conditions_are_named_by_their_rule() {
    let cases = [
        ("P01", "true"),
        ("P02", "(1 = 1)"),
        ("P02", "((org_id = auth.uid()) OR true)"),
        (
            "P02",
            "(('a'::text = 'a'::text) OR public.member_of(org_id))",
        ),
        ("P03", "(org_id = org_id)"),
        (
            "P04",
            "(( SELECT auth.uid() AS uid) = ( SELECT auth.uid() AS uid))",
        ),
        ("P05", "(org_id IS NOT NULL)"),
        ("P05", "(length(email) >= 0)"),
        ("P06", "(auth.uid() IS NOT NULL)"),
        (
            "P06",
            "(( SELECT auth.role() AS role) = 'authenticated'::text)",
        ),
        ("P06", "((deleted_at IS NULL) AND (auth.uid() IS NOT NULL))"),
        (
            "P08",
            "(org_id = COALESCE(((auth.jwt() ->> 'org_id'::text))::uuid, org_id))",
        ),
        (
            "P10",
            "((auth.uid() = '00000000-0000-4000-8000-000000000001'::uuid) OR (user_id = auth.uid()))",
        ),
        ("P12", "(status = 'active'::text)"),
        (
            "P12",
            "((user_id = auth.uid()) OR (status = 'shared'::text))",
        ),
        ("P12", "(user_id <> auth.uid())"),
        (
            "P13",
            "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.org_id = m.org_id) AND (m.user_id = auth.uid()))))",
        ),
        (
            "P14",
            "(org_id IN ( SELECT links.org_id FROM public.links))",
        ),
        ("P15", "public.ignores(org_id)"),
        (
            "P17",
            "(org_id = (((auth.jwt() -> 'user_metadata'::text) ->> 'org_id'::text))::uuid)",
        ),
    ];
    for (expected, condition) in cases {
        assert_eq!(id(SIGNED_IN, condition), Some(expected), "{condition}");
    }
}

#[test]
fn what_a_caller_writes_itself_is_no_identity() {
    let cases = [
        (
            "P17",
            "(((auth.jwt() -> 'user_metadata'::text) ->> 'role'::text) = 'admin'::text)",
        ),
        (
            "P06",
            "((auth.jwt() ->> 'iss'::text) = 'https://id.example.test'::text)",
        ),
        ("P17", "((org_id)::text = public.own_words())"),
        ("P17", "((org_id)::text = public.asked_for())"),
        (
            "P17",
            "((org_id)::text = ((current_setting('request.headers'::text, true))::json ->> 'x-org'::text))",
        ),
        ("P15", "public.shadowed(org_id)"),
        ("P19", "starts_with(status, (auth.jwt() ->> 'slug'::text))"),
    ];
    for (expected, condition) in cases {
        assert_eq!(id(SIGNED_IN, condition), Some(expected), "{condition}");
    }
}

#[test]
fn look_alikes_stay_closed() {
    let cases = [
        "false",
        "(user_id = auth.uid())",
        "(( SELECT auth.uid() AS uid) = user_id)",
        "((1 = 1) AND (user_id = auth.uid()))",
        "((auth.uid() IS NOT NULL) AND (user_id = auth.uid()))",
        "(auth.role() = 'service_role'::text)",
        "public.member_of(org_id)",
        "( SELECT public.member_of(t.org_id) AS member_of)",
        "public.never(org_id)",
        "public.qualified(org_id)",
        "starts_with(status, ((auth.uid())::text || '/'::text))",
        "(status ~~ ((auth.uid())::text || '/%'::text))",
        "(status = ((current_setting('request.headers'::text, true))::json ->> 'x-share'::text))",
        "(org_id IN ( SELECT public.mine() AS mine))",
        "(org_id IN ( SELECT m.org_id FROM public.members m WHERE (m.user_id = auth.uid())))",
        "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.org_id = t.org_id) AND (m.user_id = auth.uid()))))",
        "(org_id = (((auth.jwt() -> 'app_metadata'::text) ->> 'org_id'::text))::uuid)",
        "(org_id = COALESCE((auth.jwt() ->> 'org_id'::text)::uuid, '00000000-0000-0000-0000-000000000000'::uuid))",
    ];
    for condition in cases {
        assert_eq!(id(SIGNED_IN, condition), None, "{condition}");
    }
}

#[test]
fn who_asks_decides_what_a_missing_claim_opens() {
    let missing = "((auth.uid() IS NULL) OR (user_id = auth.uid()))";
    assert_eq!(id(ANON, missing), Some("P07"));
    assert_eq!(id(SIGNED_IN, missing), None);
    assert_eq!(id(ANON, "(auth.uid() IS NOT NULL)"), None);
    let setting = "((NULLIF(current_setting('app.org'::text, true), ''::text) IS NULL) OR (org_id = auth.uid()))";
    assert_eq!(id(APP, setting), Some("P07"));
    assert_eq!(id(SIGNED_IN, setting), Some("P07"));
    let hatch =
        "((current_setting('app.bypass'::text, true) = 'on'::text) OR (org_id = auth.uid()))";
    assert_eq!(id(APP, hatch), Some("P09"));
    assert_eq!(id(SIGNED_IN, hatch), None);
}

#[test]
fn publication_is_told_apart_from_an_oversight() {
    let survey = survey("(is_public = true)");
    let relation = survey.relation(TABLE).unwrap();
    let hole = policy_hole(&survey, ANON, relation, &survey.policies(TABLE)[0]);
    assert_eq!(hole, Some(Hole::Unscoped { published: true }));
}

#[test]
fn a_fixed_caller_is_told_wherever_it_is_written() {
    let open = [
        "(auth.uid() = ANY ('{00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002}'::uuid[]))",
        "(EXISTS ( SELECT 1 FROM public.members m WHERE ((m.user_id = auth.uid()) AND (m.email = 'boss@example.test'::text))))",
        "public.founder(org_id)",
    ];
    for condition in open {
        assert_eq!(id(SIGNED_IN, condition), Some("P10"), "{condition}");
        assert_eq!(id(ANON, condition), None, "{condition}");
    }
    let header = "((current_setting('request.headers'::text, true)::json ->> 'x-user'::text) = 'boss@example.test'::text)";
    assert_eq!(id(ANON, header), Some("P10"));
}

mod forms;
mod ties;
