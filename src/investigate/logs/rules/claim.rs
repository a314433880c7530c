//! What a rule says, before it becomes a finding. A leaf.

use crate::domain::finding::{Confidence, Evidence, RootCause, Severity, SubjectKind};
use crate::investigate::logs::event::{Place, Stamp};
use crate::investigate::logs::gather::aggregates::{Aggregates, Who};
use crate::investigate::logs::known::Known;

/// What a rule judges by.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    pub tables: &'a Aggregates,
    pub known: &'a Known,
}

/// What a claim rests on; ordered, the best ground last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ground {
    /// It looks like something that is known to be bad.
    Pattern,
    /// It is unlike what others of the same role do.
    Outlier,
    /// It began at the release.
    Change,
    /// It is against what the app says somebody may do.
    Authorisation,
}

/// What one rule says of one principal, route or log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// `R1` to `R12`.
    pub rule: &'static str,
    pub title: String,
    pub severity: Severity,
    pub confidence: Confidence,
    pub ground: Ground,
    /// What it is about: the principal, or the route when many got it.
    pub subject: (SubjectKind, String),
    pub who: Option<Who>,
    pub causes: Vec<RootCause>,
    pub evidence: Vec<Evidence>,
    pub hint: String,
    pub tenants: u64,
    pub objects: u64,
    pub exact: bool,
    pub rows: u64,
    pub bytes: u64,
    pub first: Option<Stamp>,
    pub last: Option<Stamp>,
    pub places: Vec<Place>,
}

impl Claim {
    /// The order of the first screen: ground, reach, then how lately.
    pub fn rank(&self) -> impl Ord + use<> {
        (
            self.severity,
            self.ground,
            self.tenants,
            self.objects,
            self.rows,
            self.bytes,
            self.last,
        )
    }
}
