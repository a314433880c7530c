//! A call of the gateway, storage or a function.

use super::super::facts::{Facts, Slot};
use super::super::request::{is_address, number, split_target};
use super::super::s3::object_of;
use super::names;
use crate::investigate::logs::event::{Event, Layer};

/// The event of a call; `route` is room for one that is made.
pub fn call<'s>(facts: &'s Facts<'_, '_>, route: &'s mut String) -> Event<'s> {
    let mut event = facts.event();
    // The range of rows waits where an object's id stands.
    event.rows = rows(facts.text(Slot::Object));
    if event.path.is_empty() {
        told(&mut event);
    }
    (event.object_kind, event.object) = row_of(event.path, event.query);
    if facts.rank(Slot::Deployment) == names::SIGN_IN {
        event.deployment = "";
    }
    if let Some((bucket, key)) = stored(event.path) {
        route.clear();
        route.push_str("/object/");
        route.push_str(bucket);
        route.push_str("/{key}");
        event.route = route;
        (event.object_kind, event.object) = object_of(key);
    }
    event
}

/// Fills in what a record's message tells, where it has no columns for it:
/// `GET | 200 | 203.0.113.9 | 8f1a.. | https://h.example/rest/v1/x?y | agent`.
fn told(event: &mut Event<'_>) {
    if !event.message.contains(" | ") {
        return;
    }
    for part in event.message.split(" | ").map(str::trim) {
        let bytes = part.as_bytes();
        let is_word = (3..=7).contains(&part.len()) && bytes.iter().all(u8::is_ascii_uppercase);
        let is_hex = part.len() >= 16 && bytes.iter().all(u8::is_ascii_hexdigit);
        if event.method.is_empty() && is_word {
            event.method = part;
        } else if event.status == 0 && part.len() == 3 && number(part).is_some() {
            event.status = number(part)
                .and_then(|code| u16::try_from(code).ok())
                .unwrap_or(0);
        } else if event.client.is_empty() && is_address(part) {
            event.client = part;
        } else if event.request.is_empty() && is_hex {
            event.request = part;
        } else if event.path.is_empty() && (part.starts_with('/') || part.contains("://")) {
            (event.path, event.query) = split_target(part);
        }
    }
    if !event.path.is_empty() && event.status != 0 {
        event.layer = Layer::Http;
        event.message = "";
    }
}

/// The bucket and the key of an object in storage, however it is asked for.
fn stored(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix("/storage/v1").unwrap_or(path);
    let mut rest = path.strip_prefix("/object/")?;
    for how in [
        "authenticated/",
        "public/",
        "sign/",
        "info/",
        "render/image/",
    ] {
        rest = rest.strip_prefix(how).unwrap_or(rest);
    }
    if rest.starts_with("list/") {
        return None;
    }
    let (bucket, key) = rest.split_once('/')?;
    (!bucket.is_empty() && !key.is_empty()).then_some((bucket, key))
}

/// Rows in `0-24/3573`; `*/0` and `*/*` are none.
pub fn rows(range: &str) -> Option<u64> {
    let (rows, _total) = range.split_once('/')?;
    if rows == "*" {
        return Some(0);
    }
    let (first, last) = rows.split_once('-')?;
    number(last)?.checked_sub(number(first)?)?.checked_add(1)
}

/// Which row of which table a query asks for: `/rest/v1/customers?id=eq.5`,
/// or `customer_id=eq.5` on a table of what belongs to a customer.
pub fn row_of<'a>(path: &'a str, query: &'a str) -> (&'a str, &'a str) {
    const OWNERS: [&str; 8] = [
        "org",
        "organization",
        "tenant",
        "workspace",
        "team",
        "account",
        "user",
        "owner",
    ];
    let Some(table) = path.strip_prefix("/rest/v1/") else {
        return ("", "");
    };
    if table.contains('/') {
        return ("", "");
    }
    let equal = || {
        query.split('&').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name, value.strip_prefix("eq.")?))
        })
    };
    if let Some((_, id)) = equal().find(|(name, _)| *name == "id") {
        return (table, id);
    }
    let other = equal().find_map(|(name, id)| {
        let kind = name.strip_suffix("_id")?;
        (!OWNERS.contains(&kind)).then_some((kind, id))
    });
    other.unwrap_or(("", ""))
}
