//! `jsonlog` of Postgres 15 and later: an object a line; what is empty is
//! left out.

use super::csvlog::{is_more, level};
use super::reader::Reader;
use super::record::{Level, Raw, named};
use super::zone::{Clock, epoch, offset};
use crate::investigate::logs::event::Place;
use crate::investigate::logs::format::parser::{Format, Framing, Out, Parser, Setting};
use serde::Deserialize;
use std::borrow::Cow;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "postgres-json",
    title: "Postgres jsonlog",
    framing: Framing::Lines,
    joins: false,
    claim,
    open,
};

#[derive(Debug, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    #[serde(borrow, default)]
    user: Cow<'a, str>,
    #[serde(borrow, default)]
    remote_host: Cow<'a, str>,
    #[serde(borrow)]
    session_id: Cow<'a, str>,
    #[serde(default, rename = "line_num")]
    number: u64,
    #[serde(borrow, default)]
    session_start: Cow<'a, str>,
    #[serde(borrow, default)]
    vxid: Cow<'a, str>,
    #[serde(borrow)]
    error_severity: Cow<'a, str>,
    #[serde(borrow, default)]
    state_code: Cow<'a, str>,
    #[serde(borrow, default)]
    message: Cow<'a, str>,
    #[serde(borrow, default)]
    detail: Cow<'a, str>,
    #[serde(borrow, default)]
    statement: Cow<'a, str>,
    #[serde(borrow, default)]
    application_name: Cow<'a, str>,
}

fn claim(sample: &[u8]) -> usize {
    sample
        .split(|byte| *byte == b'\n')
        .filter(|line| {
            sonic_rs::from_slice::<Line<'_>>(line)
                .is_ok_and(|line| epoch(&line.session_id).is_some())
        })
        .count()
}

fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(JsonLog {
        clock: Clock::new(setting),
        reader: Reader::default(),
        id: String::new(),
        parse: memchr::memmem::Finder::new(b",\"ps\":\"PARSE\","),
        bind: memchr::memmem::Finder::new(b",\"ps\":\"BIND\","),
        message: memchr::memmem::Finder::new(MESSAGE),
    })
}

#[derive(Debug)]
struct JsonLog {
    clock: Clock,
    reader: Reader,
    id: String,
    parse: memchr::memmem::Finder<'static>,
    bind: memchr::memmem::Finder<'static>,
    message: memchr::memmem::Finder<'static>,
}

impl Parser for JsonLog {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        if self.read(record, place, out).is_none() {
            out.unparsed(place);
        }
    }

    fn end(&mut self, out: &mut dyn Out) {
        self.reader.end(out);
    }
}

/// Bytes of a line in which the command and the severity stand.
const HEAD: usize = 480;
const MESSAGE: &[u8] = b"\"message\":\"";

impl JsonLog {
    /// Whether the record tells of nothing but a step before a statement
    /// runs; told without reading it whole.
    fn is_step(&self, record: &[u8]) -> bool {
        let head = &record[..record.len().min(HEAD)];
        if self.bind.find(head).is_none() && self.parse.find(head).is_none() {
            return false;
        }
        let message = self
            .message
            .find(record)
            .map(|at| &record[at + MESSAGE.len()..]);
        record.ends_with(b"}")
            && message.is_some_and(|message| !is_more(message))
            && memchr::memmem::find(head, b"\"error_severity\":\"LOG\"").is_some()
    }

    fn read(&mut self, record: &[u8], place: Place, out: &mut dyn Out) -> Option<()> {
        if self.is_step(record) {
            return Some(());
        }
        let text = String::from_utf8_lossy(record);
        let line: Line<'_> = sonic_rs::from_str(text.trim_start_matches('\u{feff}')).ok()?;
        epoch(&line.session_id)?;
        let start = || offset(line.session_start.as_bytes(), &line.session_id);
        let (at, _) = self.clock.read(line.timestamp.as_bytes(), start, out)?;
        // The severity is never translated here.
        let level = match line.error_severity.as_ref() {
            "LOG" => Level::Log,
            "ERROR" | "FATAL" | "PANIC" => Level::Failed,
            "WARNING" | "NOTICE" | "INFO" => Level::Other,
            other if other.starts_with("DEBUG") => Level::Other,
            _ => level(&line.state_code),
        };
        if level == Level::Other {
            return Some(());
        }
        self.id.clear();
        self.id.push_str(&line.session_id);
        self.id.push('/');
        self.id.push_str(&line.number.to_string());
        self.reader.take(
            &Raw {
                at,
                place,
                level,
                session: &line.session_id,
                user: named(&line.user),
                client: named(&line.remote_host),
                app: named(&line.application_name),
                sqlstate: &line.state_code,
                vxid: &line.vxid,
                id: &self.id,
                message: &line.message,
                detail: &line.detail,
                statement: &line.statement,
            },
            out,
        );
        Some(())
    }
}
