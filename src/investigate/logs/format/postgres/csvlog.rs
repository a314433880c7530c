//! `csvlog`: 23 columns up to Postgres 12, 24 in 13, 26 from 14 on; more are
//! taken too.

use super::reader::Reader;
use super::record::{Level, Raw, host, named};
use super::zone::{Clock, epoch, offset};
use crate::investigate::logs::event::Place;
use crate::investigate::logs::format::parser::{Format, Framing, Out, Parser, Setting};
use crate::investigate::logs::time::iso;
use std::borrow::Cow;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "postgres-csv",
    title: "Postgres csvlog",
    framing: Framing::Csv,
    joins: false,
    claim,
    open,
};

/// Columns that are kept; later ones are counted only.
const COLUMNS: usize = 26;
/// Columns of the oldest form.
const FEWEST: usize = 23;

#[derive(Debug, Clone, Copy, Default)]
struct Span {
    from: u32,
    to: u32,
    doubled: bool,
}

type Spans = [Span; COLUMNS];

/// Finds the columns of a record; `None` when it is none of this form.
fn columns(record: &[u8], spans: &mut Spans) -> Option<()> {
    let (mut at, mut count) = (0, 0);
    loop {
        let (span, next) = column(record, at)?;
        if count < COLUMNS {
            spans[count] = span;
        }
        count += 1;
        match record.get(next) {
            Some(b',') => at = next + 1,
            None => break,
            Some(_) => return None,
        }
    }
    for span in spans.iter_mut().skip(count) {
        *span = Span::default();
    }
    (count >= FEWEST).then_some(())
}

/// One column from `at`, and where it ends.
fn column(record: &[u8], at: usize) -> Option<(Span, usize)> {
    let span = |from: usize, to: usize, doubled| {
        Some(Span {
            from: u32::try_from(from).ok()?,
            to: u32::try_from(to).ok()?,
            doubled,
        })
    };
    if record.get(at) != Some(&b'"') {
        let length = record[at..]
            .iter()
            .take_while(|byte| **byte != b',')
            .count();
        return Some((span(at, at + length, false)?, at + length));
    }
    let (from, mut end, mut doubled) = (at + 1, at + 1, false);
    loop {
        end += memchr::memchr(b'"', record.get(end..)?)?;
        if record.get(end + 1) != Some(&b'"') {
            return Some((span(from, end, doubled)?, end + 1));
        }
        doubled = true;
        end += 2;
    }
}

fn claim(sample: &[u8]) -> usize {
    let mut spans = Spans::default();
    let (mut claimed, mut start, mut quoted) = (0, 0, false);
    for at in memchr::memchr2_iter(b'\n', b'"', sample) {
        if sample[at] == b'"' {
            quoted = !quoted;
        } else if !quoted {
            let line = &sample[start..at];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            claimed += usize::from(is_ours(line, &mut spans));
            start = at + 1;
        }
    }
    claimed + usize::from(!quoted && is_ours(&sample[start..], &mut spans))
}

fn is_ours(line: &[u8], spans: &mut Spans) -> bool {
    if iso(line).is_none() || columns(line, spans).is_none() {
        return false;
    }
    let session = &line[spans[5].from as usize..spans[5].to as usize];
    std::str::from_utf8(session).is_ok_and(|session| epoch(session).is_some())
}

fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(CsvLog {
        clock: Clock::new(setting),
        reader: Reader::default(),
        last: Last::default(),
        id: String::new(),
    })
}

#[derive(Debug)]
struct CsvLog {
    clock: Clock,
    reader: Reader,
    last: Last,
    id: String,
}

/// What the record before had: mostly the next one has the same.
#[derive(Debug, Default)]
struct Last {
    /// Its session, whose id is sound.
    session: String,
    /// Its client as it is written, and how much of it is the host.
    client: String,
    host: usize,
}

impl Last {
    /// Whether this is the id of a session.
    fn is_session(&mut self, session: &str) -> bool {
        if session.is_empty() || session != self.session {
            if epoch(session).is_none() {
                return false;
            }
            session.clone_into(&mut self.session);
        }
        true
    }

    /// The host of a client.
    fn host<'a>(&mut self, client: &'a str) -> &'a str {
        if client != self.client {
            client.clone_into(&mut self.client);
            self.host = host(client).len();
        }
        &client[..self.host]
    }
}

impl Parser for CsvLog {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        if self.read(record, place, out).is_none() {
            out.unparsed(place);
        }
    }

    fn end(&mut self, out: &mut dyn Out) {
        self.reader.end(out);
    }
}

impl CsvLog {
    fn read(&mut self, record: &[u8], place: Place, out: &mut dyn Out) -> Option<()> {
        let record = record.strip_prefix("\u{feff}".as_bytes()).unwrap_or(record);
        let mut spans = Spans::default();
        columns(record, &mut spans)?;
        let bytes = |at: usize| &record[spans[at].from as usize..spans[at].to as usize];
        if is_step(bytes(7), bytes(12)) && !is_more(bytes(13)) {
            return Some(());
        }
        // Mostly all of it is sound at once; a field that is not is mended.
        let whole = simdutf8::basic::from_utf8(record).ok();
        let sound = |at: usize| {
            let range = spans[at].from as usize..spans[at].to as usize;
            whole.and_then(|text| text.get(range))
        };
        let text = |at: usize| match sound(at) {
            Some(text) => text,
            None => std::str::from_utf8(bytes(at)).unwrap_or(""),
        };
        let session = text(5);
        if !self.last.is_session(session) {
            return None;
        }
        let start = || offset(bytes(8), session);
        let (at, _) = self.clock.read(bytes(0), start, out)?;
        let words = |at: usize| -> Cow<'_, str> {
            let text = sound(at).map_or_else(|| String::from_utf8_lossy(bytes(at)), Cow::Borrowed);
            if spans[at].doubled {
                Cow::Owned(undoubled(&text))
            } else {
                text
            }
        };
        let sqlstate = text(12);
        let level = level(sqlstate);
        if level == Level::Other {
            return Some(());
        }
        let (user, app) = (words(1), words(22));
        let (message, detail, statement) = (words(13), words(14), words(19));
        self.id.clear();
        self.id.push_str(session);
        self.id.push('/');
        self.id.push_str(text(6));
        self.reader.take(
            &Raw {
                at,
                place,
                level,
                session,
                user: named(&user),
                client: self.last.host(text(4)),
                app: named(&app),
                sqlstate: if level == Level::Failed { sqlstate } else { "" },
                vxid: text(9),
                id: &self.id,
                message: &message,
                detail: &detail,
                statement: &statement,
            },
            out,
        );
        Some(())
    }
}

/// A step before a statement runs, which tells nothing of its own.
fn is_step(tag: &[u8], sqlstate: &[u8]) -> bool {
    matches!(tag, b"PARSE" | b"BIND") && sqlstate.starts_with(b"00")
}

/// A text with one quote for each two.
fn undoubled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'"', rest.as_bytes()) {
        let (head, tail) = rest.split_at(at + 1);
        out.push_str(head);
        rest = tail.strip_prefix('"').unwrap_or(tail);
    }
    out.push_str(rest);
    out
}

/// Whether a message written during a step tells of more than the step: what
/// pgaudit saw, or the plan of the statement before.
pub fn is_more(message: &[u8]) -> bool {
    let head = &message[..message.len().min(80)];
    head.starts_with(b"AUDIT") || memchr::memmem::find(head, b"plan:").is_some()
}

/// How grave a SQLSTATE is: it is the same in every language.
pub fn level(sqlstate: &str) -> Level {
    match sqlstate.get(..2) {
        None | Some("00") => Level::Log,
        Some("01" | "02") => Level::Other,
        Some(_) => Level::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(record: &str) -> Option<Vec<String>> {
        let mut spans = Spans::default();
        columns(record.as_bytes(), &mut spans)?;
        Some(
            spans
                .iter()
                .map(|span| record[span.from as usize..span.to as usize].to_owned())
                .collect(),
        )
    }

    #[test]
    fn columns_are_found_whatever_they_hold() {
        let record = format!("a,\"b,\n\"\"c\",,\"\"{}", ",x".repeat(19));
        let found = spans(&record).unwrap();
        assert_eq!(&found[..4], ["a", "b,\n\"\"c", "", ""]);
        for (doubled, want) in [
            ("", ""),
            ("a", "a"),
            ("\"\"", "\""),
            ("a\"\"b\"\"", "a\"b\""),
        ] {
            assert_eq!(undoubled(doubled), want);
            assert_eq!(undoubled(doubled), doubled.replace("\"\"", "\""));
        }
        assert_eq!(undoubled("\"\"\"\"x"), "\"\"x");
        assert_eq!(spans("a,b"), None);
        assert_eq!(spans(&format!("\"torn{}", ",x".repeat(30))), None);
        assert_eq!(spans(&format!("\"a\"b{}", ",x".repeat(30))), None);
    }
}
