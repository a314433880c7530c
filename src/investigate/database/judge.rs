//! Decides whether a policy's condition is open for a role.
//!
//! Each side of an OR must by itself tie the caller to the row; within an
//! AND one such side is enough. A condition that cannot be read counts as
//! closed here and is left to the prober: this file accuses, it never clears.

mod fallback;
mod gate;
mod hatch;
pub mod inner;
mod itself;
mod missing;
mod prefix;
pub mod row;
mod truth;

use super::atom::{
    constant, email_part, keeps_few_out, like_token, null_test, publication, selects,
    subselect_mask,
};
use super::expression::{Node, Token, comparison, plain};
use super::helpers::calls;
use super::hole::Hole;
use super::roles::Station;
use super::snapshot::{Oid, Relation};
use super::survey::{ReadPolicy, Survey};
use super::token::word;
use row::Row;
use std::borrow::Cow;

/// How deep helper bodies are judged in place of their calls.
const DEPTH: u8 = 3;

/// What a condition is judged against.
#[derive(Debug, Clone)]
pub struct Lens<'a> {
    pub(super) survey: &'a Survey,
    pub(super) role: Oid,
    pub(super) station: Station,
    pub(super) row: Row<'a>,
    /// The name that qualifies the row's columns inside sub-selects.
    pub(super) table: Cow<'a, str>,
    pub(super) relation: Option<&'a Relation>,
    /// Relations its sub-selects read.
    pub(super) inner: &'a [Oid],
    pub(super) depth: u8,
}

/// Judges a policy for a role; `None` means closed or not readable.
pub fn policy_hole(
    survey: &Survey,
    role: Oid,
    relation: &Relation,
    read: &ReadPolicy,
) -> Option<Hole> {
    // A policy without USING lets nothing through for SELECT, except that a
    // permissive FOR SELECT policy cannot lack one.
    if read.text.tokens.is_empty() {
        return None;
    }
    Lens::new(survey, role, relation, &read.policy.relations).node(&read.text.node)
}

impl<'a> Lens<'a> {
    /// For a condition on rows of the relation whose sub-selects read `inner`.
    pub fn new(survey: &'a Survey, role: Oid, relation: &'a Relation, inner: &'a [Oid]) -> Self {
        Self {
            survey,
            role,
            station: survey.roles.station(role),
            row: Row::Columns(&relation.columns),
            table: word(&relation.name),
            relation: Some(relation),
            inner,
            depth: DEPTH,
        }
    }
}

impl Lens<'_> {
    pub(super) fn node(&self, node: &Node) -> Option<Hole> {
        match node {
            Node::Or(parts) => {
                let holes = parts.iter().filter_map(|part| {
                    let hole = self.node(part)?;
                    let shared = || self.shared_with_nobody(part, parts);
                    Some(
                        if matches!(hole, Hole::Unscoped { published: false }) && shared() {
                            Hole::NullTenant
                        } else {
                            hole
                        },
                    )
                });
                let open = holes.max_by_key(Hole::width)?;
                Some(if open == Hole::Always {
                    Hole::Tautology
                } else {
                    open
                })
            }
            Node::And(parts) => {
                let mut holes = Vec::with_capacity(parts.len());
                for part in parts {
                    holes.push(self.node(part)?);
                }
                // The narrowest side describes what an AND lets through, but
                // "somebody signed in" says more than a state of the row.
                let published = holes.contains(&Hole::Unscoped { published: true });
                let signed = holes.iter().position(|hole| *hole == Hole::SignedIn);
                let state = |hole: &Hole| {
                    matches!(
                        hole,
                        Hole::SignedIn | Hole::Unscoped { .. } | Hole::NullTest
                    )
                };
                match signed.filter(|_| !published && holes.iter().all(state)) {
                    Some(at) => Some(holes.swap_remove(at)),
                    None => holes.into_iter().min_by_key(Hole::width),
                }
            }
            Node::Not(inner) => self.negated(inner),
            Node::Atom(atom) => self.atom(atom),
        }
    }

    fn negated(&self, inner: &Node) -> Option<Hole> {
        match inner {
            Node::Not(node) => self.node(node),
            Node::Atom(atom) if atom.len() == 1 && atom[0].is_word("true") => None,
            Node::Atom(atom) if atom.len() == 1 && atom[0].is_word("false") => {
                Some(Hole::Tautology)
            }
            Node::Atom(atom) => {
                let atom = &plain(atom)[..];
                if let Some(test) = truth::test(atom) {
                    return self.tested(&test.turned());
                }
                // Where a table is asked, only what is found is turned round.
                if let Some(opposite) = truth::opposite(atom).filter(|_| !selects(atom)) {
                    return self.atom(&opposite);
                }
                let (identity, row) = (self.identity(atom), self.rows(atom));
                match (identity, row) {
                    (false, true) => Some(Hole::Unscoped { published: false }),
                    _ if self.trusts_edits(atom) && !selects(atom) => {
                        self.somebody(Hole::EditableClaim)
                    }
                    (true, true) if keeps_few_out(atom) => {
                        Some(Hole::Unscoped { published: false })
                    }
                    (true, false) if truth::sign_up_claim(atom) == Some(false) => self.signed_in(),
                    (true, false) => self.hatch(atom, "off"),
                    _ => None,
                }
            }
            Node::Or(parts) => self.node(&Node::And(each_not(parts))),
            Node::And(parts) => self.node(&Node::Or(each_not(parts))),
        }
    }

    fn atom(&self, atom: &[Token]) -> Option<Hole> {
        let atom = &plain(atom)[..];
        if let Some(value) = constant(atom) {
            return value.then_some(if atom.len() == 1 {
                Hole::Always
            } else {
                Hole::Tautology
            });
        }
        if let Some(test) = truth::test(atom) {
            return self.tested(&test);
        }
        let (identity, row) = (self.identity(atom), self.rows(atom));
        match self.same(atom) {
            Some(true) => return self.itself(atom, identity, row),
            Some(false) => return None,
            None => {}
        }
        if let Some((name, helper)) = self.boolean_helper(atom) {
            return self.helper(&name, helper, atom);
        }
        if let Some((tested, is_null)) = null_test(atom) {
            return self.null_tested(tested, is_null, identity, row);
        }
        match (identity, row) {
            (true, true) => self.tied(atom),
            (true, false) => self.gate(atom),
            (false, true) => self.row_only(atom),
            (false, false) if selects(atom) => self.uncorrelated(atom),
            (false, false) => neither(atom),
        }
    }

    pub(super) fn identity(&self, atom: &[Token]) -> bool {
        self.survey.helpers.identity_in(atom)
    }

    /// Whether the text names a value of the row.
    pub(super) fn rows(&self, atom: &[Token]) -> bool {
        let inside = subselect_mask(atom);
        let arguments = self.relation.is_none();
        atom.iter().enumerate().any(|(i, token)| {
            let (Token::Word(word) | Token::Number(word)) = token else {
                return false;
            };
            let called = atom.get(i + 1).is_some_and(|next| next.is_sign("("));
            let qualifier = (i >= 2 && atom[i - 1].is_sign(".")).then(|| &atom[i - 2]);
            let names_table = atom.get(i + 1).is_some_and(|next| next.is_sign("."));
            if called || names_table {
                return false;
            }
            match qualifier {
                Some(q) => q.is_word(&self.table) && (self.row.has(word) || arguments),
                None => self.row.has(word) && (!inside[i] || arguments),
            }
        }) || atom
            .windows(3)
            .any(|w| w[0].is_word(&self.table) && w[1].is_sign(".") && w[2].is_sign("*"))
    }

    pub(super) fn signed_in(&self) -> Option<Hole> {
        self.somebody(Hole::SignedIn)
    }

    /// A hole that whoever did not sign in does not get through.
    pub(super) fn somebody(&self, hole: Hole) -> Option<Hole> {
        (self.station != Station::Anonymous).then_some(hole)
    }

    fn null_tested(
        &self,
        tested: &[Token],
        is_null: bool,
        identity: bool,
        row: bool,
    ) -> Option<Hole> {
        let column = |token: &Token| match (token, self.relation) {
            (Token::Word(name), Some(relation)) => {
                relation.column(name).is_some_and(|column| column.required)
            }
            _ => false,
        };
        if is_null && !identity && matches!(tested, [only] if column(only)) {
            return None;
        }
        match (identity, row, is_null) {
            (true, false, false) if self.trusts_edits(tested) => self.somebody(Hole::EditableClaim),
            (true, true, false) => self.ignoring(tested),
            (true, false, true) => self.null_claim(tested),
            (true, false, false) if self.sent_by_all(tested) => Some(Hole::SignedIn),
            (true, false, false) => self.signed_in(),
            (false, true, false) if publication(tested) => Some(Hole::Unscoped { published: true }),
            (false, true, false) if like_token(tested) => Some(Hole::TokenPresent),
            (false, true, false) => Some(Hole::NullTest),
            (false, true, true) => {
                let keyed = self.relation.is_some_and(|relation| {
                    let is = |column: Option<&str>| {
                        column.is_some_and(|c| tested.iter().any(|t| t.is_word(c)))
                    };
                    is(self.survey.tenant(relation.oid)) || is(self.survey.owner(relation.oid))
                });
                Some(if keyed {
                    Hole::NullTenant
                } else {
                    Hole::Unscoped { published: false }
                })
            }
            _ => None,
        }
    }

    /// Identity and row meet in one comparison, call or sub-select.
    fn tied(&self, atom: &[Token]) -> Option<Hole> {
        let text = |word: &str| {
            atom.iter()
                .any(|t| matches!(t, Token::Text(s) if s == word) || t.is_word(word))
        };
        if self.trusts_edits(atom) {
            return self.somebody(Hole::EditableClaim);
        }
        if self.asked_of_request(atom) {
            return Some(Hole::RequestHeader);
        }
        if self.falls_back(atom) {
            return Some(Hole::Fallback);
        }
        if self.fills_in(atom) {
            return Some(Hole::NullTenant);
        }
        if self.unjoined(atom) {
            return self.uncorrelated(atom);
        }
        if self.by_part(atom) {
            return self.named_in_part(atom);
        }
        if selects(atom) {
            // Beside the caller's own key in the sub-select, a part of the
            // address only narrows further.
            let keyed = calls(atom).iter().any(|(name, _)| name == "auth.uid") || text("sub");
            return (email_part(atom) && !keyed).then(|| self.somebody(Hole::EmailPart))?;
        }
        if email_part(atom) {
            return self.somebody(Hole::EmailPart);
        }
        let (left, operator, right) = comparison(atom)?;
        match operator {
            "<>" => Some(Hole::Unscoped { published: false }),
            "~~" | "~~*"
                if right
                    .iter()
                    .any(|t| matches!(t, Token::Text(s) if s == "%"))
                    && !right.iter().any(|t| t.is_sign("||")) =>
            {
                Some(Hole::NullClaim)
            }
            "=" => self.ignored_helper(left, right),
            _ => None,
        }
    }
}

fn each_not(parts: &[Node]) -> Vec<Node> {
    let not = |part: &Node| Node::Not(Box::new(part.clone()));
    parts.iter().map(not).collect()
}

/// Neither the caller nor the row, and no table: true by construction.
fn neither(atom: &[Token]) -> Option<Hole> {
    // EXISTS of a row that is always there.
    let exists = atom.first().is_some_and(|t| t.is_word("exists"))
        && !atom.iter().any(|t| t.is_word("where") || t.is_word("from"));
    exists.then_some(Hole::Tautology)
}

#[cfg(test)]
mod tests;
