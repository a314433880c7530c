//! What is wrong with a record, sorted by how bad it is.

use crate::domain::untrusted::visible;
use serde::Serialize;

/// The kinds of fault. The order is that of `verify`'s answer: the first one
/// present decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Bytes differ from what was written, or stand in another order.
    Altered,
    /// Two different entries claim one place of one writer.
    Forked,
    /// Entries or a segment are gone from the middle.
    Missing,
    /// It could not be read, so nothing is said about it.
    Unreadable,
    /// The last write was cut short and has not been recovered yet.
    Torn,
    /// Evidence or another referenced file is not there.
    Absent,
}

impl FaultKind {
    /// The exit code of `firsthour verify`; 3 is kept for signatures.
    pub const fn exit(self) -> u8 {
        match self {
            Self::Altered | Self::Forked | Self::Missing => 1,
            Self::Torn | Self::Absent => 2,
            Self::Unreadable => 4,
        }
    }

    /// The word shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Altered => "ALTERED",
            Self::Forked => "FORKED",
            Self::Missing => "MISSING",
            Self::Unreadable => "UNREADABLE",
            Self::Torn => "TORN",
            Self::Absent => "ABSENT",
        }
    }
}

/// One fault, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub kind: FaultKind,
    /// Path inside the folder, and the line if there is one.
    pub place: String,
    pub text: String,
}

impl Fault {
    /// Builds a fault; outside text in it is made visible.
    pub(super) fn new(kind: FaultKind, place: &str, text: &str) -> Self {
        Self {
            kind,
            place: visible(place),
            text: visible(text),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.kind.word(), self.place, self.text)
    }
}
