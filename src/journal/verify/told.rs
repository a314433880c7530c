//! What one chain says about itself, gathered while it is read.

use crate::domain::digest::Digest;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// A recovery, as told by the chain.
#[derive(Debug, Clone, Serialize)]
pub struct Torn {
    pub at: DateTime<Utc>,
    pub bytes: u64,
    pub sha256: Digest,
    pub reason: String,
}

/// What one chain told.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// `ada/mbp`, from the first entry.
    pub(super) who: Option<String>,
    pub(super) torn: Vec<Torn>,
    /// Recorded jumps of the wall clock: when, and by how many milliseconds.
    pub(super) jumps: Vec<(DateTime<Utc>, i64)>,
    /// Entries written while nothing was known about the clock.
    pub(super) unsynced: u64,
    pub(super) entries: u64,
}
