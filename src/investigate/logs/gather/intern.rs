//! Texts as small numbers. A leaf.

use ahash::RandomState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// Gives each pair of tag and text a number, from 0 up.
#[derive(Debug, Default)]
pub struct Interner {
    table: HashTable<u32>,
    /// Tag, start and end of each text in `arena`.
    texts: Vec<(u8, u32, u32)>,
    arena: String,
    seed: RandomState,
}

impl Interner {
    fn hash(&self, tag: u8, text: &str) -> u64 {
        let mut hasher = self.seed.build_hasher();
        hasher.write_u8(tag);
        hasher.write(text.as_bytes());
        hasher.finish()
    }

    /// The number of a text that has one.
    pub fn known(&self, tag: u8, text: &str) -> Option<u32> {
        let same = |number: &u32| self.text(*number) == (tag, text);
        self.table.find(self.hash(tag, text), same).copied()
    }

    /// Gives a text that has no number the next one; a text too long for the
    /// arena is cut.
    pub fn add(&mut self, tag: u8, text: &str) -> u32 {
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let hash = self.hash(tag, text);
        let from = u32::try_from(self.arena.len()).unwrap_or(u32::MAX);
        self.arena.push_str(text);
        let to = u32::try_from(self.arena.len()).unwrap_or(u32::MAX);
        self.texts.push((tag, from, to));
        let mut table = std::mem::take(&mut self.table);
        table.insert_unique(hash, number, |number| {
            let (tag, text) = self.text(*number);
            self.hash(tag, text)
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
}
