//! Which key came after which, so that the next line is read by comparing:
//! programs write the keys of a kind of line in the same order each time.
//!
//! A guess that fails costs a comparison and nothing else: the key is then
//! read and looked up as if there were no memo. Bounded. A leaf.

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
    /// For texts that must be unescaped.
    pub scratch: String,
}

impl Default for Memo {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            by_text: HashMap::default(),
            hasher: RandomState::new(),
            first: [NONE; NEXT],
            at: NONE,
            scratch: String::new(),
        }
    }
}

impl Memo {
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
        if text.len() > LONGEST {
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
