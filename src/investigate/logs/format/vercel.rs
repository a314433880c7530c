//! Vercel: the log drain, one JSON object a record or an array of them, and
//! what the command line and the dashboard export.
//!
//! A record may be the request (`proxy`), what the program printed
//! (`message`, often JSON within JSON), or both at once; all records of one
//! request share its id and are joined behind the parser.
//!
//! A status of -1 is a crash where the function reports it, and a renewal of
//! a stored page in the background, which nobody received, where the proxy
//! does.

use super::facts::{Facts, Slot};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::said::Speaker;
use super::walk::{Means, Memo, Names, is_shallow, mended, object, text_of};
use crate::investigate::logs::event::{Event, Layer, Place};
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "vercel",
    title: "Vercel log drain or export",
    framing: Framing::Json,
    joins: true,
    claim,
    open,
};

fn claim(sample: &[u8]) -> usize {
    let has = |key: &str| memmem::find(sample, key.as_bytes()).is_some();
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    let mut claimed = 0;
    if has("\"source\"") && (has("\"proxy\"") || has("\"projectId\"")) {
        claimed = count("\"deploymentId\"");
    }
    if has("\"rowId\"") {
        claimed = claimed.max(count("\"timestampInMs\""));
    }
    if has("\"requestPath\"") && has("\"requestMethod\"") {
        let status = count("\"responseStatusCode\"").max(count("\"statusCode\""));
        claimed = claimed.max(status.min(count("\"requestPath\"")));
    }
    claimed
}

fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(Vercel {
        copied: String::new(),
        memo: Memo::default(),
        speaker: Speaker::new(setting),
    })
}

#[derive(Debug)]
struct Vercel {
    copied: String,
    memo: Memo,
    speaker: Speaker,
}

impl Parser for Vercel {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        self.text(&text_of(record), place, out);
    }
}

impl Vercel {
    fn text(&mut self, text: &str, place: Place, out: &mut dyn Out) {
        let text = text.trim_start_matches('\u{feff}').trim();
        let bare = text.strip_suffix(',').unwrap_or(text);
        let read = match bare.as_bytes().first() {
            Some(b'{') => {
                self.row(bare, place, out)
                    || self.below(bare, place, out)
                    || self.again(bare, place, out)
            }
            Some(b'[') if bare.len() > 1 => self.list(bare, place, out),
            // An array over several lines, read line by line.
            Some(b'[' | b']') | None => true,
            _ => false,
        };
        if !read {
            out.unparsed(place);
        }
    }

    /// The elements of a list; what is torn at its end is told.
    fn list(&mut self, text: &str, place: Place, out: &mut dyn Out) -> bool {
        if !is_shallow(text.as_bytes()) {
            return false;
        }
        for element in sonic_rs::to_array_iter(text) {
            let Ok(element) = element else { return false };
            let raw = element.as_raw_str();
            if !self.row(raw, place, out) && !self.again(raw, place, out) {
                out.unparsed(place);
            }
        }
        true
    }

    /// `{"rows":[..]}`, as the interface answers.
    fn below(&mut self, text: &str, place: Place, out: &mut dyn Out) -> bool {
        let named = ["{\"rows\":", "{\"logs\":"]
            .iter()
            .find_map(|start| text.strip_prefix(start));
        match named.map(str::trim_start) {
            Some(list) if list.starts_with('[') => self.list(list, place, out),
            _ => false,
        }
    }

    /// Once more without the control bytes that JSON does not allow.
    fn again(&mut self, text: &str, place: Place, out: &mut dyn Out) -> bool {
        let mended = mended(text.as_bytes());
        mended != text && self.row(&mended, place, out)
    }

    fn row(&mut self, text: &str, place: Place, out: &mut dyn Out) -> bool {
        let mut facts = Facts::new(&mut self.copied);
        let record = (text, row as Names, place);
        let (speaker, memo) = (&mut self.speaker, &mut self.memo);
        if speaker.record(record, memo, &mut facts, request, out) {
            return true;
        }
        facts.clear();
        if !object(text, row, &mut self.memo, &mut facts) || facts.is_empty() {
            return false;
        }
        self.speaker
            .emit(request(&facts, place), facts.unzoned, out);
        true
    }
}

/// The record without what its message says.
fn request<'s>(facts: &'s Facts<'_, '_>, place: Place) -> Event<'s> {
    let mut event = facts.event();
    event.place = place;
    let is_proxy = facts.rank(Slot::Status) == 0;
    if facts.status == -1 && !is_proxy {
        event.status = 500;
        event.layer = Layer::Http;
    }
    if is_proxy && !event.path.is_empty() {
        event.layer = Layer::Http;
    }
    // Old exports repeat the request on each printed line; new ones do too,
    // but their ids bring the lines of a request together.
    let source = facts.text(Slot::Kind);
    event.object_kind = "";
    let is_old = facts.has(Slot::Id) && facts.rank(Slot::Id) == 1;
    if is_old && matches!(source, "serverless" | "edge-function") && event.request.is_empty() {
        event.layer = Layer::Console;
    }
    if memchr::memchr(b'[', event.route.as_bytes()).is_none() {
        if event.path.is_empty() {
            event.path = event.route;
        }
        event.route = "";
    }
    // New exports: lines of one request are `<id>`, `<id>_1`, `<id>_2`.
    if event.request.is_empty() && facts.rank(Slot::Id) == 0 && facts.has(Slot::Target) {
        event.request = match event.id.rsplit_once('_') {
            Some((first, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => first,
            _ => event.id,
        };
    }
    event
}

/// The names of a record.
pub fn row(key: &str) -> Means {
    match key {
        "id" => Means::at(Slot::Id, 0),
        "rowId" => Means::at(Slot::Id, 1),
        "message" => Means::at(Slot::Message, 0),
        "timestamp" | "timestampInMs" => Means::at(Slot::Time, 0),
        "requestId" => Means::at(Slot::Request, 0),
        "statusCode" | "responseStatusCode" => Means::at(Slot::Status, 1),
        "path" | "entrypoint" => Means::at(Slot::Route, u8::from(key != "path")),
        "proxy" => Means::within(proxy),
        "deploymentId" => Means::at(Slot::Deployment, 0),
        "traceId" | "trace.id" => Means::at(Slot::Trace, 0),
        "trace" => Means::within(trace),
        "source" => Means::at(Slot::Kind, 0),
        "requestMethod" => Means::at(Slot::Method, 1),
        "requestPath" => Means::at(Slot::Target, 1),
        "requestQueryString" => Means::at(Slot::Query, 0),
        "requestUserAgent" => Means::at(Slot::Agent, 1),
        "clientIp" => Means::at(Slot::Client, 1),
        "cache" | "vercelCache" => Means::at(Slot::Cache, 1),
        "durationMs" => Means::at(Slot::Millis, 0),
        "sessionId" => Means::at(Slot::Session, 0),
        "logs" => Means::each(printed),
        _ => Means::SKIP,
    }
}

/// The names within `proxy`.
fn proxy(key: &str) -> Means {
    match key {
        "path" => Means::at(Slot::Target, 0),
        "method" => Means::at(Slot::Method, 0),
        "statusCode" => Means::at(Slot::Status, 0),
        "clientIp" => Means::at(Slot::Client, 0),
        "userAgent" => Means::at(Slot::Agent, 0),
        "vercelCache" => Means::at(Slot::Cache, 0),
        "responseByteSize" => Means::at(Slot::Bytes, 0),
        "timestamp" => Means::at(Slot::Time, 1),
        "vercelId" => Means::at(Slot::Request, 1),
        _ => Means::SKIP,
    }
}

fn trace(key: &str) -> Means {
    match key {
        "id" => Means::at(Slot::Trace, 0),
        _ => Means::SKIP,
    }
}

/// The names within each of `logs`.
fn printed(key: &str) -> Means {
    match key {
        "message" => Means::at(Slot::Message, 0),
        _ => Means::SKIP,
    }
}

#[cfg(test)]
mod tests;
