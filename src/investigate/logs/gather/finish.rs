//! From numbers back to names: what a worker counted, as tables.
//!
//! Rows are brought into the order of their tables by the ranks of their
//! names, so that no two names are compared more than a few times.

use super::super::event::{Layer, WhoKind};
use super::aggregates::{
    AccessKey, Aggregates, Minute, MinuteKey, OriginKey, ReachKey, RouteKey, Text, Who,
};
use super::hot::{HotReach, PERIODS};
use super::intern::Interner;
use super::shelf::Shelves;
use super::{Gather, unpack};
use std::collections::BTreeMap;

const WHOS: [WhoKind; 5] = [
    WhoKind::User,
    WhoKind::Key,
    WhoKind::Role,
    WhoKind::Address,
    WhoKind::Nobody,
];
const LAYERS: [Layer; 5] = [
    Layer::Http,
    Layer::Sql,
    Layer::Auth,
    Layer::Cloud,
    Layer::Console,
];

/// The names behind numbers, and the place of each among all.
struct Names {
    texts: Vec<(u8, Text)>,
    ranks: Vec<u32>,
}

impl Names {
    fn of(interner: &Interner) -> Self {
        let count = u32::try_from(interner.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by_key(|number| interner.text(*number));
        let mut ranks = vec![0; order.len()];
        for (rank, number) in (0_u32..).zip(&order) {
            ranks[*number as usize] = rank;
        }
        let texts = (0..count).map(|number| {
            let (tag, text) = interner.text(number);
            (tag, Text::from(text))
        });
        Self {
            texts: texts.collect(),
            ranks,
        }
    }

    fn rank(&self, number: u32) -> u64 {
        u64::from(self.ranks.get(number as usize).copied().unwrap_or(u32::MAX))
    }

    fn text(&self, number: u32) -> Text {
        self.texts
            .get(number as usize)
            .map(|(_, text)| text.clone())
            .unwrap_or_default()
    }

    fn who(&self, number: u32) -> Who {
        let tag = self.texts.get(number as usize).map_or(0, |(tag, _)| *tag);
        Who {
            kind: WHOS[usize::from(tag).min(WHOS.len() - 1)],
            id: self.text(number),
        }
    }

    fn route(&self, number: u32) -> (Layer, Text) {
        let tag = self.texts.get(number as usize).map_or(0, |(tag, _)| *tag);
        let layer = LAYERS[usize::from(tag).min(LAYERS.len() - 1)];
        (layer, self.text(number))
    }
}

/// All names of the tables.
struct All {
    whos: Names,
    routes: Names,
    words: Names,
}

impl All {
    /// The place of a key among others, who coming first, then the word, then
    /// the route.
    fn rank(&self, key: u64) -> u64 {
        let (who, route, word, period) = unpack(key);
        self.whos.rank(who) << 34
            | self.words.rank(word) << 22
            | self.routes.rank(route) << 2
            | period as u64
    }
}

impl Gather {
    /// The tables of what was counted so far.
    pub fn tables(&mut self) -> Aggregates {
        self.flush();
        let reach = self.reach.clone();
        self.named(reach)
    }

    /// The tables of all that was counted.
    pub fn close(mut self) -> Aggregates {
        self.flush();
        let reach = std::mem::take(&mut self.reach);
        self.named(reach)
    }

    fn named(&self, reach: Shelves<HotReach>) -> Aggregates {
        let all = All {
            whos: Names::of(&self.whos),
            routes: Names::of(&self.routes),
            words: Names::of(&self.words),
        };
        let mut tables = Aggregates {
            release: self.timing.release,
            tolerance: self.timing.tolerance,
            deployments: self.deployments.clone(),
            spills: self.spills.clone(),
            cut: self.cut.clone(),
            ..Aggregates::default()
        };
        let mut cells: Vec<_> = self
            .cells
            .iter()
            .map(|(key, cell)| (all.rank(key), key, cell))
            .collect();
        cells.sort_unstable_by_key(|(rank, ..)| *rank);
        let cells = cells.into_iter().map(|(_, key, cell)| {
            let (who, route, role, period) = unpack(key);
            let (layer, route) = all.routes.route(route);
            let key = AccessKey {
                who: all.whos.who(who),
                role: all.words.text(role),
                layer,
                route,
                period,
            };
            (key, cell.access())
        });
        tables.access = cells.collect();
        self.by_reach(&all, reach, &mut tables);
        self.by_route(&all.routes, &mut tables);
        self.minutes(&all.routes, &mut tables);
        self.rest(&all.whos, &mut tables);
        tables
    }

    fn by_reach(&self, all: &All, reach: Shelves<HotReach>, tables: &mut Aggregates) {
        let mut reach: Vec<(u64, HotReach)> = reach.into_rows().collect();
        let ranks = reach.iter().map(|(key, _)| all.rank(*key));
        let mut rows: Vec<(u64, usize)> = ranks.zip(0..).collect();
        rows.sort_unstable();
        let tenant = |tenant| self.tenants.text(tenant).1.to_owned();
        let rows = rows.into_iter().map(|(_, at)| {
            let (key, reach) = std::mem::take(&mut reach[at]);
            let (who, _, kind, period) = unpack(key);
            let key = ReachKey {
                who: all.whos.who(who),
                kind: all.words.text(kind),
                period,
            };
            (key, reach.reach(tenant))
        });
        tables.reach = rows.collect();
    }

    fn by_route(&self, routes: &Names, tables: &mut Aggregates) {
        for (number, uses) in (0_u32..).zip(&self.uses) {
            let (layer, route) = routes.route(number);
            for (used, period) in uses.iter().zip(PERIODS) {
                if let Some(row) = used.route_use() {
                    let key = RouteKey {
                        layer,
                        route: route.clone(),
                        period,
                    };
                    tables.routes.insert(key, row);
                }
            }
        }
    }

    fn minutes(&self, routes: &Names, tables: &mut Aggregates) {
        let mut rows: Vec<(u64, i64, u32, u8, Minute)> = Vec::new();
        let mut add = |route, minute, period: super::Period, counts| {
            rows.push((routes.rank(route), minute, route, period as u8, counts));
        };
        for (number, uses) in (0_u32..).zip(&self.uses) {
            for (used, period) in uses.iter().zip(PERIODS) {
                if let Some((minute, counts)) = used.minute {
                    add(number, minute, period, counts);
                }
            }
        }
        for ((route, period, minute), counts) in &self.minutes {
            add(*route, *minute, *period, *counts);
        }
        rows.sort_unstable_by_key(|(rank, minute, _, period, _)| (*rank, *minute, *period));
        let mut keyed: Vec<(MinuteKey, Minute)> = Vec::with_capacity(rows.len());
        for (_, minute, route, period, counts) in rows {
            let (layer, route) = routes.route(route);
            let key = MinuteKey {
                layer,
                route,
                minute,
                period: PERIODS[usize::from(period).min(2)],
            };
            match keyed.last_mut() {
                Some((last, sum)) if *last == key => sum.add(counts),
                _ => keyed.push((key, counts)),
            }
        }
        tables.minutes = BTreeMap::from_iter(keyed);
    }

    /// What has few rows.
    fn rest(&self, whos: &Names, tables: &mut Aggregates) {
        for (shape, statement) in &self.statements {
            tables.statements.insert(shape.clone(), statement.clone());
        }
        for (who, homes) in (0_u32..).zip(&self.homes) {
            if !homes.is_empty() {
                let names = homes.iter().map(|home| self.tenants.text(*home).1);
                let homes = names.map(str::to_owned).collect();
                tables.homes.insert(whos.who(who), homes);
            }
        }
        for (origin, seen) in &self.origins {
            let source = |number| Text::from(self.sources.text(number).1);
            let key = OriginKey {
                who: whos.who(origin.who),
                agent: source(origin.agent),
                client: source(origin.client),
                period: origin.period,
            };
            tables.origins.insert(key, seen.clone());
        }
    }
}
