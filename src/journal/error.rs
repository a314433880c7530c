//! What can go wrong with the timeline's bytes, each with the next step.

use crate::domain::entry::LineFault;
use crate::domain::failure::Failure;
use std::io;
use std::path::{Path, PathBuf};

/// A problem of the journal, named by the operation that met it.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("cannot {op} {}: {source}", path.display())]
    Io {
        op: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} can be changed by other users of this machine (mode {mode:o})", path.display())]
    Shared { path: PathBuf, mode: u32 },
    #[error("{} is not an incident folder: {why}", path.display())]
    NotAnIncident { path: PathBuf, why: String },
    #[error("the incident {id} exists already")]
    Exists { id: String },
    #[error("'{id}' cannot name an incident folder")]
    BadId { id: String },
    #[error("the record is damaged: {why}")]
    Damaged { folder: PathBuf, why: String },
    #[error("{0}")]
    Line(#[from] LineFault),
    #[error("the disk is full: {0}")]
    Full(io::Error),
    #[error("the disk refused to keep an entry: {0}")]
    Broken(String),
    #[error("an action may not start while {0}")]
    Blocked(String),
    #[error("{bytes} bytes are more than the limit of {limit}")]
    TooLarge { bytes: usize, limit: usize },
    #[error("{} read back differs from what was written", path.display())]
    ReadBack { path: PathBuf },
}

impl JournalError {
    /// Wraps an I/O error with the operation and the path.
    pub(super) fn io(op: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { op, path, source }
    }

    fn what(&self) -> &'static str {
        match self {
            Self::Shared { .. } | Self::NotAnIncident { .. } | Self::Damaged { .. } => {
                "the incident cannot be opened"
            }
            Self::Exists { .. } | Self::BadId { .. } => "the incident cannot be created",
            Self::Blocked(_) => "actions are unavailable",
            Self::TooLarge { .. } | Self::ReadBack { .. } => "the evidence was not kept",
            _ => "the timeline could not be written",
        }
    }

    fn hint(&self) -> String {
        match self {
            Self::Io { source, .. } if is_full(source) => FREE_SPACE.to_owned(),
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "check the path; firsthour by itself shows the incidents of this user".to_owned()
            }
            Self::Io { .. } => {
                "check that you own the folder and that its disk is mounted for writing".to_owned()
            }
            Self::Shared { path, .. } => format!("run: chmod go-w '{}'", path.display()),
            Self::NotAnIncident { .. } => {
                "name a folder that holds INCIDENT.json, such as inc-20260822-k7f3".to_owned()
            }
            Self::Exists { .. } => "resume it, or start again for another name".to_owned(),
            Self::BadId { .. } => "use 1 to 64 lower-case letters, digits and hyphens".to_owned(),
            Self::Damaged { folder, .. } => format!(
                "run `firsthour verify '{}'` to see what changed; work from a copy",
                folder.display()
            ),
            Self::Line(_) => "shorten the text, or keep the bulk as evidence".to_owned(),
            Self::Full(_) => FREE_SPACE.to_owned(),
            Self::Broken(_) => {
                "copy the folder to another disk now, then resume from the copy".to_owned()
            }
            Self::Blocked(_) => {
                "record what you do by hand as notes until the journal is whole".to_owned()
            }
            Self::TooLarge { .. } => "keep an excerpt, and note where the whole is".to_owned(),
            Self::ReadBack { .. } => "check the disk, then capture it again".to_owned(),
        }
    }
}

const FREE_SPACE: &str = "free some space on this disk; entries go on as soon as there is room";

/// Whether the error says that the disk or the quota is full.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Self::new(error.what(), error.to_string(), error.hint())
    }
}
