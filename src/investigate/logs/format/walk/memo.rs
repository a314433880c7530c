//! Which key came after which, so that the next line is read by comparing:
//! programs write the keys of a kind of line in the same order each time.
//!
//! Many keys have the same value each time, such as the host: these are
//! compared together with their value. A guess that fails costs a comparison
//! and nothing else: what stands there is then read and looked up as if there
//! were no memo. Bounded. A leaf.

use super::means::{Means, Names};
use ahash::RandomState;
use hashbrown::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};

/// Keys kept; further ones are looked up each time.
const MOST: usize = 512;
/// The longest key that is kept, with its quotes and its colon.
const LONGEST: usize = 64;
/// The longest value that is kept.
const VALUE: usize = 160;
/// Weight of values that came otherwise after which a key's are not guessed.
const FICKLE: u8 = 60;
/// Keys remembered to follow one.
const NEXT: usize = 3;
/// Follows nothing.
const NONE: u16 = u16::MAX;

#[derive(Debug)]
struct Node {
    names: Names,
    /// The key with its quotes and its colon, as it stands in the text, and
    /// the value that came last, if it was a plain text.
    text: Vec<u8>,
    key: usize,
    means: Means,
    next: [u16; NEXT],
    /// How often the value came otherwise, lately.
    fickle: u8,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy)]
pub struct Guess {
    pub means: Means,
    /// The length of the key with its colon.
    pub key: usize,
    /// The length of the value with its quotes, where it was guessed too.
    pub value: usize,
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

    /// What the key at the beginning of `rest` means, when it is one that came
    /// here before.
    #[inline]
    pub fn guess(&mut self, names: Names, rest: &[u8]) -> Option<Guess> {
        let next = match self.nodes.get(usize::from(self.at)) {
            Some(node) => node.next,
            None => self.first,
        };
        for at in next {
            let node = self.nodes.get_mut(usize::from(at))?;
            let text = &node.text[..];
            let (key, length) = (node.key, text.len());
            // The first bytes tell most keys apart.
            let head = rest.first_chunk::<8>() == text.first_chunk::<8>();
            if !head && length >= 8 || !std::ptr::fn_addr_eq(node.names, names) {
                continue;
            }
            let means = node.means;
            if length > key {
                if rest.starts_with(text) {
                    node.fickle = node.fickle.saturating_sub(1);
                    self.at = at;
                    let value = length - key;
                    return Some(Guess { means, key, value });
                }
                if rest.starts_with(&text[..key]) {
                    node.fickle += 2;
                    node.text.truncate(key);
                    self.at = at;
                    return Some(Guess {
                        means,
                        key,
                        value: 0,
                    });
                }
            } else if rest.starts_with(text) {
                self.at = at;
                return Some(Guess {
                    means,
                    key,
                    value: 0,
                });
            }
        }
        None
    }

    /// Notes the value of the key at hand, as it stands with its quotes.
    #[inline]
    pub fn note(&mut self, value: &[u8]) {
        if let Some(node) = self.nodes.get_mut(usize::from(self.at))
            && node.fickle < FICKLE
            && node.text.len() == node.key
        {
            if value.len() <= VALUE {
                node.text.extend_from_slice(value);
            } else {
                node.fickle += 1;
            }
        }
    }

    /// What a key means that was not guessed.
    pub fn look(&mut self, names: Names, text: &[u8], key: &str) -> Means {
        if text.len() > LONGEST {
            self.at = NONE;
            return names(key);
        }
        let mut hasher = self.hasher.build_hasher();
        (names as usize).hash(&mut hasher);
        hasher.write(text);
        let hash = hasher.finish();
        let known = self.by_text.get(&hash).copied().filter(|at| {
            let node = &self.nodes[usize::from(*at)];
            node.text[..node.key] == *text && std::ptr::fn_addr_eq(node.names, names)
        });
        let at = match known {
            Some(at) => at,
            None if self.nodes.len() < MOST => self.add(hash, names, text, names(key)),
            None => {
                self.at = NONE;
                return names(key);
            }
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
            text: text.to_vec(),
            key: text.len(),
            means,
            next: [NONE; NEXT],
            fickle: 0,
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
    fn what_came_before_is_guessed_with_its_value() {
        let mut memo = Memo::default();
        for value in ["\"x\"", "\"x\"", "\"y\"", "\"y\""] {
            memo.begin();
            let line = format!("\"a\":{value},\"b\":1");
            match memo.guess(names, line.as_bytes()) {
                None => {
                    memo.look(names, b"\"a\":", "a");
                    memo.note(value.as_bytes());
                }
                Some(guess) => {
                    assert_eq!((guess.means.slot, guess.key), (Some(Slot::User), 4));
                    if guess.value == 0 {
                        memo.note(value.as_bytes());
                    }
                    assert!(guess.value == 0 || guess.value == value.len());
                }
            }
            let rest = line.as_bytes();
            assert!(memo.guess(others, &rest[4 + value.len() + 1..]).is_none());
        }
        memo.begin();
        assert_eq!(
            memo.guess(names, b"\"a\":\"y\"}").map(|guess| guess.value),
            Some(3)
        );
        memo.begin();
        assert_eq!(
            memo.guess(names, b"\"a\":\"z\"}").map(|guess| guess.value),
            Some(0)
        );
        memo.begin();
        assert!(memo.guess(others, b"\"a\":\"y\"}").is_none());
    }

    #[test]
    fn keys_without_end_stay_within_bounds() {
        let mut memo = Memo::default();
        for number in 0..MOST * 2 {
            memo.begin();
            let key = format!("k{number}");
            memo.look(names, format!("\"{key}\":").as_bytes(), &key);
            memo.note(&[b'x'; VALUE + 1]);
        }
        assert_eq!(memo.nodes.len(), MOST);
        assert!(
            memo.nodes
                .iter()
                .all(|node| node.text.len() <= LONGEST + VALUE)
        );
    }
}
