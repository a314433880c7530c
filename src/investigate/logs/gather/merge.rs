//! Brings the tables of several workers, or of several machines, together.
//!
//! Sums, smallest, largest and unions alone, so the order of the parts does
//! not change the outcome.

use super::HOMES;
use super::aggregates::{Aggregates, Statement};
use crate::investigate::logs::event::Place;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

impl Aggregates {
    /// Adds what a worker of the same run counted: places mean the same
    /// pieces in both, and only one of the two lists pieces.
    pub fn absorb(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
        join(&mut self.access, other.access, |mine, theirs| {
            mine.merge(&theirs);
        });
        join(&mut self.reach, other.reach, |mine, theirs| {
            mine.merge(&theirs);
        });
        join(&mut self.routes, other.routes, |mine, theirs| {
            mine.merge(&theirs);
        });
        join(&mut self.minutes, other.minutes, |mine, theirs| {
            mine.add(theirs);
        });
        join(&mut self.statements, other.statements, |mine, theirs| {
            mine.merge(theirs);
        });
        join(&mut self.origins, other.origins, |mine, theirs| {
            mine.merge(&theirs);
        });
        join(&mut self.deployments, other.deployments, |mine, theirs| {
            mine.merge(&theirs);
        });
        join(&mut self.spills, other.spills, |mine, theirs| {
            if theirs.seen.place < mine.seen.place {
                mine.sample.clone_from(&theirs.sample);
            }
            mine.seen.merge(&theirs.seen);
        });
        join(&mut self.homes, other.homes, |mine, theirs| {
            mine.extend(theirs);
            while mine.len() > HOMES {
                mine.pop_last();
            }
        });
        self.cut.extend(other.cut);
    }

    /// Adds the tables of another machine: its pieces come after ours.
    pub fn append(&mut self, mut other: Self) {
        let before = u32::try_from(self.pieces.len()).unwrap_or(u32::MAX);
        other.shift(before);
        self.absorb(other);
    }

    fn shift(&mut self, by: u32) {
        let moved = |place: &mut Option<Place>| {
            if let Some(place) = place {
                place.piece = place.piece.saturating_add(by);
            }
        };
        for access in self.access.values_mut() {
            moved(&mut access.place);
            moved(&mut access.largest);
        }
        for used in self.routes.values_mut() {
            moved(&mut used.stored_place);
            moved(&mut used.marked_place);
        }
        let seen = self
            .origins
            .values_mut()
            .chain(self.deployments.values_mut());
        for seen in seen {
            moved(&mut seen.place);
        }
        for spill in self.spills.values_mut() {
            moved(&mut spill.seen.place);
        }
    }
}

impl Statement {
    fn merge(&mut self, other: Self) {
        self.plans += other.plans;
        self.limit = self.limit.max(other.limit);
        self.filtered.extend(other.filtered);
    }
}

fn join<K: Ord, V>(mine: &mut BTreeMap<K, V>, theirs: BTreeMap<K, V>, both: impl Fn(&mut V, V)) {
    if mine.is_empty() {
        *mine = theirs;
        return;
    }
    if theirs.len() < mine.len() / 8 {
        for (key, value) in theirs {
            match mine.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(value);
                }
                Entry::Occupied(mut taken) => both(taken.get_mut(), value),
            }
        }
        return;
    }
    // Both are in order: one walk along them brings them together.
    let mut left = std::mem::take(mine).into_iter().peekable();
    let mut right = theirs.into_iter().peekable();
    let next = || match (left.peek(), right.peek()) {
        (Some((one, _)), Some((other, _))) => match one.cmp(other) {
            Ordering::Less => left.next(),
            Ordering::Greater => right.next(),
            Ordering::Equal => {
                let (key, mut value) = left.next()?;
                both(&mut value, right.next()?.1);
                Some((key, value))
            }
        },
        (Some(_), None) => left.next(),
        (None, _) => right.next(),
    };
    *mine = std::iter::from_fn(next).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_every_size_come_together() {
        let mut rng = fastrand::Rng::with_seed(6);
        for _ in 0..200 {
            let mut made = || {
                let count = [0, 1, 9, 90][rng.usize(..4)];
                (0..count).map(|_| (rng.u8(..), rng.u64(..9))).collect()
            };
            let (mut mine, theirs): (BTreeMap<u8, u64>, BTreeMap<u8, u64>) = (made(), made());
            let mut want = mine.clone();
            for (key, value) in &theirs {
                *want.entry(*key).or_default() += value;
            }
            join(&mut mine, theirs, |mine, theirs| *mine += theirs);
            assert_eq!(mine, want);
        }
    }
}
