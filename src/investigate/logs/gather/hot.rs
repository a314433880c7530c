//! The rows that are touched for every event, in few bytes: each is copied
//! into its table when the counting ends. A leaf.

use super::aggregates::{Access, Minute, Period, Reach, RouteUse, earliest, size_class};
use super::distinct::{Distinct, hash};
use crate::investigate::logs::event::{
    CLASSES, CacheState, Class, Event, NO_TIME, Place, Stamp, WhoKind,
};
use std::collections::BTreeSet;

/// A place in eight bytes: a million pieces of sixteen terabytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Spot(u64);

const NOWHERE: Spot = Spot(u64::MAX);
const OFFSET_BITS: u32 = 44;

impl Spot {
    fn new(place: Place) -> Self {
        let most = (1_u64 << OFFSET_BITS) - 1;
        let piece = u64::from(place.piece).min((1 << (64 - OFFSET_BITS)) - 2);
        Self((piece << OFFSET_BITS) | place.offset.min(most))
    }

    fn place(self) -> Option<Place> {
        (self != NOWHERE).then(|| Place {
            piece: u32::try_from(self.0 >> OFFSET_BITS).unwrap_or(u32::MAX),
            offset: self.0 & ((1 << OFFSET_BITS) - 1),
        })
    }
}

/// One row of Q1.
#[derive(Debug, Clone)]
pub struct Cell {
    counts: [u32; CLASSES],
    with_rows: u32,
    rows: u64,
    max_rows: u64,
    bytes: u64,
    max_bytes: u64,
    first: Stamp,
    last: Stamp,
    place: Spot,
    largest: Spot,
}

impl Default for Cell {
    fn default() -> Self {
        Self {
            counts: [0; CLASSES],
            with_rows: 0,
            rows: 0,
            max_rows: 0,
            bytes: 0,
            max_bytes: 0,
            first: Stamp::MAX,
            last: NO_TIME,
            place: NOWHERE,
            largest: NOWHERE,
        }
    }
}

impl Cell {
    /// Counts one event.
    pub fn add(&mut self, event: &Event<'_>, class: Class) {
        let count = &mut self.counts[class as usize];
        *count = count.saturating_add(1);
        if event.at != NO_TIME {
            self.first = self.first.min(event.at);
            self.last = self.last.max(event.at);
        }
        let spot = Spot::new(event.place);
        self.place = self.place.min(spot);
        if class == Class::Ok {
            let (rows, bytes) = (event.rows.unwrap_or(0), event.bytes.unwrap_or(0));
            let (size, largest) = ((rows, bytes), (self.max_rows, self.max_bytes));
            if self.largest == NOWHERE || size > largest {
                self.largest = spot;
            }
            self.rows = self.rows.saturating_add(rows);
            self.with_rows = self
                .with_rows
                .saturating_add(u32::from(event.rows.is_some()));
            self.max_rows = self.max_rows.max(rows);
            self.bytes = self.bytes.saturating_add(bytes);
            self.max_bytes = self.max_bytes.max(bytes);
        }
    }

    /// The row as tables have it.
    pub fn access(&self) -> Access {
        Access {
            counts: self.counts.map(u64::from),
            rows: self.rows,
            max_rows: self.max_rows,
            with_rows: u64::from(self.with_rows),
            bytes: self.bytes,
            max_bytes: self.max_bytes,
            first: (self.first != Stamp::MAX).then_some(self.first),
            last: (self.last != NO_TIME).then_some(self.last),
            place: self.place.place(),
            largest: self.largest.place(),
        }
    }
}

/// One row of Q2 and Q3.
#[derive(Debug, Clone, Default)]
pub struct HotReach {
    pub objects: Distinct,
    pub denied: Distinct,
    pub tenants: BTreeSet<String>,
    walk: Vec<(Stamp, u64)>,
}

impl HotReach {
    /// Adds one numeric read; says whether so many are kept that it should be
    /// pruned.
    pub fn step(&mut self, at: Stamp, id: u64, most: usize) -> bool {
        self.walk.push((at, id));
        self.walk.len() >= most * 2
    }

    /// Keeps the latest reads; gives how many were let go.
    pub fn prune(&mut self, most: usize) -> usize {
        let before = self.walk.len();
        self.walk.sort_unstable();
        self.walk.dedup();
        let over = self.walk.len().saturating_sub(most);
        self.walk.drain(..over);
        self.walk.shrink_to(most);
        before - self.walk.len()
    }

    /// The row as tables have it.
    pub fn reach(&self) -> Reach {
        let mut reach = Reach {
            objects: self.objects.clone(),
            denied: self.denied.clone(),
            tenants: self.tenants.clone(),
            walk: BTreeSet::new(),
        };
        let mut walk = self.walk.clone();
        walk.sort_unstable();
        walk.dedup();
        let over = walk.len().saturating_sub(super::aggregates::WALK);
        reach.walk = walk.drain(over..).collect();
        reach
    }
}

/// How often each size class came.
#[derive(Debug, Clone, Default)]
struct Sizes(Vec<u32>);

impl Sizes {
    fn add(&mut self, size: u64) {
        let class = usize::from(size_class(size));
        if self.0.len() <= class {
            self.0.resize(class + 1, 0);
        }
        self.0[class] = self.0[class].saturating_add(1);
    }

    fn rows(&self) -> impl Iterator<Item = (u16, u64)> + '_ {
        let counted = self.0.iter().enumerate().filter(|(_, count)| **count > 0);
        counted.map(|(class, count)| (u16::try_from(class).unwrap_or(u16::MAX), u64::from(*count)))
    }
}

/// One row of Q4 and Q6, and the minute of Q5 that is being counted.
#[derive(Debug, Clone, Default)]
pub struct HotRoute {
    used: RouteUse,
    rows: Sizes,
    bytes: Sizes,
    pub minute: Option<(i64, Minute)>,
}

impl HotRoute {
    /// Counts one event.
    pub fn add(&mut self, event: &Event<'_>, class: Class, kind: WhoKind) {
        let used = &mut self.used;
        if event.bypass_mark {
            used.marked += 1;
            used.marked_place = earliest(used.marked_place, Some(event.place));
        }
        if class != Class::Ok {
            return;
        }
        used.ok += 1;
        used.named += u64::from(matches!(kind, WhoKind::User | WhoKind::Key));
        if let Some(rows) = event.rows {
            self.rows.add(rows);
        }
        if let Some(bytes) = event.bytes {
            self.bytes.add(bytes);
        }
        let stored = event.cache == CacheState::Stored;
        used.shared += u64::from(event.shared);
        if stored || event.shared {
            used.stored += u64::from(stored);
            if !event.client.is_empty() {
                used.stored_clients.insert(hash(event.client.as_bytes()));
            }
            used.stored_bytes = used.stored_bytes.saturating_add(event.bytes.unwrap_or(0));
            let at = (event.at != NO_TIME).then_some(event.at);
            used.stored_first = earliest(used.stored_first, at);
            used.stored_last = used.stored_last.max(at);
            used.stored_place = earliest(used.stored_place, Some(event.place));
        }
    }

    /// The row as tables have it; `None` when nothing was counted.
    pub fn route_use(&self) -> Option<RouteUse> {
        if self.used.ok == 0 && self.used.marked == 0 {
            return None;
        }
        let mut used = self.used.clone();
        used.rows.extend(self.rows.rows());
        used.bytes.extend(self.bytes.rows());
        Some(used)
    }
}

/// Every period has a row of its own.
pub type HotRoutes = [HotRoute; 3];

/// The periods in the order of [`HotRoutes`].
pub const PERIODS: [Period; 3] = [Period::Before, Period::Near, Period::After];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_eight_bytes() {
        let place = Place {
            piece: 70_000,
            offset: 3 << 40,
        };
        assert_eq!(Spot::new(place).place(), Some(place));
        assert_eq!(NOWHERE.place(), None);
    }

    #[test]
    fn pruning_keeps_the_latest_and_the_table_agrees() {
        let mut hot = HotReach::default();
        let mut plain = Reach::default();
        for number in (0..5_000_u64).rev() {
            let at = i64::try_from(number).unwrap();
            plain.step(at, number);
            if hot.step(at, number, super::super::aggregates::WALK) {
                hot.prune(super::super::aggregates::WALK);
            }
        }
        assert_eq!(hot.reach().walk, plain.walk);
    }
}
