//! What grows while the server's statistics are watched.
//!
//! A count by itself is a sum since who knows when; the step between two looks
//! a few seconds apart is near to what one call brought. A count that went
//! down was set back by the server, and what it shows now is new. What is
//! taken down here only ever grows.

use super::gap::Gap;
use super::number::{of, thousands};
use super::reading::{Count, Doing, HIDDEN, Live, Read};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Growths that one entry tells; the rest is a number.
const TOLD: usize = 6;

/// Running statements that one entry tells.
const SENDS: usize = 3;

/// How long an answer is being sent before it is called large.
const LONG: u64 = 2;

/// What one look saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Glance {
    pub counted: Vec<Counted>,
    pub live: Vec<Live>,
    /// Whether no statement was left out for room: then one that was not
    /// there before is a new one.
    pub whole: bool,
    /// What this look can't see.
    pub off: Vec<Gap>,
}

/// A count, and from how many rows a call on it is wide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    pub read: Read,
    pub wide_from: u64,
}

/// How much a count grew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growth {
    /// The count as it was at the last look.
    pub read: Read,
    /// Calls and rows since the watch began.
    pub calls: u64,
    pub rows: u64,
    /// Whether the calls between two looks were wide, or all of them are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wide: bool,
}

impl Growth {
    /// How much since the watch began, in words.
    pub fn amount(&self) -> String {
        self.step(self.calls, self.rows)
    }

    /// So many calls and rows that came on top, in words.
    pub fn step(&self, calls: u64, rows: u64) -> String {
        match (self.read.count, calls, rows) {
            (_, 0, 0) => "nothing".to_owned(),
            (Count::Packed, ..) => format!("+{} with packed rows", of(calls, "call")),
            _ => format!("+{} in {}", of(rows, "row"), of(calls, "call")),
        }
    }

    /// Who read what.
    pub fn subject(&self) -> String {
        let relation = match self.read.relation.as_str() {
            "" => "a relation that is not told",
            name => name,
        };
        let through = match self.read.through.as_str() {
            "" => String::new(),
            door => format!(" through {door}"),
        };
        format!("{} read {relation}{through}", self.read.role)
    }
}

/// The statistics are about to be watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchStarted {
    pub target: String,
    /// What is touched, and how often.
    pub reads: String,
}

/// Something new was seen while watching.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchSeen {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grown: Vec<Growth>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub live: Vec<Live>,
}

impl WatchSeen {
    /// What was seen, one line each.
    pub fn lines(&self) -> Vec<String> {
        let grown = self.grown.iter().map(told);
        grown.chain(self.live.iter().map(Live::line)).collect()
    }

    /// One sentence.
    pub fn summary(&self) -> String {
        format!("seen while watching: {}", self.lines().join("; "))
    }
}

fn told(growth: &Growth) -> String {
    let wide = if growth.wide { " (wide)" } else { "" };
    format!("{}, {}{wide}", growth.subject(), growth.amount())
}

/// The watch is over: what it saw altogether.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchEnded {
    pub seconds: u64,
    pub looks: u64,
    /// Looks that were not answered: in between nobody looked.
    pub failed: u64,
    /// Why the last of them was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What a look could not see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub off: Vec<Gap>,
    #[serde(flatten)]
    pub seen: WatchSeen,
    /// Counts that grew and are not told one by one.
    #[serde(default)]
    pub more: u64,
}

impl WatchEnded {
    /// One sentence.
    pub fn summary(&self) -> String {
        let failed = match self.failed {
            0 => String::new(),
            n => format!(", {} not answered", thousands(n)),
        };
        let grown = self.seen.grown.len() as u64 + self.more;
        let grown = match (self.looks, grown) {
            (0, _) => "nothing is known".to_owned(),
            (_, 0) => "no count grew".to_owned(),
            (_, n) => format!("{} grew", of(n, "count")),
        };
        let looks = of(self.looks, "look");
        format!(
            "watched for {}: {looks}{failed}; {grown}",
            of(self.seconds, "second")
        )
    }
}

/// A running statement, and how much it moved since the last look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    pub live: Live,
    /// Rows copied since the last look.
    pub moved: Option<u64>,
}

/// Where a count stood at a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stand {
    calls: u64,
    rows: u64,
    /// Since when the server counts it, where it tells.
    since: Option<DateTime<Utc>>,
}

impl Stand {
    /// Whether the server began anew in between.
    fn set_back(&self, was: &Self) -> bool {
        self.calls < was.calls || self.rows < was.rows || self.since != was.since
    }
}

/// Everything one watch saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// The counts as they stand; `None` before the first look.
    counts: Option<BTreeMap<String, Stand>>,
    grown: BTreeMap<String, Growth>,
    /// Calls and rows since the last look.
    fresh: BTreeMap<String, (u64, u64)>,
    live: Vec<Sending>,
    /// Every statement that sent rows, as it was last seen.
    sends: BTreeMap<String, Live>,
    told: BTreeMap<String, u64>,
    told_sends: BTreeSet<String>,
    off: Vec<Gap>,
}

impl Tally {
    /// Takes a look in.
    pub fn take(&mut self, glance: Glance) {
        let before = self.counts.replace(BTreeMap::new());
        self.fresh.clear();
        for counted in glance.counted {
            let key = counted.read.key();
            let now = Stand {
                calls: counted.read.calls,
                rows: counted.read.rows,
                since: counted.read.since,
            };
            let was = before.as_ref().map(|before| before.get(&key).copied());
            let was = match was {
                // The first look, or one that may have missed it before.
                None => (now.calls, now.rows),
                Some(None) if !glance.whole => (now.calls, now.rows),
                Some(Some(was)) if !now.set_back(&was) => (was.calls, was.rows),
                // A sum of several statements that fell tells nothing.
                Some(Some(_)) if counted.read.id == HIDDEN => (now.calls, now.rows),
                Some(_) => (0, 0),
            };
            self.grow(&key, counted, (now.calls - was.0, now.rows - was.1));
            if let Some(counts) = &mut self.counts {
                counts.insert(key, now);
            }
        }
        self.off = glance.off;
        self.take_live(glance.live);
    }

    fn grow(&mut self, key: &str, counted: Counted, (calls, rows): (u64, u64)) {
        if rows == 0 {
            return;
        }
        self.fresh.insert(key.to_owned(), (calls, rows));
        let packed = counted.read.count == Count::Packed;
        let wide = !packed && rows / calls.max(1) >= counted.wide_from;
        let growth = self.grown.entry(key.to_owned()).or_insert_with(|| Growth {
            read: counted.read.clone(),
            calls: 0,
            rows: 0,
            wide: false,
        });
        growth.calls += calls;
        growth.rows += rows;
        growth.wide |= wide;
        growth.read = counted.read;
        growth.read.wide |= growth.wide;
    }

    fn take_live(&mut self, live: Vec<Live>) {
        let before = std::mem::take(&mut self.live);
        for live in live {
            let known = before.iter().find(|known| same(&known.live, &live));
            let was = known.and_then(|known| known.live.rows);
            let moved = live.rows.zip(was).map(|(now, was)| now.saturating_sub(was));
            if sends(&live) {
                self.sends.insert(send_key(&live), live.clone());
            }
            self.live.push(Sending { live, moved });
        }
    }

    /// What a person must see first: what grew at the last look, wide before
    /// large.
    pub fn grown(&self) -> Vec<(&Growth, (u64, u64))> {
        let mut all: Vec<_> = self
            .grown
            .iter()
            .map(|(key, growth)| (growth, self.fresh.get(key).copied().unwrap_or_default()))
            .collect();
        all.sort_by_key(|(growth, fresh)| {
            std::cmp::Reverse((growth.wide, *fresh != (0, 0), growth.rows, growth.calls))
        });
        all
    }

    /// What runs now.
    pub fn live(&self) -> &[Sending] {
        &self.live
    }

    /// What can't be seen.
    pub fn off(&self) -> &[Gap] {
        &self.off
    }

    /// What must go into the record now: a wide read that grew for the first
    /// time, or to twice of what was told; a statement first seen to send.
    pub fn news(&mut self) -> Option<WatchSeen> {
        let told = &self.told;
        let keys: Vec<String> = self
            .grown
            .iter()
            .filter(|(key, growth)| {
                let known = told.get(*key);
                growth.wide && known.is_none_or(|known| growth.rows >= known.saturating_mul(2))
            })
            .map(|(key, _)| key.clone())
            .take(TOLD)
            .collect();
        let mut seen = WatchSeen::default();
        for key in keys {
            if let Some(growth) = self.grown.get(&key) {
                seen.grown.push(growth.clone());
                self.told.insert(key, growth.rows.max(1));
            }
        }
        for (key, live) in &self.sends {
            if seen.live.len() < SENDS && !self.told_sends.contains(key) {
                seen.live.push(live.clone());
            }
        }
        let keys = seen.live.iter().map(send_key);
        self.told_sends.extend(keys);
        (seen != WatchSeen::default()).then_some(seen)
    }

    /// Everything, for the entry that ends the watch, and how many counts it
    /// leaves out.
    pub fn whole(&self) -> (WatchSeen, u64) {
        let grown = self.grown();
        let told: Vec<Growth> = grown.iter().take(TOLD).map(|(g, _)| (*g).clone()).collect();
        let more = grown.len().saturating_sub(told.len()) as u64;
        let mut live: Vec<Live> = self.sends.values().cloned().collect();
        live.sort_by_key(|live| std::cmp::Reverse((live.rows, live.seconds)));
        live.truncate(SENDS);
        (WatchSeen { grown: told, live }, more)
    }
}

/// Whether rows are on their way out, and not only for a moment.
fn sends(live: &Live) -> bool {
    match live.doing {
        Doing::Copying => true,
        Doing::Sending => live.seconds >= LONG,
        Doing::Running => false,
    }
}

fn same(a: &Live, b: &Live) -> bool {
    send_key(a) == send_key(b)
}

fn send_key(live: &Live) -> String {
    format!("{} {} {}", live.pid, live.login, live.statement)
}

#[cfg(test)]
mod tests;
