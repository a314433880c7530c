//! What a reader knows of the lines before: what they had alike, and which
//! key came after which, so that the next line is read by comparing.
//!
//! A guess that fails costs a comparison and nothing else: the key is then
//! read and looked up as if there were no memo. Bounded.

use super::alike::Alike;
use super::means::{Means, Names};
use ahash::RandomState;
use hashbrown::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

/// Keys kept; further ones are looked up each time.
const MOST: usize = 512;
/// The longest key that is kept, with its quotes and its colon.
const LONGEST: usize = 64;
/// Keys remembered to follow one.
const NEXT: usize = 3;
/// Follows nothing.
const NONE: u16 = u16::MAX;

#[derive(Debug)]
struct Node {
    names: Names,
    /// With its quotes and its colon, as it stands in the text.
    text: Box<[u8]>,
    means: Means,
    next: [u16; NEXT],
}

/// The keys met, and in which order.
#[derive(Debug)]
pub struct Memo {
    nodes: Vec<Node>,
    by_text: HashMap<u64, u16, RandomState>,
    hasher: RandomState,
    first: [u16; NEXT],
    /// The key before.
    at: u16,
    /// Nothing is kept.
    is_idle: bool,
    /// The table of the records at hand.
    names: Option<Names>,
    /// For texts that must be unescaped.
    pub scratch: String,
    pub alike: Alike,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            by_text: HashMap::default(),
            hasher: RandomState::new(),
            first: [NONE; NEXT],
            at: NONE,
            is_idle: false,
            names: None,
            scratch: String::new(),
            alike: Alike::default(),
        }
    }
}

impl Memo {
    /// One that keeps nothing.
    pub fn idle() -> Self {
        Self {
            is_idle: true,
            alike: Alike::off(),
            ..Self::default()
        }
    }

    /// Whether whole records of this table are compared with those before.
    pub fn compares(&mut self, names: Names) -> bool {
        let known = *self.names.get_or_insert(names);
        !self.is_idle && std::ptr::fn_addr_eq(known, names)
    }

    /// The next key is the first of a record.
    pub const fn begin(&mut self) {
        self.at = NONE;
    }

    /// What the key at the beginning of `rest` means, and how long it is with
    /// its colon, when it is one that came here before.
    #[inline]
    pub fn guess(&mut self, names: Names, rest: &[u8]) -> Option<(Means, usize)> {
        let next = match self.nodes.get(usize::from(self.at)) {
            Some(node) => node.next,
            None => self.first,
        };
        for at in next {
            let node = self.nodes.get(usize::from(at))?;
            if rest.starts_with(&node.text) && std::ptr::fn_addr_eq(node.names, names) {
                self.at = at;
                return Some((node.means, node.text.len()));
            }
        }
        None
    }

    /// What a key means that was not guessed.
    pub fn look(&mut self, names: Names, text: &[u8], key: &str) -> Means {
        if text.len() > LONGEST || self.is_idle {
            self.at = NONE;
            return names(key);
        }
        let mut hasher = self.hasher.build_hasher();
        (names as usize).hash(&mut hasher);
        hasher.write(text);
        let hash = hasher.finish();
        let known = self.by_text.get(&hash).copied().filter(|at| {
            let node = &self.nodes[usize::from(*at)];
            *node.text == *text && std::ptr::fn_addr_eq(node.names, names)
        });
        let at = match known {
            Some(at) => at,
            None if self.nodes.len() < MOST => self.add(hash, names, text, names(key)),
            None => return names(key),
        };
        let next = match self.nodes.get_mut(usize::from(self.at)) {
            Some(node) => &mut node.next,
            None => &mut self.first,
        };
        next.rotate_right(1);
        next[0] = at;
        self.at = at;
        self.nodes[usize::from(at)].means
    }

    fn add(&mut self, hash: u64, names: Names, text: &[u8], means: Means) -> u16 {
        let at = u16::try_from(self.nodes.len()).unwrap_or(NONE);
        self.nodes.push(Node {
            names,
            text: text.into(),
            means,
            next: [NONE; NEXT],
        });
        self.by_text.insert(hash, at);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::facts::Slot;
    use super::*;

    fn names(key: &str) -> Means {
        match key {
            "a" => Means::at(Slot::User, 0),
            _ => Means::SKIP,
        }
    }

    fn others(_key: &str) -> Means {
        Means::at(Slot::Email, 0)
    }

    #[test]
    fn a_key_is_guessed_where_it_came_before_and_in_its_own_table() {
        let mut memo = Memo::default();
        memo.begin();
        assert!(memo.guess(names, b"\"a\":1").is_none());
        memo.look(names, b"\"a\":", "a");
        memo.look(names, b"\"b\":", "b");
        memo.begin();
        let (means, length) = memo.guess(names, b"\"a\":1").unwrap();
        assert_eq!((means.slot, length), (Some(Slot::User), 4));
        assert!(memo.guess(names, b"\"a\":1").is_none());
        assert!(memo.guess(others, b"\"b\":1").is_none());
        assert!(memo.guess(names, b"\"b\":1").is_some());
    }

    #[test]
    fn keys_without_end_stay_within_bounds() {
        let mut memo = Memo::default();
        for number in 0..MOST * 2 {
            memo.begin();
            let key = format!("k{number}");
            memo.look(names, format!("\"{key}\":").as_bytes(), &key);
        }
        assert_eq!(memo.nodes.len(), MOST);
        assert!(memo.look(names, b"\"a\":", "a").slot.is_some());
    }
}
