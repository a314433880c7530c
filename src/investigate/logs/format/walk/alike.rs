//! Lines that are written alike: programs write the same keys in the same
//! order, and many values are the same in every line. What is alike is learnt
//! from the first lines and then only compared, as far as from one value that
//! differs to the next.
//!
//! A path through the tree of [`Node`]s is a line that was read by the
//! grammar before: where all that stands between its values is equal, byte
//! for byte, and the values are of the same kind, the line is as sound and
//! means the same. Every other line is read by the grammar, and learnt.
//! Bounded; lines that are seldom alike are not compared any more. A leaf.

use super::super::facts::Slot;
use super::means::Means;
use ahash::RandomState;
use hashbrown::HashMap;

/// Lines that are looked at before the tree is grown.
const FIRST: u32 = 64;
/// Nodes, and bytes of all their texts.
const MOST: usize = 2_048;
const BYTES: usize = 256 << 10;
/// Values in one line.
const VALUES: usize = 256;
/// The longest value that is compared and not read.
const LONGEST: usize = 64;
/// Keys whose values are watched.
const WATCHED: usize = 1_024;
/// How often the tree is grown anew.
const AGAIN: u32 = 8;
/// Lines after which it is asked whether comparing pays.
const ROUND: u32 = 4_096;

/// What stands at the place of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// A text, behind its opening quote.
    Text,
    Number,
}

/// A value of a line that was read by the grammar.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Where it stands, without quotes.
    pub from: usize,
    pub to: usize,
    /// Where the text goes on.
    pub end: usize,
    pub leaf: Leaf,
    pub means: Means,
    pub depth: u8,
}

/// A value that is the same in all lines of a node.
#[derive(Debug, Clone, Copy)]
pub struct Same {
    pub slot: Slot,
    pub means: Means,
    /// Where it stands in the node's text.
    pub from: usize,
    pub to: usize,
}

/// A piece of text between values that differ.
#[derive(Debug)]
pub struct Node {
    pub text: Vec<u8>,
    pub same: Vec<Same>,
    /// The value behind it; `None` at the end of the line.
    pub value: Option<(Leaf, Means, u8)>,
    next: Vec<u16>,
}

#[derive(Debug, Clone, Copy)]
struct Watched {
    value: u64,
    differs: bool,
}

/// What was learnt.
#[derive(Debug, Default)]
pub struct Alike {
    nodes: Vec<Node>,
    roots: Vec<u16>,
    bytes: usize,
    watched: HashMap<u64, Watched, RandomState>,
    hasher: RandomState,
    seen: u32,
    grown: u32,
    tries: u32,
    hits: u32,
    /// The values of the line at hand.
    steps: Vec<Step>,
    odd: bool,
}

impl Alike {
    /// One that learns nothing.
    pub fn off() -> Self {
        Self {
            grown: AGAIN,
            ..Self::default()
        }
    }

    /// Whether lines are compared at all.
    pub const fn is_on(&self) -> bool {
        self.grown < AGAIN
    }

    /// Whether there is anything to compare with; counts the line.
    pub fn tries(&mut self) -> bool {
        if self.roots.is_empty() || !self.is_on() {
            return false;
        }
        self.tries += 1;
        if self.tries >= ROUND {
            if self.hits < self.tries / 2 {
                self.grown = AGAIN;
                self.nodes = Vec::new();
                self.roots = Vec::new();
                return false;
            }
            (self.tries, self.hits) = (0, 0);
        }
        true
    }

    /// The line at hand was alike.
    pub const fn hit(&mut self) {
        self.hits += 1;
    }

    /// The node that goes on from `at` (from the beginning for `None`) with
    /// what stands there.
    #[inline]
    pub fn next(&self, at: Option<u16>, rest: &[u8]) -> Option<u16> {
        let next = match at {
            Some(at) => &self.nodes.get(usize::from(at))?.next,
            None => &self.roots,
        };
        next.iter().copied().find(|at| {
            let Some(node) = self.nodes.get(usize::from(*at)) else {
                return false;
            };
            let text = &node.text[..];
            // The first bytes tell most apart.
            let head = match (text.first_chunk::<8>(), rest.first_chunk::<8>()) {
                (Some(one), Some(other)) => one == other,
                _ => true,
            };
            head && rest.starts_with(text)
                && (!matches!(node.value, Some((Leaf::Number, ..)))
                    || matches!(rest.get(text.len()), Some(b'-' | b'0'..=b'9')))
        })
    }

    /// A node.
    pub fn node(&self, at: u16) -> Option<&Node> {
        self.nodes.get(usize::from(at))
    }

    /// A line is read by the grammar from here on.
    pub fn begin(&mut self) {
        self.steps.clear();
        self.odd = false;
    }

    /// Notes a value of the line at hand.
    #[inline]
    pub fn step(&mut self, step: Step) {
        if !self.is_on() {
            return;
        }
        if self.steps.len() < VALUES {
            self.steps.push(step);
        } else {
            self.odd = true;
        }
    }

    /// The line at hand can't be told by its values: they are counted.
    pub const fn odd(&mut self) {
        self.odd = true;
    }

    /// Learns the line at hand, which was sound from `from` to `to`.
    pub fn learn(&mut self, text: &[u8], from: usize, to: usize) {
        if self.odd || !self.is_on() {
            return;
        }
        let steps = std::mem::take(&mut self.steps);
        self.watch(text, from, &steps);
        self.seen += 1;
        if self.seen > FIRST {
            if self.nodes.len() + steps.len() >= MOST || self.bytes + to - from > BYTES {
                // What differed since is known by now.
                self.nodes.clear();
                self.roots.clear();
                self.bytes = 0;
                self.grown += 1;
            }
            self.grow(text, from, to, &steps);
        }
        self.steps = steps;
    }

    fn key(&self, text: &[u8], from: usize, step: &Step) -> u64 {
        self.hasher.hash_one(&text[from..step.from])
    }

    fn watch(&mut self, text: &[u8], from: usize, steps: &[Step]) {
        let mut before = from;
        for step in steps {
            let key = self.key(text, before, step);
            let value = self.hasher.hash_one(&text[step.from..step.to]);
            before = step.end;
            if let Some(known) = self.watched.get_mut(&key) {
                known.differs |= known.value != value;
            } else if self.watched.len() < WATCHED {
                let differs = false;
                self.watched.insert(key, Watched { value, differs });
            }
        }
    }

    /// Whether a value was the same each time.
    fn is_same(&self, text: &[u8], from: usize, step: &Step) -> bool {
        let value = &text[step.from..step.to];
        step.leaf == Leaf::Text
            && step.means.slot != Some(Slot::Message)
            && value.len() <= LONGEST
            && !value.contains(&b'\\')
            && self
                .watched
                .get(&self.key(text, from, step))
                .is_some_and(|watched| !watched.differs)
    }

    fn grow(&mut self, text: &[u8], from: usize, to: usize, steps: &[Step]) {
        let (mut start, mut before, mut at, mut same) = (from, from, None, Vec::new());
        for step in steps {
            if self.is_same(text, before, step) {
                if let Some(slot) = step.means.slot {
                    same.push(Same {
                        slot,
                        means: step.means,
                        from: step.from - start,
                        to: step.to - start,
                    });
                }
            } else {
                let value = Some((step.leaf, step.means, step.depth));
                let piece = &text[start..step.from];
                at = Some(self.node_for(at, piece, std::mem::take(&mut same), value));
                start = step.end;
            }
            before = step.end;
        }
        self.node_for(at, &text[start..to], same, None);
    }

    /// The node with this text behind another, new or not.
    fn node_for(
        &mut self,
        at: Option<u16>,
        text: &[u8],
        same: Vec<Same>,
        value: Option<(Leaf, Means, u8)>,
    ) -> u16 {
        let leaf = |value: &Option<(Leaf, Means, u8)>| value.map(|(leaf, ..)| leaf);
        let next = match at {
            Some(at) => &self.nodes[usize::from(at)].next,
            None => &self.roots,
        };
        let known = next.iter().copied().find(|next| {
            let node = &self.nodes[usize::from(*next)];
            node.text == text && leaf(&node.value) == leaf(&value)
        });
        if let Some(known) = known {
            return known;
        }
        let new = u16::try_from(self.nodes.len()).unwrap_or(u16::MAX);
        self.bytes += text.len();
        self.nodes.push(Node {
            text: text.to_vec(),
            same,
            value,
            next: Vec::new(),
        });
        match at {
            Some(at) => self.nodes[usize::from(at)].next.push(new),
            None => self.roots.push(new),
        }
        new
    }
}
