//! Who did read: what a server's own statistics say about it, in words that
//! claim no more than they know.
//!
//! *Read* is a row count for a role; *scanned* is a table's counter, which
//! names nobody and counts what was looked through, not what was sent; *no
//! sign* always comes with its horizon. "Not read" can't be known.

use super::gap::Gap;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How sure a row count is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// Rows travelled inside one value, such as a JSON array: not counted.
    Packed,
    /// Several calls: the sum is known, and one call may have had most of it.
    OnAverage,
    /// One call: exactly these rows were sent in it.
    Certain,
}

impl Count {
    /// The word shown and exported.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Packed => "packed, rows not counted",
            Self::OnAverage => "on average",
            Self::Certain => "certain",
        }
    }
}

/// What one statement, run by one role, brought back from one relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// `schema.relation`; empty when the statement does not tell.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub relation: String,
    /// The view or function the statement went through, if not directly.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub through: String,
    /// The role in effect, after any `SET ROLE`.
    pub role: String,
    pub calls: u64,
    /// Rows sent in all calls together.
    pub rows: u64,
    pub count: Count,
    /// Whether one call brought, on average, more than one tenant's share.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wide: bool,
    /// Tenants whose rows one call must have held at least, by the planner's
    /// estimate of what the largest has; set from two on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenants: Option<u64>,
    /// The statement without values or comments, cut.
    pub statement: String,
    /// The server's own id of the statement.
    pub id: String,
    /// Since when this statement is counted, where the server tells (17 on).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
}

/// In place of the id of a statement that the server keeps from the login.
pub const HIDDEN: &str = "hidden";

impl Read {
    /// Identifies it across looks: same statement, role and relation.
    pub fn key(&self) -> String {
        format!(
            "{} {} {} {}",
            self.relation, self.role, self.id, self.through
        )
    }

    /// How much, and how sure that is.
    pub fn amount(&self) -> String {
        let calls = if self.calls == 1 {
            "1 call".to_owned()
        } else {
            format!("{} calls", self.calls)
        };
        match self.count {
            Count::Packed => format!("in {calls}, rows packed into one answer and not counted"),
            Count::Certain => format!("{} rows in {calls} (certain)", self.rows),
            Count::OnAverage => format!(
                "{} rows in {calls} (about {} each, on average)",
                self.rows,
                self.per_call()
            ),
        }
    }

    /// Rows a call, rounded down; 0 without calls.
    pub fn per_call(&self) -> u64 {
        self.rows.checked_div(self.calls).unwrap_or(0)
    }
}

/// A table's counter of rows looked through, by nobody in particular.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// `schema.relation`.
    pub relation: String,
    /// Rows looked through, with and without an index.
    pub rows: u64,
    /// The last whole scan, where the server tells (16 on).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<DateTime<Utc>>,
}

/// What a statement that runs now is seen to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// It is at work; whether rows are sent is not seen.
    Running,
    /// The server waits for the client to take rows: an answer being sent.
    Sending,
    /// COPY sends rows out.
    Copying,
}

impl Doing {
    /// The word shown and exported.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Sending => "sending rows",
            Self::Copying => "copying out",
        }
    }
}

/// A statement that was running at the moment of the look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// The login role; a role assumed later is not seen here.
    pub login: String,
    /// What the client calls itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub application: String,
    /// The client's address; empty on a local socket.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// The server's process that runs it, by which it can be ended.
    #[serde(default)]
    pub pid: i32,
    pub doing: Doing,
    /// The relations it reads, `schema.relation` each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<String>,
    /// Rows copied so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// How long it has been running.
    pub seconds: u64,
    /// The statement without values or comments, cut.
    pub statement: String,
}

impl Live {
    /// Who does what since when, in one line.
    pub fn line(&self) -> String {
        let what = match self.relations.as_slice() {
            [] => "a relation that is not told".to_owned(),
            relations => relations.join(", "),
        };
        let rows = self.rows.map_or_else(String::new, |rows| {
            format!(", {} so far", super::number::of(rows, "row"))
        });
        let place = match self.address.as_str() {
            "" => "this machine",
            address => address,
        };
        format!(
            "{} {} {what}{rows}, for {} s, from {place} {} (pid {})",
            self.login,
            self.doing.word(),
            self.seconds,
            self.application,
            self.pid
        )
    }
}

/// How far back the sources see, and which were off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Horizon {
    /// Since when statements are counted; `None` when the server can't tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements: Option<DateTime<Utc>>,
    /// Since when tables are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tables: Option<DateTime<Utc>>,
    /// Sources that were missing, refused or half blind, with what that costs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub off: Vec<Gap>,
}

impl Horizon {
    /// One line: since when, and what was off.
    pub fn line(&self) -> String {
        let since = self.statements.map_or_else(
            || "start unknown".to_owned(),
            |at| format!("since {}", at.format("%Y-%m-%d %H:%M UTC")),
        );
        let off: Vec<&str> = self.off.iter().map(|gap| gap.what.as_str()).collect();
        if off.is_empty() {
            since
        } else {
            format!("{since}; off: {}", off.join(", "))
        }
    }
}

/// What one look at the statistics saw.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<Read>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scans: Vec<Scan>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<Live>,
    /// Set once a look; parts of a long one come without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Horizon>,
    /// The database role behind each principal of the exposure matrix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, String>,
}

impl Reads {
    /// Takes a later look in. A count once seen is kept when the server's own
    /// was set back since: what was read stays read, and wide stays wide.
    pub fn take(&mut self, later: &Self) {
        for read in &later.read {
            let key = read.key();
            match self.read.iter_mut().find(|known| known.key() == key) {
                Some(known) if known.rows > read.rows => known.wide |= read.wide,
                Some(known) => {
                    let wide = known.wide || read.wide;
                    *known = Read {
                        wide,
                        ..read.clone()
                    };
                }
                None => self.read.push(read.clone()),
            }
        }
        for scan in &later.scans {
            let mut known = self.scans.iter_mut();
            match known.find(|known| known.relation == scan.relation) {
                Some(known) if known.rows > scan.rows => {}
                Some(known) => *known = scan.clone(),
                None => self.scans.push(scan.clone()),
            }
        }
        self.roles.extend(later.roles.clone());
        if let Some(horizon) = &later.horizon {
            self.live.clear();
            let earlier = self.horizon.take();
            let mut horizon = horizon.clone();
            let first = earlier.and_then(|earlier| earlier.statements);
            horizon.statements = match (first, horizon.statements) {
                (Some(first), Some(now)) => Some(first.min(now)),
                (first, now) => first.or(now),
            };
            self.horizon = Some(horizon);
        }
        self.live.extend(later.live.iter().cloned());
    }

    /// The counts that playbook conditions may name.
    pub fn counts(&self) -> BTreeMap<String, i64> {
        let wide = self.read.iter().filter(|read| read.wide).count();
        let counts = [
            ("read", self.read.len()),
            ("wide", wide),
            ("live", self.live.len()),
            ("scanned", self.scans.len()),
        ];
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        counts.map(|(name, n)| (name.to_owned(), count(n))).into()
    }

    /// Whether any look was taken.
    pub const fn looked(&self) -> bool {
        self.horizon.is_some()
    }
}

/// Something to be kept as evidence before a look goes on: what was seen, and
/// the whole of it as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhibit {
    pub what: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
    pub reads: Reads,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rows: u64) -> Read {
        Read {
            relation: "public.customers".to_owned(),
            through: String::new(),
            role: "anon".to_owned(),
            calls: 4,
            rows,
            count: Count::OnAverage,
            wide: false,
            tenants: None,
            statement: "select * from customers".to_owned(),
            id: "q1".to_owned(),
            since: None,
        }
    }

    fn look(rows: u64, since: i64) -> Reads {
        Reads {
            read: vec![read(rows)],
            horizon: Some(Horizon {
                statements: DateTime::from_timestamp(since, 0),
                ..Horizon::default()
            }),
            ..Reads::default()
        }
    }

    #[test]
    fn a_reset_takes_nothing_back_and_a_rise_counts() {
        let mut seen = look(160, 1_000);
        seen.take(&look(3, 9_000));
        assert_eq!(seen.read, vec![read(160)]);
        assert_eq!(
            seen.horizon.as_ref().and_then(|h| h.statements),
            DateTime::from_timestamp(1_000, 0)
        );
        seen.take(&look(800, 9_000));
        assert_eq!((seen.read[0].rows, seen.read[0].per_call()), (800, 200));
    }

    #[test]
    fn a_horizon_says_what_was_off() {
        let mut horizon = Horizon::default();
        assert_eq!(horizon.line(), "start unknown");
        horizon
            .off
            .push(Gap::new("statement statistics", "not installed"));
        assert_eq!(horizon.line(), "start unknown; off: statement statistics");
    }
}
