//! Google Cloud Logging, exported or listed: what Postgres wrote (`textPayload`
//! holds a record of stderr), what pgaudit saw (`PgAuditEntry`, long ones in
//! chunks), requests, an app's own lines, and the cloud's audit log.
//!
//! Lists come the newest first, so what Postgres wrote is put in order before
//! it is read. The parts of pgaudit are in `gcp/audit.rs`.

mod audit;

use super::appkeys::ROOT;
use super::facts::{Facts, Slot};
use super::inner::{Inner, Within};
use super::parser::{Format, Framing, Out, Parser};
use super::postgres::loose::{Loose, LooseLines};
use super::said::Speaker;
use super::walk::{Means, Memo, mended, object};
use crate::investigate::logs::event::{Event, Layer, Place};
use audit::Chunks;
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "gcp",
    title: "Google Cloud Logging",
    framing: Framing::Json,
    joins: true,
    claim,
    open: |_, setting| {
        Box::new(Cloud {
            copied: String::new(),
            memo: Memo::default(),
            said: String::new(),
            lines: LooseLines::new(setting),
            audits: Loose::default(),
            chunks: Chunks::default(),
            speaker: Speaker::new(setting),
            inner: Inner::new(setting),
        })
    },
};

fn claim(sample: &[u8]) -> usize {
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    let payload = count("Payload\"").max(count("\"httpRequest\""));
    count("\"insertId\"").min(count("\"logName\"")).min(payload)
}

struct Cloud {
    copied: String,
    memo: Memo,
    said: String,
    lines: LooseLines,
    audits: Loose,
    chunks: Chunks,
    speaker: Speaker,
    inner: Inner,
}

impl Parser for Cloud {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = mended(record);
        let text = text.trim().trim_end_matches(',');
        if memmem::find(record, b".PgAuditEntry\"").is_some() {
            if !self.chunks.take(text, place, &mut self.audits, out) {
                out.unparsed(place);
            }
            return;
        }
        let mut facts = Facts::new(&mut self.copied);
        if !object(text, entry, &mut self.memo, &mut facts)
            || !(facts.has(LOG) || facts.has(Slot::Id))
        {
            return out.unparsed(place);
        }
        let is_postgres = facts.text(LOG).ends_with("postgres.log");
        let printed = facts.text(PRINTED);
        if is_postgres && !printed.is_empty() {
            return self.lines.take(printed, facts.at, place, out);
        }
        let event = if facts.has(CALLED) {
            called(&facts, &mut self.said)
        } else {
            made(&facts)
        };
        let event = Event { place, ..event };
        if printed.is_empty() {
            self.speaker.emit(event, false, out);
        } else {
            let around = Event {
                message: "",
                ..event
            };
            let within = Within {
                source: facts.text(LOG),
                process: "",
                record: printed.trim_end(),
            };
            self.inner.read(within, &around, out);
        }
    }

    fn end(&mut self, out: &mut dyn Out) {
        self.chunks.end(&mut self.audits, out);
        self.audits.end(out);
        self.lines.end(out);
        self.inner.end(out);
    }
}

// Where what only these entries have waits.
const LOG: Slot = Slot::Kind;
const PRINTED: Slot = Slot::Statement;
const CALLED: Slot = Slot::RequestLine;
const SERVICE: Slot = Slot::Deployment;

fn entry(key: &str) -> Means {
    match key {
        "timestamp" => Means::at(Slot::Time, 0),
        "receiveTimestamp" => Means::at(Slot::Time, 1),
        "insertId" => Means::at(Slot::Id, 0),
        "logName" => Means::at(LOG, 0),
        "textPayload" => Means::at(PRINTED, 0),
        "trace" => Means::at(Slot::Trace, 0),
        "httpRequest" => Means::within(request),
        "jsonPayload" => Means::within(app),
        "protoPayload" => Means::within(proto),
        _ => Means::SKIP,
    }
}

/// An app's own names, but for those that stand outside of it.
fn app(key: &str) -> Means {
    let means = ROOT(key);
    match means.slot {
        Some(Slot::Time | Slot::Id | Slot::Kind | Slot::Statement | Slot::RequestLine) => Means {
            slot: None,
            ..means
        },
        _ => means,
    }
}

fn request(key: &str) -> Means {
    match key {
        "requestMethod" => Means::at(Slot::Method, 0),
        "requestUrl" => Means::at(Slot::Target, 0),
        "status" => Means::at(Slot::Status, 0),
        "responseSize" => Means::at(Slot::Bytes, 0),
        "userAgent" => Means::at(Slot::Agent, 0),
        "remoteIp" => Means::at(Slot::Client, 0),
        "latency" => Means::at(Slot::Seconds, 0),
        _ => Means::SKIP,
    }
}

/// The cloud's own audit log.
fn proto(key: &str) -> Means {
    match key {
        "methodName" => Means::at(CALLED, 0),
        "serviceName" => Means::at(SERVICE, 0),
        "resourceName" => Means::at(Slot::Object, 0),
        "authenticationInfo" => Means::within(caller),
        "requestMetadata" => Means::within(from),
        "status" => Means::within(status),
        _ => Means::SKIP,
    }
}

fn caller(key: &str) -> Means {
    match key {
        "principalEmail" => Means::at(Slot::Email, 0),
        "principalSubject" => Means::at(Slot::User, 1),
        _ => Means::SKIP,
    }
}

fn from(key: &str) -> Means {
    match key {
        "callerIp" => Means::at(Slot::Client, 0),
        "callerSuppliedUserAgent" => Means::at(Slot::Agent, 0),
        _ => Means::SKIP,
    }
}

fn status(key: &str) -> Means {
    match key {
        "code" => Means::at(Slot::Status, 0),
        _ => Means::SKIP,
    }
}

/// A request, or what an app wrote. A trace is one request.
fn made<'s>(facts: &'s Facts<'_, '_>) -> Event<'s> {
    let event = facts.event();
    Event {
        // The app's own id of a request is in its lines alone, the trace also in
        // the line of the platform.
        request: if event.trace.is_empty() {
            event.request
        } else {
            event.trace
        },
        object_kind: "",
        statement: "",
        ..event
    }
}

/// A call of the cloud's own interface.
fn called<'s>(facts: &'s Facts<'_, '_>, route: &'s mut String) -> Event<'s> {
    let service = facts.text(SERVICE);
    route.clear();
    route.push('/');
    route.push_str(service.split('.').next().unwrap_or(service));
    route.push_str("/{name}");
    let client = facts.text(Slot::Client);
    Event {
        at: facts.at,
        layer: Layer::Cloud,
        // Codes of gRPC.
        status: match facts.status {
            0 => 200,
            7 => 403,
            16 => 401,
            5 => 404,
            _ => 400,
        },
        user: facts.text(Slot::User),
        email: facts.text(Slot::Email),
        client: if super::request::is_address(client) {
            client
        } else {
            ""
        },
        agent: facts.text(Slot::Agent),
        method: facts.text(CALLED),
        route,
        object_kind: "resource",
        object: facts.text(Slot::Object),
        id: facts.text(Slot::Id),
        ..Event::EMPTY
    }
}

#[cfg(test)]
mod tests;
