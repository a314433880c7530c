//! What a report is made from, and how times in it are told.

use crate::domain::digest::Digest;
use crate::domain::entry::Entry;
use crate::domain::incident::Incident;
use crate::domain::playbook::Playbook;
use crate::domain::stance::Mode;
use chrono::{DateTime, SecondsFormat, Utc};
use std::sync::Arc;

/// Everything a report needs; nothing else is looked up.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub incident: &'a Incident,
    /// All entries in display order.
    pub entries: &'a [Arc<Entry>],
    /// The playbook at hand; it may differ from the pinned one.
    pub playbook: Option<&'a Playbook>,
    pub integrity: &'a Integrity,
    /// When the report is made, told in its head.
    pub generated: DateTime<Utc>,
}

/// What checking the record showed, as far as the report tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Integrity {
    pub chains: Vec<Chain>,
    /// Damage that belongs to no single chain, in plain words.
    pub remarks: Vec<String>,
}

/// One writer's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    pub writer: String,
    pub entries: u64,
    /// The hash of the last entry; `None` for an empty chain.
    pub head: Option<Digest>,
    /// Why the chain does not hold; `None` when every link does.
    pub broken: Option<String>,
}

impl Integrity {
    /// Whether every chain holds and nothing is remarked.
    pub fn sound(&self) -> bool {
        self.remarks.is_empty() && self.chains.iter().all(|chain| chain.broken.is_none())
    }
}

impl Source<'_> {
    /// Whether this was practice. A record without its first entry is told as
    /// live, so nothing real is ever passed off as practice.
    pub fn drill(&self) -> bool {
        self.incident
            .opened
            .as_ref()
            .is_some_and(|opened| opened.mode == Mode::Drill)
    }

    /// The time since the incident was opened, as `T+mm:ss`.
    pub fn clock(&self, at: DateTime<Utc>) -> String {
        let Some(opened) = self.incident.opened_at else {
            return "T?".to_owned();
        };
        let seconds = (at - opened).num_seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let seconds = seconds.unsigned_abs();
        format!("T{sign}{:02}:{:02}", seconds / 60, seconds % 60)
    }

    /// The entry with this number that the first matching writer wrote.
    pub fn find(&self, is: impl Fn(&Entry) -> bool) -> Option<&Entry> {
        self.entries.iter().map(Arc::as_ref).find(|entry| is(entry))
    }
}

/// A moment to the second, in UTC.
pub fn utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
