//! Counts the events that wait, table by table: what one of them looks up does
//! not wait for what the one before it looked up.

use super::aggregates::{Minute, Period};
use super::row::{Reached, Row};
use super::{Gather, MOST_CELLS, MOST_IDS, MOST_MINUTES, MOST_STEPS, distinct, pack, unpack};
use crate::investigate::logs::event::{Class, NO_TIME, WhoKind};

impl Gather {
    /// Counts what waits.
    pub fn flush(&mut self) {
        let mut rows = std::mem::take(&mut self.waiting);
        for row in &rows {
            self.cell(row);
        }
        for row in &rows {
            self.uses[row.route as usize][row.period as usize].add(row);
            self.minute(row);
        }
        for row in &rows {
            if let Some(reached) = &row.reached {
                self.reached(row, reached);
            }
        }
        rows.clear();
        self.waiting = rows;
    }

    fn cell(&mut self, row: &Row) {
        let (who, route, _, period) = unpack(row.cell);
        if let Some(at) = self.cells.find(who, row.cell) {
            self.cells.row(who, at).add(row);
            return;
        }
        let (mut who, mut key) = (who, row.cell);
        if self.cells.len() >= MOST_CELLS {
            self.cut(&format!(
                "more than {MOST_CELLS} pairs of principal and route: the rest is counted by route"
            ));
            who = self.whos.number(WhoKind::Nobody as u8, "(others)");
            key = pack(who, route, 0, period);
        }
        let at = self.cells.find(who, key);
        let at = at.unwrap_or_else(|| self.cells.add(who, key));
        self.cells.row(who, at).add(row);
    }

    /// Counts the minute at hand; a minute that is over is put away.
    fn minute(&mut self, row: &Row) {
        if row.at == NO_TIME {
            return;
        }
        let number = row.at.div_euclid(60_000_000_000);
        let hot = &mut self.uses[row.route as usize][row.period as usize].minute;
        let mut counts = match hot {
            Some((open, counts)) if *open == number => *counts,
            _ => Minute::default(),
        };
        counts.requests += 1;
        counts.ok += u64::from(row.class == Class::Ok);
        counts.refused += u64::from(row.class == Class::Refused);
        let before = hot.replace((number, counts));
        if let Some((open, counts)) = before.filter(|(open, _)| *open != number) {
            self.put_away(row.route, row.period, open, counts);
        }
    }

    fn put_away(&mut self, route: u32, period: Period, number: i64, counts: Minute) {
        let key = (route, period, number);
        if self.minutes.len() >= MOST_MINUTES && !self.minutes.contains_key(&key) {
            self.cut("more minutes of routes than are kept: refusals of the rest are not weighed");
            return;
        }
        self.minutes.entry(key).or_default().add(counts);
    }

    fn reached(&mut self, row: &Row, reached: &Reached) {
        let (who, ..) = unpack(reached.key);
        let at = self.reach.find(who, reached.key);
        let at = at.unwrap_or_else(|| self.reach.add(who, reached.key));
        let reach = self.reach.row(who, at);
        match row.class {
            Class::Ok => {
                self.ids += usize::from(reach.objects.insert_at(reached.object, row.at, row.at));
                if let Some(tenant) = reached.tenant
                    && !reach.tenant(tenant)
                {
                    self.cut
                        .insert("more tenants than are kept apart".to_owned());
                }
            }
            Class::Refused | Class::Missing => {
                self.ids += usize::from(reach.denied.insert(reached.object));
            }
            Class::Other => {}
        }
        if let Some(number) = reached.number {
            self.steps += 1;
            if reach.step(row.at, number, self.most_steps) {
                self.steps -= reach.prune(self.most_steps);
            }
        }
        if self.ids > MOST_IDS || self.steps > MOST_STEPS {
            self.shrink();
        }
    }

    /// Makes room: the largest sets become samples.
    fn shrink(&mut self) {
        while self.steps > MOST_STEPS / 2 && self.most_steps > 32 {
            // Fewer of the latest steps tell a walk as well.
            self.most_steps /= 2;
            for reach in self.reach.rows_mut() {
                self.steps -= reach.prune(self.most_steps);
            }
        }
        if self.ids <= MOST_IDS {
            return;
        }
        self.cut("too many different ids: the largest counts of objects are estimates");
        let mut most = distinct::KEPT;
        while self.ids > MOST_IDS / 2 && most > 512 {
            most /= 2;
            self.ids = 0;
            for reach in self.reach.rows_mut() {
                reach.objects.tighten(most);
                reach.denied.tighten(most);
                self.ids += reach.objects.kept() + reach.denied.kept();
            }
        }
    }
}
