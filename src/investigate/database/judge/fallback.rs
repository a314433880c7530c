//! What stands in for a value that the row lacks: the caller's own, and rows
//! that name nobody at all.

use super::super::atom::{choices, null_test};
use super::super::expression::{Node, Token, closing, comparison};
use super::super::helpers::calls;
use super::Lens;

impl Lens<'_> {
    /// `coalesce(column, claim) = claim`: a row without the value is whoever
    /// asks for it.
    pub(super) fn fills_in(&self, atom: &[Token]) -> bool {
        let own = |side: &[Token]| self.identity(side) && !self.rows(side);
        let filled = |side: &[Token]| {
            coalesced(side)
                .any(|(first, last)| self.rows(first) && !self.identity(first) && own(last))
        };
        comparison(atom).is_some_and(|(left, operator, right)| {
            operator == "=" && (filled(left) && own(right) || own(left) && filled(right))
        })
    }

    /// `shared_with IS NULL` beside a way in by that very column: the rows
    /// that name nobody are everybody's.
    pub(super) fn shared_with_nobody(&self, part: &Node, ways: &[Node]) -> bool {
        let Node::Atom(atom) = part else { return false };
        let Some(([Token::Word(column)], true)) = null_test(atom) else {
            return false;
        };
        ways.iter().any(|way| match way {
            Node::Atom(way) => {
                self.identity(way)
                    && comparison(way).is_some()
                    && way.iter().any(|t| t.is_word(column))
            }
            _ => false,
        })
    }
}

/// What each `coalesce` of the text tries first, and what last.
fn coalesced(text: &[Token]) -> impl Iterator<Item = (&[Token], &[Token])> {
    calls(text).into_iter().filter_map(|(name, open)| {
        let end = closing(text, open).filter(|_| name == "coalesce")?;
        let inside = &text[open + 1..end];
        let last = *choices(inside).last()?;
        let first = inside.len().checked_sub(last.len() + 1)?;
        Some((&inside[..first], last))
    })
}
