//! Logs within logs: what a container or syslog wraps is handed to the format
//! it is of, told by its content, one reader for each source.
//!
//! To let another format be found inside: a row in [`INNER`].

use super::parser::{Format, Out, Parser, Setting};
use super::{app, combined, console, logfmt, vercel};
use crate::investigate::logs::event::{Event, NO_TIME, Place};

/// What may stand inside, the more specific first.
const INNER: &[Format] = &[
    vercel::FORMAT,
    app::PINO,
    app::WINSTON,
    combined::FORMAT,
    logfmt::FORMAT,
];

/// Sources told apart; further ones are read as printed text.
const MOST: usize = 64;

/// Finds the readers of what is wrapped.
pub struct Inner {
    setting: Setting,
    sources: Vec<(String, Box<dyn Parser>)>,
    text: Box<dyn Parser>,
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
    pub fn read(&mut self, source: &str, record: &[u8], around: &Event<'_>, out: &mut dyn Out) {
        let mut out = Wrapped { around, out };
        let known = self.sources.iter().position(|(name, _)| name == source);
        let at = known.or_else(|| self.meet(source, record));
        match at.and_then(|at| self.sources.get_mut(at)) {
            Some((_, parser)) => parser.record(record, around.place, &mut out),
            None => self.text.record(record, around.place, &mut out),
        }
    }

    /// The format of a source's first record that is of one.
    fn meet(&mut self, source: &str, record: &[u8]) -> Option<usize> {
        if self.sources.len() >= MOST {
            return None;
        }
        let format = INNER.iter().find(|format| (format.claim)(record) > 0)?;
        let parser = (format.open)(record, &self.setting);
        self.sources.push((source.to_owned(), parser));
        Some(self.sources.len() - 1)
    }

    /// The piece is over.
    pub fn end(&mut self, out: &mut dyn Out) {
        for (_, parser) in &mut self.sources {
            parser.end(out);
        }
        self.text.end(out);
    }
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
        whole.place = self.around.place;
        self.out.event(&whole);
    }

    fn unparsed(&mut self, place: Place) {
        self.out.unparsed(place);
    }

    fn remark(&mut self, remark: &str) {
        self.out.remark(remark);
    }
}
