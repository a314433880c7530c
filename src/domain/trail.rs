//! What logs tell of a finding: who read how much of whose, from when to when,
//! and where that is written. A leaf.
//!
//! Counts and places alone; the lines themselves stay where they are.

use super::untrusted::visible;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The trail a finding left in logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// The rule of the log check, `R1` to `R12`.
    pub rule: String,
    /// What kind of name `principal` is: `user`, `api key`, `database role`
    /// (a role, not a person), `address` or `nobody`.
    pub principal_kind: String,
    /// Tenants whose data went out.
    pub tenants: u64,
    /// Different objects that went out.
    pub objects: u64,
    /// Whether the counts are exact; estimates are within two percent.
    pub exact: bool,
    pub rows: u64,
    pub bytes: u64,
    pub first: Option<DateTime<Utc>>,
    pub last: Option<DateTime<Utc>>,
    /// Lines to read: a file and the byte its line begins at.
    pub places: Vec<LogPlace>,
}

/// Where a line begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPlace {
    pub file: String,
    /// Bytes from the start, after decompression.
    pub offset: u64,
}

impl LogPlace {
    /// Names a place; the file's name is outside text and is made printable.
    pub fn new(file: &str, offset: u64) -> Self {
        Self {
            file: visible(file),
            offset,
        }
    }
}
