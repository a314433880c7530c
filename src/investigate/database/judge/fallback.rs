//! What stands in for a value that is missing: the row's own for the caller's,
//! the caller's for the row's, and rows that name nobody at all.

use super::super::atom::{last_comma, null_test};
use super::super::expression::{Node, Token, closing, comparison};
use super::super::helpers::calls;
use super::Lens;

impl Lens<'_> {
    /// `coalesce(claim, column)`: the last choice is a value of the row.
    pub(super) fn falls_back(&self, atom: &[Token]) -> bool {
        choices(atom)
            .any(|(first, last)| self.identity(first) && self.rows(last) && !self.rows(first))
    }

    /// `coalesce(column, claim) = claim`: a row without the value is whoever
    /// asks for it.
    pub(super) fn fills_in(&self, atom: &[Token]) -> bool {
        let own = |side: &[Token]| self.identity(side) && !self.rows(side);
        let filled = |side: &[Token]| {
            choices(side)
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
fn choices(text: &[Token]) -> impl Iterator<Item = (&[Token], &[Token])> {
    calls(text).into_iter().filter_map(|(name, open)| {
        let end = closing(text, open).filter(|_| name == "coalesce")?;
        let inside = &text[open + 1..end];
        let comma = last_comma(inside)?;
        Some((&inside[..comma], &inside[comma + 1..]))
    })
}
