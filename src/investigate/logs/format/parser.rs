//! What a format's reader is: records in, events out. A leaf.

use crate::domain::zone::Zone;
use crate::investigate::logs::event::{Event, Place, Stamp};
use chrono::{DateTime, Utc};

/// How a stream of bytes falls into records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// A record is a line.
    Lines,
    /// RFC 4180: a record ends at a line end outside of quotes.
    Csv,
    /// JSON objects, one a line, several a line, over several lines, or as
    /// the elements of an array at the top or below one key of a top object
    /// (`{"Records":[..]}`): each object is a record.
    Json,
}

/// A format as the registry knows it.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word shown and accepted, such as `vercel`.
    pub name: &'static str,
    pub title: &'static str,
    pub framing: Framing,
    /// Whether its records of one request must wait for each other: a console
    /// line that names the person, a request line that does not.
    pub joins: bool,
    /// How many of the sample's records are surely of this format; the sample
    /// is the first 64 KiB, its last line perhaps cut. The format with the
    /// greatest count reads the piece, a tie goes to the earlier row.
    pub claim: fn(&[u8]) -> usize,
    /// A reader for one piece, which may look at the same sample, for example
    /// for the form of a line's prefix.
    pub open: fn(&[u8], &Setting) -> Box<dyn Parser>,
}

/// What a person said about the input.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    /// What a time without a zone, or with an ambiguous one, is taken as.
    pub zone: Option<Zone>,
    /// Today, for times without a year; without it they are of 1970.
    pub now: Option<DateTime<Utc>>,
}

/// What is said when nobody named the zone of times that have none.
pub const NO_ZONE: &str = "Times without a zone are taken as UTC. Name the zone with --tz.";

/// A plan of a statement that ran.
#[derive(Debug, Clone, Copy)]
pub struct PlanSeen<'a> {
    /// As logged, with its literals.
    pub statement: &'a str,
    /// Columns that its conditions compare, also those row security adds.
    pub columns: &'a [String],
    /// Nothing could come through.
    pub closed: bool,
}

/// Where a reader puts what it read.
pub trait Out {
    /// One event of the record at hand. A record may give none or many.
    fn event(&mut self, event: &Event<'_>);

    /// The plan of a statement, besides the event of its execution.
    fn plan(&mut self, plan: &PlanSeen<'_>) {
        let _ = plan;
    }

    /// The record at `place` could not be read.
    fn unparsed(&mut self, place: Place);

    /// Something a person must know about this piece, such as a zone that had
    /// to be assumed; said once however often it is told.
    fn remark(&mut self, remark: &str);
}

/// Reads the records of one piece in order; keeps what it must between them.
pub trait Parser: Send {
    /// One record without its line end (`\n` or `\r\n`), never empty. It may
    /// hold any bytes.
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out);

    /// The same where the record is known to be text.
    fn line(&mut self, line: &str, place: Place, out: &mut dyn Out) {
        self.record(line.as_bytes(), place, out);
    }

    /// The piece is over: a record that was still open is complete.
    fn end(&mut self, out: &mut dyn Out) {
        let _ = out;
    }
}

/// The moment of a time that was written without a zone, or with an
/// abbreviation of one that may be many; says what is not sure of it.
pub fn placed(at: Stamp, zone: Option<Zone>, name: &str, out: &mut dyn Out) -> Stamp {
    let Some(zone) = zone else {
        out.remark(NO_ZONE);
        return at;
    };
    let (at, doubt) = zone.utc(at, name);
    if let Some(doubt) = doubt {
        out.remark(doubt.remark());
    }
    at
}
