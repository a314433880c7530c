//! The rows that are touched for every event, in few bytes: each is copied
//! into its table when the counting ends. A leaf.

use super::aggregates::{Access, Minute, Period, Reach, RouteUse, TENANTS, earliest, size_class};
use super::distinct::Distinct;
use super::row::{NOWHERE, Row, Spot};
use crate::investigate::logs::event::{CLASSES, Class, NO_TIME, Stamp, WhoKind};

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
    pub fn add(&mut self, row: &Row) {
        let count = &mut self.counts[row.class as usize];
        *count = count.saturating_add(1);
        if row.at != NO_TIME {
            self.first = self.first.min(row.at);
            self.last = self.last.max(row.at);
        }
        self.place = self.place.min(row.spot);
        if row.class == Class::Ok {
            let (size, largest) = ((row.rows, row.bytes), (self.max_rows, self.max_bytes));
            // Of several as large the earliest, whatever the order of the input.
            if size > largest || (size == largest && row.spot < self.largest) {
                self.largest = row.spot;
            }
            self.rows = self.rows.saturating_add(row.rows);
            self.with_rows = self.with_rows.saturating_add(u32::from(row.has_rows));
            self.max_rows = self.max_rows.max(row.rows);
            self.bytes = self.bytes.saturating_add(row.bytes);
            self.max_bytes = self.max_bytes.max(row.bytes);
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
    /// Their numbers, in order.
    tenants: Vec<u32>,
    walk: Vec<(Stamp, u64)>,
}

impl HotReach {
    /// Adds a tenant, if there is room for one more; `false` when there is
    /// not.
    pub fn tenant(&mut self, tenant: u32, room: impl FnOnce() -> bool) -> bool {
        let Err(at) = self.tenants.binary_search(&tenant) else {
            return true;
        };
        let fits = self.tenants.len() < TENANTS && room();
        if fits {
            self.tenants.insert(at, tenant);
        }
        fits
    }

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

    /// The row as tables have it; `named` gives the names of tenants.
    pub fn reach(mut self, named: impl Fn(u32) -> String) -> Reach {
        self.prune(super::aggregates::WALK);
        Reach {
            objects: self.objects,
            denied: self.denied,
            tenants: self.tenants.into_iter().map(named).collect(),
            walk: self.walk.into_iter().collect(),
        }
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
    /// Counts one event; says whether one more client is kept.
    pub fn add(&mut self, row: &Row) -> bool {
        let mut is_new = false;
        let used = &mut self.used;
        if row.marked {
            used.marked += 1;
            used.marked_place = earliest(used.marked_place, row.spot.place());
        }
        if row.class != Class::Ok {
            return is_new;
        }
        used.ok += 1;
        used.named += u64::from(matches!(row.kind, WhoKind::User | WhoKind::Key));
        if row.has_rows {
            self.rows.add(row.rows);
        }
        if row.has_bytes {
            self.bytes.add(row.bytes);
        }
        if row.stored || row.shared {
            used.shared += u64::from(row.shared);
            used.stored += u64::from(row.stored);
            if let Some(client) = row.client {
                is_new = used.stored_clients.insert(client);
            }
            used.stored_bytes = used.stored_bytes.saturating_add(row.bytes);
            let at = (row.at != NO_TIME).then_some(row.at);
            used.stored_first = earliest(used.stored_first, at);
            used.stored_last = used.stored_last.max(at);
            used.stored_place = earliest(used.stored_place, row.spot.place());
        }
        is_new
    }

    /// Keeps at most so many clients as they are; gives how many are kept.
    pub fn tighten(&mut self, most: usize) -> usize {
        self.used.stored_clients.tighten(most);
        self.used.stored_clients.kept()
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
        assert_eq!(hot.reach(|_| String::new()).walk, plain.walk);
    }
}
