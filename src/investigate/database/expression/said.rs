//! What conditions say, each text read once however many policies say it: a
//! few texts serve thousands of policies.

use super::{Node, Token, parse, tokens};
use std::collections::HashMap;
use std::sync::Arc;

/// A condition in tokens and as a tree.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    pub tokens: Vec<Token>,
    pub node: Node,
}

impl Said {
    /// Reads a condition.
    pub fn new(text: &str) -> Self {
        let tokens = tokens(text);
        let node = parse(&tokens);
        Self { tokens, node }
    }
}

/// Texts that were read already, with something kept about each.
#[derive(Debug)]
pub struct Texts<T> {
    known: HashMap<String, (Arc<Said>, T)>,
}

impl<T: Copy> Texts<T> {
    /// None yet.
    pub fn new() -> Self {
        Self {
            known: HashMap::new(),
        }
    }

    /// The text as it was read, with what is kept about it.
    pub fn read(&mut self, text: &str, about: impl FnOnce(&Said) -> T) -> (Arc<Said>, T) {
        if let Some((said, kept)) = self.known.get(text) {
            return (Arc::clone(said), *kept);
        }
        let said = Arc::new(Said::new(text));
        let kept = about(&said);
        self.known
            .insert(text.to_owned(), (Arc::clone(&said), kept));
        (said, kept)
    }
}
