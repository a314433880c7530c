//! What happened: keys, recorded entries, answers of the runtime.

use super::command::Command;
use super::key::Key;
use super::model::{Case, HomeRow, JobId, Progress};
use crate::domain::action::{Outcome, Plan, Proof};
use crate::domain::check::CheckReport;
use crate::domain::digest::Digest;
use crate::domain::entry::Entry;
use crate::domain::failure::Failure;
use crate::domain::fix::Rehearsal;
use crate::domain::lines::LogLines;
use crate::domain::picture::LogPicture;
use crate::domain::stance::Stance;
use crate::domain::watch::Glance;
use std::sync::Arc;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Key(Key),
    /// Text typed as a whole line while a prompt is open: the line ends it.
    Text(String),
    /// Text pasted on a terminal: typed into what is open, and never an Enter.
    Pasted(String),
    /// A request by name, from the palette or a plain line.
    Do(Command),
    /// Put the cursor on the n-th shown row (zero-based) and open it.
    Pick(usize),
    Tick,
    Resized(u16, u16),
    /// These entries are on disk.
    Recorded(Vec<Arc<Entry>>),
    /// A job had these entries written while it runs; they are on disk.
    Kept(Vec<Arc<Entry>>),
    /// Lines could not be written; they are not on disk.
    NotRecorded {
        failure: Failure,
        lines: usize,
    },
    HomeListed(Vec<HomeRow>),
    /// An incident is open: live, drill or for reading.
    Opened {
        job: JobId,
        stance: Stance,
        case: Box<Case>,
    },
    JobFailed {
        job: JobId,
        failure: Failure,
    },
    JobProgress {
        job: JobId,
        progress: Progress,
    },
    /// What a scan of logs has seen up to now.
    LogsSeen {
        job: JobId,
        picture: Box<LogPicture>,
    },
    /// The lines at a place, as they may be shown.
    LinesRead {
        job: JobId,
        lines: Box<LogLines>,
    },
    CheckDone {
        job: JobId,
        check: String,
        report: Box<CheckReport>,
        ms: u64,
    },
    /// A look of a watch was answered, or was not.
    Looked {
        watch: u64,
        seen: Result<Box<Glance>, Failure>,
    },
    Rehearsed {
        job: JobId,
        finding: String,
        statements: Vec<String>,
        rehearsal: Rehearsal,
    },
    PlanMade {
        job: JobId,
        plan: Box<Plan>,
    },
    ActionDone {
        job: JobId,
        plan: Digest,
        outcome: Outcome,
        ms: u64,
    },
    Proved {
        job: JobId,
        plan: Digest,
        proof: Proof,
    },
    Exported {
        job: JobId,
        format: String,
        file: String,
        sha256: Digest,
        bytes: u64,
    },
    DoctorDone {
        job: JobId,
        lines: Vec<String>,
    },
}
