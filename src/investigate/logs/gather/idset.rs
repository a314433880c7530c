//! A set of hashes in one flat table, each with when it came first and last:
//! one look into memory an insert. A leaf.
//!
//! The hashes are the same in every run, so whoever writes into a log could
//! choose ids that lie side by side; the place in the table is therefore the
//! hash times an odd number drawn anew for each run.

use ahash::RandomState;
use std::sync::OnceLock;

/// The smallest table.
const FIRST: usize = 8;

fn factor() -> u64 {
    static FACTOR: OnceLock<u64> = OnceLock::new();
    *FACTOR.get_or_init(|| RandomState::new().hash_one(0x5eed_u64) | 1)
}

/// From when until when, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    pub first: u32,
    pub last: u32,
}

impl When {
    /// Nothing is known of the time.
    pub const NEVER: Self = Self {
        first: u32::MAX,
        last: 0,
    };

    const fn widen(&mut self, other: Self) {
        if other.first < self.first {
            self.first = other.first;
        }
        if other.last > self.last {
            self.last = other.last;
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    id: u64,
    when: When,
}

const EMPTY: Slot = Slot {
    id: 0,
    when: When::NEVER,
};

/// A set of numbers; 0 is not among them (it counts as 1).
#[derive(Debug, Clone, Default)]
pub struct IdSet {
    slots: Vec<Slot>,
    len: usize,
}

impl IdSet {
    /// Adds a number that came then; says whether it is new.
    #[inline]
    pub fn insert(&mut self, id: u64, when: When) -> bool {
        let id = id.max(1);
        if self.slots.len() * 3 <= self.len * 4 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = self.home(id);
        loop {
            let slot = &mut self.slots[at];
            match slot.id {
                0 => break,
                known if known == id => {
                    slot.when.widen(when);
                    return false;
                }
                _ => at = (at + 1) & mask,
            }
        }
        self.slots[at] = Slot { id, when };
        self.len += 1;
        true
    }

    /// When a number came; `None` where it is not in the set.
    pub fn when(&self, id: u64) -> Option<When> {
        let id = id.max(1);
        if self.slots.is_empty() {
            return None;
        }
        let mask = self.slots.len() - 1;
        let mut at = self.home(id);
        loop {
            match self.slots[at].id {
                0 => return None,
                known if known == id => return Some(self.slots[at].when),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// How many numbers there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The numbers and when they came, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, When)> + '_ {
        let taken = self.slots.iter().filter(|slot| slot.id != 0);
        taken.map(|slot| (slot.id, slot.when))
    }

    /// Keeps the numbers up to a bound.
    pub fn retain_to(&mut self, most: u64) {
        let kept: Vec<(u64, When)> = self.iter().filter(|(id, _)| *id <= most).collect();
        *self = kept.into_iter().collect();
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "shifted to fewer bits than the table has places"
    )]
    fn home(&self, id: u64) -> usize {
        let bits = self.slots.len().trailing_zeros();
        (id.wrapping_mul(factor()) >> (64 - bits)) as usize
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(FIRST);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; size]);
        self.len = 0;
        for slot in old.into_iter().filter(|slot| slot.id != 0) {
            self.insert(slot.id, slot.when);
        }
    }
}

impl FromIterator<(u64, When)> for IdSet {
    fn from_iter<I: IntoIterator<Item = (u64, When)>>(ids: I) -> Self {
        let mut set = Self::default();
        for (id, when) in ids {
            set.insert(id, when);
        }
        set
    }
}

/// Equal when both hold the same numbers of the same times.
impl PartialEq for IdSet {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().all(|(id, when)| other.when(id) == Some(when))
    }
}

impl Eq for IdSet {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn it_holds_what_a_plain_set_holds() {
        let mut rng = fastrand::Rng::with_seed(7);
        let (mut ours, mut plain) = (IdSet::default(), BTreeMap::new());
        for _ in 0..20_000 {
            let (id, at) = (rng.u64(1..15_000), rng.u32(1..900));
            let when = When {
                first: at,
                last: at,
            };
            assert_eq!(ours.insert(id, when), !plain.contains_key(&id));
            let known = plain.entry(id).or_insert(when);
            known.first = known.first.min(at);
            known.last = known.last.max(at);
        }
        assert_eq!(ours.len(), plain.len());
        assert_eq!(ours.iter().collect::<BTreeMap<_, _>>(), plain);
        assert_eq!(ours.when(99_999), None);
    }
}
