//! What a program printed without any form of its own: Next.js in
//! development (` GET /api/x 200 in 34ms`) and in production (console output
//! and errors with a digest), morgan, and text with JSON or pairs in it.
//!
//! A printed object over several lines is one record.

use super::app;
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::said::{Speaker, is_promising};
use super::walk::text_of;
use super::{facts, request};
use crate::investigate::logs::event::{Event, Layer, NO_TIME, Place};
use crate::investigate::logs::time::iso;
use facts::{Value, nanos};

/// The row of the registry: the last, for whatever nobody else claims.
pub const FORMAT: Format = Format {
    name: "console",
    title: "Console output of Next.js or another program",
    framing: Framing::Lines,
    joins: true,
    claim,
    open,
};

/// Lines that Next.js alone writes count; other text counts once, when it
/// ties a name to a value.
fn claim(sample: &[u8]) -> usize {
    let text = String::from_utf8_lossy(sample);
    let mut marks = 0;
    let mut speaks = false;
    for line in text.lines() {
        let (_, bare) = dated(line.trim());
        if answered(bare).is_some() || is_mark(bare) {
            marks += 1;
        }
        speaks = speaks || is_promising(bare);
    }
    marks.max(usize::from(speaks))
}

fn is_mark(line: &str) -> bool {
    let marks = ["✓ ", "○ ", "⨯ ", "⚠ ", "▲ Next.js"];
    marks.iter().any(|mark| line.starts_with(mark)) || line.starts_with("digest: ")
}

/// A reader for printed text.
pub fn open(sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(Console {
        json: app::open(sample, setting),
        speaker: Speaker::new(setting),
        held: String::new(),
        lines: 0,
        place: Place::default(),
    })
}

struct Console {
    json: Box<dyn Parser>,
    speaker: Speaker,
    /// A printed object whose end has not come.
    held: String,
    lines: usize,
    place: Place,
}

/// Lines and bytes of one printed object.
const MOST_LINES: usize = 100;
const MOST_BYTES: usize = 64 << 10;

impl Parser for Console {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = text_of(record);
        if self.lines > 0 {
            self.further(&text, out);
            return;
        }
        let bare = text.trim_start_matches('\u{feff}').trim_end();
        if bare.trim_start().starts_with("{\"") && bare.ends_with('}') {
            self.json.record(bare.trim_start().as_bytes(), place, out);
        } else if bare.ends_with('{') {
            bare.clone_into(&mut self.held);
            self.lines = 1;
            self.place = place;
        } else {
            self.line(bare, place, out);
        }
    }

    fn end(&mut self, out: &mut dyn Out) {
        self.close(out);
    }
}

impl Console {
    fn further(&mut self, text: &str, out: &mut dyn Out) {
        let room = self.lines < MOST_LINES && self.held.len() + text.len() < MOST_BYTES;
        if !room {
            self.close(out);
            return self.line(text, self.place, out);
        }
        self.held.push(' ');
        self.held.push_str(text.trim());
        self.lines += 1;
        let depth = |bracket: char| self.held.matches(bracket).count();
        if depth('}') >= depth('{') {
            self.close(out);
        }
    }

    fn close(&mut self, out: &mut dyn Out) {
        if self.lines > 0 {
            let held = std::mem::take(&mut self.held);
            self.line(&held, self.place, out);
            self.lines = 0;
            self.held = held;
            self.held.clear();
        }
    }

    fn line(&mut self, line: &str, place: Place, out: &mut dyn Out) {
        let (time, bare) = dated(line.trim());
        let (at, unzoned) = time.unwrap_or((NO_TIME, false));
        let event = answered(bare).unwrap_or(Event {
            layer: Layer::Console,
            message: bare,
            ..Event::EMPTY
        });
        self.speaker
            .emit(Event { at, place, ..event }, unzoned, out);
    }
}

/// A time at the start of a line, in brackets or not: when, and whether a
/// zone is missing.
fn dated(line: &str) -> (Option<(i64, bool)>, &str) {
    let inner = line.strip_prefix('[').unwrap_or(line);
    let Some((at, zoned, rest)) = iso(inner.as_bytes()) else {
        return (None, line);
    };
    let rest = inner.get(inner.len() - rest.len()..).unwrap_or_default();
    let rest = rest.strip_prefix(']').unwrap_or(rest).trim_start();
    (Some((at, !zoned)), rest)
}

/// `GET /path 200 in 34ms` and what may follow, or `GET /path 200 34.1 ms - 12`.
fn answered(line: &str) -> Option<Event<'_>> {
    let mut words = line.split_ascii_whitespace();
    let method = words.next()?;
    let is_method =
        (3..=7).contains(&method.len()) && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let target = words
        .next()
        .filter(|target| is_method && target.starts_with('/'))?;
    let status = words.next().filter(|status| status.len() == 3)?;
    let status: u16 = status.parse().ok().filter(|status| *status >= 100)?;
    let (path, query) = request::split_target(target);
    let mut duration = words.next().unwrap_or_default();
    let mut bytes = None;
    if duration == "in" {
        duration = words.next().unwrap_or_default();
    } else {
        let is_morgan = words.next() == Some("ms") && words.next() == Some("-");
        bytes = words.next().filter(|_| is_morgan).and_then(request::number);
    }
    Some(Event {
        method,
        path,
        query,
        status,
        bytes,
        duration_ns: nanos(Value::Borrowed(duration), 1e6),
        ..Event::EMPTY
    })
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    fn read(text: &str) -> Kept {
        let mut kept = Kept::default();
        let mut parser = open(b"", &Setting::default());
        for line in text.lines().filter(|line| !line.is_empty()) {
            parser.record(line.as_bytes(), Place::default(), &mut kept);
        }
        parser.end(&mut kept);
        kept
    }

    #[test]
    fn requests_of_development_are_requests() {
        for (line, path, status, took) in [
            (" GET /api/x?a=1 200 in 34ms", "/api/x", 200, 34_000_000),
            (
                " POST /api/x 404 in 1.2s (compile: 1s, render: 200ms)",
                "/api/x",
                404,
                1_200_000_000,
            ),
            (
                "[2026-03-10T08:00:02Z] GET /a 200 3.5 ms - 512",
                "/a",
                200,
                3_500_000,
            ),
        ] {
            read(line).one(|event| {
                assert_eq!((event.path, event.status), (path, status), "{line}");
                assert_eq!(event.duration_ns, Some(took), "{line}");
                assert_eq!(event.layer, Layer::Http);
            });
        }
        for line in [
            "GET",
            "get /a 200",
            "GET /a 99",
            "GET /a abc",
            "NOT A request",
            "GET a 200",
        ] {
            read(line).one(|event| assert_eq!(event.layer, Layer::Console, "{line}"));
        }
    }

    #[test]
    fn a_printed_object_over_lines_is_one_record() {
        let text = "customers.list {\n  userId: 'u7',\n  org: { id: 3 },\n  rows: 20\n}\n ⨯ Error: no\n    at x (y.js:1:2) {\n  digest: '12'\n}\n";
        let kept = read(text);
        let first = kept.events[0].event();
        assert_eq!(
            (first.user, first.actor_tenant, first.rows),
            ("u7", "3", Some(20))
        );
        assert_eq!(kept.events.len(), 3);
        assert_eq!(kept.unparsed, 0);
        let open = read(&"a {\n".repeat(1_000));
        assert!(open.events.len() >= 10);
    }

    #[test]
    fn json_lines_and_prose_may_mix() {
        let kept =
            read("ready\n{\"sub\":\"u7\",\"path\":\"/api/a\",\"status\":200}\nuser: nobody\n");
        assert_eq!(kept.events.len(), 3);
        assert_eq!(kept.events[1].event().user, "u7");
        assert!(!kept.events[2].event().is_named());
    }

    #[test]
    fn the_marks_of_next_are_claimed() {
        assert_eq!(
            claim(" ▲ Next.js 15.1.0\n ✓ Ready in 2s\n GET / 200 in 3ms\n".as_bytes()),
            3
        );
        assert_eq!(claim(b"served user=u1 rows=2\nserved user=u1 rows=2\n"), 1);
        assert_eq!(claim(b"nothing\nof interest\n"), 0);
    }
}
