//! What can go wrong with a server, told apart so that each has a next step.

use super::settings::{ConnectSettings, Host};
use crate::domain::failure::Failure;
use std::io::ErrorKind;
use std::time::Duration;

/// A failed connection or reading statement. Texts of the server are outside
/// text; they are made printable when the error becomes a [`Failure`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PgError {
    #[error("the name {0} could not be resolved")]
    Unresolved(String),
    #[error("nothing listens at {0}")]
    Refused(String),
    #[error("there is no server socket at {0}")]
    NoSocket(String),
    #[error("no answer from {0} within {secs} s", secs = .1.as_secs())]
    Unanswered(String, Duration),
    #[error("{0} could not be reached: {1}")]
    Unreachable(String, String),
    #[error("TLS: {0}")]
    Tls(String),
    #[error("the server offers no TLS")]
    NoTls,
    #[error("trusted authorities: {0}")]
    Roots(String),
    #[error("{0}")]
    Password(String),
    #[error("{0}")]
    NotAdmitted(String),
    #[error("{0}")]
    NoDatabase(String),
    #[error("{0}")]
    Full(String),
    #[error("{0}")]
    Unready(String),
    /// The connection is gone; the reply, if any, with it.
    #[error("the connection was lost{0}")]
    Lost(String),
    #[error("no reply within {} s", .0.as_secs())]
    NoReply(Duration),
    /// The statement was refused; the SQLSTATE and the server's words.
    #[error("{message} (SQLSTATE {code})")]
    Server { code: String, message: String },
    #[error("the answer has another shape than expected: {0}")]
    Shape(String),
    #[error("the answer has more than {0} rows")]
    TooManyRows(u32),
    /// A server-side value would have been composed from something unsafe.
    #[error("{name} may not be read with the login's own power: {why}")]
    Source { name: String, why: String },
}

impl PgError {
    /// The SQLSTATE, when the server gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Server { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Whether the connection can be used no more.
    pub const fn fatal(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::NoReply(_))
    }

    /// Reads an error that came while connecting.
    pub(super) fn connecting(error: &tokio_postgres::Error, to: &ConnectSettings) -> Self {
        if let Some(db) = error.as_db_error() {
            return Self::greeted(db.code().code(), db.message());
        }
        if let Some(io) = source::<std::io::Error>(error)
            && source::<rustls::Error>(error).is_none()
            && !matches!(io.get_ref(), Some(inner) if inner.is::<rustls::Error>())
        {
            return Self::unreached(io, to);
        }
        let text = chain(error);
        if text.contains("does not support TLS") {
            Self::NoTls
        } else if text.contains("TLS") || text.contains("certificate") {
            Self::Tls(text)
        } else if text.contains("password") || text.contains("authentication") {
            Self::Password(text)
        } else {
            Self::Unreachable(to.shown(), text)
        }
    }

    fn unreached(io: &std::io::Error, to: &ConnectSettings) -> Self {
        match (io.kind(), &to.host) {
            (ErrorKind::ConnectionRefused, _) => Self::Refused(to.shown()),
            (ErrorKind::NotFound, Host::Socket(_)) => Self::NoSocket(to.shown()),
            (ErrorKind::TimedOut, _) => Self::Unanswered(to.shown(), to.connect_timeout),
            // The resolver's errors have no kind of their own.
            (_, Host::Tcp(name)) if io.to_string().contains("lookup address") => {
                Self::Unresolved(name.clone())
            }
            _ => Self::Unreachable(to.shown(), io.to_string()),
        }
    }

    /// Sorts a refusal that came before the first statement.
    fn greeted(code: &str, message: &str) -> Self {
        let text = message.to_owned();
        // PgBouncer answers all of its own refusals with 08P01.
        match code {
            "28P01" => Self::Password(text),
            "08P01" if text.contains("auth") || text.contains("password") => Self::Password(text),
            "28000" => Self::NotAdmitted(text),
            "3D000" => Self::NoDatabase(text),
            "08P01" if no_database(&text) => Self::NoDatabase(text),
            "53300" => Self::Full(text),
            "08P01" if text.contains("no more connections") => Self::Full(text),
            "57P01" | "57P02" | "57P03" => Self::Unready(text),
            _ => Self::Server {
                code: code.to_owned(),
                message: text,
            },
        }
    }
}

impl From<tokio_postgres::Error> for PgError {
    /// Reads an error of a statement. A server that says FATAL has hung up.
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::Severity;
        match error.as_db_error() {
            Some(db)
                if matches!(
                    db.parsed_severity(),
                    Some(Severity::Fatal | Severity::Panic)
                ) || matches!(db.severity(), "FATAL" | "PANIC") =>
            {
                Self::Lost(format!(": {}", db.message()))
            }
            Some(db) => Self::Server {
                code: db.code().code().to_owned(),
                message: db.message().to_owned(),
            },
            None => Self::Lost(format!(": {}", chain(&error))),
        }
    }
}

impl From<PgError> for Failure {
    fn from(error: PgError) -> Self {
        let what = match &error {
            PgError::Server { .. }
            | PgError::Shape(_)
            | PgError::TooManyRows(_)
            | PgError::Source { .. } => "the database could not be read",
            PgError::Lost(_) | PgError::NoReply(_) => "the connection to the database ended",
            _ => "no connection to the database",
        };
        Self::new(what, error.to_string(), hint(&error))
    }
}

/// The next step for each error.
fn hint(error: &PgError) -> &'static str {
    match error {
        PgError::Unresolved(_) => "check the host name and this machine's network",
        PgError::Refused(_) => "check host and port, and that the server runs and listens there",
        PgError::NoSocket(_) => "check the socket folder and the port, or give a host name",
        PgError::Unanswered(..) => {
            "check host, port, firewall and VPN; a paused database may need to be woken first"
        }
        PgError::Unreachable(..) => "check host, port and network, then try again",
        PgError::Tls(_) => {
            "use the host name the certificate was made for; for a private authority set sslrootcert to its PEM file"
        }
        PgError::NoTls => {
            "enable TLS on the server; on a network you own and trust, say sslmode=disable"
        }
        PgError::Roots(_) => {
            "set sslrootcert to a readable PEM file with the authority's certificate"
        }
        PgError::Password(_) => {
            "check the user name, and the password in PGPASSWORD or the password file"
        }
        PgError::NotAdmitted(_) => {
            "the server does not let this user in from here: check the user name and its access rules"
        }
        PgError::NoDatabase(_) => "check the database name; list them with psql -l",
        PgError::Full(_) => {
            "close idle sessions, or connect through the pooler or as a role with reserved slots"
        }
        PgError::Unready(_) => "wait until the server has started, then try again",
        PgError::Lost(_) | PgError::NoReply(_) => {
            "check that the server still runs, then try again"
        }
        PgError::Server { code, .. } => hint_of_code(code),
        PgError::Shape(_) => {
            "report the server's version; this check does not understand its answer"
        }
        PgError::TooManyRows(_) => "narrow the check to one schema",
        PgError::Source { .. } => "name another table for the members, or use a login that owns it",
    }
}

fn hint_of_code(code: &str) -> &'static str {
    match code {
        "42501" => "grant the login what is named, or use one that has it",
        "57014" => "the statement ran into its time limit; try again when the server is less busy",
        "55P03" => "another session holds the lock; find it in pg_stat_activity, then try again",
        "25006" => "the server is a replica or read-only; connect to the primary",
        "22023" | "42704" => "check that the role exists on this server",
        _ => "look the SQLSTATE up in the server's manual, or try another login",
    }
}

/// PgBouncer's own words, and those it passes on from the server.
fn no_database(text: &str) -> bool {
    text.contains("no such database")
        || (text.contains("database") && text.contains("does not exist"))
}

/// An error with its causes, as one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let said = cause.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        next = cause.source();
    }
    text
}

/// The first cause of one type.
fn source<'a, T: std::error::Error + 'static>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        next = cause.source();
    }
    None
}
