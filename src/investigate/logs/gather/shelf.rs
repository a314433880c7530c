//! The rows of each principal side by side: who does something does several
//! things soon after one another, and then they lie close in memory. A leaf.

use ahash::RandomState;
use hashbrown::HashMap;

/// Rows of one that are found by looking at their keys in turn; few have more.
const NEAR: usize = 32;

#[derive(Debug, Clone)]
struct Shelf<T> {
    /// A byte of each near key: most of those that differ do in it.
    tags: [u64; NEAR / 8],
    keys: Vec<u64>,
    rows: Vec<T>,
}

/// Rows by who they belong to and by key; the key says who it is, too.
#[derive(Debug, Clone)]
pub struct Shelves<T> {
    all: Vec<Shelf<T>>,
    /// Where rows stand that are not near.
    far: HashMap<u64, u32, RandomState>,
    len: usize,
}

impl<T> Default for Shelves<T> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            far: HashMap::default(),
            len: 0,
        }
    }
}

/// A byte of a key's hash.
#[inline]
const fn tag(key: u64) -> u8 {
    key.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0]
}

impl<T: Default> Shelves<T> {
    /// How many rows there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Where the row of a key stands among those of its principal.
    #[inline]
    pub fn find(&self, who: u32, key: u64) -> Option<usize> {
        const ONES: u64 = 0x0101_0101_0101_0101;
        let its = self.all.get(who as usize)?;
        let wanted = ONES * u64::from(tag(key));
        let used = its.keys.len().min(NEAR).div_ceil(8);
        for (word, tags) in its.tags.iter().enumerate().take(used) {
            let other = tags ^ wanted;
            // Marks the bytes that are the tag, and perhaps some behind them.
            let mut found = other.wrapping_sub(ONES) & !other & (ONES << 7);
            while found != 0 {
                let at = word * 8 + found.trailing_zeros() as usize / 8;
                if its.keys.get(at) == Some(&key) {
                    return Some(at);
                }
                found &= found - 1;
            }
        }
        if its.keys.len() <= NEAR {
            return None;
        }
        self.far.get(&key).map(|at| *at as usize)
    }

    /// Adds the row of a key that has none; says where it stands.
    pub fn add(&mut self, who: u32, key: u64) -> usize {
        let who = who as usize;
        if self.all.len() <= who {
            self.all.resize_with(who + 1, || Shelf {
                tags: [0; NEAR / 8],
                keys: Vec::new(),
                rows: Vec::new(),
            });
        }
        let its = &mut self.all[who];
        let at = its.rows.len();
        if at == 0 {
            // Many have one row and no more.
            its.keys.reserve_exact(1);
            its.rows.reserve_exact(1);
        }
        its.keys.push(key);
        its.rows.push(T::default());
        if at < NEAR {
            its.tags[at / 8] |= u64::from(tag(key)) << (at % 8 * 8);
        } else {
            self.far.insert(key, u32::try_from(at).unwrap_or(u32::MAX));
        }
        self.len += 1;
        at
    }

    /// The row that stands there.
    #[inline]
    pub fn row(&mut self, who: u32, at: usize) -> &mut T {
        &mut self.all[who as usize].rows[at]
    }

    /// All rows and their keys.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.all
            .iter()
            .flat_map(|its| its.keys.iter().copied().zip(&its.rows))
    }

    /// All rows.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.all.iter_mut().flat_map(|its| &mut its.rows)
    }

    /// All rows and their keys, taken out.
    pub fn into_rows(self) -> impl Iterator<Item = (u64, T)> {
        self.all
            .into_iter()
            .flat_map(|its| its.keys.into_iter().zip(its.rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn rows_are_found_again_however_many_there_are() {
        let mut rng = fastrand::Rng::with_seed(2);
        let (mut ours, mut plain) = (Shelves::<u64>::default(), BTreeMap::new());
        for _ in 0..20_000 {
            let who = rng.u32(..9) * rng.u32(..2);
            let key = u64::from(who) << 32 | rng.u64(..100);
            let at = ours.find(who, key).unwrap_or_else(|| ours.add(who, key));
            *ours.row(who, at) += 1;
            *plain.entry(key).or_insert(0) += 1;
        }
        assert_eq!(ours.len(), plain.len());
        assert_eq!(
            ours.iter()
                .map(|(key, row)| (key, *row))
                .collect::<BTreeMap<_, _>>(),
            plain
        );
        assert_eq!(ours.into_rows().collect::<BTreeMap<_, _>>(), plain);
    }
}
