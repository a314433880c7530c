//! Texts as small numbers. A leaf.
//!
//! Nearly all names in logs have sixteen bytes at most. Their bytes stand in
//! the table itself, so that a name is known by one look into memory.

use ahash::RandomState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// The first and the last bytes of a text, its tag and its length: all there
/// is to know of a text of at most sixteen bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Brief {
    first: u64,
    last: u64,
    about: u64,
}

/// Bytes of a text that its [`Brief`] holds.
const SHORT: usize = 16;

impl Brief {
    #[inline]
    fn of(tag: u8, text: &str) -> Self {
        let bytes = text.as_bytes();
        let (first, last) = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
                (Some(first), Some(last)) => (
                    u64::from(u32::from_le_bytes(*first)),
                    u64::from(u32::from_le_bytes(*last)),
                ),
                _ => match *bytes {
                    [] => (0, 0),
                    [a] => (u64::from(a), 0),
                    [a, b] => (u64::from(a), u64::from(b)),
                    [a, b, c, ..] => (u64::from(a), u64::from(b) | u64::from(c) << 8),
                },
            },
        };
        Self {
            first,
            last,
            about: (bytes.len() as u64) << 8 | u64::from(tag),
        }
    }

    const fn is_all(&self) -> bool {
        self.about >> 8 <= SHORT as u64
    }
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    brief: Brief,
    number: u32,
}

/// Gives each pair of tag and text a number, from 0 up.
#[derive(Debug, Default)]
pub struct Interner {
    table: HashTable<Slot>,
    /// Tag, start and end of each text in `arena`.
    texts: Vec<(u8, u32, u32)>,
    arena: String,
    seed: RandomState,
}

impl Interner {
    #[inline]
    fn hash(&self, brief: &Brief, text: &str) -> u64 {
        let mut hasher = self.seed.build_hasher();
        hasher.write_u64(brief.about);
        if brief.is_all() {
            hasher.write_u128(u128::from(brief.first) << 64 | u128::from(brief.last));
        } else {
            hasher.write(text.as_bytes());
        }
        hasher.finish()
    }

    /// The number of a text that has one.
    #[inline]
    pub fn known(&self, tag: u8, text: &str) -> Option<u32> {
        let brief = Brief::of(tag, text);
        self.find(self.hash(&brief, text), &brief, text)
    }

    #[inline]
    fn find(&self, hash: u64, brief: &Brief, text: &str) -> Option<u32> {
        let same = |slot: &Slot| {
            slot.brief == *brief && (brief.is_all() || self.text(slot.number).1 == text)
        };
        self.table.find(hash, same).map(|slot| slot.number)
    }

    /// Gives a text that has no number the next one; a text too long for the
    /// arena is cut.
    pub fn add(&mut self, tag: u8, text: &str) -> u32 {
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let brief = Brief::of(tag, text);
        let hash = self.hash(&brief, text);
        let from = u32::try_from(self.arena.len()).unwrap_or(u32::MAX);
        self.arena.push_str(text);
        let to = u32::try_from(self.arena.len()).unwrap_or(u32::MAX);
        self.texts.push((tag, from, to));
        let mut table = std::mem::take(&mut self.table);
        table.insert_unique(hash, Slot { brief, number }, |slot| {
            self.hash(&slot.brief, self.text(slot.number).1)
        });
        self.table = table;
        number
    }

    /// The number of a text, new or not.
    pub fn number(&mut self, tag: u8, text: &str) -> u32 {
        match self.known(tag, text) {
            Some(known) => known,
            None => self.add(tag, text),
        }
    }

    /// How many numbers are given.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// The tag and text of a number.
    pub fn text(&self, number: u32) -> (u8, &str) {
        self.texts
            .get(number as usize)
            .map_or((0, ""), |(tag, from, to)| {
                let text = self.arena.get(*from as usize..*to as usize);
                (*tag, text.unwrap_or_default())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number_under_each_tag() {
        let mut names = Interner::default();
        let numbers: Vec<u32> = (0..1_000)
            .map(|n| names.number(0, &n.to_string()))
            .collect();
        assert_eq!(numbers[7], names.number(0, "7"));
        assert_ne!(numbers[7], names.number(1, "7"));
        assert_eq!(names.text(numbers[7]), (0, "7"));
        assert_eq!(names.len(), 1_001);
    }

    #[test]
    fn texts_of_every_length_are_told_apart() {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut names = Interner::default();
        let mut plain = std::collections::HashMap::new();
        for _ in 0..20_000 {
            let text: String = (0..rng.usize(..24)).map(|_| rng.char('a'..='b')).collect();
            let tag = rng.u8(..2);
            let next = u32::try_from(plain.len()).unwrap();
            let want = *plain.entry((tag, text.clone())).or_insert(next);
            assert_eq!(names.number(tag, &text), want, "{text}");
        }
        let alike = ["aaaaaaaa-b-aaaaaaaa", "aaaaaaaa-c-aaaaaaaa"];
        assert_ne!(names.number(0, alike[0]), names.number(0, alike[1]));
    }
}
