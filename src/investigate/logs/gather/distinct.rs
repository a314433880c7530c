//! Sets of ids that stay small: exact until a bound, then a fair sample that
//! still counts. A leaf.
//!
//! An id is kept as its hash. All hashes below the bound `theta` are kept;
//! when there are too many, `theta` is halved. The count is then
//! `kept / share`, where share is `theta` over the whole range (Dasgupta,
//! Lang, Rhodes and Thaler, "A framework for estimating stream expression
//! cardinalities", 2016). Union takes the smaller bound, so neither the order
//! nor the sharding of the input changes the outcome, and the kept hashes can
//! be looked up in a list of known ids.

use super::idset::{IdSet, When};
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::time::SECOND;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

/// Hashes kept of one set before it turns into a sample.
pub const KEPT: usize = 65_536;

/// The hash of an id, the same in every run and on every machine, so that
/// partial counts of several machines can be brought together.
pub fn hash(id: &[u8]) -> u64 {
    XxHash3_64::oneshot(id)
}

/// A set of ids.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Distinct {
    theta: u64,
    kept: IdSet,
}

/// The form in files: the hashes in order, and for each its first second and
/// how many more until its last; left out where no time is known.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Stored {
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    theta: u64,
    ids: Vec<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    when: Vec<(u32, u32)>,
}

const fn whole() -> u64 {
    u64::MAX
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_whole(theta: &u64) -> bool {
    *theta == u64::MAX
}

impl From<Stored> for Distinct {
    fn from(stored: Stored) -> Self {
        let known = stored.when.into_iter().map(|(first, more)| match first {
            u32::MAX => When::NEVER,
            _ => When {
                first,
                last: first.saturating_add(more),
            },
        });
        let when = known.chain(std::iter::repeat(When::NEVER));
        let mut set = Self {
            theta: stored.theta,
            kept: stored.ids.into_iter().zip(when).collect(),
        };
        set.tighten(KEPT);
        set
    }
}

impl From<Distinct> for Stored {
    fn from(set: Distinct) -> Self {
        let theta = set.theta;
        let rows = set.sorted();
        let is_timed = rows.iter().any(|(_, when)| *when != When::NEVER);
        let pair = |when: &When| (when.first, when.last.saturating_sub(when.first));
        Self {
            theta,
            ids: rows.iter().map(|(id, _)| *id).collect(),
            when: rows
                .iter()
                .filter(|_| is_timed)
                .map(|(_, when)| pair(when))
                .collect(),
        }
    }
}

impl Default for Distinct {
    fn default() -> Self {
        Self {
            theta: u64::MAX,
            kept: IdSet::default(),
        }
    }
}

/// Two sets are equal when they keep the same ids under the same bound.
impl PartialEq for Distinct {
    fn eq(&self, other: &Self) -> bool {
        self.theta == other.theta && self.kept == other.kept
    }
}

impl Eq for Distinct {}

impl Distinct {
    /// Adds an id by its hash; says whether another hash is kept now.
    pub fn insert(&mut self, id: u64) -> bool {
        self.put(id, When::NEVER)
    }

    /// Adds an id that came between two times.
    pub fn insert_at(&mut self, id: u64, first: Stamp, last: Stamp) -> bool {
        let second = |at: Stamp| u32::try_from(at.div_euclid(SECOND)).ok();
        let when = match (second(first), second(last)) {
            (Some(first), Some(last)) if last > 0 => When { first, last },
            _ => When::NEVER,
        };
        self.put(id, when)
    }

    fn put(&mut self, id: u64, when: When) -> bool {
        if id > self.theta || !self.kept.insert(id, when) {
            return false;
        }
        if self.kept.len() > KEPT {
            self.tighten(KEPT);
        }
        true
    }

    /// How many ids went in, exact while [`Distinct::is_exact`].
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate within a percent"
    )]
    pub fn count(&self) -> u64 {
        if self.is_exact() {
            return self.kept.len() as u64;
        }
        let share = self.theta as f64 / u64::MAX as f64;
        (self.kept.len() as f64 / share).round() as u64
    }

    /// Whether the count is no estimate.
    pub const fn is_exact(&self) -> bool {
        self.theta == u64::MAX
    }

    /// How many hashes are kept; what it weighs is about thirty bytes each.
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// The kept hashes: all, or a fair sample of those that went in.
    pub fn ids(&self) -> impl Iterator<Item = u64> + '_ {
        self.kept.iter().map(|(id, _)| id)
    }

    /// The kept hashes with when they came first and last, to the second.
    pub fn times(&self) -> impl Iterator<Item = (u64, Option<(Stamp, Stamp)>)> + '_ {
        let stamp = |second: u32| i64::from(second) * SECOND;
        self.kept.iter().map(move |(id, when)| {
            let is_known = when != When::NEVER;
            (id, is_known.then(|| (stamp(when.first), stamp(when.last))))
        })
    }

    /// Adds everything of another set.
    pub fn merge(&mut self, other: &Self) {
        if other.theta < self.theta {
            self.theta = other.theta;
            self.kept.retain_to(self.theta);
        }
        for (id, when) in other.kept.iter() {
            if id <= self.theta {
                self.kept.insert(id, when);
            }
        }
        self.tighten(KEPT);
    }

    /// Halves the bound until at most so many hashes are kept.
    pub fn tighten(&mut self, most: usize) {
        while self.kept.len() > most {
            self.theta /= 2;
            self.kept.retain_to(self.theta);
        }
    }

    fn sorted(&self) -> Vec<(u64, When)> {
        let mut ids: Vec<(u64, When)> = self.kept.iter().collect();
        ids.sort_unstable_by_key(|(id, _)| *id);
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: std::ops::Range<u32>) -> Distinct {
        let mut set = Distinct::default();
        for number in range {
            set.insert(hash(&number.to_le_bytes()));
        }
        set
    }

    #[test]
    fn small_sets_are_exact() {
        let set = of(0..10_000);
        assert!(set.is_exact());
        assert_eq!(set.count(), 10_000);
    }

    #[test]
    fn large_sets_are_within_two_percent_and_bounded() {
        let set = of(0..1_000_000);
        assert!(set.kept() <= KEPT);
        assert!(set.count().abs_diff(1_000_000) < 20_000, "{}", set.count());
    }

    #[test]
    fn neither_order_nor_sharding_changes_the_outcome() {
        let whole = of(0..300_000);
        let (mut left, right) = (of(0..200_000), of(100_000..300_000));
        left.merge(&right);
        assert_eq!(left, whole);
        let mut turned = right;
        turned.merge(&of(0..200_000));
        assert_eq!(turned, whole);
    }

    #[test]
    fn a_file_gives_the_same_set_back() {
        let mut timed = of(0..9);
        timed.insert_at(5, 7 * SECOND, 9 * SECOND + 1);
        for set in [of(0..200_000), timed] {
            let text = serde_json::to_string(&set).unwrap();
            assert_eq!(serde_json::from_str::<Distinct>(&text).unwrap(), set);
        }
    }

    #[test]
    fn the_first_and_the_last_time_are_kept_in_any_order() {
        let (mut one, mut other) = (Distinct::default(), Distinct::default());
        for second in [40, 20, 30] {
            one.insert_at(7, second * SECOND + 5, second * SECOND + 5);
        }
        other.insert(7);
        other.insert_at(7, 50 * SECOND, 50 * SECOND);
        other.merge(&one);
        let times: Vec<_> = other.times().collect();
        assert_eq!(times, [(7, Some((20 * SECOND, 50 * SECOND)))]);
        assert_eq!(of(0..1).times().next().unwrap().1, None);
    }
}
