//! How much time and traffic lies on each side of the release: comparing asks
//! for enough of both. A leaf.

use crate::investigate::logs::event::{Layer, Stamp};
use crate::investigate::logs::gather::aggregates::{Aggregates, Period, earliest};

/// A second in nanoseconds.
pub const SECOND: i64 = 1_000_000_000;
/// The least time before a release that tells what is usual.
pub const BEFORE_TIME: i64 = 1_800 * SECOND;
/// The least traffic that does, however short the time.
pub const BEFORE_REQUESTS: u64 = 2_000;
/// Who did it so shortly before the end of the logs may still be at it.
const STILL: i64 = 300 * SECOND;

/// The time the logs span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span {
    pub first: Option<Stamp>,
    pub last: Option<Stamp>,
    pub release: Option<Stamp>,
    /// Requests before the release.
    pub before: u64,
    /// Requests after it, or all.
    pub after: u64,
}

impl Span {
    /// The span of some tables.
    pub fn of(tables: &Aggregates) -> Self {
        let mut span = Self {
            release: tables.release,
            ..Self::default()
        };
        for (key, access) in &tables.access {
            span.first = earliest(span.first, access.first);
            span.last = span.last.max(access.last);
            if key.layer != Layer::Auth {
                match key.period {
                    Period::Before => span.before += access.requests(),
                    Period::Near => {}
                    Period::After => span.after += access.requests(),
                }
            }
        }
        span
    }

    /// Nanoseconds of log before the release.
    pub fn time_before(&self) -> i64 {
        match (self.release, self.first) {
            (Some(release), Some(first)) => release.saturating_sub(first).max(0),
            _ => 0,
        }
    }

    /// Nanoseconds of log after the release.
    pub fn time_after(&self) -> i64 {
        match (self.release.or(self.first), self.last) {
            (Some(from), Some(last)) => last.saturating_sub(from).max(0),
            _ => 0,
        }
    }

    /// Whether what was usual before the release is known.
    pub fn has_before(&self) -> bool {
        self.release.is_some()
            && self.before > 0
            && (self.time_before() >= BEFORE_TIME || self.before >= BEFORE_REQUESTS)
    }

    /// Whether something last seen then may still be going on.
    pub fn goes_on(&self, last: Option<Stamp>) -> bool {
        match (last, self.last) {
            (Some(last), Some(end)) => end.saturating_sub(last) <= STILL,
            _ => false,
        }
    }
}
