//! `stderr` with any `log_line_prefix`: records over several lines, whose
//! further parts (DETAIL, STATEMENT) name the same process while lines of
//! others stand between.

use super::inner::Lines;
use super::templates::infer;
use crate::investigate::logs::event::{NO_TIME, Place};
use crate::investigate::logs::format::parser::{Format, Framing, Out, Parser, Setting};

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "postgres-stderr",
    title: "Postgres stderr log",
    framing: Framing::Lines,
    joins: false,
    claim,
    open,
};

fn claim(sample: &[u8]) -> usize {
    let text = String::from_utf8_lossy(sample);
    let (prefix, count) = infer(&text);
    // Words alone are no sign of Postgres: a time or a process must be there.
    if prefix.tells() == 0 {
        0
    } else {
        count + continued(&text)
    }
}

/// Lines that go on with a record: they belong to this form too.
fn continued(text: &str) -> usize {
    text.lines().filter(|line| line.starts_with('\t')).count()
}

fn open(sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    let text = String::from_utf8_lossy(sample);
    Box::new(Stderr(Lines::new(&text, setting)))
}

#[derive(Debug)]
struct Stderr(Lines);

impl Parser for Stderr {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let line = String::from_utf8_lossy(record);
        self.0.line(&line, NO_TIME, "", place, out);
    }

    fn end(&mut self, out: &mut dyn Out) {
        self.0.end(out);
    }
}
