//! What went wrong, why, and what a person can do next.
//!
//! Every edge turns its own error into a [`Failure`]; nothing above the edges
//! sees another error type. A failure without a usable hint is a defect.

use serde::{Deserialize, Serialize};

/// A problem told to a person: what failed, why, and the next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{what}: {why}")]
pub struct Failure {
    /// The operation that failed, as a short noun phrase or clause.
    pub what: String,
    /// The cause, already made safe to print.
    pub why: String,
    /// What to run, grant or set next; imperative.
    pub hint: String,
}

impl Failure {
    /// Builds a failure from its three sentences. `why` may carry outside
    /// text: control characters in it are made visible here.
    pub fn new(what: impl Into<String>, why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            what: super::untrusted::visible(&what.into()),
            why: super::untrusted::visible(&why.into()),
            hint: super::untrusted::visible(&hint.into()),
        }
    }

    /// Renders the failure over three lines, as the command line prints it.
    pub fn lines(&self) -> [String; 3] {
        [
            format!("firsthour: {}", self.what),
            format!("  why:  {}", self.why),
            format!("  next: {}", self.hint),
        ]
    }
}
