//! What can go wrong in this room, and what to do about it.
//!
//! Every other file here returns [`LabError`]; the room's doors turn it into
//! a [`Failure`]. To add a cause, add a variant and its hint below.

use crate::domain::failure::Failure;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A cause for which there is no lab.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A file or folder could not be read, written, moved or handed over.
    #[error("could not {deed} {}: {source}", path.display())]
    File {
        deed: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    /// A program could not be started at all.
    #[error("could not start {}: {source}", program.display())]
    Spawn { program: PathBuf, source: io::Error },
    /// A program ended with an error; `said` is the end of what it printed.
    #[error("{program} ended with {status}: {said}")]
    Program {
        program: String,
        status: String,
        said: String,
    },
    /// A program did not answer in time.
    #[error("{program} gave no answer within {} s: {said}", limit.as_secs())]
    Slow {
        program: String,
        limit: Duration,
        said: String,
    },
    /// The unix socket's path would be longer than the system allows.
    #[error("the socket path would be {length} bytes long, and {most} is the most")]
    LongSocketPath { length: usize, most: usize },
    /// The cache could be altered by somebody else, or not be entered by the
    /// user the server runs as.
    #[error("the cache {} {reason}", path.display())]
    UnfitCache { path: PathBuf, reason: String },
    /// No usable server was found.
    #[error("no usable Postgres was found ({})", .passed.join("; "))]
    NoPostgres { passed: Vec<String> },
    /// No usable server was found and fetching is refused or failed.
    #[error("{why}")]
    NotFetched { why: String },
    /// The database answered with an error.
    #[error("the database said: {0}")]
    Database(String),
    /// The given database is not one a drill may write to.
    #[error("{0}")]
    UnfitTarget(String),
    /// The guard process could not do its part.
    #[error("the lab's guard process said: {0}")]
    Guard(String),
}

impl LabError {
    /// Names the file operation that failed, for `map_err`.
    pub(super) fn file(deed: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { deed, path, source }
    }

    fn hint(&self) -> &'static str {
        match self {
            Self::File { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                "free some disk space (the lab needs about 100 MB) and start the drill again"
            }
            Self::File { .. } | Self::UnfitCache { .. } => {
                "set FIRSTHOUR_HOME to a folder you own that others can enter but not write"
            }
            Self::Spawn { .. } | Self::NoPostgres { .. } => {
                "run `firsthour doctor` to see which Postgres was looked for; \
                 set FIRSTHOUR_PG_BIN to a folder with postgres and initdb"
            }
            Self::Program { said, .. } if said.contains("could not look up effective user") => {
                "run the drill as a user this system knows by name, or as root"
            }
            Self::Program { .. } | Self::Slow { .. } | Self::Guard(_) => {
                "start the drill again; if it stays, try another Postgres with FIRSTHOUR_PG_BIN"
            }
            Self::LongSocketPath { .. } => "set FIRSTHOUR_HOME to a folder with a shorter path",
            Self::NotFetched { .. } => {
                "install Postgres 14 or newer, or run `firsthour drill` without --no-fetch \
                 where the network can be reached"
            }
            Self::Database(_) => "start the drill again; the lab is rebuilt from its seed",
            Self::UnfitTarget(_) => {
                "give an empty, disposable database on this machine, or leave --target out"
            }
        }
    }
}

impl From<LabError> for Failure {
    fn from(error: LabError) -> Self {
        Self::new("the lab did not start", error.to_string(), error.hint())
    }
}

/// The error with the causes below it, which is where a server's own words are.
impl From<tokio_postgres::Error> for LabError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(answer) = error.as_db_error() else {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            return Self::Database(cause.unwrap_or_else(|| error.to_string()));
        };
        Self::Database(format!("{} ({})", answer.message(), answer.code().code()))
    }
}
