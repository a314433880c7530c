//! The whole state of the program, as plain data.

use super::screen::{ListView, Overlay, Screen};
use super::watch::Watch;
use crate::domain::action::ActionSpec;
use crate::domain::check::CheckSpec;
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::domain::incident::Incident;
use crate::domain::picture::LogPicture;
use crate::domain::playbook::{Playbook, Step};
use crate::domain::stance::{Mode, Stance};
use crate::domain::trail::LogPlace;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How many finished jobs the jobs screen remembers.
pub const JOBS_KEPT: usize = 50;

/// The first hour, in minutes.
pub const HOUR_MINUTES: u32 = 60;

/// Names a job while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// Work the runtime does outside the loop. Registered before it is spawned:
/// an empty map means idle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub what: JobKind,
    pub since: DateTime<Utc>,
    pub progress: Option<Progress>,
}

/// What a job is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobKind {
    Open,
    Check(String),
    Plan(String),
    /// By the key of the finding whose draft is tried.
    Rehearse(String),
    Apply(Digest),
    Prove(Digest),
    Export(String),
    Lines(LogPlace),
    Doctor,
}

impl JobKind {
    /// One line for the jobs screen.
    pub fn label(&self) -> String {
        match self {
            Self::Open => "opening the incident".to_owned(),
            Self::Check(check) => format!("running {check}"),
            Self::Plan(action) => format!("planning {action}"),
            Self::Rehearse(finding) => format!("rehearsing the fix of {finding}"),
            Self::Apply(plan) => format!("applying plan {}", plan.short()),
            Self::Prove(plan) => format!("probing plan {}", plan.short()),
            Self::Export(format) => format!("exporting as {format}"),
            Self::Lines(place) => format!("reading lines of {}", place.file),
            Self::Doctor => "looking at what is ready".to_owned(),
        }
    }
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    /// Zero when the whole is not known.
    pub total: u64,
    pub what: String,
}

/// A job that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedJob {
    pub label: String,
    pub since: DateTime<Utc>,
    pub ended: DateTime<Utc>,
    /// `None` when it went well.
    pub failure: Option<Failure>,
}

/// Whether ticks can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalState {
    /// Everything said so far is on disk.
    Safe,
    /// Orders to write are on their way to the disk.
    Writing { orders: usize },
    /// Nothing more can be written; reading goes on, actions do not.
    Blocked { why: String },
    /// Another process writes, or this is a review.
    ReadOnly { why: String },
}

/// A line at the foot of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    Told(String),
    Failed(Failure),
}

/// One line of the home screen's incident list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeRow {
    pub id: String,
    pub codename: String,
    pub title: String,
    pub mode: Option<Mode>,
    pub created: Option<DateTime<Utc>>,
    pub entries: u64,
    pub closed: bool,
    /// Why it can't be opened for writing, if so.
    pub damage: Option<String>,
}

/// The incident that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub incident: Incident,
    pub playbook: Arc<Playbook>,
    pub journal: JournalState,
    /// The named environment checks read and actions change.
    pub target: String,
    /// Whether drafts may be tried there: a lab, or marked as staging.
    pub practice: bool,
    /// What everyone must know about the connection, e.g. a superuser login.
    pub warnings: Vec<String>,
    /// The incident folder, as shown to the person.
    pub folder: String,
}

/// What this build can do by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Abilities {
    pub checks: Vec<CheckSpec>,
    pub actions: Vec<ActionSpec>,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    pub stance: Stance,
    pub now: DateTime<Utc>,
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
    /// Off under `NO_COLOR`: only bold, dim and reverse are used then.
    pub colour: bool,
    pub home: Vec<HomeRow>,
    pub doctor: Vec<String>,
    pub case: Option<Case>,
    pub screen: Screen,
    /// Where *back* leads, newest last.
    pub trail: Vec<Screen>,
    pub overlay: Option<Overlay>,
    pub jobs: BTreeMap<JobId, Job>,
    pub finished: VecDeque<FinishedJob>,
    /// The statistics being watched, while the screen of reads is shown.
    pub watch: Option<Watch>,
    /// The last picture of a scan of logs, while this incident is open.
    pub logs: Option<LogPicture>,
    pub next_job: u64,
    pub notice: Option<Notice>,
    pub abilities: Abilities,
    /// Whether a person sits at the terminal. Without one, approving a plan on
    /// a live target takes the digest of a plan shown earlier.
    pub person: bool,
    pub quitting: bool,
}

impl Model {
    /// A model at the home screen.
    pub fn new(now: DateTime<Utc>, abilities: Abilities) -> Self {
        Self {
            stance: Stance::ReadOnly,
            now,
            size: (80, 24),
            colour: true,
            home: Vec::new(),
            doctor: Vec::new(),
            case: None,
            screen: Screen::Home(ListView::default()),
            trail: Vec::new(),
            overlay: None,
            jobs: BTreeMap::new(),
            finished: VecDeque::new(),
            watch: None,
            logs: None,
            next_job: 1,
            notice: None,
            abilities,
            person: true,
            quitting: false,
        }
    }

    /// The open incident.
    pub fn incident(&self) -> Option<&Incident> {
        self.case.as_ref().map(|case| &case.incident)
    }

    /// The step being worked on.
    pub fn step_in_hand(&self) -> Option<&Step> {
        let case = self.case.as_ref()?;
        case.playbook.step(case.incident.in_hand.as_deref()?)
    }

    /// Whether work is under way or lines are on their way to the disk.
    pub fn busy(&self) -> bool {
        let writing = matches!(
            self.case.as_ref().map(|case| &case.journal),
            Some(JournalState::Writing { .. })
        );
        writing || !self.jobs.is_empty()
    }

    /// Whether an answer is on its way that a reader of lines waits for.
    pub fn waits(&self) -> bool {
        self.busy() || self.watch.as_ref().is_some_and(Watch::asking)
    }

    /// Seconds since the incident was opened.
    pub fn elapsed_seconds(&self) -> Option<i64> {
        let opened = self.incident()?.opened_at?;
        Some((self.now - opened).num_seconds().max(0))
    }

    /// Registers a job and gives it its name.
    pub fn start_job(&mut self, what: JobKind) -> JobId {
        let id = JobId(self.next_job);
        self.next_job += 1;
        let since = self.now;
        self.jobs.insert(
            id,
            Job {
                what,
                since,
                progress: None,
            },
        );
        id
    }

    /// Ends a job; a job that is not there was ended before.
    pub fn end_job(&mut self, id: JobId, failure: Option<Failure>) {
        let Some(job) = self.jobs.remove(&id) else {
            return;
        };
        self.finished.push_front(FinishedJob {
            label: job.what.label(),
            since: job.since,
            ended: self.now,
            failure,
        });
        self.finished.truncate(JOBS_KEPT);
    }

    /// Says something at the foot of the screen.
    pub fn tell(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::Told(text.into()));
    }

    /// Shows a failure at the foot of the screen.
    pub fn fail(&mut self, failure: Failure) {
        self.notice = Some(Notice::Failed(failure));
    }
}
