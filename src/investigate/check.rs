//! The shape of a check: what it is, what it may reach, where it tells how
//! far it has come.
//!
//! A leaf: registries and checks import it, it imports neither.

use crate::domain::check::{CheckReport, CheckSpec};
use crate::domain::failure::Failure;
use crate::domain::finding::Finding;
use crate::domain::picture::LogPicture;
use crate::domain::reading::Exhibit;
use crate::domain::zone::Zone;
use crate::providers::postgres::{ConnectSettings, ProbeLimits};
use chrono::{DateTime, Utc};
use std::path::PathBuf;
use std::pin::Pin;

/// A check's answer, once it has looked.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<CheckReport, Failure>> + Send + 'a>>;

/// Ends when an exhibit is on disk.
pub type Keeping<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// Something that reads and reports; it changes nothing.
pub trait Check: Send + Sync {
    /// What it is, for registries and playbooks.
    fn spec(&self) -> &CheckSpec;

    /// Looks, and accounts for what it could not look at.
    ///
    /// # Errors
    /// Only when nothing could be looked at, for example no connection; a
    /// part that failed is a gap in the report.
    fn run<'a>(&'a self, reach: &'a Reach, sink: &'a dyn Sink) -> Running<'a>;
}

/// What a check may reach: the database of the target, and how much it may
/// cost.
#[derive(Debug, Clone)]
pub struct Reach {
    pub database: ConnectSettings,
    pub limits: ProbeLimits,
    pub naming: Naming,
    /// Also read relations whose reading runs code with effects that a
    /// read-only transaction does not stop, or calls another server.
    pub probe_helpers: bool,
    /// Leave to try drafted fixes on the target and roll them back.
    pub practice: Option<Practice>,
    /// Where the target's logs are.
    pub logs: Option<LogReach>,
}

/// Where logs are, and what is known besides them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogReach {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// When the suspected release went out.
    pub release_at: Option<DateTime<Utc>>,
    pub users: Option<PathBuf>,
    pub customers: Option<PathBuf>,
    pub routes: Option<PathBuf>,
    /// What times without a zone are taken as.
    pub zone: Option<Zone>,
    /// Today, for times without a year.
    pub now: Option<chrono::DateTime<chrono::Utc>>,
}

/// Leave to run drafted statements on a target and roll them back: its locks
/// are taken for a moment, so nothing live is ever given it.
#[derive(Debug, Clone)]
pub struct Practice {
    target: String,
    only: Option<String>,
}

impl Practice {
    /// Leave for a target that a person marked as staging.
    ///
    /// # Errors
    /// When it is not marked.
    pub fn on(target: &str, staging: bool) -> Result<Self, Failure> {
        if staging {
            return Ok(Self::given(target));
        }
        Err(Failure::new(
            "no fix is rehearsed there",
            format!("{target} is not marked as staging, and a rehearsal takes locks"),
            "name a target that has staging = true in firsthour.toml",
        ))
    }

    /// Leave for a lab, which ends with the drill.
    pub fn in_lab(name: &str) -> Self {
        Self::given(name)
    }

    fn given(target: &str) -> Self {
        Self {
            target: target.to_owned(),
            only: None,
        }
    }

    /// The same leave, for the draft of one finding alone.
    #[must_use]
    pub fn only(mut self, key: &str) -> Self {
        self.only = Some(key.to_owned());
        self
    }

    /// Whether there is leave for this finding's draft.
    pub fn covers(&self, finding: &Finding) -> bool {
        self.only.as_ref().is_none_or(|key| *key == finding.key())
    }

    /// The target's name.
    pub fn target(&self) -> &str {
        &self.target
    }
}

/// What the target calls things that would otherwise be inferred.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    /// The role of callers who did not sign in.
    pub anonymous: Option<String>,
    /// The role of callers who signed in.
    pub signed_in: Option<String>,
    /// A role that reads everything by design.
    pub service: Option<String>,
    /// Roles of applications, probed also when they cannot log in.
    pub applications: Vec<String>,
    /// The column that tells whose tenant a row is.
    pub tenant_column: Option<String>,
}

impl Reach {
    /// The usual limits, with every name inferred.
    pub fn new(database: ConnectSettings) -> Self {
        Self {
            database,
            limits: ProbeLimits::default(),
            naming: Naming::default(),
            probe_helpers: false,
            practice: None,
            logs: None,
        }
    }
}

/// Hears how far a check has come, and keeps what would not be there later.
pub trait Sink: Send + Sync {
    /// `done` of `total` steps are behind; `what` is the one in hand.
    fn progress(&self, done: usize, total: usize, what: &str);

    /// What the login could do beyond reading, told before the first query of
    /// the check. The same sentences come back in the report.
    fn warn(&self, warning: &str);

    /// What a scan of logs has seen up to now, several times a second.
    fn picture(&self, picture: LogPicture) {
        drop(picture);
    }

    /// Writes an exhibit down before the check goes on; where there is no
    /// record it is let go.
    fn keep(&self, exhibit: Exhibit) -> Keeping<'_>;
}

/// A sink for callers who only want the answer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Sink for Quiet {
    fn progress(&self, _done: usize, _total: usize, _what: &str) {}

    fn warn(&self, _warning: &str) {}

    fn keep(&self, _exhibit: Exhibit) -> Keeping<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}
