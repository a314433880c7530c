//! How large answers of a route usually are, and from what size on one is out
//! of the usual.

use super::index::Index;
use super::stats::quantile;
use crate::investigate::logs::event::Layer;
use crate::investigate::logs::gather::aggregates::{Period, RouteKey};
use ahash::RandomState;
use std::collections::{BTreeMap, HashMap};

/// Answers of a route that show what is usual for it.
pub const ENOUGH: u64 = 30;
/// How many times the usual is out of it.
pub const TIMES: u64 = 5;
/// Rows that are many whatever is usual.
pub const MANY_ROWS: u64 = 1_000;
/// Bytes of a row where no answer says its rows.
const ROW: u64 = 300;

/// Sizes before the release.
#[derive(Debug)]
pub struct Sizes<'a> {
    routes: HashMap<(Layer, &'a str), Usual, RandomState>,
    layers: BTreeMap<Layer, Usual>,
    row: u64,
}

/// The size that one answer in a thousand exceeds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usual {
    pub rows: u64,
    pub bytes: u64,
    /// Answers that said their rows, and their bytes.
    pub with_rows: u64,
    pub with_bytes: u64,
}

/// From where on an answer is large, and what that was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub rows: u64,
    pub bytes: u64,
    pub usual: Usual,
    /// The usual is the route's own, not that of all routes.
    pub own: bool,
}

impl<'a> Sizes<'a> {
    /// Reads the sizes of answers before the release.
    pub fn of(index: &Index<'a>) -> Self {
        let mut sizes = Self {
            routes: HashMap::default(),
            layers: BTreeMap::new(),
            row: row(index),
        };
        let mut rows: BTreeMap<Layer, BTreeMap<u16, u64>> = BTreeMap::new();
        let mut bytes: BTreeMap<Layer, BTreeMap<u16, u64>> = BTreeMap::new();
        for (key, used) in &index.tables.routes {
            if key.period != Period::Before || used.ok == 0 {
                continue;
            }
            let RouteKey { layer, route, .. } = key;
            sizes
                .routes
                .insert((*layer, route), usual(&used.rows, &used.bytes));
            for (all, some) in [(&mut rows, &used.rows), (&mut bytes, &used.bytes)] {
                let all = all.entry(*layer).or_default();
                for (class, count) in some {
                    *all.entry(*class).or_default() += count;
                }
            }
        }
        for (layer, rows) in &rows {
            let none = BTreeMap::new();
            let bytes = bytes.get(layer).unwrap_or(&none);
            sizes.layers.insert(*layer, usual(rows, bytes));
        }
        sizes
    }

    /// From where on an answer of a route is large; at least so many rows.
    pub fn limit(&self, layer: Layer, route: &str, least: u64) -> Limit {
        let all = self.layers.get(&layer).copied().unwrap_or_default();
        let mine = self.routes.get(&(layer, route)).copied();
        let own = mine.is_some_and(|mine| mine.with_rows.max(mine.with_bytes) >= ENOUGH);
        let usual = mine.filter(|_| own).unwrap_or(all);
        Limit {
            rows: usual.rows.saturating_mul(TIMES).max(least),
            bytes: usual
                .bytes
                .saturating_mul(TIMES)
                .max(least.saturating_mul(self.row)),
            usual,
            own,
        }
    }
}

impl Limit {
    /// Whether the largest answer is large: by its rows where the log says
    /// them, or else by its bytes.
    pub const fn passed(&self, says_rows: bool, rows: u64, bytes: u64) -> bool {
        if says_rows {
            rows >= self.rows
        } else {
            bytes >= self.bytes
        }
    }
}

fn usual(rows: &BTreeMap<u16, u64>, bytes: &BTreeMap<u16, u64>) -> Usual {
    Usual {
        rows: quantile(rows, 0.999),
        bytes: quantile(bytes, 0.999),
        with_rows: rows.values().sum(),
        with_bytes: bytes.values().sum(),
    }
}

/// Bytes of a row, from answers that say both.
fn row(index: &Index<'_>) -> u64 {
    let (mut rows, mut bytes) = (0_u64, 0_u64);
    for access in index.tables.access.values() {
        if access.rows > 0 && access.bytes > 0 {
            rows += access.rows;
            bytes += access.bytes;
        }
    }
    if rows < 100 {
        ROW
    } else {
        (bytes / rows).max(40)
    }
}
