//! Reads a sub-select that stands inside one piece of a condition: what it
//! selects, what it asks for, and which of that ties the row to the caller.
//!
//! Conditions come deparsed, so every name of the row inside a sub-select is
//! qualified by its table. What cannot be read is left alone.

use super::super::expression::{Token, closing, comparison, split_on, strip_parens};
use super::super::helpers::{EDITED, reads_claim};
use super::Lens;

/// The first sub-select over a table within a piece of a condition.
#[derive(Debug)]
pub struct Inner<'a> {
    /// What stands before it, such as `t.org_id in`.
    pub left: &'a [Token],
    /// What stands behind it.
    pub right: &'a [Token],
    /// The select list.
    pub selected: &'a [Token],
    /// The tables, with the conditions that join them.
    pub tables: &'a [Token],
    /// What its WHERE asks for, cut at each AND.
    pub asks: Vec<&'a [Token]>,
}

impl<'a> Inner<'a> {
    /// Finds it; `None` where there is none, or more than one query in it.
    pub fn of(atom: &'a [Token]) -> Option<Self> {
        (0..atom.len()).find_map(|open| {
            let starts = atom[open].is_sign("(") && atom.get(open + 1)?.is_word("select");
            let end = closing(atom, open).filter(|_| starts)?;
            let body = &atom[open + 2..end];
            if split_on(body, "union").len() > 1 {
                return None;
            }
            let [selected, rest] = split_on(body, "from")[..] else {
                return None;
            };
            let mut halves = split_on(rest, "where").into_iter();
            let tables = halves.next()?;
            let asks = halves.next().map(ungrouped).map(conjuncts);
            Some(Self {
                left: &atom[..open],
                right: &atom[end + 1..],
                selected,
                tables,
                asks: asks.unwrap_or_default(),
            })
        })
    }

    /// What pairs a value outside with what is selected, if that is how the
    /// sub-select is asked.
    fn pair(&self) -> impl Iterator<Item = &'a [Token]> {
        let asked = self.left.last().is_none_or(|t| !t.is_word("exists"));
        let parts = [self.left, self.selected, self.right].into_iter();
        parts.filter(move |_| asked)
    }
}

/// A WHERE without what may follow it.
fn ungrouped(condition: &[Token]) -> &[Token] {
    let ends = ["group", "order", "limit", "having", "window"];
    let ends = ends.iter().map(|word| split_on(condition, word)[0].len());
    &condition[..ends.min().unwrap_or(condition.len())]
}

/// The pieces of a condition between its ANDs.
pub fn conjuncts(text: &[Token]) -> Vec<&[Token]> {
    let text = strip_parens(text);
    match &split_on(text, "and")[..] {
        [one] => vec![one],
        several => several.iter().flat_map(|part| conjuncts(part)).collect(),
    }
}

/// Whether a comparison has the same column of an inner table on both sides:
/// the bare name that was meant for the row bound to that table.
pub fn captured(atom: &[Token]) -> bool {
    let same = |ask: &&[Token]| {
        comparison(ask).is_some_and(|(left, operator, right)| {
            operator == "=" && left == right && left.iter().any(|t| t.is_sign("."))
        })
    };
    let plainly = |w: &[Token]| w[3].is_sign("=") && w[..3] == w[4..] && w[1].is_sign(".");
    let within = |inner: Inner<'_>| {
        let joins = inner.tables.iter().enumerate();
        let joined = joins.filter(|(_, t)| t.is_word("on")).any(|(at, _)| {
            let on = &inner.tables[at + 1..];
            let end = closing(on, 0).filter(|_| on.first().is_some_and(|t| t.is_sign("(")));
            end.is_some_and(|end| conjuncts(&on[..=end]).iter().any(same))
        });
        joined || inner.asks.iter().any(same)
    };
    atom.windows(7).any(plainly) || Inner::of(atom).is_some_and(within)
}

impl Lens<'_> {
    /// Whether text inside a sub-select names a value of the row.
    pub(in crate::investigate::database) fn correlated(&self, text: &[Token]) -> bool {
        let bare = self.relation.is_none();
        text.iter().enumerate().any(|(i, token)| {
            let (Token::Word(word) | Token::Number(word)) = token else {
                return false;
            };
            let qualifier = (i >= 2 && text[i - 1].is_sign(".")).then(|| &text[i - 2]);
            self.row.has(word)
                && qualifier.map_or(bare, |q| q.is_word(&self.table))
                && !text.get(i + 1).is_some_and(|next| next.is_sign("("))
        })
    }

    /// Whether the sub-select names the row only to ask for its state, so that
    /// nothing ties it to what the sub-select found.
    pub(super) fn unjoined(&self, atom: &[Token]) -> bool {
        let Some(inner) = Inner::of(atom).filter(|_| self.relation.is_some()) else {
            return false;
        };
        let elsewhere = self.rows(inner.left)
            || self.rows(inner.right)
            || self.correlated(inner.selected)
            || self.correlated(inner.tables)
            || inner
                .asks
                .iter()
                .any(|ask| ask.iter().any(|t| t.is_word("select")));
        let mut named = inner
            .asks
            .iter()
            .filter(|ask| self.correlated(ask))
            .peekable();
        !elsewhere
            && named.peek().is_some()
            && named.all(|ask| !self.identity(ask) && self.own_alone(ask))
    }

    /// Whether every column that the text names is one of the row.
    fn own_alone(&self, text: &[Token]) -> bool {
        let dots = text.iter().enumerate().skip(1);
        dots.filter(|(_, token)| token.is_sign(".")).all(|(at, _)| {
            text[at - 1].is_word(&self.table) || text.get(at + 2).is_some_and(|t| t.is_sign("("))
        })
    }

    /// The pieces of a sub-select that tie the row to something else, and
    /// those that do not name the row.
    pub(super) fn ties<'t>(&self, inner: &Inner<'t>) -> (Vec<Vec<Token>>, Vec<&'t [Token]>) {
        let (named, free): (Vec<_>, Vec<_>) = inner
            .asks
            .iter()
            .copied()
            .partition(|ask| self.correlated(ask));
        let pair: Vec<Token> = inner.pair().flatten().cloned().collect();
        let mut ties: Vec<Vec<Token>> = named.into_iter().map(<[Token]>::to_vec).collect();
        if self.rows(inner.left) || self.rows(inner.right) || self.correlated(inner.selected) {
            ties.push(pair);
        }
        (ties, free)
    }

    /// Whether the text reads what the caller may write about itself.
    fn edited(&self, text: &[Token]) -> bool {
        let column = text.iter().enumerate().any(|(at, token)| {
            let qualifier = (at >= 2 && text[at - 1].is_sign(".")).then(|| &text[at - 2]);
            let own = self.row.has(EDITED) && qualifier.is_none_or(|q| q.is_word(&self.table));
            token.is_word(EDITED) && !own
        });
        column || reads_claim(text) || self.survey.helpers.edited_by(text)
    }

    /// Whether a piece of a condition rests on it. In a sub-select it may also
    /// narrow what something else ties to the caller.
    pub(super) fn trusts_edits(&self, atom: &[Token]) -> bool {
        if !self.edited(atom) {
            return false;
        }
        let Some(inner) = Inner::of(atom) else {
            return true;
        };
        let (ties, free) = self.ties(&inner);
        let keyed = |text: &[Token]| self.identity(text) && !self.edited(text);
        if ties.is_empty() {
            let narrowed = |ask: &&[Token]| !self.identity(ask) && !self.edited(ask);
            let outside = self.identity(inner.left) && !self.edited(inner.left);
            return !(free.iter().any(narrowed) && (outside || free.iter().any(|ask| keyed(ask))));
        }
        if ties.iter().all(|tie| self.edited(tie)) {
            return true;
        }
        let mut all = ties.iter().map(Vec::as_slice).chain(free);
        !all.any(keyed)
    }
}
