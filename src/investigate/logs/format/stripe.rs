//! Stripe's events, an object a line or a list as exported. They tell what
//! changed and when, and not who read what: an event of theirs names nobody
//! and no object, so that none is accused for it. What in them is secret or
//! personal is looked for all the same.

use super::facts::{Facts, Slot};
use super::keyed::{Keyed, Made};
use super::parser::{Format, Framing};
use super::walk::Means;
use crate::investigate::logs::event::{Event, Layer};
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "stripe",
    title: "Stripe events",
    framing: Framing::Json,
    joins: false,
    claim,
    open: |_, setting| Keyed::boxed(names, made, setting),
};

fn claim(sample: &[u8]) -> usize {
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    count("\"evt_")
        .min(count("\"api_version\""))
        .min(count("\"livemode\""))
}

fn names(key: &str) -> Means {
    match key {
        "id" => Means::at(Slot::Id, 0),
        "created" => Means::at(Slot::Time, 0),
        "type" => Means::at(Slot::Kind, 0),
        "request" => Means {
            inside: Some(request),
            ..Means::at(Slot::Request, 0)
        },
        _ => Means::SKIP,
    }
}

fn request(key: &str) -> Means {
    match key {
        "id" => Means::at(Slot::Request, 0),
        _ => Means::SKIP,
    }
}

fn made<'s>(facts: &'s Facts<'_, '_>, _room: &'s mut String) -> Made<'s> {
    if !facts.text(Slot::Id).starts_with("evt_") || !facts.has(Slot::Kind) {
        return Made::Foreign;
    }
    Made::Event(Event {
        at: facts.at,
        layer: Layer::Console,
        id: facts.text(Slot::Id),
        request: facts.text(Slot::Request),
        ..Event::EMPTY
    })
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    const LINE: &str = r#"{"id":"evt_1NG8Du2eZvKYlo2CUI79vXWy","object":"event","api_version":"2026-02-25","created":1773129602,"data":{"object":{"id":"cus_417","object":"customer","email":"a@example.com"},"previous_attributes":{"email":null}},"livemode":true,"pending_webhooks":0,"request":{"id":"req_1","idempotency_key":"k"},"type":"customer.updated"}"#;

    fn read(line: &str) -> Kept {
        Kept::of(FORMAT.open, [line])
    }

    #[test]
    fn an_event_accuses_nobody() {
        let old = LINE.replace(r#"{"id":"req_1","idempotency_key":"k"}"#, "\"req_1\"");
        for line in [LINE, &old] {
            read(line).one(|event| {
                assert_eq!((event.layer, event.request), (Layer::Console, "req_1"));
                assert_eq!(event.at, 1_773_129_602_000_000_000);
                assert!(event.id.starts_with("evt_") && !event.is_named());
                assert_eq!((event.object, event.path, event.status), ("", "", 0));
            });
        }
    }

    #[test]
    fn torn_and_foreign_records_are_told() {
        for line in [&LINE[..120], "{}", "x", r#"{"id":"cus_1","type":"x"}"#] {
            let kept = read(line);
            assert_eq!((kept.events.len(), kept.unparsed), (0, 1), "{line}");
        }
        let list = format!(
            r#"{{"object":"list","url":"/v1/events","has_more":false,"data":[{LINE},{LINE}]}}"#
        );
        assert_eq!(claim(list.as_bytes()), 2);
        assert_eq!(claim(br#"{"id":"cus_1","livemode":true}"#), 0);
    }
}
