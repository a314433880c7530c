//! The account of the input: what was read of each piece. A leaf.

use crate::investigate::logs::words::Stamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Records whose place is remembered when they could not be read.
pub const UNPARSED_SHOWN: usize = 8;

/// One piece of the input, and how far it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub name: String,
    /// The format's name; empty where none was recognised.
    pub format: String,
    /// Bytes after decompression.
    pub bytes: u64,
    pub records: u64,
    pub events: u64,
    pub unparsed: u64,
    /// Where the first few of them begin.
    pub unparsed_at: Vec<u64>,
    /// Records dropped since they were delivered twice.
    pub repeated: u64,
    pub first: Option<Stamp>,
    pub last: Option<Stamp>,
    /// What had to be assumed, and what went wrong.
    pub remarks: BTreeSet<String>,
    /// Why reading ended before the piece did.
    pub broken: Option<String>,
}

impl Piece {
    /// Adds what was read of another part of the same piece.
    pub fn add(&mut self, other: Self) {
        if self.name.is_empty() {
            *self = other;
            return;
        }
        if self.format.is_empty() {
            self.format = other.format;
        }
        self.bytes += other.bytes;
        self.records += other.records;
        self.events += other.events;
        self.unparsed += other.unparsed;
        self.unparsed_at.extend(other.unparsed_at);
        self.unparsed_at.sort_unstable();
        self.unparsed_at.truncate(UNPARSED_SHOWN);
        self.repeated += other.repeated;
        self.first = match (self.first, other.first) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.last = self.last.max(other.last);
        self.remarks.extend(other.remarks);
        self.broken = self.broken.take().or(other.broken);
    }
}
