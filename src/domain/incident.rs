//! The incident as a fold of its entries: the only durable state.
//!
//! Live work, resume, review and export all feed entries to
//! [`Incident::apply`] and to nothing else, so what is on screen is always
//! what is on disk. The fold never looks at a clock, a file or the network.
//! Questions about the folded state live in `incident/questions.rs`, the join
//! of *could read* and *did read* in `incident/blast.rs`.

pub mod blast;
mod matrix;
mod questions;
mod rehearsal;

use super::action::{Plan, Proof};
use super::check::Coverage;
use super::digest::Digest;
use super::entry::Entry;
use super::exposure::{Acting, Cell, RelationShape};
use super::fact::{DoneHow, Fact, Opened};
use super::failure::Failure;
use super::finding::{Confidence, Finding, RootCause};
use super::fix::Rehearsal;
use super::reading::Reads;
use super::watched::{self, Watched};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    InHand { since: DateTime<Utc>, seq: u64 },
    Done { how: DoneHow },
    Skipped { reason: String },
}

/// A finding with its place in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    pub finding: Finding,
    /// The registered check that made the claim.
    pub by: String,
    pub seq: u64,
    pub at: DateTime<Utc>,
    /// The entry after which the claim no longer stood, if any.
    pub cleared: Option<u64>,
    /// What trying its draft showed, if that was done.
    pub rehearsed: Option<Rehearsal>,
}

impl Raised {
    /// Whether this standing proof outweighs a weaker claim of another check.
    fn outweighs(&self, other: &Self) -> bool {
        self.cleared.is_none()
            && self.by != other.by
            && self.finding.confidence > other.finding.confidence
    }
}

/// Where a plan stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanState {
    Shown,
    Approved,
    /// Written down as about to happen; nothing came back yet.
    Intended,
    Applied,
    Refused {
        reason: String,
    },
    Failed {
        failure: Failure,
    },
    /// The reply was lost, or the program died between intent and result.
    Unknown {
        why: String,
    },
}

/// A plan with its state and its last proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRecord {
    pub plan: Plan,
    pub digest: Digest,
    pub state: PlanState,
    pub proof: Option<Proof>,
    pub by: String,
    pub since: DateTime<Utc>,
    /// The entry that last changed the state.
    pub seq: u64,
    /// The applied plan that lifted this containment.
    pub lifted_by: Option<Digest>,
}

impl PlanRecord {
    /// Whether this is a containment that still stands: applied or unknown,
    /// not itself an undo, and not lifted.
    pub fn standing(&self) -> bool {
        self.plan.undoes.is_none()
            && self.lifted_by.is_none()
            && matches!(
                self.state,
                PlanState::Applied | PlanState::Unknown { .. } | PlanState::Intended
            )
    }
}

/// The last finished run of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRun {
    pub coverage: Coverage,
    pub fields: BTreeMap<String, i64>,
    pub warnings: Vec<String>,
    pub seq: u64,
    pub at: DateTime<Utc>,
}

/// A person's judgement on a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub state: Confidence,
    pub reason: String,
    pub seq: u64,
}

/// Everything known about one incident.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incident {
    pub id: String,
    pub opened: Option<Opened>,
    pub opened_at: Option<DateTime<Utc>>,
    pub closed: Option<String>,
    pub steps: BTreeMap<String, StepState>,
    /// The step being worked on.
    pub in_hand: Option<String>,
    pub answers: BTreeMap<String, String>,
    pub findings: Vec<Raised>,
    /// Where in `findings` each key stands, so that a long record folds fast.
    places: BTreeMap<String, usize>,
    pub relations: BTreeMap<String, RelationShape>,
    /// Cells by relation, then principal.
    pub cells: BTreeMap<String, BTreeMap<String, Cell>>,
    /// Principals in the order they were first probed.
    pub principals: Vec<String>,
    /// Those of them whose wide reading is no leak by itself.
    pub by_design: BTreeSet<String>,
    /// How each principal was assumed, by its name.
    pub acting: BTreeMap<String, Acting>,
    /// What all looks at the server's statistics saw together.
    pub reads: Reads,
    /// Every time the statistics were watched, oldest first.
    pub watches: Vec<Watched>,
    pub checks: BTreeMap<String, CheckRun>,
    pub failed_checks: BTreeMap<String, Failure>,
    /// A person allowed checks to run functions with effects.
    pub helpers: bool,
    pub judgements: BTreeMap<RootCause, Judgement>,
    pub plans: Vec<PlanRecord>,
    pub timeline: Vec<Arc<Entry>>,
    pub head: Option<Digest>,
    /// Why actions are unavailable, if the journal said so.
    pub degraded: Option<String>,
}

impl Incident {
    /// Folds a whole record.
    pub fn fold<I: IntoIterator<Item = Arc<Entry>>>(entries: I) -> Self {
        let mut incident = Self::default();
        for entry in entries {
            incident.apply(&entry);
        }
        incident
    }

    /// Takes one recorded entry in. The only way the incident changes.
    pub fn apply(&mut self, entry: &Arc<Entry>) {
        if self.id.is_empty() {
            self.id.clone_from(&entry.inc);
        }
        match &entry.fact {
            Fact::IncidentOpened(opened) => {
                self.opened = Some(opened.clone());
                self.opened_at = Some(entry.ts);
            }
            Fact::IncidentClosed(closed) => self.closed = Some(closed.sentence.clone()),
            Fact::IncidentResumed(_) => self.mark_lost_replies(entry),
            Fact::Answered(a) => {
                self.answers.insert(a.ask.clone(), a.answer.clone());
            }
            Fact::ReadsSeen(seen) => self.reads.take(seen),
            Fact::WatchStarted(_) | Fact::WatchSeen(_) | Fact::WatchEnded(_) => {
                watched::take(&mut self.watches, &mut self.reads, entry);
            }
            Fact::Rehearsed(told) => self.rehearsed(told),
            Fact::Degraded(d) => self.degraded = Some(d.reason.clone()),
            Fact::Recovered(_) => self.degraded = None,
            Fact::CauseJudged(c) => {
                let judgement = Judgement {
                    state: c.state,
                    reason: c.reason.clone(),
                    seq: entry.seq,
                };
                self.judgements.insert(c.cause, judgement);
            }
            Fact::StepStarted(_) | Fact::StepDone(_) | Fact::StepSkipped(_) => {
                self.apply_step(entry);
            }
            Fact::CheckStarted(started) => self.helpers |= started.helpers,
            Fact::CheckDone(_)
            | Fact::CheckFailed(_)
            | Fact::FindingRaised(_)
            | Fact::Mapped(_) => self.apply_check(entry),
            _ => self.apply_plan(entry),
        }
        self.head = Some(entry.h.clone());
        self.timeline.push(Arc::clone(entry));
    }

    fn apply_step(&mut self, entry: &Entry) {
        let Some(step) = entry.step.clone() else {
            return;
        };
        let state = match &entry.fact {
            Fact::StepDone(done) => StepState::Done { how: done.how },
            Fact::StepSkipped(skip) => StepState::Skipped {
                reason: skip.reason.clone(),
            },
            _ => StepState::InHand {
                since: entry.ts,
                seq: entry.seq,
            },
        };
        if matches!(state, StepState::InHand { .. }) {
            self.in_hand = Some(step.clone());
        } else if self.in_hand.as_deref() == Some(step.as_str()) {
            self.in_hand = None;
        }
        self.steps.insert(step, state);
    }

    fn apply_check(&mut self, entry: &Entry) {
        match &entry.fact {
            Fact::CheckDone(done) => {
                self.clear_unraised(&done.coverage, &done.findings, entry.seq);
                self.failed_checks.remove(&done.coverage.check);
                let run = CheckRun {
                    coverage: done.coverage.clone(),
                    fields: done.fields.clone(),
                    warnings: done.warnings.clone(),
                    seq: entry.seq,
                    at: entry.ts,
                };
                self.checks.insert(done.coverage.check.clone(), run);
            }
            Fact::CheckFailed(failed) => {
                self.failed_checks
                    .insert(failed.check.clone(), failed.failure.clone());
            }
            Fact::FindingRaised(raised) => self.raise(&raised.by, &raised.finding, entry),
            Fact::Mapped(mapped) => self.take_map(mapped),
            _ => {}
        }
    }

    fn raise(&mut self, by: &str, finding: &Finding, entry: &Entry) {
        let raised = Raised {
            finding: finding.clone(),
            by: by.to_owned(),
            seq: entry.seq,
            at: entry.ts,
            cleared: None,
            rehearsed: None,
        };
        match self.places.entry(finding.key()) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(self.findings.len());
                self.findings.push(raised);
            }
            // A proof stands until the check that made it takes it back: a
            // look that can only suspect says nothing against it.
            std::collections::btree_map::Entry::Occupied(at) => {
                let known = &mut self.findings[*at.get()];
                if !known.outweighs(&raised) {
                    *known = raised.keeping(known);
                }
            }
        }
    }

    /// A finding that a whole later run of the same check did not raise again
    /// no longer stands. A run with gaps clears nothing.
    fn clear_unraised(&mut self, coverage: &Coverage, raised: &[String], seq: u64) {
        if !coverage.whole() {
            return;
        }
        let raised: BTreeSet<&str> = raised.iter().map(String::as_str).collect();
        for (key, at) in &self.places {
            let known = &mut self.findings[*at];
            let absent = known.by == coverage.check && !raised.contains(key.as_str());
            if absent && known.cleared.is_none() {
                known.cleared = Some(seq);
            }
        }
    }

    fn apply_plan(&mut self, entry: &Entry) {
        let (digest, state) = match &entry.fact {
            Fact::Planned(planned) => {
                self.plans.retain(|p| p.digest != planned.digest);
                self.plans.push(PlanRecord {
                    plan: planned.plan.clone(),
                    digest: planned.digest.clone(),
                    state: PlanState::Shown,
                    proof: None,
                    by: entry.act.id.clone(),
                    since: entry.ts,
                    seq: entry.seq,
                    lifted_by: None,
                });
                return;
            }
            Fact::Approved(a) => (&a.plan, PlanState::Approved),
            Fact::Refused(r) => (
                &r.plan,
                PlanState::Refused {
                    reason: r.reason.clone(),
                },
            ),
            Fact::Intended(i) => (&i.plan, PlanState::Intended),
            Fact::Applied(a) => (&a.plan, PlanState::Applied),
            Fact::ActionFailed(f) => (
                &f.plan,
                PlanState::Failed {
                    failure: f.failure.clone(),
                },
            ),
            Fact::ActionUnknown(f) => (
                &f.plan,
                PlanState::Unknown {
                    why: f.failure.why.clone(),
                },
            ),
            Fact::Proved(proved) => return self.prove(&proved.plan, &proved.proof),
            _ => return,
        };
        let digest = digest.clone();
        self.move_plan(&digest, state, entry);
    }

    fn move_plan(&mut self, digest: &Digest, state: PlanState, entry: &Entry) {
        let mut lifts = None;
        if let Some(record) = self.plans.iter_mut().find(|p| &p.digest == digest) {
            if matches!(state, PlanState::Applied) {
                lifts.clone_from(&record.plan.undoes);
            }
            record.state = state;
            record.seq = entry.seq;
            record.since = entry.ts;
            record.by.clone_from(&entry.act.id);
        }
        if let Some(lifted) = lifts
            && let Some(record) = self.plans.iter_mut().find(|p| p.digest == lifted)
        {
            record.lifted_by = Some(digest.clone());
        }
    }

    fn prove(&mut self, digest: &Digest, proof: &Proof) {
        self.map(&[], &proof.cells);
        if let Some(record) = self.plans.iter_mut().find(|p| &p.digest == digest) {
            record.proof = Some(proof.clone());
        }
    }

    /// An intent with no result before a resume is *outcome unknown*.
    fn mark_lost_replies(&mut self, entry: &Entry) {
        for record in &mut self.plans {
            if matches!(record.state, PlanState::Intended) {
                record.state = PlanState::Unknown {
                    why: "the program ended between intent and result".to_owned(),
                };
                record.seq = entry.seq;
            }
        }
    }
}
