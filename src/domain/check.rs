//! What a check is, and the account it must give of what it looked at.

pub use super::gap::Gap;

use super::exposure::{Acting, Cell, RelationShape};
use super::finding::Finding;
use super::reading::Reads;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A check a playbook can run, as its registry describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckSpec {
    /// The stable id playbooks name, such as `database.reach`.
    pub id: &'static str,
    pub title: &'static str,
    /// What it touches, told before it runs.
    pub reads: &'static str,
    /// The counts it reports; playbook conditions may name them.
    pub fields: &'static [&'static str],
}

/// What a check looked at and what it could not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    pub check: String,
    /// How many subjects (relations, policies, cells) were looked at.
    pub looked_at: u64,
    pub could_not: Vec<Gap>,
}

impl Coverage {
    /// Whether nothing was left out. Partial coverage is never *clean*.
    pub const fn whole(&self) -> bool {
        self.could_not.is_empty()
    }
}

/// Everything one check run brings back, besides its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckReport {
    pub coverage: Coverage,
    pub findings: Vec<Finding>,
    pub relations: Vec<RelationShape>,
    pub cells: Vec<Cell>,
    /// How each probed principal is assumed.
    pub acting: Vec<Acting>,
    /// Principals that read everything they were granted by design: what they
    /// see is no leak by itself.
    pub by_design: Vec<String>,
    /// The counts named in [`CheckSpec::fields`].
    pub fields: BTreeMap<String, i64>,
    /// Facts about the session that every reader must know, for example that
    /// the login is a superuser.
    pub warnings: Vec<String>,
    /// Who did read, as far as the server tells; already kept by the sink.
    pub reads: Reads,
}

/// What a run allows a reader to conclude.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Everything was looked at and nothing was found.
    Clean,
    /// Something of medium severity or more was found.
    Found,
    /// Nothing was found, but not everything was looked at.
    Unknown,
}

impl CheckReport {
    /// Draws the conclusion: findings win, then gaps; only a whole look
    /// without findings is clean.
    pub fn conclusion(&self) -> Conclusion {
        use super::finding::{Confidence, Severity};
        let found = self.findings.iter().any(|f| {
            f.severity >= Severity::Medium
                && matches!(f.confidence, Confidence::Confirmed | Confidence::Suspected)
        });
        if found {
            Conclusion::Found
        } else if self.coverage.whole() {
            Conclusion::Clean
        } else {
            Conclusion::Unknown
        }
    }
}
