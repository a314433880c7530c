//! A set of hashes in one flat table: one look into memory an insert. A leaf.
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

/// A set of numbers; 0 is not among them (it counts as 1).
#[derive(Debug, Clone, Default)]
pub struct IdSet {
    slots: Vec<u64>,
    len: usize,
}

impl IdSet {
    /// Adds a number; says whether it is new.
    #[inline]
    pub fn insert(&mut self, id: u64) -> bool {
        let id = id.max(1);
        if self.slots.len() * 3 <= self.len * 4 {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = self.home(id);
        loop {
            match self.slots[at] {
                0 => break,
                known if known == id => return false,
                _ => at = (at + 1) & mask,
            }
        }
        self.slots[at] = id;
        self.len += 1;
        true
    }

    /// Whether the number is in the set.
    pub fn contains(&self, id: u64) -> bool {
        let id = id.max(1);
        if self.slots.is_empty() {
            return false;
        }
        let mask = self.slots.len() - 1;
        let mut at = self.home(id);
        loop {
            match self.slots[at] {
                0 => return false,
                known if known == id => return true,
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// How many numbers there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The numbers, in no order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.slots.iter().copied().filter(|id| *id != 0)
    }

    /// Keeps the numbers up to a bound.
    pub fn retain_to(&mut self, most: u64) {
        let kept: Vec<u64> = self.iter().filter(|id| *id <= most).collect();
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
        let old = std::mem::replace(&mut self.slots, vec![0; size]);
        self.len = 0;
        for id in old.into_iter().filter(|id| *id != 0) {
            self.insert(id);
        }
    }
}

impl FromIterator<u64> for IdSet {
    fn from_iter<I: IntoIterator<Item = u64>>(ids: I) -> Self {
        let mut set = Self::default();
        for id in ids {
            set.insert(id);
        }
        set
    }
}

/// Equal when both hold the same numbers.
impl PartialEq for IdSet {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.iter().all(|id| other.contains(id))
    }
}

impl Eq for IdSet {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn it_holds_what_a_plain_set_holds() {
        let mut rng = fastrand::Rng::with_seed(7);
        let (mut ours, mut plain) = (IdSet::default(), BTreeSet::new());
        for _ in 0..20_000 {
            let id = rng.u64(1..15_000);
            assert_eq!(ours.insert(id), plain.insert(id));
        }
        assert_eq!(ours.len(), plain.len());
        assert_eq!(ours.iter().collect::<BTreeSet<_>>(), plain);
        assert!(!ours.contains(99_999));
    }
}
