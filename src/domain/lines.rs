//! Lines of a log around a place, as they may be shown: printable, secrets and
//! personal values covered. A leaf; nothing of it is ever recorded.

use super::trail::LogPlace;

/// A line and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub offset: u64,
    pub text: String,
    /// Whether it is the one at the place.
    pub here: bool,
}

/// What stands around a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLines {
    pub place: LogPlace,
    pub lines: Vec<LogLine>,
    /// What to know before they are believed.
    pub notes: Vec<String>,
}
