//! Brings the tables of several workers, or of several machines, together.
//!
//! Sums, smallest, largest and unions alone, so the order of the parts does
//! not change the outcome.

use super::HOMES;
use super::aggregates::{Aggregates, Statement};
use crate::investigate::logs::event::Place;
use std::collections::BTreeMap;

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
    for (key, value) in theirs {
        match mine.entry(key) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(value);
            }
            std::collections::btree_map::Entry::Occupied(mut taken) => both(taken.get_mut(), value),
        }
    }
}
