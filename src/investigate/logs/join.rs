//! Brings together the records of one request: the request line, which knows
//! the path and the status, and the console lines, which know the person.
//!
//! Both may come first, and a request may have several console lines, so a
//! record waits until enough others have come. What waits is bounded.

use super::event::{Event, Layer, NO_TIME, Numbers, Stamp, TEXTS};
use super::gather::distinct::hash;
use ahash::RandomState;
use hashbrown::hash_map::Entry;
use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;
use std::sync::Mutex;

/// Requests that wait in one worker.
const WAITING: usize = 16_384;
/// Halves kept in one worker for the end of the run.
const KEPT: usize = 60_000;

/// A record with its texts owned, in one allocation that is used again.
#[derive(Debug, Clone)]
struct Held {
    texts: String,
    ends: [u32; TEXTS],
    rest: Numbers,
    is_named: bool,
}

impl Default for Held {
    fn default() -> Self {
        Self {
            texts: String::new(),
            ends: [0; TEXTS],
            rest: Event::EMPTY.numbers(),
            is_named: false,
        }
    }
}

impl Held {
    fn new(event: &Event<'_>) -> Self {
        let mut held = Self::default();
        held.fill(event);
        held
    }

    /// Holds this record instead.
    fn fill(&mut self, event: &Event<'_>) {
        let texts = event.texts();
        self.texts.clear();
        self.texts
            .reserve(texts.iter().map(|text| text.len()).sum());
        for (end, text) in self.ends.iter_mut().zip(texts) {
            if !text.is_empty() {
                self.texts.push_str(text);
            }
            *end = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        }
        self.rest = event.numbers();
        self.is_named = event.is_named();
    }

    fn event(&self) -> Event<'_> {
        let mut texts = [""; TEXTS];
        let mut from = 0;
        for (text, end) in texts.iter_mut().zip(self.ends) {
            let end = end as usize;
            if end > from {
                *text = self.texts.get(from..end).unwrap_or_default();
            }
            from = end;
        }
        Event::of(texts, self.rest)
    }

    fn is_whole(&self) -> bool {
        self.rest.layer != Layer::Console && self.is_named
    }

    /// The request's own record leads; a console line fills in. What `spare`
    /// holds is lost.
    fn take(&mut self, event: &Event<'_>, spare: &mut Self) {
        let mine = self.event();
        let mut joined = if mine.layer == Layer::Console && event.layer != Layer::Console {
            event.joined(&mine)
        } else {
            mine.joined(event)
        };
        joined.message = "";
        spare.fill(&joined);
        std::mem::swap(self, spare);
    }
}

/// The records of one worker that wait for the rest of their request.
#[derive(Debug, Default)]
pub struct Joiner {
    /// Where each request waits.
    waiting: HashMap<u64, usize, RandomState>,
    /// Those that wait, and once there are many, which of them came first.
    ring: Vec<(u64, Held)>,
    oldest: usize,
    /// Halves whose other half did not come.
    halves: HashMap<u64, Held, RandomState>,
    spare: Held,
}

impl Joiner {
    /// Takes a record; those that waited long enough are counted.
    pub fn offer(&mut self, event: &Event<'_>, count: &mut dyn FnMut(&Event<'_>)) {
        let key = hash(event.request.as_bytes());
        let place = match self.waiting.entry(key) {
            Entry::Occupied(known) => {
                return self.ring[*known.get()].1.take(event, &mut self.spare);
            }
            Entry::Vacant(free) => {
                let place = if self.ring.len() < WAITING {
                    self.ring.len()
                } else {
                    self.oldest
                };
                free.insert(place);
                place
            }
        };
        let Some((its, held)) = self.ring.get_mut(place) else {
            self.ring.push((key, Held::new(event)));
            return;
        };
        let oldest = std::mem::replace(its, key);
        self.waiting.remove(&oldest);
        if held.is_whole() {
            count(&held.event());
            held.fill(event);
        } else {
            let held = std::mem::replace(held, Held::new(event));
            self.retire(oldest, held, count);
        }
        self.oldest = (place + 1) % WAITING;
    }

    /// No more records come from this piece.
    pub fn close(&mut self, count: &mut dyn FnMut(&Event<'_>)) {
        self.waiting.clear();
        let before = self.ring.drain(..self.oldest).collect::<Vec<_>>();
        let ring = std::mem::take(&mut self.ring);
        self.oldest = 0;
        for (key, held) in ring.into_iter().chain(before) {
            self.retire(key, held, count);
        }
    }

    fn retire(&mut self, key: u64, held: Held, count: &mut dyn FnMut(&Event<'_>)) {
        if held.is_whole() {
            count(&held.event());
        } else if let Some(other) = self.halves.get_mut(&key) {
            other.take(&held.event(), &mut self.spare);
        } else if self.halves.len() < KEPT {
            self.halves.insert(key, held);
        } else {
            count(&held.event());
        }
    }

    /// Takes in the halves of another worker.
    pub fn absorb(&mut self, other: Self) {
        for (key, held) in other.ring.into_iter().chain(other.halves) {
            match self.halves.get_mut(&key) {
                Some(mine) => mine.take(&held.event(), &mut self.spare),
                None => {
                    self.halves.insert(key, held);
                }
            }
        }
    }

    /// Counts what is left, joined or not.
    pub fn drain(&mut self, count: &mut dyn FnMut(&Event<'_>)) {
        self.waiting.clear();
        let ring = std::mem::take(&mut self.ring);
        let halves = std::mem::take(&mut self.halves);
        let waiting = ring.into_iter().map(|(_, held)| held);
        for held in waiting.chain(halves.into_values()) {
            count(&held.event());
        }
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
    fn a_repeat_is_seen_once() {
        let repeats = Repeats::default();
        assert!(!repeats.is_repeated("a", 1));
        assert!(repeats.is_repeated("a", 1));
        assert!(!repeats.is_repeated("b", 1));
    }
}
