//! What can be asked of the folded incident: what stands, what is known, and
//! what was not looked at.

use super::{Incident, PlanRecord, Raised};
use crate::domain::condition::Facts;
use crate::domain::digest::Digest;
use crate::domain::exposure::{Cell, RelationShape};
use crate::domain::finding::{Confidence, RootCause};

impl Incident {
    /// Whether a cell shows rows that its principal has no business with.
    /// Reading everything by design does not count.
    pub fn reads_too_much(&self, cell: &Cell) -> bool {
        cell.verdict.leaks() && !self.by_design.contains(&cell.principal)
    }

    /// Whether a cell is a leak: somebody reads too much of a relation that
    /// holds people, tenants, payments or secrets. A relation whose shape is
    /// not known counts as one that does.
    pub fn leaks(&self, cell: &Cell) -> bool {
        let shape = self.relations.get(&cell.relation);
        self.reads_too_much(cell) && shape.is_none_or(RelationShape::sensitive)
    }

    /// Findings that stand now.
    pub fn standing_findings(&self) -> impl Iterator<Item = &Raised> {
        self.findings
            .iter()
            .filter(|raised| raised.cleared.is_none())
    }

    /// Containments that stand now, oldest first: the ledger.
    pub fn ledger(&self) -> impl Iterator<Item = &PlanRecord> {
        self.plans.iter().filter(|record| record.standing())
    }

    /// The plan with this digest.
    pub fn plan(&self, digest: &Digest) -> Option<&PlanRecord> {
        self.plans.iter().find(|record| &record.digest == digest)
    }

    /// Where a cause stands: a person's judgement if there is one, else the
    /// strongest standing finding that names it, else unknown.
    pub fn cause_state(&self, cause: RootCause) -> Confidence {
        if let Some(judged) = self.judgements.get(&cause) {
            return judged.state;
        }
        self.standing_findings()
            .filter(|raised| raised.finding.causes.contains(&cause))
            .map(|raised| raised.finding.confidence)
            .max()
            .unwrap_or(Confidence::Unknown)
    }

    /// Everything that was not looked at: gaps of finished checks and checks
    /// that could not run, as `(check, what, why)`.
    pub fn not_looked_at(&self) -> Vec<(String, String, String)> {
        let gaps = self.checks.iter().flat_map(|(check, run)| {
            run.coverage
                .could_not
                .iter()
                .map(move |gap| (check.clone(), gap.what.clone(), gap.why.clone()))
        });
        let failed = self
            .failed_checks
            .iter()
            .map(|(check, failure)| (check.clone(), failure.what.clone(), failure.why.clone()));
        gaps.chain(failed).collect()
    }
}

impl Facts for Incident {
    fn answer(&self, ask: &str) -> Option<String> {
        self.answers
            .get(ask)
            .filter(|answer| answer.as_str() != "unknown")
            .cloned()
    }

    fn check_field(&self, check: &str, field: &str) -> Option<i64> {
        let run = self.checks.get(check)?;
        let value = run.fields.get(field).copied()?;
        // Zero out of a partial look is not zero.
        (value != 0 || run.coverage.whole()).then_some(value)
    }

    fn cause(&self, cause: RootCause) -> Option<String> {
        match self.cause_state(cause) {
            Confidence::Unknown => None,
            state => Some(state.word().replace(' ', "_")),
        }
    }

    fn findings(&self, confidence: &str) -> Option<i64> {
        let count = self
            .standing_findings()
            .filter(|raised| raised.finding.confidence.word() == confidence)
            .count();
        let whole = !self.checks.is_empty() && self.not_looked_at().is_empty();
        (count > 0 || whole).then(|| i64::try_from(count).unwrap_or(i64::MAX))
    }
}
