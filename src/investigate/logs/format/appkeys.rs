//! The names applications use for who, whose, what and how much. A leaf.
//!
//! Names are compared without case, `_`, `-`, `.` and blanks, so `userId`,
//! `user_id`, `user.id` and `UserID` are one. To add one: a row in the table
//! of the object it stands in.
//!
//! Whose tenant: a bare `orgId` (`tenant`, `accountId`, `workspace_id`, ..)
//! names the tenant of the *actor*, also beside a `customerId`. That is how
//! session data is logged, and to take it for the data's tenant would make
//! every ordinary line look like one within its own tenant. The tenant of the
//! *data* must be named as such: `targetOrgId`, `customerOrgId`,
//! `tenantOfCustomer`, or an `orgId` within `customer: {..}`.

mod inside;
mod row;
mod top;

use super::walk::{Means, Names};
use hashbrown::HashMap;
use row::{Below, Row, Table as Rows};
use std::sync::LazyLock;

/// The longest name that is known.
const LONGEST: usize = 40;

type Table = HashMap<&'static [u8], Means, ahash::RandomState>;

/// One table by its plain names.
fn table(rows: &[Rows]) -> Table {
    let all = rows.iter().flat_map(|rows| rows.iter());
    all.map(|(name, row)| (name.as_bytes(), means(row)))
        .collect()
}

fn means(row: &Row) -> Means {
    Means {
        slot: row.slot,
        rank: row.rank,
        kind: row.kind,
        inside: row.below.map(names),
        each: false,
    }
}

/// The table that stands for an object.
fn names(below: Below) -> Names {
    match below {
        Below::Root => root,
        Below::Person => person,
        Below::Home => home,
        Below::Thing => thing,
        Below::ThingHome => thing_home,
        Below::Request => request,
        Below::Params => params,
        Below::Response => response,
        Below::Headers => headers,
        Below::Session => session,
        Below::Trace => trace,
        Below::Http => http,
        Below::Database => database,
    }
}

/// Looks a key up without case and separators.
fn look(table: &Table, key: &str) -> Means {
    let mut plain = [0; LONGEST];
    let mut length = 0;
    for byte in key.bytes() {
        if matches!(byte, b'_' | b'-' | b'.' | b' ' | b'@' | b'$') {
            continue;
        }
        let Some(place) = plain.get_mut(length) else {
            return Means::SKIP;
        };
        *place = byte.to_ascii_lowercase();
        length += 1;
    }
    table.get(&plain[..length]).copied().unwrap_or(Means::SKIP)
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $($rows:path),+;)*) => {
        $($(#[$doc])*
        pub fn $name(key: &str) -> Means {
            static TABLE: LazyLock<Table> = LazyLock::new(|| table(&[$($rows),+]));
            look(&TABLE, key)
        })*
    };
}

tables! {
    /// The top of a record, and objects that only group: `data`, `meta`.
    root: top::PEOPLE, top::TENANTS, top::THINGS, top::REQUEST, top::ANSWER, top::RECORD, top::GROUPS;
    /// `user: {..}`, `actor: {..}`, the claims of a token.
    person: inside::PERSON;
    /// `org: {..}` of the actor.
    home: inside::HOME;
    /// `customer: {..}`, `target: {..}`: what was read.
    thing: inside::THING;
    /// `customer: {org: {..}}`: whose what was read is.
    thing_home: inside::THING_HOME;
    /// `req: {..}`.
    request: inside::IN_REQUEST, top::REQUEST;
    /// `params: {..}` of a request.
    params: inside::PARAMS, top::THINGS;
    /// `res: {..}`.
    response: top::ANSWER, inside::IN_RESPONSE;
    /// Headers of a request or of its answer.
    headers: inside::HEADERS;
    /// `session: {..}`.
    session: inside::SESSION, top::PEOPLE, top::TENANTS;
    /// `trace: {..}`.
    trace: inside::TRACE;
    /// `http: {..}`.
    http: inside::HTTP, top::REQUEST, top::ANSWER;
    /// `db: {..}`.
    database: inside::DATABASE;
}

/// Names of which one must stand in a text for it to be worth reading: who
/// did something, or what.
pub const SIGNS: [&str; 12] = [
    "user", "User", "sub", "uid", "actor", "mail", "rincipal", "ccount", "ustomer", "bject",
    "rows", "status",
];

/// The table for the top of a record.
pub const ROOT: Names = root;

#[cfg(test)]
mod tests {
    use super::super::facts::{Facts, Slot};
    use super::super::walk::{Memo, object};
    use super::*;
    use crate::investigate::logs::event::{Event, Layer};

    fn check(json: &str, test: impl FnOnce(&Event<'_>)) {
        let mut copied = String::new();
        let mut facts = Facts::new(&mut copied);
        assert!(
            object(json, root, &mut Memo::default(), &mut facts),
            "{json}"
        );
        test(&facts.event());
    }

    #[test]
    fn a_name_is_one_however_it_is_written() {
        for key in ["userId", "user_id", "user.id", "USER-ID", "uid", "sub"] {
            check(&format!(r#"{{"{key}":"u1"}}"#), |event| {
                assert_eq!(event.user, "u1", "{key}");
            });
        }
        assert!(root(&"x".repeat(1 << 20)).slot.is_none());
    }

    #[test]
    fn a_bare_tenant_is_the_actors() {
        check(r#"{"userId":1,"orgId":7,"customerId":"c9"}"#, |event| {
            assert_eq!((event.user, event.actor_tenant), ("1", "7"));
            assert_eq!((event.tenant, event.object), ("", "c9"));
            assert_eq!(event.object_kind, "customer");
        });
        for key in [
            "targetOrgId",
            "customerOrgId",
            "customer_org_id",
            "tenantOfCustomer",
        ] {
            check(&format!(r#"{{"orgId":7,"{key}":8}}"#), |event| {
                assert_eq!((event.actor_tenant, event.tenant), ("7", "8"), "{key}");
            });
        }
    }

    #[test]
    fn what_a_store_puts_around_a_record_is_looked_through() {
        for json in [
            r#"{"_index":"logs","_source":{"http":{"request":{"method":"GET"},"response":{"status_code":200}},"url":{"path":"/a/7"},"user":{"id":"u1"}}}"#,
            r#"{"id":"AQ","content":{"service":"api","attributes":{"http":{"method":"GET","status_code":200,"url":"/a/7"},"usr":{"id":"u1"}}}}"#,
        ] {
            check(json, |event| {
                assert_eq!((event.user, event.method), ("u1", "GET"), "{json}");
                assert_eq!((event.path, event.status), ("/a/7", 200), "{json}");
            });
        }
    }

    #[test]
    fn objects_below_say_whose_they_are() {
        let json = r#"{"user":{"id":"u1","email":"a@b.example","role":"admin","orgId":1},
            "customer":{"id":9,"org":{"id":2},"email":"x@y.example"},"rows":[1,2]}"#;
        check(json, |event| {
            assert_eq!((event.user, event.role), ("u1", "admin"));
            assert_eq!((event.actor_tenant, event.tenant), ("1", "2"));
            assert_eq!((event.object_kind, event.object), ("customer", "9"));
            assert_eq!((event.email, event.rows), ("a@b.example", Some(2)));
        });
        let json = r#"{"req":{"id":"r1","method":"GET","url":"/api/c/9?x=1","user":{"sub":"u2"},
            "headers":{"x-forwarded-for":"203.0.113.9","x-middleware-subrequest":"middleware"}},
            "res":{"statusCode":200,"headers":{"content-length":"12","cache-control":"public, max-age=60"}},"responseTime":3}"#;
        check(json, |event| {
            assert_eq!((event.request, event.user), ("r1", "u2"));
            assert_eq!(
                (event.method, event.path, event.query),
                ("GET", "/api/c/9", "x=1")
            );
            assert_eq!((event.status, event.bytes), (200, Some(12)));
            assert_eq!(event.client, "203.0.113.9");
            assert!(event.shared && event.bypass_mark);
            assert_eq!(event.duration_ns, Some(3_000_000));
            assert_eq!(event.layer, Layer::Http);
        });
    }

    #[test]
    fn the_person_behind_an_account_is_the_actor() {
        check(r#"{"userId":"seen","actorId":"seer"}"#, |event| {
            assert_eq!(event.user, "seer");
        });
        check(
            r#"{"user":"u1","role":"support","org":"o1","object":"c1","objectType":"customer"}"#,
            |event| {
                assert_eq!(
                    (event.user, event.role, event.actor_tenant),
                    ("u1", "support", "o1")
                );
                assert_eq!((event.object_kind, event.object), ("customer", "c1"));
            },
        );
    }

    #[test]
    fn every_table_has_names_in_their_plain_form() {
        for rows in top::ALL.iter().chain(inside::ALL) {
            for (name, row) in *rows {
                let plain = name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
                assert!(plain && name.len() <= LONGEST, "{name}");
                assert!(row.slot.is_some() || row.below.is_some(), "{name}");
                let is_object = row.slot == Some(Slot::Object);
                assert!(is_object || row.kind.is_empty(), "{name}");
            }
        }
    }
}
