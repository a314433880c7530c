//! Logs within logs: what a container or syslog wraps is handed to the format
//! it is of, told by its content, one reader for each source.
//!
//! To let another format be found inside: a row in [`INNER`].

use super::parser::{Format, Out, Parser, PlanSeen, Setting};
use super::postgres::inner::Lines;
use super::{access_json, app, combined, console, logfmt, postgres, supabase, vercel};
use crate::investigate::logs::event::{Event, NO_TIME, Place};
use std::borrow::Cow;

/// What may stand inside, the more specific first.
const INNER: &[Format] = &[
    postgres::jsonlog::FORMAT,
    postgres::csvlog::FORMAT,
    vercel::FORMAT,
    supabase::FORMAT,
    supabase::SIGN_IN,
    access_json::CADDY,
    access_json::TRAEFIK,
    access_json::FORMAT,
    app::PINO,
    app::WINSTON,
    combined::FORMAT,
    logfmt::FORMAT,
];

/// Sources told apart; further ones are read as printed text.
const MOST: usize = 64;

/// A record within another.
#[derive(Debug, Clone, Copy, Default)]
pub struct Within<'a> {
    /// The program, stream or file that it is of.
    pub source: &'a str,
    /// The process that wrote it, where the wrapping says.
    pub process: &'a str,
    pub record: &'a str,
}

/// Finds the readers of what is wrapped.
pub struct Inner {
    setting: Setting,
    sources: Vec<(String, Reader)>,
    text: Box<dyn Parser>,
}

enum Reader {
    Any(Box<dyn Parser>),
    /// Postgres may leave the time and the process to what wraps it.
    Postgres(Box<Lines>),
}

impl Inner {
    /// No source met yet.
    pub fn new(setting: &Setting) -> Self {
        Self {
            setting: setting.clone(),
            sources: Vec::new(),
            text: console::open(b"", setting),
        }
    }

    /// Reads a wrapped record; `around` is what the wrapping says.
    pub fn read(&mut self, within: Within<'_>, around: &Event<'_>, out: &mut dyn Out) {
        let mut out = Wrapped { around, out };
        let (record, place) = (within.record, around.place);
        let known = self
            .sources
            .iter()
            .position(|(name, _)| name == within.source);
        let at = known.or_else(|| self.meet(within));
        match at.and_then(|at| self.sources.get_mut(at)) {
            Some((_, Reader::Any(parser))) => parser.record(record.as_bytes(), place, &mut out),
            Some((_, Reader::Postgres(lines))) => {
                for (number, line) in record.lines().enumerate() {
                    let line = part(line, number, lines);
                    lines.line(&line, around.at, within.process, place, &mut out);
                }
            }
            None => self.text.record(record.as_bytes(), place, &mut out),
        }
    }

    /// The format of a source's first record that is of one.
    fn meet(&mut self, within: Within<'_>) -> Option<usize> {
        if self.sources.len() >= MOST {
            return None;
        }
        let bytes = within.record.as_bytes();
        let format = INNER.iter().find(|format| (format.claim)(bytes) > 0);
        let reader = match format {
            Some(format) => Reader::Any((format.open)(bytes, &self.setting)),
            None if is_postgres(within) => {
                Reader::Postgres(Box::new(Lines::new(within.record, &self.setting)))
            }
            None => return None,
        };
        self.sources.push((within.source.to_owned(), reader));
        Some(self.sources.len() - 1)
    }

    /// The piece is over.
    pub fn end(&mut self, out: &mut dyn Out) {
        for (_, reader) in &mut self.sources {
            match reader {
                Reader::Any(parser) => parser.end(out),
                Reader::Postgres(lines) => lines.end(out),
            }
        }
        self.text.end(out);
    }
}

/// A line of a record as Postgres itself writes it: with a tab where it goes
/// on, without one where a part of its own begins.
fn part<'a>(line: &'a str, number: usize, lines: &Lines) -> Cow<'a, str> {
    match line.strip_prefix('\t') {
        Some(bare) if lines.begins(bare) => Cow::Borrowed(bare),
        None if number > 0 && !lines.begins(line) => Cow::Owned(format!("\t{line}")),
        _ => Cow::Borrowed(line),
    }
}

/// Whether a record is surely one of Postgres: by its program's name, or by a
/// prefix and the two blanks that other programs do not write.
fn is_postgres(within: Within<'_>) -> bool {
    within.source.starts_with("postgres")
        || within.record.contains(":  ")
            && (postgres::stderr::FORMAT.claim)(within.record.as_bytes()) > 0
}

/// Gives the wrapped events what only the wrapping says.
struct Wrapped<'w, 'a> {
    around: &'w Event<'a>,
    out: &'w mut dyn Out,
}

impl Out for Wrapped<'_, '_> {
    fn event(&mut self, event: &Event<'_>) {
        let mut whole = event.joined(self.around);
        if whole.at == NO_TIME {
            whole.at = self.around.at;
        }
        self.out.event(&whole);
    }

    fn plan(&mut self, plan: &PlanSeen<'_>) {
        self.out.plan(plan);
    }

    fn unparsed(&mut self, place: Place) {
        self.out.unparsed(place);
    }

    fn remark(&mut self, remark: &str) {
        self.out.remark(remark);
    }
}
