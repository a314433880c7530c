//! The account of the input: what was read of each piece. A leaf.

use crate::investigate::logs::words::Stamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
