//! Hands records to the parser of their piece and looks each over for secrets.

use super::progress::Progress;
use crate::investigate::logs::event::Place;
use crate::investigate::logs::format::parser::{Out, Parser};
use crate::investigate::logs::format::shallow::is_shallow;
use crate::investigate::logs::intake::Intake;
use crate::investigate::logs::spill::Spills;
use crate::investigate::logs::split::{Taker, each, trimmed};
use memchr::memchr_iter;
use std::sync::atomic::Ordering;

/// Records between two notes of progress.
const TELL: u64 = 4_096;

/// Hands records to the parser and the parser's events to the counts.
#[expect(
    missing_debug_implementations,
    reason = "it borrows a reader, which has none"
)]
pub struct Feed<'a> {
    parser: Box<dyn Parser>,
    intake: &'a mut Intake,
    piece: u32,
    progress: &'a Progress,
    told: u64,
    records: u64,
    spills: Spills,
}

/// Bytes of a record below which it cannot nest too deep to read.
const LONG: usize = 512;

impl<'a> Feed<'a> {
    /// Nothing was handed over yet of a stream that begins at `begins`.
    pub fn new(
        parser: Box<dyn Parser>,
        intake: &'a mut Intake,
        piece: u32,
        progress: &'a Progress,
        begins: u64,
    ) -> Self {
        Self {
            parser,
            intake,
            piece,
            progress,
            told: begins,
            records: 0,
            spills: Spills::default(),
        }
    }

    /// The stream goes on later; gives its reader back, and how many records
    /// it had up to here.
    pub fn pause(mut self, bytes: u64) -> (Box<dyn Parser>, u64) {
        self.goes_on(bytes);
        let rest = self.records % TELL;
        self.progress.records.fetch_add(rest, Ordering::Relaxed);
        (self.parser, self.records)
    }

    /// The stream is over after so many bytes; gives how many records it had.
    pub fn end(mut self, bytes: u64) -> u64 {
        self.goes_on(bytes);
        self.parser.end(self.intake);
        let rest = self.records % TELL;
        self.progress.records.fetch_add(rest, Ordering::Relaxed);
        self.records
    }

    /// Counts a record; gives its place, unless it nests too deep to be read.
    #[inline]
    fn begin(&mut self, record: &[u8], offset: u64) -> Option<Place> {
        self.records += 1;
        if self.records.is_multiple_of(TELL) {
            self.progress.records.fetch_add(TELL, Ordering::Relaxed);
        }
        let place = Place {
            piece: self.piece,
            offset,
        };
        if record.len() > LONG && !is_shallow(record) {
            self.intake.unparsed(place);
            return None;
        }
        Some(place)
    }

    #[inline]
    fn look(&mut self, record: &[u8], place: Place) {
        let intake = &mut *self.intake;
        self.spills.look(record, place.offset, &mut |spilled| {
            intake.spilled(spilled.kind, &spilled.sample, place);
        });
    }

    /// Lines that are all of text; the last ends with the block.
    fn text(&mut self, block: &str, offset: u64) {
        let mut from = 0;
        for end in memchr_iter(b'\n', block.as_bytes()) {
            let line = block.get(from..end).unwrap_or_default();
            let (front, record) = trimmed(line.as_bytes());
            // Most lines have nothing to trim, and then the text is at hand.
            if record.len() == line.len() {
                if !line.is_empty()
                    && let Some(place) = self.begin(record, offset + from as u64)
                {
                    self.parser.line(line, place, self.intake);
                    self.look(record, place);
                }
            } else if !record.is_empty() {
                self.record(record, offset + (from + front) as u64);
            }
            from = end + 1;
        }
    }
}

impl Taker for Feed<'_> {
    fn record(&mut self, record: &[u8], offset: u64) {
        if let Some(place) = self.begin(record, offset) {
            self.parser.record(record, place, self.intake);
            self.look(record, place);
        }
    }

    fn lines(&mut self, block: &[u8], offset: u64) {
        match simdutf8::basic::from_utf8(block) {
            Ok(block) => self.text(block, offset),
            Err(_) => each(block, offset, self),
        }
    }

    fn ahead(&mut self, bytes: &[u8], offset: u64, open: u64) {
        self.spills.ahead(bytes, offset, open);
    }

    fn lost(&mut self, offset: u64) {
        let place = Place {
            piece: self.piece,
            offset,
        };
        self.intake.unparsed(place);
    }

    fn goes_on(&mut self, behind: u64) -> bool {
        self.progress
            .bytes
            .fetch_add(behind - self.told, Ordering::Relaxed);
        self.told = behind;
        if self.progress.shots.is_wanted() {
            self.progress.shots.give(self.intake.gather.tables());
        }
        !self.progress.stop.load(Ordering::Relaxed)
    }
}
