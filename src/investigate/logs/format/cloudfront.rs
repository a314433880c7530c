//! `CloudFront`'s standard log: a header names the fields, tabs part them,
//! values are URL-encoded, some twice; and the same as JSON, with the fields'
//! names as keys. Times are UTC. It knows no person.

use super::facts::{Facts, Slot};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::request::{number, percent, said, seconds};
use super::walk::{Means, Memo, mended, object};
use crate::investigate::logs::event::{CacheState, Event, Layer, NO_TIME, Place, Stamp};
use crate::investigate::logs::time::{epoch, iso};
use memchr::memmem;
use std::borrow::Cow;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "cloudfront",
    title: "CloudFront standard log",
    framing: Framing::Lines,
    joins: false,
    claim,
    open,
};

/// The same fields as JSON.
pub const JSON: Format = Format {
    name: "cloudfront-json",
    title: "CloudFront log as JSON",
    framing: Framing::Json,
    joins: false,
    claim: claim_json,
    open: |_, _| {
        Box::new(Keyed {
            copied: String::new(),
            memo: Memo::default(),
        })
    },
};

/// The order before fields could be chosen.
const USUAL: &str = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken";

fn claim(sample: &[u8]) -> usize {
    let columns = header(sample);
    let known = !columns.is_empty();
    sample
        .split(|byte| *byte == b'\n')
        .filter(|line| {
            let line = String::from_utf8_lossy(line);
            let columns = if known { &columns } else { &usual() };
            !line.starts_with('#')
                && line.contains('\t')
                && read(line.trim_end_matches('\r'), columns, known).is_some()
        })
        .count()
}

fn claim_json(sample: &[u8]) -> usize {
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    count("\"cs-uri-stem\"").min(count("\"sc-status\""))
}

fn open(sample: &[u8], _setting: &Setting) -> Box<dyn Parser> {
    let columns = header(sample);
    Box::new(CloudFront {
        told: !columns.is_empty(),
        columns: if columns.is_empty() { usual() } else { columns },
    })
}

fn usual() -> Vec<String> {
    USUAL.split(' ').map(str::to_owned).collect()
}

/// The columns a header in the sample names.
fn header(sample: &[u8]) -> Vec<String> {
    let mut lines = sample.split(|byte| *byte == b'\n');
    let line = lines.find(|line| line.starts_with(b"#Fields:"));
    let columns = line.map(|line| names(&String::from_utf8_lossy(line)));
    columns.unwrap_or_default()
}

/// The columns of a header that has those a request needs.
fn names(line: &str) -> Vec<String> {
    let line = line.strip_prefix("#Fields:").unwrap_or_default();
    let columns: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let has = |name: &str| columns.iter().any(|column| column == name);
    if has("cs-uri-stem") && has("sc-status") {
        columns
    } else {
        Vec::new()
    }
}

#[derive(Debug)]
struct CloudFront {
    columns: Vec<String>,
    /// A header told the columns.
    told: bool,
}

impl Parser for CloudFront {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let line = String::from_utf8_lossy(record);
        if line.starts_with('#') {
            let columns = names(&line);
            if !columns.is_empty() {
                (self.columns, self.told) = (columns, true);
            }
            return;
        }
        let Some((event, agent)) = read(&line, &self.columns, self.told) else {
            return out.unparsed(place);
        };
        out.event(&Event {
            place,
            agent: &plain(agent),
            ..event
        });
    }
}

/// A line as an event, and its agent, still encoded.
fn read<'a>(line: &'a str, columns: &[String], told: bool) -> Option<(Event<'a>, &'a str)> {
    let mut event = Event::EMPTY;
    let (mut date, mut time, mut agent, mut status) = ("", "", "", None);
    let mut fields = line.split('\t');
    for column in columns {
        let field = said(fields.next()?);
        match column.as_str() {
            "date" => date = field,
            "time" => time = field,
            "timestamp" | "timestamp(ms)" => event.at = instant(field),
            "sc-bytes" => event.bytes = number(field),
            "c-ip" => event.client = field,
            "cs-method" => event.method = field,
            "cs-uri-stem" => event.path = field,
            "cs-uri-query" => event.query = field,
            "sc-status" => status = code(field),
            "cs(User-Agent)" => agent = field,
            "x-edge-result-type" => event.cache = CacheState::parse(field),
            "x-edge-request-id" => event.request = field,
            "time-taken" => event.duration_ns = seconds(field),
            _ => {}
        }
    }
    // More fields than columns: the header is another's.
    if told && fields.next().is_some() {
        return None;
    }
    if !date.is_empty() {
        event.at = day(date, time);
    }
    event.status = status?;
    (event.at != NO_TIME).then_some((event, agent))
}

/// `000` stands for a client that went away.
fn code(text: &str) -> Option<u16> {
    if text.is_empty() {
        return Some(0);
    }
    number(text).and_then(|status| u16::try_from(status).ok())
}

fn day(date: &str, time: &str) -> Stamp {
    let text = format!("{date}T{time}Z");
    iso(text.as_bytes()).map_or(NO_TIME, |(at, _, _)| at)
}

fn instant(text: &str) -> Stamp {
    text.parse().ok().and_then(epoch).unwrap_or(NO_TIME)
}

/// Without its encoding, which some fields have twice.
fn plain(text: &str) -> Cow<'_, str> {
    match percent(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text),
        Cow::Owned(once) => Cow::Owned(percent(&once).into_owned()),
    }
}

/// Reads the same fields from JSON.
#[derive(Debug)]
struct Keyed {
    copied: String,
    memo: Memo,
}

impl Parser for Keyed {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = mended(record);
        let mut facts = Facts::new(&mut self.copied);
        let text = text.trim().trim_end_matches(',');
        if !object(text, key, &mut self.memo, &mut facts) || !facts.has(Slot::Status) {
            return out.unparsed(place);
        }
        let mut event = facts.event();
        if event.at == NO_TIME {
            event.at = day(facts.text(Slot::Object), facts.text(Slot::Kind));
        }
        event.layer = Layer::Http;
        (event.object, event.object_kind) = ("", "");
        let agent = plain(event.agent).into_owned();
        out.event(&Event {
            place,
            agent: &agent,
            ..event
        });
    }
}

fn key(name: &str) -> Means {
    match name {
        "timestamp(ms)" => Means::at(Slot::Time, 0),
        "timestamp" => Means::at(Slot::Time, 1),
        "date" => Means::at(Slot::Object, 0),
        "time" => Means::at(Slot::Kind, 0),
        "sc-bytes" => Means::at(Slot::Bytes, 0),
        "c-ip" => Means::at(Slot::Client, 0),
        "cs-method" => Means::at(Slot::Method, 0),
        "cs-uri-stem" => Means::at(Slot::Target, 0),
        "cs-uri-query" => Means::at(Slot::Query, 0),
        "sc-status" => Means::at(Slot::Status, 0),
        "cs(User-Agent)" => Means::at(Slot::Agent, 0),
        "x-edge-result-type" => Means::at(Slot::Cache, 0),
        "x-edge-request-id" => Means::at(Slot::Request, 0),
        "time-taken" => Means::at(Slot::Seconds, 0),
        _ => Means::SKIP,
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    const HEADER: &str = "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end";
    const LINE: &str = "2026-03-10\t08:00:02\tIAD89-P1\t2048\t2001:db8::7\tGET\td1.cloudfront.net\t/api/customers/417\t200\t-\tMozilla/5.0%2520(X11)\tx=1\t-\tHit\tabc==\tapp.example.com\thttps\t345\t0.034\t-\tTLSv1.3\tTLS_AES_128_GCM_SHA256\tHit\tHTTP/2.0\t-\t-\t51000\t0.034\tHit\tapplication/json\t2048\t-\t-";

    fn read_all(lines: &[&str]) -> Kept {
        let mut kept = Kept::default();
        let mut parser = open(b"", &Setting::default());
        for line in lines {
            parser.record(line.as_bytes(), Place::default(), &mut kept);
        }
        kept
    }

    #[test]
    fn a_line_is_read_by_its_header_and_without_one() {
        for lines in [&["#Version: 1.0", HEADER, LINE][..], &[LINE]] {
            read_all(lines).one(|event| {
                assert_eq!(event.at, 1_773_129_602_000_000_000);
                assert_eq!((event.method, event.path), ("GET", "/api/customers/417"));
                assert_eq!((event.query, event.client), ("x=1", "2001:db8::7"));
                assert_eq!((event.status, event.bytes), (200, Some(2048)));
                assert_eq!((event.cache, event.request), (CacheState::Stored, "abc=="));
                assert_eq!(event.agent, "Mozilla/5.0 (X11)");
                assert_eq!(event.duration_ns, Some(34_000_000));
            });
        }
    }

    #[test]
    fn chosen_fields_are_followed() {
        let head = "#Fields: timestamp(ms) sc-status cs-uri-stem c-ip";
        let line = "1773129602123\t403\t/api/a\t203.0.113.9";
        read_all(&[head, line]).one(|event| {
            assert_eq!(event.at, 1_773_129_602_123_000_000);
            assert_eq!((event.status, event.client), (403, "203.0.113.9"));
        });
        let sample = format!("{head}\n{line}\n{line}\n");
        assert_eq!(claim(sample.as_bytes()), 2);
    }

    #[test]
    fn json_has_the_same_keys() {
        let mut kept = Kept::default();
        let mut parser = (JSON.open)(b"", &Setting::default());
        let line = br#"{"date":"2026-03-10","time":"08:00:02","c-ip":"203.0.113.9","cs-method":"GET","cs-uri-stem":"/api/a","cs-uri-query":"-","sc-status":"200","sc-bytes":"77","cs(User-Agent)":"curl/8%20x","x-edge-result-type":"Miss","x-edge-request-id":"r","time-taken":"0.5"}"#;
        parser.record(line, Place::default(), &mut kept);
        kept.one(|event| {
            assert_eq!((event.at, event.status), (1_773_129_602_000_000_000, 200));
            assert_eq!((event.bytes, event.query), (Some(77), ""));
            assert_eq!(
                (event.agent, event.duration_ns),
                ("curl/8 x", Some(500_000_000))
            );
        });
        assert_eq!(claim_json(line), 1);
        parser.record(&line[..90], Place::default(), &mut kept);
        assert_eq!(kept.unparsed, 1);
    }

    #[test]
    fn torn_lines_are_told() {
        for lines in [&[HEADER, &LINE[..80]][..], &[HEADER, "x"], &["a\tb"]] {
            let kept = read_all(lines);
            assert_eq!((kept.events.len(), kept.unparsed), (0, 1));
        }
        assert_eq!(
            claim(format!("{HEADER}\n{LINE}\n{LINE}\n2026-03").as_bytes()),
            2
        );
        assert_eq!(
            claim(b"#Fields: date time s-ip\n2026-03-10 08:00:00 1\n"),
            0
        );
    }
}
