//! Auth0's tenant log: exported, listed, or streamed (`{"log_id":..,"data":..}`).
//! It tells who signed in or was refused, from where; never what was read.

use super::facts::{Facts, Slot};
use super::keyed::{Keyed, Made};
use super::parser::{Format, Framing};
use super::walk::Means;
use crate::investigate::logs::event::{Event, Layer};
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "auth0",
    title: "Auth0 tenant log",
    framing: Framing::Json,
    joins: false,
    claim,
    open: |_, setting| Keyed::boxed(names, made, setting),
};

fn claim(sample: &[u8]) -> usize {
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    let own = [
        "\"isMobile\"",
        "\"client_name\"",
        "\"strategy\"",
        "\"connection_id\"",
        "\"tenant_name\"",
    ];
    if own.iter().all(|key| count(key) == 0) {
        return 0;
    }
    count("\"log_id\"")
        .min(count("\"date\""))
        .min(count("\"type\""))
}

fn names(key: &str) -> Means {
    match key {
        // As EventBridge and streams wrap it.
        "data" | "detail" => Means::within(names),
        "log_id" => Means::at(Slot::Id, 0),
        "_id" => Means::at(Slot::Id, 1),
        "date" => Means::at(Slot::Time, 0),
        "type" => Means::at(Slot::Kind, 0),
        "user_id" => Means::at(Slot::User, 0),
        "user_name" => Means::at(Slot::Email, 0),
        "client_id" => Means::at(Slot::Key, 0),
        "ip" => Means::at(Slot::Client, 0),
        "user_agent" => Means::at(Slot::Agent, 0),
        "organization_id" => Means::at(Slot::ActorTenant, 0),
        "details" => Means::within(details),
        _ => Means::SKIP,
    }
}

fn details(key: &str) -> Means {
    match key {
        "session_id" => Means::at(Slot::Session, 0),
        _ => Means::SKIP,
    }
}

fn made<'s>(facts: &'s Facts<'_, '_>, room: &'s mut String) -> Made<'s> {
    let kind = facts.text(Slot::Kind);
    if kind.is_empty() || !facts.has(Slot::Time) {
        return Made::Foreign;
    }
    room.clear();
    room.push_str("/auth0/");
    room.push_str(kind);
    let event = facts.event();
    Made::Event(Event {
        layer: Layer::Auth,
        status: status(kind),
        route: room,
        path: "",
        // A name is no address where people sign in by name.
        email: if event.email.contains('@') {
            event.email
        } else {
            ""
        },
        object_kind: "",
        ..event
    })
}

/// Types that begin with an f are failures, whatever failed.
fn status(kind: &str) -> u16 {
    match kind {
        "limit_wc" | "limit_sul" | "limit_mu" | "api_limit" | "appi" => 429,
        "pwd_leak" | "signup_pwd_leak" | "reset_pwd_leak" => 403,
        "gd_auth_failed" | "gd_auth_rejected" | "gd_otp_rate_limit_exceed" => 401,
        _ if kind.starts_with('f') => 401,
        _ => 200,
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    const LINE: &str = r#"{"date":"2026-03-10T08:00:02.123Z","type":"s","connection":"google-oauth2","connection_id":"con_1","client_id":"zxPFD7BlvbiwfAzv","client_name":"App","ip":"203.0.113.9","user_agent":"Chrome 114.0.0 / Windows 10.0.0","details":{"session_id":"sess1","stats":{"loginsCount":3}},"hostname":"x.us.auth0.com","user_id":"google-oauth2|u7","user_name":"a@example.com","strategy":"google-oauth2","log_id":"90020260310","_id":"90020260310","isMobile":false}"#;

    fn read(line: &str) -> Kept {
        Kept::of(FORMAT.open, [line])
    }

    #[test]
    fn a_sign_in_tells_who_and_from_where() {
        let streamed = format!(r#"{{"log_id":"90020260310","data":{LINE}}}"#);
        for line in [LINE, &streamed] {
            read(line).one(|event| {
                assert_eq!((event.layer, event.status), (Layer::Auth, 200));
                assert_eq!(event.at, 1_773_129_602_123_000_000);
                assert_eq!(
                    (event.user, event.email),
                    ("google-oauth2|u7", "a@example.com")
                );
                assert_eq!((event.client, event.session), ("203.0.113.9", "sess1"));
                assert_eq!((event.id, event.route), ("90020260310", "/auth0/s"));
                assert_eq!(
                    (event.object, event.rows, event.object_kind),
                    ("", None, "")
                );
            });
        }
    }

    #[test]
    fn failures_are_refusals() {
        for (kind, want) in [("fp", 401), ("fapi", 401), ("limit_wc", 429), ("slo", 200)] {
            let line = LINE.replace("\"type\":\"s\"", &format!("\"type\":\"{kind}\""));
            read(&line).one(|event| assert_eq!(event.status, want, "{kind}"));
        }
    }

    #[test]
    fn torn_and_foreign_records_are_told() {
        for line in [&LINE[..120], "{}", "x", r#"{"type":"s"}"#] {
            let kept = read(line);
            assert_eq!((kept.events.len(), kept.unparsed), (0, 1), "{line}");
        }
        assert_eq!(claim(format!("[{LINE},\n{LINE}]").as_bytes()), 2);
        assert_eq!(claim(br#"{"date":"x","type":"y","log_id":"z"}"#), 0);
    }
}
