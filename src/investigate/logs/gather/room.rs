//! How much is kept apart in one scan, by all its workers together, so that
//! its memory has a bound whatever the logs hold and however many cores read
//! them. A leaf.
//!
//! A weight is of the whole way: while it is counted, as a row of its table,
//! and when it is judged.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A principal, beside its name: mostly what the rules bring together of it.
pub const WHO: usize = 3_200;
/// A row of Q1.
pub const CELL: usize = 500;
/// A row of Q2, beside its ids.
pub const REACH: usize = 1_200;
/// A route with its use in each period.
pub const ROUTE: usize = 1_500;
/// Anything else that has a row of its own.
pub const ROW: usize = 300;
/// A name that is one of many: a tenant, a word, a tenant of a row.
pub const NAME: usize = 80;
/// How often a text is held at the most: counted, named, judged.
pub const COPIES: usize = 3;

/// Hundredths of the room that principals may take up by themselves, and all
/// together with rows: a flood of them leaves room for routes and minutes, and
/// the many rows of a long log leave room for principals.
const PEOPLE: usize = 60;
pub const ROWS: usize = 90;

/// Weights of all that is kept apart.
const BYTES: usize = 290 << 20;
/// Hashes of ids kept in all sets.
const IDS: usize = 2_000_000;
/// Steps of walks kept in all rows.
const STEPS: usize = 2_000_000;

/// What is left for the workers of one scan.
#[derive(Debug)]
pub struct Room {
    workers: usize,
    bytes: usize,
    taken: AtomicUsize,
    /// Of that, what principals took.
    people: AtomicUsize,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(1)
    }
}

impl Room {
    /// The room of so many workers.
    pub fn of(workers: usize) -> Self {
        Self {
            workers: workers.max(1),
            bytes: BYTES,
            taken: AtomicUsize::new(0),
            people: AtomicUsize::new(0),
        }
    }

    /// Takes room for what weighs so much; `false` when there is none.
    pub fn take(&self, weight: usize) -> bool {
        self.part(100, weight)
    }

    /// Takes room for a principal.
    pub fn person(&self, weight: usize) -> bool {
        if !add(&self.people, weight, self.share(PEOPLE)) {
            return false;
        }
        let fits = self.take(weight);
        if !fits {
            self.people.fetch_sub(weight, Ordering::Relaxed);
        }
        fits
    }

    /// Takes room out of the first so many hundredths of it.
    pub fn part(&self, percent: usize, weight: usize) -> bool {
        add(&self.taken, weight, self.share(percent))
    }

    const fn share(&self, percent: usize) -> usize {
        self.bytes - self.bytes / 100 * (100 - percent)
    }

    /// Takes room for something and its name.
    pub fn named(&self, weight: usize, name: &str) -> bool {
        self.take(weight.saturating_add(name.len().saturating_mul(COPIES)))
    }

    /// Ids that one worker keeps.
    pub const fn ids(&self) -> usize {
        IDS / self.workers
    }

    /// Steps of walks that one worker keeps.
    pub const fn steps(&self) -> usize {
        STEPS / self.workers
    }
}

/// Adds a weight to what is taken where it stays within a bound.
fn add(taken: &AtomicUsize, weight: usize, most: usize) -> bool {
    let before = taken.fetch_add(weight, Ordering::Relaxed);
    let fits = before.saturating_add(weight) <= most;
    if !fits {
        taken.fetch_sub(weight, Ordering::Relaxed);
    }
    fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_leave_room_for_principals_and_they_for_all_else() {
        let room = Room::of(1);
        assert!(room.part(ROWS, BYTES / 100 * 80));
        assert!(room.person(BYTES / 100 * 10), "rows came first");
        let room = Room::of(1);
        assert!(room.person(BYTES / 100 * 59));
        assert!(!room.person(BYTES / 100 * 2), "a flood of principals");
        assert!(room.part(ROWS, BYTES / 100 * 20) && room.take(BYTES / 100 * 20));
    }

    #[test]
    fn what_does_not_fit_takes_nothing() {
        let room = Room::of(4);
        assert!(!room.take(BYTES + 1) && !room.named(1, &"x".repeat(BYTES)));
        assert!(!room.part(ROWS, BYTES) && room.part(ROWS, BYTES / 2));
        assert!(!room.part(ROWS, BYTES / 2 - 9) && room.take(BYTES / 2 - 9));
        assert!(!room.take(10) && room.named(3, "ab"));
        assert_eq!((room.ids(), room.steps()), (500_000, 500_000));
    }
}
