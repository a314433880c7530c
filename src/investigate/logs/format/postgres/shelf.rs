//! Where records wait that come in any order, mostly the newest first, until
//! they can be put in order. Bounded: what is taken out is in order, and it
//! is said when it does not follow on what was taken before. A leaf.

use crate::investigate::logs::event::Stamp;

/// Records that wait at most, and bytes of them.
const MOST: usize = 8_192;
const BYTES: usize = 16 << 20;

/// Things with a time.
#[derive(Debug)]
pub struct Shelf<T> {
    kept: Vec<(Stamp, u64, T)>,
    bytes: usize,
    /// The latest time of what was taken out.
    last: Option<Stamp>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            kept: Vec::new(),
            bytes: 0,
            last: None,
        }
    }
}

impl<T> Shelf<T> {
    /// Puts something there; `true` when it must be emptied. The number tells
    /// what comes first of one moment, where it is known.
    pub fn put(&mut self, at: Stamp, number: u64, bytes: usize, thing: T) -> bool {
        self.bytes += bytes;
        self.kept.push((at, number, thing));
        self.kept.len() >= MOST || self.bytes > BYTES
    }

    /// All that waits, in order, and whether it follows on what was taken
    /// before.
    pub fn empty(&mut self) -> (Vec<(Stamp, T)>, bool) {
        let mut kept = std::mem::take(&mut self.kept);
        self.bytes = 0;
        let falls = kept.windows(2).filter(|two| two[1].0 < two[0].0).count();
        let rises = kept.windows(2).filter(|two| two[1].0 > two[0].0).count();
        if falls > rises {
            kept.reverse();
        }
        kept.sort_by_key(|(at, number, _)| (*at, *number));
        let follows = match (self.last, kept.first()) {
            (Some(last), Some((first, ..))) => last <= *first,
            _ => true,
        };
        self.last = kept.last().map_or(self.last, |(at, ..)| Some(*at));
        let things = kept.into_iter().map(|(at, _, thing)| (at, thing));
        (things.collect(), follows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_come_out_in_order() {
        let mut shelf = Shelf::default();
        for (at, thing) in [(3, 'e'), (2, 'd'), (2, 'c'), (1, 'b'), (1, 'a')] {
            assert!(!shelf.put(at, 0, 1, thing));
        }
        let (things, follows) = shelf.empty();
        let things: String = things.into_iter().map(|(_, thing)| thing).collect();
        assert_eq!((things.as_str(), follows), ("abcde", true));
        shelf.put(2, 0, 1, 'x');
        assert!(!shelf.empty().1);
        assert!(shelf.put(2, 0, BYTES + 1, 'x'));
    }
}
