//! What rules read: small tables, each the answer to one question about the
//! events. Whoever fills them, the scan on this machine or an engine that has
//! the logs, the rules judge alike. A leaf.
//!
//! Every table is a map with an order, so that equal logs give equal bytes.

use super::distinct::Distinct;
pub use super::piece::{Piece, UNPARSED_SHOWN};
pub use super::size::{size_class, size_within};
pub use super::text::Text;
use crate::investigate::logs::event::{CLASSES, Class, Layer, Place, Stamp, WhoKind};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the form that `--emit-aggregates` writes.
pub const VERSION: u32 = 1;

/// On which side of the release an event lies.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Period {
    Before,
    /// Too close to the release to tell, clocks being what they are; also
    /// events without a time, where a release is given.
    Near,
    /// After the release; everything, where no release is given.
    #[default]
    After,
}

/// Whose power was used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Who {
    pub kind: WhoKind,
    pub id: Text,
}

/// Q1: who used which route, with what outcome.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccessKey {
    pub who: Who,
    /// The role the log names, or empty.
    pub role: Text,
    pub layer: Layer,
    /// Method and template, `GET /api/customers/:id`; for SQL the shape of
    /// the statement, `SELECT customers #5f2c91ab`.
    pub route: Text,
    pub period: Period,
}

/// The counts of Q1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Requests by [`Class`].
    pub counts: [u64; CLASSES],
    /// Rows that went out in answers of class ok.
    pub rows: u64,
    pub max_rows: u64,
    /// How many ok answers said how many rows they held.
    pub with_rows: u64,
    /// Bytes of ok answers.
    pub bytes: u64,
    pub max_bytes: u64,
    pub first: Option<Stamp>,
    pub last: Option<Stamp>,
    /// The first of class ok, or the first of all.
    pub place: Option<Place>,
    /// The one with the most rows, or else bytes.
    pub largest: Option<Place>,
}

impl Access {
    /// All requests.
    pub fn requests(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Requests of one class.
    pub const fn of(&self, class: Class) -> u64 {
        self.counts[class as usize]
    }

    /// Adds what another part of the input counted.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine += theirs;
        }
        if (other.max_rows, other.max_bytes) > (self.max_rows, self.max_bytes) {
            self.largest = other.largest;
        } else if (other.max_rows, other.max_bytes) == (self.max_rows, self.max_bytes) {
            self.largest = earliest(self.largest, other.largest);
        }
        self.rows += other.rows;
        self.max_rows = self.max_rows.max(other.max_rows);
        self.with_rows += other.with_rows;
        self.bytes += other.bytes;
        self.max_bytes = self.max_bytes.max(other.max_bytes);
        self.first = earliest(self.first, other.first);
        self.last = self.last.max(other.last);
        self.place = earliest(self.place, other.place);
    }
}

/// The smaller of two, where there are two.
pub fn earliest<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Q2: whose objects of one kind somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReachKey {
    pub who: Who,
    /// The kind of object: `customers`; for SQL the table's bare name.
    pub kind: Text,
    pub period: Period,
}

/// The answer of Q2 and Q3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Objects that went out.
    pub objects: Distinct,
    /// Objects that were refused or missing.
    pub denied: Distinct,
    /// Tenants of the data that went out, where the log names them.
    pub tenants: BTreeSet<String>,
    /// Q3: the latest reads of numeric ids, in order: time and id.
    pub walk: BTreeSet<(Stamp, u64)>,
}

/// Reads kept for the walk test; the latest, whatever the input's order.
pub const WALK: usize = 1_024;

/// Tenants kept for each [`Reach`].
pub const TENANTS: usize = 4_096;

impl Reach {
    /// Adds one numeric read.
    pub fn step(&mut self, at: Stamp, id: u64) {
        if self.walk.len() < WALK || self.walk.first().is_some_and(|first| *first < (at, id)) {
            self.walk.insert((at, id));
            if self.walk.len() > WALK {
                self.walk.pop_first();
            }
        }
    }

    /// Adds what another part of the input saw.
    pub fn merge(&mut self, other: &Self) {
        self.objects.merge(&other.objects);
        self.denied.merge(&other.denied);
        self.tenants.extend(other.tenants.iter().cloned());
        while self.tenants.len() > TENANTS {
            self.tenants.pop_last();
        }
        for (at, id) in &other.walk {
            self.step(*at, *id);
        }
    }
}

/// Q4: how large answers of a route are; also Q6, how caches served it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RouteKey {
    pub layer: Layer,
    pub route: Text,
    pub period: Period,
}

/// The answer of Q4 and Q6.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteUse {
    /// Ok answers by the size of their rows, see [`size_class`].
    pub rows: BTreeMap<u16, u64>,
    /// Ok answers by the size of their bytes.
    pub bytes: BTreeMap<u16, u64>,
    pub ok: u64,
    /// Ok answers of a named principal.
    pub named: u64,
    /// Ok answers that a cache had stored.
    pub stored: u64,
    /// Ok answers marked as fit for shared caches, with an age or `public`.
    pub shared: u64,
    /// Clients that got a stored or shared answer.
    pub stored_clients: Distinct,
    pub stored_bytes: u64,
    pub stored_first: Option<Stamp>,
    pub stored_last: Option<Stamp>,
    pub stored_place: Option<Place>,
    /// Requests that carried a mark of a framework bypass.
    pub marked: u64,
    pub marked_place: Option<Place>,
}

impl RouteUse {
    /// Adds what another part of the input counted.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.rows, &other.rows),
            (&mut self.bytes, &other.bytes),
        ] {
            for (size, count) in theirs {
                *mine.entry(*size).or_default() += count;
            }
        }
        self.ok += other.ok;
        self.named += other.named;
        self.stored += other.stored;
        self.shared += other.shared;
        self.stored_clients.merge(&other.stored_clients);
        self.stored_bytes += other.stored_bytes;
        self.stored_first = earliest(self.stored_first, other.stored_first);
        self.stored_last = self.stored_last.max(other.stored_last);
        self.stored_place = earliest(self.stored_place, other.stored_place);
        self.marked += other.marked;
        self.marked_place = earliest(self.marked_place, other.marked_place);
    }
}

/// Q5: how many requests of a route were refused, minute by minute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MinuteKey {
    pub layer: Layer,
    pub route: Text,
    /// Minutes since 1970 UTC.
    pub minute: i64,
    pub period: Period,
}

/// The counts of Q5.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute {
    pub requests: u64,
    pub ok: u64,
    pub refused: u64,
}

impl Minute {
    /// Adds what another part of the input counted.
    pub const fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.ok += other.ok;
        self.refused += other.refused;
    }
}

/// Q7: what a shape of statement does, however often it ran (that is Q1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// With every literal as `?`; comments left out.
    pub text: String,
    /// `select`, `copy`, `insert`, ..
    pub verb: String,
    /// Tables read, bare names, in order of the statement.
    pub tables: Vec<String>,
    /// Columns that are compared with `=` or `in`, bare names.
    pub equals: BTreeSet<String>,
    /// Of these, the ones that are compared with a value or a subquery and
    /// not with another column.
    #[serde(default)]
    pub bound: BTreeSet<String>,
    /// `limit` as written, the largest of all runs; `None` where there is
    /// none or it is a parameter.
    pub limit: Option<u64>,
    pub has_limit: bool,
    /// `select *` or `t.*`.
    pub star: bool,
    /// The parser could not read it: the facts are unknown, not false.
    pub unread: bool,
    /// Plans of the statement showed a filter on these columns, also one that
    /// row security adds.
    pub filtered: BTreeSet<String>,
    /// How many plans of it were logged.
    pub plans: u64,
}

/// Q8: from where a key or a database role was used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OriginKey {
    pub who: Who,
    /// The agent's first word: `Mozilla`, `psql`, `node`.
    pub agent: Text,
    pub client: Text,
    pub period: Period,
}

/// How often and between when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub requests: u64,
    pub first: Option<Stamp>,
    pub last: Option<Stamp>,
    pub place: Option<Place>,
}

impl Seen {
    /// Counts one more.
    pub fn add(&mut self, at: Option<Stamp>, place: Place) {
        self.merge(&Self {
            requests: 1,
            first: at,
            last: at,
            place: Some(place),
        });
    }

    /// Adds what another part of the input saw.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.first = earliest(self.first, other.first);
        self.last = self.last.max(other.last);
        self.place = earliest(self.place, other.place);
    }
}

/// Q10: something secret or personal that the logs themselves hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SpillKey {
    /// What it is: `stripe secret`, `card number`.
    pub kind: String,
    /// The piece it stands in.
    pub piece: String,
}

/// How much of it, and one masked sample.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spill {
    pub seen: Seen,
    /// The first four and last two characters at most.
    pub sample: String,
}

/// Everything the rules read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aggregates {
    pub release: Option<Stamp>,
    /// How close to the release an event is told to neither side, nanoseconds.
    pub tolerance: i64,
    pub pieces: Vec<Piece>,
    pub access: BTreeMap<AccessKey, Access>,
    pub reach: BTreeMap<ReachKey, Reach>,
    pub routes: BTreeMap<RouteKey, RouteUse>,
    pub minutes: BTreeMap<MinuteKey, Minute>,
    /// By the route of Q1.
    pub statements: BTreeMap<String, Statement>,
    pub origins: BTreeMap<OriginKey, Seen>,
    /// Q9: deployments as the log names them.
    pub deployments: BTreeMap<String, Seen>,
    pub spills: BTreeMap<SpillKey, Spill>,
    /// A subject's own tenants, where the log names them.
    pub homes: BTreeMap<Who, BTreeSet<String>>,
    /// What was cut to stay within bounds; each makes the coverage partial.
    pub cut: BTreeSet<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_keeps_the_latest_in_any_order() {
        let (mut up, mut down) = (Reach::default(), Reach::default());
        for number in 0..3_000_u64 {
            up.step(i64::try_from(number).unwrap(), number);
            let turned = 2_999 - number;
            down.step(i64::try_from(turned).unwrap(), turned);
        }
        assert_eq!(up, down);
        assert_eq!(up.walk.len(), WALK);
    }
}
