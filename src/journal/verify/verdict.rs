//! The answer of `verify` as data. Its JSON form is a contract.

use super::told::{Told, Torn};
use crate::domain::digest::Digest;
use crate::domain::stance::Mode;
use crate::domain::untrusted::visible;
use crate::journal::fault::{Fault, FaultKind};
use crate::journal::meta::Meta;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// The result in a word; the worst fault decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    #[default]
    Ok,
    /// Nothing is wrong, but something is worth a look.
    OkWithRemarks,
    /// Torn, or something referred to is not there.
    Incomplete,
    /// Altered, forked, or missing in the middle.
    Altered,
    /// It could not be read.
    Unreadable,
}

/// Everything `verify` found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Verdict {
    pub result: Outcome,
    /// `None` when `INCIDENT.json` cannot be read.
    pub incident: Option<Incident>,
    pub writers: Vec<Chain>,
    pub evidence: EvidenceSeen,
    pub time: TimeSeen,
    /// The head somebody kept, if one was given.
    pub since: Option<SinceSeen>,
    pub faults: Vec<Fault>,
    /// Faults beyond those told.
    pub more_faults: u64,
}

/// The incident, and the playbook it is pinned to.
#[derive(Debug, Clone, Serialize)]
pub struct Incident {
    pub id: String,
    pub mode: Mode,
    pub title: String,
    pub playbook: String,
    pub playbook_sha256: Digest,
    pub playbook_copy: PlaybookSeen,
}

/// How the copy of the playbook compares with its pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaybookSeen {
    Matches,
    Differs,
    Absent,
}

/// One writer's chain.
#[derive(Debug, Clone, Serialize)]
pub struct Chain {
    pub wid: String,
    /// Person and device, from the first entry.
    pub who: String,
    pub entries: u64,
    pub first: Option<u64>,
    pub last: Option<u64>,
    /// The last hash.
    pub head: Option<String>,
    /// Whether a signature covers the head. This version makes none.
    pub signed: bool,
    /// Whether no fault was found in it.
    pub whole: bool,
    pub bytes: u64,
    /// Recoveries the chain tells of.
    pub torn: Vec<Torn>,
    /// Unconfirmed lines that a disk error left and that were written again.
    pub superseded: u64,
}

/// Evidence in numbers of distinct blobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct EvidenceSeen {
    pub referenced: u64,
    pub present: u64,
    pub matching: u64,
}

/// What the record says about its clocks.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TimeSeen {
    pub entries: u64,
    /// Entries written while the system did not say that its clock is right.
    pub unsynced: u64,
    pub jumps: Vec<Jump>,
}

/// A recorded jump of the wall clock.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Jump {
    pub at: DateTime<Utc>,
    pub delta_ms: i64,
}

impl TimeSeen {
    pub(super) fn take(&mut self, told: &Told) {
        self.entries += told.entries;
        self.unsynced += told.unsynced;
        let jumps = told.jumps.iter();
        self.jumps
            .extend(jumps.map(|&(at, delta_ms)| Jump { at, delta_ms }));
    }
}

impl Incident {
    pub(super) fn of(meta: &Meta, playbook_copy: PlaybookSeen) -> Self {
        Self {
            id: visible(&meta.id),
            mode: meta.mode,
            title: visible(&meta.title),
            playbook: visible(&meta.playbook.id),
            playbook_sha256: meta.playbook.sha256.clone(),
            playbook_copy,
        }
    }
}

/// A head somebody kept: a hash or its first characters, with the entry's
/// number in front if it is known (`41:77aa0c11d2e3`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    seq: Option<u64>,
    hash: String,
}

impl Since {
    /// Reads `HASH` or `NUMBER:HASH`; the hash has 8 to 64 characters.
    ///
    /// # Errors
    /// A sentence that says what a head looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "'{}' is no head; give 8 to 64 hexadecimal characters, such as 77aa0c11d2e3 \
                 or 41:77aa0c11d2e3",
                visible(text)
            )
        };
        let (seq, hash) = match text.split_once(':') {
            Some((seq, hash)) => (Some(seq.parse().map_err(|_| wrong())?), hash),
            None => (None, text),
        };
        let hash = hash.to_ascii_lowercase();
        let fits = (8..=64).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then_some(Self { seq, hash }).ok_or_else(wrong)
    }

    /// Whether the entry is the one kept.
    pub(super) fn names(&self, seq: u64, hash: &[u8; 64]) -> bool {
        self.seq.is_none_or(|wanted| wanted == seq) && hash.starts_with(self.hash.as_bytes())
    }
}

impl std::fmt::Display for Since {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "{seq}:{}", self.hash),
            None => f.write_str(&self.hash),
        }
    }
}

/// Whether the head somebody kept is in the record.
#[derive(Debug, Clone, Serialize)]
pub struct SinceSeen {
    pub head: String,
    pub found: bool,
    /// Entries of the same writer after it.
    pub later: u64,
}

impl SinceSeen {
    pub(super) fn sought(since: &Since) -> Self {
        Self {
            head: since.to_string(),
            found: false,
            later: 0,
        }
    }
}

impl Verdict {
    /// The exit code of `firsthour verify`: 0 whole; 1 altered, forked or
    /// missing in the middle; 2 incomplete; 4 cannot be read. 3 is for
    /// signatures, which this version does not make.
    pub fn exit_code(&self) -> u8 {
        // The order of the kinds is that of their weight.
        self.faults
            .iter()
            .map(|fault| fault.kind)
            .min()
            .map_or(0, FaultKind::exit)
    }

    /// Draws the result from what was found.
    pub(super) fn judged(mut self) -> Self {
        if let Some(since) = self.since.as_ref().filter(|since| !since.found) {
            let text = format!(
                "the head {} is not in this record: entries were cut off or written anew",
                since.head
            );
            self.faults
                .push(Fault::new(FaultKind::Missing, "writers", &text));
        }
        self.result = match self.exit_code() {
            0 if self.remarkable() => Outcome::OkWithRemarks,
            0 => Outcome::Ok,
            1 => Outcome::Altered,
            2 => Outcome::Incomplete,
            _ => Outcome::Unreadable,
        };
        self
    }

    fn remarkable(&self) -> bool {
        !self.time.jumps.is_empty()
            || self
                .writers
                .iter()
                .any(|w| !w.torn.is_empty() || w.superseded > 0)
    }
}
