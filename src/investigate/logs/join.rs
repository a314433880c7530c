//! Brings together the records of one request: the request line, which knows
//! the path and the status, and the console lines, which know the person.
//!
//! Both may come first, and a request may have several console lines, so a
//! record waits until enough others have come. What waits is bounded.

use super::event::{Event, Layer, NO_TIME, Stamp, TEXTS};
use super::gather::distinct::hash;
use ahash::RandomState;
use hashbrown::{HashMap, HashSet};
use std::collections::VecDeque;
use std::sync::Mutex;

/// Requests that wait in one worker.
const WAITING: usize = 16_384;
/// Halves kept in one worker for the end of the run.
const KEPT: usize = 60_000;

/// A record with its texts owned, in one allocation.
#[derive(Debug, Clone)]
struct Held {
    texts: Box<str>,
    ends: [u32; TEXTS],
    rest: Event<'static>,
}

impl Held {
    fn new(event: &Event<'_>) -> Self {
        let mut texts = String::new();
        let mut ends = [0; TEXTS];
        for (end, text) in ends.iter_mut().zip(event.texts()) {
            texts.push_str(text);
            *end = u32::try_from(texts.len()).unwrap_or(u32::MAX);
        }
        Self {
            texts: texts.into_boxed_str(),
            ends,
            rest: event.with_texts([""; TEXTS]),
        }
    }

    fn event(&self) -> Event<'_> {
        let mut texts = [""; TEXTS];
        let mut from = 0;
        for (text, end) in texts.iter_mut().zip(self.ends) {
            let end = end as usize;
            *text = self.texts.get(from..end).unwrap_or_default();
            from = end;
        }
        self.rest.with_texts(texts)
    }

    fn is_whole(&self) -> bool {
        self.rest.layer != Layer::Console && self.event().is_named()
    }

    /// The request's own record leads; a console line fills in.
    fn take(&mut self, event: &Event<'_>) {
        let joined = {
            let mine = self.event();
            let mut joined = if mine.layer == Layer::Console && event.layer != Layer::Console {
                event.joined(&mine)
            } else {
                mine.joined(event)
            };
            joined.message = "";
            Self::new(&joined)
        };
        *self = joined;
    }
}

/// The records of one worker that wait for the rest of their request.
#[derive(Debug, Default)]
pub struct Joiner {
    waiting: HashMap<u64, Held, RandomState>,
    order: VecDeque<u64>,
    /// Halves whose other half did not come.
    halves: HashMap<u64, Held, RandomState>,
}

impl Joiner {
    /// Takes a record; those that waited long enough are counted.
    pub fn offer(&mut self, event: &Event<'_>, count: &mut dyn FnMut(&Event<'_>)) {
        let key = hash(event.request.as_bytes());
        if let Some(held) = self.waiting.get_mut(&key) {
            held.take(event);
            return;
        }
        self.waiting.insert(key, Held::new(event));
        self.order.push_back(key);
        if self.order.len() > WAITING
            && let Some(oldest) = self.order.pop_front()
            && let Some(held) = self.waiting.remove(&oldest)
        {
            self.retire(oldest, held, count);
        }
    }

    /// No more records come from this piece.
    pub fn close(&mut self, count: &mut dyn FnMut(&Event<'_>)) {
        let waiting = std::mem::take(&mut self.waiting);
        self.order.clear();
        for (key, held) in waiting {
            self.retire(key, held, count);
        }
    }

    fn retire(&mut self, key: u64, held: Held, count: &mut dyn FnMut(&Event<'_>)) {
        if held.is_whole() {
            count(&held.event());
        } else if let Some(other) = self.halves.get_mut(&key) {
            other.take(&held.event());
        } else if self.halves.len() < KEPT {
            self.halves.insert(key, held);
        } else {
            count(&held.event());
        }
    }

    /// Takes in the halves of another worker.
    pub fn absorb(&mut self, other: Self) {
        for (key, held) in other.waiting.into_iter().chain(other.halves) {
            match self.halves.get_mut(&key) {
                Some(mine) => mine.take(&held.event()),
                None => {
                    self.halves.insert(key, held);
                }
            }
        }
    }

    /// Counts what is left, joined or not.
    pub fn drain(&mut self, count: &mut dyn FnMut(&Event<'_>)) {
        self.order.clear();
        let waiting = std::mem::take(&mut self.waiting);
        let halves = std::mem::take(&mut self.halves);
        for held in waiting.into_values().chain(halves.into_values()) {
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
    fn a_repeat_is_seen_once() {
        let repeats = Repeats::default();
        assert!(!repeats.is_repeated("a", 1));
        assert!(repeats.is_repeated("a", 1));
        assert!(!repeats.is_repeated("b", 1));
    }
}
