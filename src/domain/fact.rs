//! The past-tense payload of an entry: one variant for each kind of thing
//! that can have happened.
//!
//! To add a kind: add a payload struct, one row in the `facts!` table, a
//! sentence in `fact/summary.rs`, and a line in the incident's fold.

mod summary;

use super::action::{Plan, Proof};
use super::check::Coverage;
use super::digest::Digest;
use super::exposure::{Acting, Cell, RelationShape};
use super::failure::Failure;
use super::finding::{Finding, RootCause};
use super::fix::Rehearsal;
use super::reading::Reads;
use super::stance::Mode;
use super::watch::{WatchEnded, WatchSeen, WatchStarted};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which playbook an incident follows, pinned by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaybookPin {
    pub id: String,
    pub title: String,
    pub sha256: Digest,
    /// The shipped name or the path it was read from, for telling drift.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub origin: String,
}

/// The incident was opened; always the first entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    pub title: String,
    pub codename: String,
    pub mode: Mode,
    pub playbook: PlaybookPin,
    /// The named environment; `lab` in a drill.
    pub target: String,
    /// The seed of a drill's lab.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The leak the person named to practise; the seed's choice is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leak: Option<String>,
    pub budget_minutes: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The one sentence the commander typed.
    pub sentence: String,
    pub open_steps: Vec<String>,
    pub standing: Vec<String>,
}

/// The program came back to an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    pub version: String,
    /// Whether the playbook on disk still has the pinned digest.
    pub playbook_drift: bool,
    /// Set in a drill when the lab was rebuilt from its seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lab: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepStarted {
    pub title: String,
    pub budget_minutes: u32,
    /// Why the playbook led here.
    pub because: String,
}

/// How a step was finished. A deed done by hand is never told as the tool's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DoneHow {
    /// Its checks or actions ran here.
    Tool,
    /// A person did it elsewhere and said so.
    Manual,
    /// It only asked, and was answered.
    Answered,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDone {
    pub how: DoneHow,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepSkipped {
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    pub ask: String,
    pub answer: String,
}

/// A sentence a person typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    pub text: String,
}

/// A person's judgement on a root cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseJudged {
    pub cause: RootCause,
    pub state: super::finding::Confidence,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckStarted {
    pub check: String,
    pub target: String,
    /// What it will touch, as told before it ran.
    pub reads: String,
    /// A person allowed it to run functions with effects that a read-only
    /// transaction does not stop.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub helpers: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDone {
    pub coverage: Coverage,
    pub fields: BTreeMap<String, i64>,
    pub warnings: Vec<String>,
    /// Keys of every finding of this run; an earlier one that is absent and
    /// was covered no longer stands.
    pub findings: Vec<String>,
    pub ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckFailed {
    pub check: String,
    pub failure: Failure,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRaised {
    /// The registered check that made the claim.
    pub by: String,
    pub finding: Finding,
}

/// A drafted fix is about to be tried and rolled back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RehearsalStarted {
    /// The key of the finding whose draft it is.
    pub finding: String,
    pub target: String,
    pub statements: Vec<String>,
}

/// What was seen with a draft in force; all of it was rolled back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsed {
    pub finding: String,
    pub statements: Vec<String>,
    pub rehearsal: Rehearsal,
}

/// A draft could not be tried; nothing is known about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RehearsalFailed {
    pub finding: String,
    pub failure: Failure,
}

/// A part of the exposure matrix; large ones come in several entries.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapped {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<RelationShape>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<Cell>,
    /// Principals that read everything they were granted by design.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_design: Vec<String>,
    /// How principals were assumed, so that a cell can be shown again by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acting: Vec<Acting>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceAdded {
    pub what: String,
}

/// A plan was made and shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    pub digest: Digest,
    pub plan: Plan,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    pub plan: Digest,
    /// What the person typed.
    pub typed: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub plan: Digest,
    pub reason: String,
}

/// The deed is about to be sent; written before it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intended {
    pub plan: Digest,
    pub action: String,
    pub target: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub plan: Digest,
    pub ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionFailed {
    pub plan: Digest,
    pub failure: Failure,
}

/// The probe after the deed, or on resume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proved {
    pub plan: Digest,
    pub proof: Proof,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    pub format: String,
    pub sha256: Digest,
    pub bytes: u64,
}

/// The journal healed a torn tail or moved to a new segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovered {
    pub bytes: u64,
    pub sha256: Digest,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Degraded {
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockStepped {
    /// How far the wall clock moved against the monotonic one, milliseconds.
    pub delta_ms: i64,
}

/// The head of the chain was written down for sharing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadNoted {
    pub seq: u64,
    pub head: Digest,
}

/// A kind this version does not know; kept and shown as such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKind {
    pub kind: String,
    pub data: String,
}

macro_rules! facts {
    ($($variant:ident($payload:ty) = $kind:literal,)*) => {
        /// What happened.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Fact {
            $($variant($payload),)*
            Unknown(UnknownKind),
        }

        impl Fact {
            /// The kind as written in the journal.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant(_) => $kind,)*
                    Self::Unknown(unknown) => &unknown.kind,
                }
            }

            /// The payload as JSON.
            ///
            /// # Errors
            /// Never for the payloads above; the serialiser's type says so.
            pub fn data(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self {
                    $(Self::$variant(payload) => serde_json::to_value(payload),)*
                    Self::Unknown(unknown) => serde_json::from_str(&unknown.data),
                }
            }

            /// Reads a payload; an unknown kind, or a known one whose payload
            /// has a shape from the future, is kept as it is.
            pub fn read(kind: &str, data: &str) -> Self {
                let known = match kind {
                    $($kind => serde_json::from_str(data).map(Self::$variant).ok(),)*
                    _ => None,
                };
                known.unwrap_or_else(|| Self::Unknown(UnknownKind {
                    kind: kind.to_owned(),
                    data: data.to_owned(),
                }))
            }
        }
    };
}

facts! {
    IncidentOpened(Opened) = "incident.open",
    IncidentClosed(Closed) = "incident.close",
    IncidentResumed(Resumed) = "incident.resume",
    StepStarted(StepStarted) = "step.start",
    StepDone(StepDone) = "step.done",
    StepSkipped(StepSkipped) = "step.skip",
    Answered(Answered) = "decision",
    Noted(Noted) = "note",
    Observed(Noted) = "observation",
    CauseJudged(CauseJudged) = "hypothesis",
    CheckStarted(CheckStarted) = "check.start",
    CheckDone(CheckDone) = "check.done",
    CheckFailed(CheckFailed) = "check.failed",
    FindingRaised(FindingRaised) = "finding",
    RehearsalStarted(RehearsalStarted) = "fix.rehearse",
    Rehearsed(Rehearsed) = "fix.rehearsed",
    RehearsalFailed(RehearsalFailed) = "fix.failed",
    Mapped(Mapped) = "exposure",
    ReadsSeen(Reads) = "reads",
    WatchStarted(WatchStarted) = "watch.start",
    WatchSeen(WatchSeen) = "watch.seen",
    WatchEnded(WatchEnded) = "watch.end",
    EvidenceAdded(EvidenceAdded) = "evidence.add",
    Planned(Planned) = "action.plan",
    Approved(Approved) = "approve",
    Refused(Refused) = "refuse",
    Intended(Intended) = "action.intent",
    Applied(Applied) = "action.done",
    ActionFailed(ActionFailed) = "action.failed",
    ActionUnknown(ActionFailed) = "action.unknown",
    Proved(Proved) = "probe",
    Corrected(Corrected) = "correction",
    Exported(Exported) = "evidence.export",
    Recovered(Recovered) = "log.recover",
    Degraded(Degraded) = "degraded",
    ClockStepped(ClockStepped) = "clock.sync",
    HeadNoted(HeadNoted) = "head",
}
