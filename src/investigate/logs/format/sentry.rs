//! Sentry's events, as sent (envelopes too) or as its interface gives them.
//!
//! An event is a request of somebody that failed, or, of a trace, one that did
//! not. What a browser asked for before is in its breadcrumbs: each is an
//! access of its own, told again by every event after it, so each has an id.
//! A server's breadcrumbs are its own calls of others and not the person's.

use super::parser::{Format, Framing, Out, Parser, Setting};
use super::request::{forwarded, split_target};
use super::walk::{is_shallow, text_of};
use crate::investigate::logs::event::{Event, Layer, NO_TIME, Place, Stamp};
use crate::investigate::logs::format::facts::Value as Told;
use memchr::memmem;
use serde_json::Value;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "sentry",
    title: "Sentry events",
    framing: Framing::Json,
    joins: true,
    claim,
    open: |_, _: &Setting| Box::new(Sentry),
};

fn claim(sample: &[u8]) -> usize {
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    let own = [
        "\"exception\"",
        "\"sdk\"",
        "\"breadcrumbs\"",
        "\"contexts\"",
    ];
    let own: usize = own.iter().map(|key| count(key)).sum();
    let sent = count("\"event_id\"").min(count("\"platform\"")).min(own);
    let given = count("\"eventID\"").min(count("\"dateCreated\""));
    sent.max(given)
}

#[derive(Debug)]
struct Sentry;

impl Parser for Sentry {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = text_of(record);
        let text = text.trim().trim_end_matches(',');
        let read = if is_shallow(text.as_bytes()) {
            serde_json::from_str::<Value>(text).ok()
        } else {
            None
        };
        match read {
            // What envelopes hold besides.
            Some(head) if is_head(&head) => {}
            Some(event)
                if text_at(&event, &["event_id"]).is_some()
                    || text_at(&event, &["eventID"]).is_some() =>
            {
                one(&event, place, out);
            }
            _ => out.unparsed(place),
        }
    }
}

fn is_head(value: &Value) -> bool {
    let has = |key: &str| value.get(key).is_some();
    has("sent_at") && !has("platform")
        || has("type") && (has("length") || value.as_object().is_some_and(|all| all.len() == 1))
}

fn at<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v Value> {
    keys.iter().try_fold(value, |value, key| value.get(key))
}

fn text_at<'v>(value: &'v Value, keys: &[&str]) -> Option<&'v str> {
    at(value, keys)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// An id may be a number.
fn id_at(value: &Value, keys: &[&str]) -> String {
    match at(value, keys) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// Seconds with decimals, or a date, which is UTC whether it says so or not.
fn stamp(value: Option<&Value>) -> Stamp {
    let read = match value {
        Some(Value::String(text)) => Told::Borrowed(text).stamp(),
        Some(Value::Number(number)) => number.as_f64().and_then(|at| Told::Float(at).stamp()),
        _ => None,
    };
    read.map_or(NO_TIME, |(at, _)| at)
}

/// The request of an event, wherever it stands.
fn request(event: &Value) -> Option<&Value> {
    event.get("request").or_else(|| {
        let entries = event.get("entries")?.as_array()?;
        let is_request = |entry: &&Value| text_at(entry, &["type"]) == Some("request");
        entries.iter().find(is_request)?.get("data")
    })
}

/// Breadcrumbs, wherever they stand.
fn crumbs(event: &Value) -> &[Value] {
    let sent = event.get("breadcrumbs").and_then(|crumbs| {
        let list = crumbs.get("values").unwrap_or(crumbs);
        list.as_array()
    });
    let given = || {
        let entries = event.get("entries")?.as_array()?;
        let is_ours = |entry: &&Value| text_at(entry, &["type"]) == Some("breadcrumbs");
        at(entries.iter().find(is_ours)?, &["data", "values"])?.as_array()
    };
    sent.or_else(given).map_or(&[], Vec::as_slice)
}

/// A header, in a list of pairs or in an object.
fn header<'v>(request: Option<&'v Value>, name: &str) -> &'v str {
    let same = |key: &str| key.eq_ignore_ascii_case(name);
    let found = match request.and_then(|request| request.get("headers")) {
        Some(Value::Object(all)) => all
            .iter()
            .find(|(key, _)| same(key))
            .map(|(_, value)| value),
        Some(Value::Array(all)) => all
            .iter()
            .find(|pair| pair.get(0).and_then(Value::as_str).is_some_and(same))
            .and_then(|pair| pair.get(1)),
        _ => None,
    };
    found.and_then(Value::as_str).unwrap_or("")
}

fn one(event: &Value, place: Place, out: &mut dyn Out) {
    let request = request(event);
    let url = request
        .and_then(|request| text_at(request, &["url"]))
        .unwrap_or("");
    let (path, query) = split_target(url);
    let path = if url.is_empty() { "" } else { path };
    let said = request.and_then(|request| text_at(request, &["query_string"]));
    let user = id_at(event, &["user", "id"]);
    let when = [event.get("timestamp"), event.get("dateCreated")];
    let address = text_at(event, &["user", "ip_address"]).unwrap_or("");
    let about = Event {
        at: when
            .into_iter()
            .map(stamp)
            .find(|at| *at != NO_TIME)
            .unwrap_or(NO_TIME),
        layer: Layer::Console,
        place,
        user: &user,
        email: text_at(event, &["user", "email"]).unwrap_or(""),
        client: if address.is_empty() {
            forwarded(header(request, "x-forwarded-for"))
        } else {
            address
        },
        agent: header(request, "user-agent"),
        trace: text_at(event, &["contexts", "trace", "trace_id"]).unwrap_or(""),
        deployment: text_at(event, &["release"]).unwrap_or(""),
        ..Event::EMPTY
    };
    out.event(&Event {
        method: request
            .and_then(|request| text_at(request, &["method"]))
            .unwrap_or(""),
        path,
        query: if query.is_empty() {
            said.unwrap_or("")
        } else {
            query
        },
        request: header(request, "x-request-id"),
        id: text_at(event, &["event_id"])
            .or_else(|| text_at(event, &["eventID"]))
            .unwrap_or(""),
        status: status(event),
        ..about
    });
    for crumb in crumbs(event) {
        fetched(crumb, url, &about, out);
    }
}

/// What became of it: an event tells of a failure, unless it is one of a
/// trace, which tells how it ended.
fn status(event: &Value) -> u16 {
    let answered = at(event, &["contexts", "response", "status_code"]).and_then(Value::as_u64);
    if let Some(status) = answered.and_then(|status| u16::try_from(status).ok()) {
        return status;
    }
    if text_at(event, &["type"]) != Some("transaction") {
        return 500;
    }
    match text_at(event, &["contexts", "trace", "status"]) {
        Some("ok") => 200,
        Some("permission_denied") => 403,
        Some("unauthenticated") => 401,
        Some("not_found") => 404,
        _ => 500,
    }
}

/// What a page asked of its own host.
fn fetched(crumb: &Value, page: &str, about: &Event<'_>, out: &mut dyn Out) {
    let is_asked = matches!(text_at(crumb, &["category"]), Some("fetch" | "xhr"));
    let (Some(url), true) = (text_at(crumb, &["data", "url"]), is_asked) else {
        return;
    };
    if !url.starts_with('/') && host(url) != host(page) || url.starts_with("//") {
        return;
    }
    let status = match at(crumb, &["data", "status_code"]) {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    let Some(status) = status.and_then(|status| u16::try_from(status).ok()) else {
        return;
    };
    let at = stamp(crumb.get("timestamp"));
    let (path, query) = split_target(url);
    let id = format!("{at} {} {url}", about.user);
    out.event(&Event {
        at,
        status,
        method: text_at(crumb, &["data", "method"]).unwrap_or(""),
        path,
        query,
        id: &id,
        trace: "",
        ..*about
    });
}

/// The host in an address; nothing is nobody's.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', '?', '#']).next()
}

#[cfg(test)]
mod tests;
