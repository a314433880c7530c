//! Counts the events that wait, table by table: what one of them looks up does
//! not wait for what the one before it looked up.

use super::aggregates::{Minute, Period};
use super::room::{CELL, NAME, REACH, ROW, ROWS};
use super::row::{Reached, Row};
use super::{Gather, MOST_CELLS, MOST_MINUTES, MOST_REACH, distinct, pack, unpack};
use crate::investigate::logs::event::{Class, NO_TIME, WhoKind};

impl Gather {
    /// Counts what waits.
    pub fn flush(&mut self) {
        let mut rows = std::mem::take(&mut self.waiting);
        for row in &rows {
            self.cell(row);
        }
        for row in &rows {
            let used = &mut self.uses[row.route as usize][row.period as usize];
            self.ids += usize::from(used.add(row));
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
        if self.cells.len() >= MOST_CELLS || !self.room.part(ROWS, CELL) {
            self.cut("more pairs of principal and route than are kept apart: the rest is counted by route");
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
        let fits = || self.minutes.len() < MOST_MINUTES && self.room.take(ROW);
        if !self.minutes.contains_key(&key) && !fits() {
            self.cut("more minutes of routes than are kept: refusals of the rest are not weighed");
            return;
        }
        self.minutes.entry(key).or_default().add(counts);
    }

    fn reached(&mut self, row: &Row, reached: &Reached) {
        let (who, ..) = unpack(reached.key);
        let (who, at) = match self.reach.find(who, reached.key) {
            Some(at) => (who, at),
            None => self.first_reached(reached.key),
        };
        let room = &self.room;
        let reach = self.reach.row(who, at);
        match row.class {
            Class::Ok => {
                self.ids += usize::from(reach.objects.insert_at(reached.object, row.at, row.at));
                if let Some(tenant) = reached.tenant
                    && !reach.tenant(tenant, || room.take(NAME))
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
        if self.ids > self.most_ids || self.steps > self.room.steps() {
            self.shrink();
        }
    }

    /// Makes the row of a key that has none; where there is no room, that of
    /// all others.
    fn first_reached(&mut self, key: u64) -> (u32, usize) {
        let (who, _, kind, period) = unpack(key);
        if self.reach.len() < MOST_REACH && self.room.part(ROWS, REACH) {
            return (who, self.reach.add(who, key));
        }
        self.cut("more pairs of principal and kind of object than are kept apart: what the rest reached is counted together");
        let who = self.whos.number(WhoKind::Nobody as u8, "(others)");
        let key = pack(who, 0, kind, period);
        let at = self.reach.find(who, key);
        (who, at.unwrap_or_else(|| self.reach.add(who, key)))
    }

    /// Makes room: the largest sets become samples.
    fn shrink(&mut self) {
        while self.steps > self.room.steps() / 2 && self.most_steps > 16 {
            // Fewer of the latest steps tell a walk as well.
            self.most_steps /= 2;
            for reach in self.reach.rows_mut() {
                self.steps -= reach.prune(self.most_steps);
            }
        }
        if self.ids <= self.most_ids {
            return;
        }
        self.cut("too many different ids: the largest counts of objects are estimates");
        let mut most = distinct::KEPT;
        while self.ids > self.room.ids() / 2 && most > 16 {
            most /= 2;
            self.ids = 0;
            for reach in self.reach.rows_mut() {
                reach.objects.tighten(most);
                reach.denied.tighten(most);
                self.ids += reach.objects.kept() + reach.denied.kept();
            }
            for used in self.uses.iter_mut().flatten() {
                self.ids += used.tighten(most);
            }
        }
        // Many small sets can't be made smaller, and to look them all over at
        // each event would take for ever; how many there are is bounded.
        self.most_ids = self.room.ids().max(self.ids * 2);
    }
}
