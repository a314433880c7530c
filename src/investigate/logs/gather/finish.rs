//! From numbers back to names: what a worker counted, as tables.

use super::super::event::{Layer, WhoKind};
use super::aggregates::{AccessKey, Aggregates, MinuteKey, ReachKey, RouteKey, Who};
use super::hot::PERIODS;
use super::{Gather, unpack};

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

impl Gather {
    /// The tables of what was counted so far.
    pub fn tables(&self) -> Aggregates {
        let mut tables = Aggregates {
            release: self.timing.release,
            tolerance: self.timing.tolerance,
            origins: self.origins.clone(),
            deployments: self.deployments.clone(),
            spills: self.spills.clone(),
            cut: self.cut.clone(),
            ..Aggregates::default()
        };
        let mut rows = Vec::with_capacity(self.cells.len());
        for (key, cell) in &self.cells {
            let (who, route, role, period) = unpack(*key);
            let (layer, route) = self.route_named(route);
            let key = AccessKey {
                who: self.who_named(who),
                role: self.words.text(role).1.to_owned(),
                layer,
                route,
                period,
            };
            rows.push((key, cell.access()));
        }
        tables.access = rows.into_iter().collect();
        for (key, reach) in &self.reach {
            let (who, _, kind, period) = unpack(*key);
            let key = ReachKey {
                who: self.who_named(who),
                kind: self.words.text(kind).1.to_owned(),
                period,
            };
            tables.reach.insert(key, reach.reach());
        }
        self.by_route(&mut tables);
        for (shape, statement) in &self.statements {
            tables.statements.insert(shape.clone(), statement.clone());
        }
        for (who, homes) in &self.homes {
            tables.homes.insert(self.who_named(*who), homes.clone());
        }
        tables
    }

    fn by_route(&self, tables: &mut Aggregates) {
        for (number, uses) in self.uses.iter().enumerate() {
            let (layer, route) = self.route_named(u32::try_from(number).unwrap_or(u32::MAX));
            for (used, period) in uses.iter().zip(PERIODS) {
                if let Some(row) = used.route_use() {
                    let key = RouteKey {
                        layer,
                        route: route.clone(),
                        period,
                    };
                    tables.routes.insert(key, row);
                }
                if let Some((minute, counts)) = used.minute {
                    let key = MinuteKey {
                        layer,
                        route: route.clone(),
                        minute,
                        period,
                    };
                    tables.minutes.entry(key).or_default().add(counts);
                }
            }
        }
        for ((route, period, minute), counts) in &self.minutes {
            let (layer, route) = self.route_named(*route);
            let key = MinuteKey {
                layer,
                route,
                minute: *minute,
                period: *period,
            };
            tables.minutes.entry(key).or_default().add(*counts);
        }
    }

    fn who_named(&self, number: u32) -> Who {
        let (tag, id) = self.whos.text(number);
        Who {
            kind: WHOS[usize::from(tag).min(WHOS.len() - 1)],
            id: id.to_owned(),
        }
    }

    fn route_named(&self, number: u32) -> (Layer, String) {
        let (tag, route) = self.routes.text(number);
        (
            LAYERS[usize::from(tag).min(LAYERS.len() - 1)],
            route.to_owned(),
        )
    }
}
