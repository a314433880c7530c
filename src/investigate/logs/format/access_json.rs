//! Access logs in JSON: nginx and Apache with the names their guides use,
//! and Caddy and Traefik with their own.
//!
//! nginx and Apache let everybody choose the names, so what is not known here
//! is looked up among the names that applications use. Anybody can send the
//! header of forwarding: it counts where the address itself is an inner one.

use super::appkeys::ROOT;
use super::facts::{Facts, Slot};
use super::headers::{answered, cookie, sent};
use super::keyed::{Keyed, Made};
use super::parser::{Format, Framing};
use super::request::{bare_address, forwarded, is_inner, split_target};
use super::walk::Means;
use crate::investigate::logs::event::{Event, Layer};
use memchr::memmem;

/// nginx and Apache.
pub const FORMAT: Format = Format {
    name: "access-json",
    title: "nginx or Apache access log as JSON",
    framing: Framing::Json,
    joins: true,
    claim,
    open: |_, setting| Keyed::boxed(plain, request, setting),
};

/// Caddy.
pub const CADDY: Format = Format {
    name: "caddy",
    title: "Caddy access log",
    framing: Framing::Json,
    joins: true,
    claim: |sample| {
        count(sample, |has| {
            has("\"http.log.access") && has("\"request\":{")
        })
    },
    open: |_, setting| Keyed::boxed(caddy, caddys, setting),
};

/// Traefik.
pub const TRAEFIK: Format = Format {
    name: "traefik",
    title: "Traefik access log as JSON",
    framing: Framing::Json,
    joins: true,
    claim: |sample| {
        count(sample, |has| {
            has("\"DownstreamStatus\"") && has("\"RequestPath\"")
        })
    },
    open: |_, setting| Keyed::boxed(traefik, request, setting),
};

/// Whether a line holds a key.
type Has<'h> = dyn Fn(&str) -> bool + 'h;

/// Lines that begin an object and hold what is asked for.
fn count(sample: &[u8], ours: fn(&Has<'_>) -> bool) -> usize {
    sample
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii_start)
        .map(|line| line.strip_prefix(b"[").unwrap_or(line))
        .filter(|line| {
            line.starts_with(b"{") && ours(&|key| memmem::find(line, key.as_bytes()).is_some())
        })
        .count()
}

fn claim(sample: &[u8]) -> usize {
    const ANSWERS: [&str; 2] = ["\"status\"", "\"response_code\""];
    const ASKS: [&str; 5] = [
        "\"request\"",
        "\"request_uri\"",
        "\"uri\"",
        "\"request_method\"",
        "\"request_path\"",
    ];
    // Names that servers have and applications do not.
    const OWN: [&str; 10] = [
        "\"remote_addr\"",
        "\"remoteIP\"",
        "\"time_iso8601\"",
        "\"time_local\"",
        "\"msec\"",
        "\"body_bytes_sent\"",
        "\"http_user_agent\"",
        "\"http_referer\"",
        "\"upstream_cache_status\"",
        "\"remote_user\"",
    ];
    count(sample, |has| {
        let any = |keys: &[&str]| keys.iter().any(|key| has(key));
        any(&ANSWERS) && any(&ASKS) && any(&OWN)
    })
}

fn plain(key: &str) -> Means {
    match key {
        "time_iso8601" | "msec" => return Means::at(Slot::Time, 0),
        "time_local" => return Means::at(Slot::Time, 1),
        "request" => return Means::at(Slot::RequestLine, 0),
        "args" => return Means::at(Slot::Query, 1),
        "response_code" | "response" => return Means::at(Slot::Status, 3),
        "body_bytes_sent" => return Means::at(Slot::Bytes, 0),
        "bytes_sent" => return Means::at(Slot::Bytes, 1),
        "remote_user" => return Means::at(Slot::User, 5),
        "agent" => return Means::at(Slot::Agent, 2),
        "upstream_cache_status" => return Means::at(Slot::Cache, 0),
        "request_time" => return Means::at(Slot::Seconds, 0),
        "jwt_claim_sub" | "jwt_sub" => return Means::at(Slot::User, 1),
        _ => {}
    }
    if is_forwarding(key) {
        return WAITS;
    }
    if let Some(name) = key.strip_prefix("cookie_") {
        return cookie(name);
    }
    let of_answer = key
        .strip_prefix("sent_http_")
        .or_else(|| key.strip_prefix("upstream_http_"));
    if let Some(name) = of_answer {
        let means = answered(name);
        // An app may answer with who asked.
        return if means.slot.is_some() {
            means
        } else {
            sent(name)
        };
    }
    let means = key.strip_prefix("http_").map_or(Means::SKIP, sent);
    if means.slot.is_some() {
        means
    } else {
        ROOT(key)
    }
}

/// A chain of forwarding waits where a database's role stands: servers of
/// pages know none.
const WAITS: Means = Means::at(Slot::DbRole, 0);

fn is_forwarding(key: &str) -> bool {
    let key = key.strip_prefix("http_").unwrap_or(key);
    let bare = key.bytes().filter(|byte| !matches!(byte, b'-' | b'_'));
    bare.map(|byte| byte.to_ascii_lowercase())
        .eq(*b"xforwardedfor")
        || key == "forwarded_for"
        || key == "xff"
}

/// A request, whatever server wrote it; a server's own log may stand between.
fn request<'s>(facts: &'s Facts<'_, '_>, _room: &'s mut String) -> Made<'s> {
    let mut event = facts.event();
    let line = facts.text(Slot::RequestLine);
    if event.path.is_empty() && line.starts_with('/') {
        (event.path, event.query) = split_target(line);
        if event.query.is_empty() {
            event.query = facts.text(Slot::Query).trim_start_matches('?');
        }
    }
    event.client = bare_address(event.client);
    if is_inner(event.client) && facts.has(Slot::DbRole) {
        event.client = forwarded(facts.text(Slot::DbRole));
    }
    event.db_role = "";
    if facts.has(Slot::Status) {
        event.layer = Layer::Http;
    } else if !facts.has(Slot::Message) && !event.is_named() {
        return Made::Foreign;
    }
    Made::Event(event)
}

fn caddy(key: &str) -> Means {
    match key {
        "ts" => Means::at(Slot::Time, 0),
        "logger" => Means::at(Slot::Kind, 0),
        "msg" => Means::at(Slot::Message, 0),
        "request" => Means::within(caddy_request),
        "resp_headers" => Means::within(answered),
        "status" => Means::at(Slot::Status, 0),
        "size" => Means::at(Slot::Bytes, 0),
        "duration" => Means::at(Slot::Seconds, 0),
        "user_id" => Means::at(Slot::User, 0),
        // What `log_append` adds has the app's names.
        _ => ROOT(key),
    }
}

fn caddy_request(key: &str) -> Means {
    match key {
        "client_ip" => Means::at(Slot::Client, 0),
        "remote_ip" | "remote_addr" => Means::at(Slot::Client, 1),
        "method" => Means::at(Slot::Method, 0),
        "uri" => Means::at(Slot::Target, 0),
        "headers" => Means::within(asked),
        _ => Means::SKIP,
    }
}

fn asked(key: &str) -> Means {
    if is_forwarding(key) { WAITS } else { sent(key) }
}

/// Of Caddy's loggers one tells of requests; that of errors tells of some of
/// them again.
fn caddys<'s>(facts: &'s Facts<'_, '_>, room: &'s mut String) -> Made<'s> {
    let logger = facts.text(Slot::Kind);
    if !logger.is_empty() && !logger.starts_with("http.log.access") {
        return Made::Event(Event {
            at: facts.at,
            layer: Layer::Console,
            message: facts.text(Slot::Message),
            ..Event::EMPTY
        });
    }
    unkinded(request(facts, room))
}

fn unkinded(made: Made<'_>) -> Made<'_> {
    match made {
        Made::Event(event) => Made::Event(Event {
            object_kind: "",
            message: "",
            ..event
        }),
        other => other,
    }
}

fn traefik(key: &str) -> Means {
    match key {
        "StartUTC" => Means::at(Slot::Time, 0),
        "StartLocal" => Means::at(Slot::Time, 1),
        "time" => Means::at(Slot::Time, 2),
        "ClientHost" => Means::at(Slot::Client, 0),
        "ClientAddr" => Means::at(Slot::Client, 1),
        "ClientUsername" => Means::at(Slot::User, 5),
        "RequestMethod" => Means::at(Slot::Method, 0),
        "RequestPath" => Means::at(Slot::Target, 0),
        "DownstreamStatus" => Means::at(Slot::Status, 0),
        "DownstreamContentSize" => Means::at(Slot::Bytes, 0),
        "Duration" => Means::at(Slot::Nanos, 0),
        "TraceId" => Means::at(Slot::Trace, 0),
        "msg" | "message" => Means::at(Slot::Message, 0),
        _ => traefik_header(key),
    }
}

fn traefik_header(key: &str) -> Means {
    if let Some(name) = key.strip_prefix("request_") {
        return asked(name);
    }
    let name = key
        .strip_prefix("downstream_")
        .or_else(|| key.strip_prefix("origin_"));
    name.map_or(Means::SKIP, answered)
}

#[cfg(test)]
mod tests;
