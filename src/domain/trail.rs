//! What logs tell of a finding: who read how much of whose, from when to when,
//! and where that is written. A leaf.
//!
//! Counts and places alone; the lines themselves stay where they are.

use super::number::{bytes, of};
use super::untrusted::visible;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The trail a finding left in logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// The rule of the log check, `R1` to `R12`.
    pub rule: String,
    /// What kind of name `principal` is: `user`, `api key`, `database role`
    /// (a role, not a person), `address` or `nobody`.
    pub principal_kind: String,
    /// Tenants whose data went out.
    pub tenants: u64,
    /// Different objects that went out.
    pub objects: u64,
    /// Whether the counts are exact; estimates are within two percent.
    pub exact: bool,
    pub rows: u64,
    pub bytes: u64,
    pub first: Option<DateTime<Utc>>,
    pub last: Option<DateTime<Utc>>,
    /// When the release went out, where a person said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<DateTime<Utc>>,
    /// The last moment any of the logs tells of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_to: Option<DateTime<Utc>>,
    /// Lines to read: a file and the byte its line begins at.
    pub places: Vec<LogPlace>,
}

/// How close to the end of the logs the last read lies, to be called going
/// on: a pause this long is one that people make.
const PAUSE_MINUTES: i64 = 15;

impl Trail {
    /// `12 tenants, 33 objects, 1,200 rows, 3.4 MB`; what is not known to be
    /// any is left out.
    pub fn amount(&self) -> String {
        let about = if self.exact { "" } else { "about " };
        let mut parts = Vec::new();
        for (number, noun) in [
            (self.tenants, "tenant"),
            (self.objects, "object"),
            (self.rows, "row"),
        ] {
            if number > 0 {
                let about = if noun == "row" { "" } else { about };
                parts.push(format!("{about}{}", of(number, noun)));
            }
        }
        if self.bytes > 0 {
            parts.push(bytes(self.bytes));
        }
        if parts.is_empty() {
            "the logs do not say how much".to_owned()
        } else {
            parts.join(", ")
        }
    }

    /// The first read, and on which side of the release it lies.
    pub fn since(&self) -> Option<String> {
        let first = self.first?;
        let side = self.release.map_or(String::new(), |release| {
            let minutes = (first - release).num_seconds();
            let side = if minutes < 0 { "before" } else { "after" };
            format!(", {} {side} the release", span(minutes.abs()))
        });
        Some(format!("{}{side}", moment(first)))
    }

    /// The last read, and whether it went on to the end of the logs. Logs
    /// tell of the time they cover alone, so this says no more than that.
    pub fn until(&self) -> Option<String> {
        let last = self.last?;
        let going = match self.going() {
            None => String::new(),
            Some(true) => ": still going at the end of the logs".to_owned(),
            Some(false) => {
                let quiet = self.read_to.map_or(0, |end| (end - last).num_seconds());
                format!(", not seen in the {} of logs after it", span(quiet))
            }
        };
        Some(format!("{}{going}", moment(last)))
    }

    /// Whether it went on to the end of the logs; `None` without times.
    pub fn going(&self) -> Option<bool> {
        let (last, end) = (self.last?, self.read_to?);
        Some((end - last).num_minutes() < PAUSE_MINUTES)
    }
}

/// A moment in full; always UTC, and it says so.
fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// Seconds in the two largest units: `3 h 12 min`.
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{} days {} h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// Where a line begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogPlace {
    pub file: String,
    /// Bytes from the start, after decompression.
    pub offset: u64,
}

impl LogPlace {
    /// Names a place; the file's name is outside text and is made printable.
    pub fn new(file: &str, offset: u64) -> Self {
        Self {
            file: visible(file),
            offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(first: &str, last: &str, end: &str) -> Trail {
        let at = |text: &str| text.parse().ok();
        Trail {
            rule: "R1".into(),
            principal_kind: "user".into(),
            tenants: 3,
            objects: 1,
            exact: false,
            rows: 1_200,
            bytes: 3_400_000,
            first: at(first),
            last: at(last),
            release: at("2026-03-10T08:00:00Z"),
            read_to: at(end),
            places: Vec::new(),
        }
    }

    #[test]
    fn a_trail_says_how_much_since_when_and_whether_it_goes_on() {
        let trail = trail(
            "2026-03-10T08:03:10Z",
            "2026-03-10T11:00:00Z",
            "2026-03-10T11:10:00Z",
        );
        assert_eq!(
            trail.amount(),
            "about 3 tenants, about 1 object, 1,200 rows, 3.4 MB"
        );
        assert_eq!(
            trail.since().unwrap(),
            "2026-03-10 08:03:10 UTC, 3 min after the release"
        );
        assert!(trail.until().unwrap().contains("still going at the end"));
    }

    #[test]
    fn what_ended_before_the_logs_is_not_called_over_beyond_them() {
        let trail = trail(
            "2026-03-10T07:59:00Z",
            "2026-03-10T08:00:00Z",
            "2026-03-10T11:12:00Z",
        );
        assert_eq!(trail.going(), Some(false));
        assert!(
            trail
                .until()
                .unwrap()
                .contains("3 h 12 min of logs after it")
        );
        assert!(trail.since().unwrap().contains("1 min before the release"));
    }
}
