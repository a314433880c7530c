//! Pictures of the counts while a scan runs: who waits for the answer asks,
//! each worker gives what it has counted at its next block. A leaf of the scan.
//!
//! Nobody who does not look pays for it, and who looks waits the longer the
//! more there is to copy.

use super::gather::aggregates::Aggregates;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// Between two pictures, at the least.
pub const EVERY: Duration = Duration::from_millis(250);

/// Rows beyond which no more pictures are asked for: a picture is a copy, and
/// the scan has to stay within its memory.
const MOST_ROWS: u64 = 120_000;

/// Copying and joining a row, with room to spare: pictures take a twentieth
/// of the time at most.
const ROW: Duration = Duration::from_micros(60);

/// The latest picture of each worker.
#[derive(Debug, Default)]
pub struct Shots {
    /// The number of the picture that is wanted; 0 when nobody looks.
    wanted: AtomicU64,
    parts: Mutex<HashMap<ThreadId, (u64, Aggregates)>>,
}

impl Shots {
    /// Asks every worker for a new picture.
    pub fn ask(&self) {
        self.wanted.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether this worker's last picture is older than what was asked for.
    pub fn is_wanted(&self) -> bool {
        let wanted = self.wanted.load(Ordering::Relaxed);
        if wanted == 0 {
            return false;
        }
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts
            .get(&thread::current().id())
            .is_none_or(|(number, _)| *number < wanted)
    }

    /// Takes what this worker has counted up to now.
    pub fn give(&self, tables: Aggregates) {
        let wanted = self.wanted.load(Ordering::Relaxed);
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.insert(thread::current().id(), (wanted, tables));
    }

    /// All workers' counts together, and how long to wait before the next is
    /// asked for; `None` when there is too much to go on copying.
    pub fn picture(&self) -> (Aggregates, Option<Duration>) {
        let mut all = Aggregates::default();
        let parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, part) in parts.values() {
            all.absorb(part.clone());
        }
        drop(parts);
        let rows = rows(&all);
        let pause = u32::try_from(rows).map_or(EVERY, |rows| EVERY.max(ROW * rows));
        (all, (rows <= MOST_ROWS).then_some(pause))
    }
}

fn rows(tables: &Aggregates) -> u64 {
    let rows = tables.access.len()
        + tables.reach.len()
        + tables.routes.len()
        + tables.minutes.len()
        + tables.origins.len();
    rows as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_given_once_for_each_asking() {
        let shots = Shots::default();
        assert!(!shots.is_wanted());
        shots.ask();
        assert!(shots.is_wanted());
        let mut tables = Aggregates::default();
        tables.cut.insert("seen".to_owned());
        shots.give(tables);
        assert!(!shots.is_wanted());
        let (picture, pause) = shots.picture();
        assert!(picture.cut.contains("seen"));
        assert_eq!(pause, Some(EVERY));
        shots.ask();
        assert!(shots.is_wanted());
    }
}
