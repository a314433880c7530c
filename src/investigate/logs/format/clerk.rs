//! Clerk's webhooks as they are kept: `{"data":..,"object":"event","type":
//! "session.created"}`. They tell who signed in, from where; never what was
//! read.

use super::facts::{Facts, Slot};
use super::keyed::{Keyed, Made};
use super::parser::{Format, Framing};
use super::walk::Means;
use crate::investigate::logs::event::{Event, Layer};
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "clerk",
    title: "Clerk events",
    framing: Framing::Json,
    joins: false,
    claim,
    open: |_, setting| Keyed::boxed(names, made, setting),
};

fn claim(sample: &[u8]) -> usize {
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    let sent = count("\"event_attributes\"").max(count("\"instance_id\""));
    let whole = ["\"type\"", "\"data\"", "\"object\""].map(count);
    whole.into_iter().fold(sent, usize::min)
}

fn names(key: &str) -> Means {
    match key {
        // As the service that delivers them wraps it.
        "payload" => Means::within(names),
        "type" => Means::at(Slot::Kind, 0),
        "timestamp" => Means::at(Slot::Time, 0),
        "data" => Means::within(data),
        "event_attributes" => Means::within(attributes),
        _ => Means::SKIP,
    }
}

fn attributes(key: &str) -> Means {
    match key {
        "http_request" => Means::within(request),
        _ => Means::SKIP,
    }
}

fn request(key: &str) -> Means {
    match key {
        "client_ip" => Means::at(Slot::Client, 0),
        "user_agent" => Means::at(Slot::Agent, 0),
        _ => Means::SKIP,
    }
}

fn data(key: &str) -> Means {
    match key {
        // What it is the id of, the type tells.
        "id" => Means::at(Slot::Object, 0),
        "user_id" => Means::at(Slot::User, 1),
        "public_user_data" => Means::within(person),
        "organization" => Means::within(organization),
        "organization_id" | "last_active_organization_id" => Means::at(Slot::ActorTenant, 1),
        "role" => Means::at(Slot::Role, 0),
        // Who acts in somebody's name.
        "actor" => Means::within(actor),
        "updated_at" | "created_at" => Means::at(Slot::Time, 3),
        _ => Means::SKIP,
    }
}

fn person(key: &str) -> Means {
    match key {
        "user_id" => Means::at(Slot::User, 1),
        _ => Means::SKIP,
    }
}

fn organization(key: &str) -> Means {
    match key {
        "id" => Means::at(Slot::ActorTenant, 0),
        _ => Means::SKIP,
    }
}

fn actor(key: &str) -> Means {
    match key {
        "sub" => Means::at(Slot::User, 0),
        _ => Means::SKIP,
    }
}

fn made<'s>(facts: &'s Facts<'_, '_>, room: &'s mut String) -> Made<'s> {
    let kind = facts.text(Slot::Kind);
    if !kind.contains('.') || !(facts.has(Slot::User) || facts.has(Slot::Object)) {
        return Made::Foreign;
    }
    room.clear();
    room.push_str("/clerk/");
    room.push_str(kind);
    let id = facts.text(Slot::Object);
    let event = facts.event();
    Made::Event(Event {
        layer: Layer::Auth,
        status: 200,
        route: room,
        user: if event.user.is_empty() && kind.starts_with("user.") {
            id
        } else {
            event.user
        },
        session: if kind.starts_with("session.") { id } else { "" },
        object: "",
        object_kind: "",
        ..event
    })
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    const LINE: &str = r#"{"data":{"abandon_at":1775721602123,"client_id":"client_1","created_at":1773129602000,"expire_at":1773734402123,"id":"sess_1","last_active_at":1773129602123,"object":"session","status":"active","updated_at":1773129602000,"user_id":"user_7"},"event_attributes":{"http_request":{"client_ip":"203.0.113.9","user_agent":"Mozilla/5.0"}},"instance_id":"ins_1","object":"event","timestamp":1773129602123,"type":"session.created"}"#;

    fn read(line: &str) -> Kept {
        Kept::of(FORMAT.open, [line])
    }

    #[test]
    fn a_session_has_its_person() {
        read(LINE).one(|event| {
            assert_eq!((event.layer, event.status), (Layer::Auth, 200));
            assert_eq!((event.user, event.session), ("user_7", "sess_1"));
            assert_eq!((event.client, event.agent), ("203.0.113.9", "Mozilla/5.0"));
            assert_eq!((event.route, event.object), ("/clerk/session.created", ""));
            assert_eq!(event.at, 1_773_129_602_123_000_000);
        });
        let actor = LINE.replacen("\"id\":", "\"actor\":{\"sub\":\"user_9\"},\"id\":", 1);
        read(&actor).one(|event| assert_eq!(event.user, "user_9"));
        let user = r#"{"data":{"id":"user_7","object":"user","email_addresses":[{"id":"idn_1","email_address":"a@example.com"}]},"object":"event","type":"user.updated","timestamp":1773129602123,"instance_id":"ins_1"}"#;
        read(user).one(|event| assert_eq!((event.user, event.session), ("user_7", "")));
    }

    #[test]
    fn torn_and_foreign_records_are_told() {
        for line in [&LINE[..120], "{}", "x", r#"{"type":"a.b"}"#] {
            let kept = read(line);
            assert_eq!((kept.events.len(), kept.unparsed), (0, 1), "{line}");
        }
        assert_eq!(claim(format!("{LINE}\n{LINE}\n").as_bytes()), 2);
        assert_eq!(claim(br#"{"type":"x","data":{}}"#), 0);
    }
}
