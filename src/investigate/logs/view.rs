//! Pictures of a scan for a person who watches it: drawn anew when the workers
//! have given more, told again with the bytes of now until then.

use super::answer::answer;
use super::event::Stamp;
use super::gather::aggregates::Aggregates;
use super::known::Known;
use super::most::most;
use super::scan::Progress;
use super::shots::EVERY;
use crate::domain::picture::{Bar, LogPicture};
use crate::domain::untrusted::visible;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Principals shown.
const TOP: usize = 8;

/// The picture at hand, and when it is drawn anew.
#[derive(Debug)]
pub struct View {
    picture: LogPicture,
    release: Option<Stamp>,
    due: Duration,
    over: bool,
}

impl View {
    /// Nothing was seen yet; `total` is what lies on the disk.
    pub fn new(total: u64, release: Option<Stamp>) -> Self {
        Self {
            release,
            picture: LogPicture {
                total,
                ..LogPicture::default()
            },
            due: Duration::ZERO,
            over: false,
        }
    }

    /// The picture of now.
    pub fn now(&mut self, progress: &Progress, known: &Known, passed: Duration) -> LogPicture {
        if !self.over && passed >= self.due {
            let (mut tables, pause) = progress.shots.picture();
            tables.release = self.release;
            self.draw(&tables, known);
            match pause {
                Some(pause) => {
                    // The first come soon after one another, whatever they cost.
                    let is_early = passed < Duration::from_secs(1);
                    self.due = passed + if is_early { EVERY } else { pause };
                    progress.shots.ask();
                }
                None => self.over = true,
            }
        }
        self.picture.bytes = progress.bytes.load(Ordering::Relaxed);
        self.picture.millis = millis(passed);
        self.picture.clone()
    }

    /// The picture of the end.
    pub fn last(&mut self, tables: &Aggregates, known: &Known, passed: Duration) -> LogPicture {
        self.draw(tables, known);
        self.picture.bytes = tables.pieces.iter().map(|piece| piece.bytes).sum();
        self.picture.millis = millis(passed);
        self.picture.over = true;
        self.picture.clone()
    }

    /// How far it is, in hundredths; 0 where packed files make that unknown.
    pub fn share(&self) -> usize {
        let (read, total) = (self.picture.bytes, self.picture.total.max(1));
        let share = if read > total {
            0
        } else {
            read.saturating_mul(100) / total
        };
        usize::try_from(share).unwrap_or(0)
    }

    fn draw(&mut self, tables: &Aggregates, known: &Known) {
        let bars = most(tables, TOP).into_iter().map(|most| Bar {
            kind: most.kind.word(),
            name: visible(&most.id),
            rows: most.rows,
            objects: most.objects,
            requests: most.requests,
        });
        self.picture.top = bars.collect();
        let found = answer(tables, known, &[]).findings.len();
        self.picture.found = found as u64;
        let firsts = tables.access.values().filter_map(|access| access.first);
        self.picture.first = firsts.min().map(time);
        let lasts = tables.access.values().filter_map(|access| access.last);
        self.picture.last = lasts.max().map(time);
        let mut minutes: BTreeMap<i64, u64> = BTreeMap::new();
        for (key, minute) in &tables.minutes {
            *minutes.entry(key.minute).or_default() += minute.refused;
        }
        let minutes: Vec<(i64, u64)> = minutes.into_iter().collect();
        let release = tables.release.map(|at| at.div_euclid(60_000_000_000));
        self.picture.slices(&minutes, release);
    }
}

fn millis(passed: Duration) -> u64 {
    u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
}

const fn time(stamp: Stamp) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(stamp)
}
