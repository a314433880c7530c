//! A record of a Postgres log, whatever form it came in. A leaf.

use crate::investigate::logs::event::{Place, Stamp};

/// How grave a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// What the server did.
    #[default]
    Log,
    /// A statement or a session failed.
    Failed,
    /// Warnings and notices.
    Other,
}

/// One record; an empty text means that the log does not say.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    pub at: Stamp,
    pub place: Place,
    pub level: Level,
    /// What tells sessions apart: the session's id, or the process.
    pub session: &'a str,
    pub user: &'a str,
    pub client: &'a str,
    pub app: &'a str,
    pub sqlstate: &'a str,
    /// The transaction, such as `3/1204`.
    pub vxid: &'a str,
    /// What tells the record from all others, for those delivered twice.
    pub id: &'a str,
    pub message: &'a str,
    pub detail: &'a str,
    /// The statement that failed.
    pub statement: &'a str,
}

/// `[unknown]`, `[local]` and `[N/A]` name nobody.
pub fn named(text: &str) -> &str {
    match text {
        "[unknown]" | "[local]" | "[N/A]" | "[null]" => "",
        _ => text,
    }
}

/// The host in `host:port` and `host(port)`.
pub fn host(text: &str) -> &str {
    let text = named(text);
    if let Some(open) = text.rfind('(').filter(|_| text.ends_with(')')) {
        return named(&text[..open]);
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            named(host)
        }
        _ => text,
    }
}
