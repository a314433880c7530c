//! Records and lines of Postgres out of a store of logs, which gives them in
//! any order, mostly the newest first. Whose claims are whose is told by order
//! alone, so they are put in order before they are read.

use super::csvlog::level;
use super::inner::Lines;
use super::reader::Reader;
use super::record::{Level, Raw, host, named};
use super::shelf::Shelf;
use crate::investigate::logs::event::{Place, Stamp};
use crate::investigate::logs::format::parser::{Out, Setting};

/// Lines that tell which prefix they have.
const SAMPLE: usize = 200;
/// Texts of a record.
const TEXTS: usize = 10;

/// A record as a store gives it; an empty text means that it does not say.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    pub at: Stamp,
    pub place: Place,
    /// The record's number within its session, 0 where it is not known.
    pub number: u64,
    /// `ERROR`, `LOG`, ..
    pub severity: &'a str,
    pub session: &'a str,
    pub user: &'a str,
    pub client: &'a str,
    pub app: &'a str,
    pub sqlstate: &'a str,
    pub vxid: &'a str,
    pub id: &'a str,
    pub message: &'a str,
    pub detail: &'a str,
    pub statement: &'a str,
}

#[derive(Debug)]
struct Kept {
    place: Place,
    level: Level,
    texts: Box<str>,
    ends: [u32; TEXTS],
}

/// Puts records in order and reads them.
#[derive(Debug, Default)]
pub struct Loose {
    reader: Reader,
    shelf: Shelf<Kept>,
}

impl Loose {
    /// Takes a record.
    pub fn take(&mut self, given: &Given<'_>, out: &mut dyn Out) {
        let level = match given.severity {
            "LOG" => Level::Log,
            "ERROR" | "FATAL" | "PANIC" => Level::Failed,
            "WARNING" | "NOTICE" | "INFO" | "DEBUG" => Level::Other,
            _ => level(given.sqlstate),
        };
        if level == Level::Other {
            return;
        }
        let mut texts = String::new();
        let mut ends = [0; TEXTS];
        for (end, text) in ends.iter_mut().zip([
            given.session,
            named(given.user),
            host(given.client),
            named(given.app),
            given.sqlstate,
            given.vxid,
            given.id,
            given.message,
            given.detail,
            given.statement,
        ]) {
            texts.push_str(text);
            *end = u32::try_from(texts.len()).unwrap_or(u32::MAX);
        }
        let kept = Kept {
            place: given.place,
            level,
            texts: texts.into_boxed_str(),
            ends,
        };
        if self
            .shelf
            .put(given.at, given.number, kept.texts.len(), kept)
        {
            self.read(out);
        }
    }

    /// Reads what waits.
    fn read(&mut self, out: &mut dyn Out) {
        let (records, follows) = self.shelf.empty();
        if !follows {
            // What sessions were is not known there.
            self.reader.end(out);
            self.reader = Reader::default();
        }
        for (at, record) in &records {
            self.reader.take(&record.raw(*at), out);
        }
    }

    /// No more records come.
    pub fn end(&mut self, out: &mut dyn Out) {
        self.read(out);
        self.reader.end(out);
    }
}

impl Kept {
    fn raw(&self, at: Stamp) -> Raw<'_> {
        let mut from = 0;
        let [
            session,
            user,
            client,
            app,
            sqlstate,
            vxid,
            id,
            message,
            detail,
            statement,
        ] = self.ends.map(|end| {
            let text = self.texts.get(from..end as usize).unwrap_or_default();
            from = end as usize;
            text
        });
        Raw {
            at,
            place: self.place,
            level: self.level,
            session,
            user,
            client,
            app,
            sqlstate: if self.level == Level::Failed {
                sqlstate
            } else {
                ""
            },
            vxid,
            id,
            message,
            detail,
            statement,
        }
    }
}

/// Puts lines of stderr in order and reads them.
#[derive(Debug)]
pub struct LooseLines {
    setting: Setting,
    lines: Option<Lines>,
    shelf: Shelf<(Place, Box<str>)>,
}

impl LooseLines {
    /// Nothing read yet.
    pub fn new(setting: &Setting) -> Self {
        Self {
            setting: setting.clone(),
            lines: None,
            shelf: Shelf::default(),
        }
    }

    /// Takes a record, perhaps of several lines, or a part of one.
    pub fn take(&mut self, text: &str, at: Stamp, place: Place, out: &mut dyn Out) {
        if self.shelf.put(at, 0, text.len(), (place, text.into())) {
            self.read(out);
        }
    }

    fn read(&mut self, out: &mut dyn Out) {
        let (records, follows) = self.shelf.empty();
        if !follows && let Some(mut lines) = self.lines.take() {
            lines.end(out);
        }
        let setting = &self.setting;
        let lines = self.lines.get_or_insert_with(|| {
            let heads = records.iter().take(SAMPLE);
            let heads = heads.filter_map(|(_, (_, text))| text.lines().next());
            Lines::new(&heads.collect::<Vec<_>>().join("\n"), setting)
        });
        for (at, (place, text)) in &records {
            for (number, line) in text.lines().enumerate() {
                if number == 0 || line.starts_with('\t') || lines.begins(line) {
                    lines.line(line, *at, "", *place, out);
                } else {
                    lines.line(&format!("\t{line}"), *at, "", *place, out);
                }
            }
        }
    }

    /// No more lines come.
    pub fn end(&mut self, out: &mut dyn Out) {
        self.read(out);
        if let Some(lines) = &mut self.lines {
            lines.end(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::kept::Kept as Seen;
    use super::*;

    fn read(records: &[Given<'_>]) -> Seen {
        let mut seen = Seen::default();
        let mut loose = Loose::default();
        for record in records {
            loose.take(record, &mut seen);
        }
        loose.end(&mut seen);
        seen
    }

    #[test]
    fn the_newest_first_is_read_as_the_oldest_first() {
        let claims = |user: &str| {
            format!(
                "statement: select set_config('request.jwt.claims', '{{\"sub\":\"{user}\"}}', true)"
            )
        };
        let (one, two) = (claims("u1"), claims("u2"));
        let messages = [
            "statement: begin",
            one.as_str(),
            "statement: select * from customers",
            "statement: commit",
            "statement: begin",
            two.as_str(),
            "statement: select * from invoices",
            "statement: commit",
        ];
        let mut records: Vec<Given<'_>> = (1..)
            .zip(messages)
            .map(|(at, message)| Given {
                // Two records a moment.
                at: at / 2,
                number: u64::try_from(at).unwrap(),
                session: "s",
                severity: "LOG",
                message,
                ..Given::default()
            })
            .collect();
        for _ in 0..2 {
            let seen = read(&records);
            let found: Vec<_> = seen
                .events
                .iter()
                .map(|event| {
                    (
                        event.event().user.to_owned(),
                        event.event().statement.to_owned(),
                    )
                })
                .collect();
            let customers = ("u1".to_owned(), "select * from customers".to_owned());
            let invoices = ("u2".to_owned(), "select * from invoices".to_owned());
            assert!(
                found.contains(&customers) && found.contains(&invoices),
                "{found:?}"
            );
            records.reverse();
        }
    }

    #[test]
    fn what_comes_too_late_acts_for_nobody() {
        let mut loose = Loose::default();
        let mut seen = Seen::default();
        let claims =
            "statement: select set_config('request.jwt.claims', '{\"sub\":\"u1\"}', false)";
        let given = |at, message| Given {
            at,
            session: "s",
            message,
            ..Given::default()
        };
        loose.take(&given(9, claims), &mut seen);
        loose.read(&mut seen);
        loose.take(&given(5, "statement: select * from customers"), &mut seen);
        loose.end(&mut seen);
        let found = seen
            .events
            .iter()
            .map(Clone::clone)
            .find(|event| event.event().statement.contains("customers"));
        assert_eq!(found.unwrap().event().user, "");
    }
}
