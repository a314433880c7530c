//! Live, read-only or drill: where we stand, shown on every screen.

use serde::{Deserialize, Serialize};

/// What an incident is, fixed by its first entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Live,
    Drill,
}

impl Mode {
    /// The word shown and exported.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Drill => "drill",
        }
    }
}

/// What this process may do with the incident it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    /// A real incident; actions change the real world.
    Live,
    /// Someone else writes, or this is a review: nothing dangerous is offered.
    ReadOnly,
    /// A lab on this machine; no edge to anything live exists.
    Drill,
}

impl Stance {
    /// The word in the header. Capitals, so it also stands out without colour.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "LIVE",
            Self::ReadOnly => "READ-ONLY",
            Self::Drill => "DRILL",
        }
    }
}
