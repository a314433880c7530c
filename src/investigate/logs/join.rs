//! Brings together the records of one request: the request line, which knows
//! the path and the status, and the console lines, which know the person.
//!
//! Both may come first, and a request may have several console lines, so a
//! record waits until enough others have come. What waits is bounded.

mod held;
mod skew;

use super::event::{Event, NO_TIME, Stamp};
use super::gather::distinct::hash;
use ahash::RandomState;
use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet};
use held::Held;
pub use skew::Skew;
use std::collections::VecDeque;
use std::sync::Mutex;

/// Requests that wait in one worker.
const WAITING: usize = 16_384;
/// Halves kept in one worker for the end of the run.
const KEPT: usize = 60_000;

/// The records of one worker that wait for the rest of their request.
#[derive(Debug, Default)]
pub struct Joiner {
    /// Rows are used again, so that a record that waits costs no allocation.
    rows: Vec<Held>,
    free: Vec<u32>,
    waiting: HashMap<u64, u32, RandomState>,
    order: VecDeque<(u64, u32)>,
    /// Records that were ever put into `order`, and how many at the last tick.
    offered: u64,
    ticked: u64,
    /// Halves whose other half did not come.
    halves: HashMap<u64, u32, RandomState>,
    /// How far apart records of one request were.
    pub skew: Skew,
}

impl Joiner {
    /// Takes a record; those that waited long enough are counted.
    pub fn offer(&mut self, event: &Event<'_>, count: &mut dyn FnMut(&Event<'_>)) {
        let key = hash(event.request.as_bytes());
        let row = match self.waiting.entry(key) {
            Entry::Occupied(known) => {
                let held = &mut self.rows[*known.get() as usize];
                self.skew.note(held.when(), (event.place, event.at));
                return held.take(event);
            }
            Entry::Vacant(place) => {
                let row = self.free.pop().unwrap_or_else(|| {
                    self.rows.push(Held::default());
                    u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX)
                });
                *place.insert(row)
            }
        };
        self.rows[row as usize].put(event);
        self.order.push_back((key, row));
        self.offered += 1;
        if self.order.len() > WAITING
            && let Some((oldest, row)) = self.order.pop_front()
        {
            self.waiting.remove(&oldest);
            self.retire(oldest, row, count);
        }
    }

    /// A tick of a clock, for what has no end: what waits since the last tick
    /// but one is counted, joined or not. Records of one request come within
    /// moments of each other, so the other half of an older one does not come.
    pub fn age(&mut self, count: &mut dyn FnMut(&Event<'_>)) {
        let halves: Vec<u32> = self.halves.drain().map(|(_, row)| row).collect();
        for row in halves {
            count(&self.rows[row as usize].event());
            self.free.push(row);
        }
        while self.gone() < self.ticked
            && let Some((oldest, row)) = self.order.pop_front()
        {
            self.waiting.remove(&oldest);
            self.retire(oldest, row, count);
        }
        self.ticked = self.offered;
    }

    /// Records that wait no more.
    fn gone(&self) -> u64 {
        self.offered - self.order.len() as u64
    }

    /// No more records come from this piece.
    pub fn close(&mut self, count: &mut dyn FnMut(&Event<'_>)) {
        self.waiting.clear();
        for (key, row) in std::mem::take(&mut self.order) {
            self.retire(key, row, count);
        }
    }

    fn retire(&mut self, key: u64, row: u32, count: &mut dyn FnMut(&Event<'_>)) {
        let held = &self.rows[row as usize];
        if held.is_whole() {
            count(&held.event());
        } else if let Some(other) = self.halves.get(&key) {
            let held = std::mem::take(&mut self.rows[row as usize]);
            self.skew
                .note(self.rows[*other as usize].when(), held.when());
            self.rows[*other as usize].take(&held.event());
            self.rows[row as usize] = held;
        } else if self.halves.len() < KEPT {
            self.halves.insert(key, row);
            return;
        } else {
            count(&held.event());
        }
        self.free.push(row);
    }

    /// Takes in the halves of another worker.
    pub fn absorb(&mut self, mut other: Self) {
        self.skew.absorb(std::mem::take(&mut other.skew));
        let waiting = other.order.drain(..);
        for (key, row) in waiting.chain(other.halves.drain()) {
            let held = std::mem::take(&mut other.rows[row as usize]);
            if let Some(mine) = self.halves.get(&key) {
                self.skew
                    .note(self.rows[*mine as usize].when(), held.when());
                self.rows[*mine as usize].take(&held.event());
            } else {
                self.rows.push(held);
                let row = u32::try_from(self.rows.len() - 1).unwrap_or(u32::MAX);
                self.halves.insert(key, row);
            }
        }
    }

    /// Counts what is left, joined or not.
    pub fn drain(&mut self, count: &mut dyn FnMut(&Event<'_>)) {
        self.waiting.clear();
        let left = self.order.drain(..).chain(self.halves.drain());
        let mut rows: Vec<u32> = left.map(|(_, row)| row).collect();
        // In the order of the log, so that each run tells the same.
        rows.sort_unstable_by_key(|row| self.rows[*row as usize].place());
        for row in rows {
            count(&self.rows[row as usize].event());
        }
        self.rows.clear();
        self.free.clear();
    }
}

/// Buckets of ten minutes kept for each part.
const BUCKETS: usize = 24;
/// Ids kept in one bucket of one part.
const BUCKET: usize = 32_768;
/// Parts, so that workers seldom wait for each other.
const PARTS: usize = 32;

type Buckets = VecDeque<(i64, HashSet<u64, RandomState>)>;

/// Which records came before: deliveries are "at least once".
#[derive(Debug, Default)]
pub struct Repeats {
    parts: [Mutex<Buckets>; PARTS],
}

impl Repeats {
    /// Whether a record of that id and time came before.
    pub fn is_repeated(&self, id: &str, at: Stamp) -> bool {
        let key = hash(id.as_bytes());
        let bucket = if at == NO_TIME {
            0
        } else {
            at.div_euclid(600_000_000_000)
        };
        let part = &self.parts[usize::from(key.to_le_bytes()[0]) % PARTS];
        // A worker that panicked left a set that is still a set.
        let mut buckets = part
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, seen)) = buckets.iter_mut().find(|(known, _)| *known == bucket) {
            return if seen.len() < BUCKET {
                !seen.insert(key)
            } else {
                seen.contains(&key)
            };
        }
        if buckets.len() >= BUCKETS {
            buckets.pop_front();
        }
        let mut seen = HashSet::default();
        seen.insert(key);
        buckets.push_back((bucket, seen));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::event::Layer;

    fn joined(events: &[Event<'_>]) -> Vec<(String, String)> {
        let mut joiner = Joiner::default();
        let mut out = Vec::new();
        let mut note =
            |event: &Event<'_>| out.push((event.path.to_owned(), event.who().1.to_owned()));
        for event in events {
            joiner.offer(event, &mut note);
        }
        joiner.close(&mut note);
        joiner.drain(&mut note);
        out
    }

    #[test]
    fn either_half_may_come_first() {
        let request = Event {
            request: "r1",
            path: "/api/a",
            ..Event::EMPTY
        };
        let console = Event {
            request: "r1",
            user: "u1",
            layer: Layer::Console,
            ..Event::EMPTY
        };
        let want = vec![("/api/a".to_owned(), "u1".to_owned())];
        assert_eq!(joined(&[request, console]), want);
        assert_eq!(joined(&[console, request]), want);
    }

    #[test]
    fn many_requests_are_each_joined_with_their_own() {
        let names: Vec<String> = (0..WAITING * 2).map(|n| n.to_string()).collect();
        let request = |name| Event {
            request: name,
            path: name,
            ..Event::EMPTY
        };
        let console = |name| Event {
            request: name,
            user: name,
            layer: Layer::Console,
            ..Event::EMPTY
        };
        // The second half comes a thousand requests later, or after all.
        let mut events = Vec::new();
        for (number, name) in names.iter().enumerate() {
            events.push(request(name.as_str()));
            if let Some(before) = number.checked_sub(1_000).filter(|n| n % 2 == 0) {
                events.push(console(names[before].as_str()));
            }
        }
        let odd = names.iter().skip(1).step_by(2);
        events.extend(odd.map(|name| console(name.as_str())));
        let mut out = joined(&events);
        out.sort_unstable();
        let later = names.len() - 1_000;
        let mut want: Vec<(String, String)> = (0..names.len())
            .map(|n| {
                let met = n % 2 == 1 || n < later;
                let user = if met { names[n].clone() } else { String::new() };
                (names[n].clone(), user)
            })
            .collect();
        want.sort_unstable();
        assert_eq!(out, want);
    }

    #[test]
    fn those_that_waited_longest_go_first() {
        let names: Vec<String> = (0..WAITING * 2).map(|n| n.to_string()).collect();
        let mut joiner = Joiner::default();
        let mut out = Vec::new();
        for name in &names {
            let event = Event {
                request: name,
                user: name,
                ..Event::EMPTY
            };
            joiner.offer(&event, &mut |event| out.push(event.user.to_owned()));
        }
        assert_eq!(out, names[..WAITING]);
        joiner.close(&mut |event| out.push(event.user.to_owned()));
        assert_eq!(out, names);
    }

    #[test]
    fn what_waits_for_long_is_counted_as_it_is() {
        let mut joiner = Joiner::default();
        let mut out = Vec::new();
        let request = |name| Event {
            request: name,
            path: name,
            ..Event::EMPTY
        };
        joiner.offer(&request("a"), &mut |_| {});
        joiner.age(&mut |_| panic!("it waits for a tick"));
        joiner.offer(&request("b"), &mut |_| {});
        joiner.age(&mut |_| panic!("it waits for another"));
        let console = Event {
            request: "a",
            user: "u1",
            layer: Layer::Console,
            ..Event::EMPTY
        };
        joiner.offer(&console, &mut |_| {});
        for _ in 0..3 {
            joiner.age(&mut |event| out.push((event.path.to_owned(), event.user.to_owned())));
        }
        out.sort_unstable();
        let want = [("a", ""), ("b", ""), ("", "u1")];
        let mut want = want.map(|(path, user)| (path.to_owned(), user.to_owned()));
        want.sort_unstable();
        assert_eq!(out, want);
    }

    #[test]
    fn a_repeat_is_seen_once() {
        let repeats = Repeats::default();
        assert!(!repeats.is_repeated("a", 1));
        assert!(repeats.is_repeated("a", 1));
        assert!(!repeats.is_repeated("b", 1));
    }
}
