//! Judges what a condition trusts: sub-selects about the caller that never
//! mention the row, and conditions on the row that ask nobody.

use super::atom::{
    captured, like_token, literal, looks_like_person, presence_test, publication, selects,
};
use super::expression::{Token, comparison, tokens};
use super::helpers::calls;
use super::hole::Hole;
use super::judge::Lens;
use super::snapshot::Oid;

impl Lens<'_> {
    /// A sub-select about the caller that never mentions the row.
    pub(super) fn uncorrelated(&self, atom: &[Token]) -> Option<Hole> {
        if captured(atom) {
            return Some(Hole::Captured);
        }
        let relation = self.relation?;
        let tenant = self.survey.tenant(relation.oid)?;
        // A role or flag named in the sub-select makes it a gate for staff.
        let narrowed = atom.iter().any(|t| matches!(t, Token::Text(s) if !s.contains('.') && s != "sub"))
            || atom.iter().any(|t| matches!(t, Token::Word(w) if w.contains("admin") || w.contains("staff") || w.contains("role")));
        let membership = self.inner.iter().any(|oid| {
            self.survey
                .relation(*oid)
                .is_some_and(|r| r.column(tenant).is_some())
        });
        (membership && !narrowed).then_some(Hole::AnyMember)
    }

    pub(super) fn row_only(&self, atom: &[Token]) -> Option<Hole> {
        if publication(atom) {
            return Some(Hole::Unscoped { published: true });
        }
        if selects(atom) {
            let open = self.inner.iter().any(|oid| self.opens(*oid));
            return open.then_some(Hole::OpenSelect);
        }
        let opaque = calls(atom).iter().any(|(name, _)| {
            self.survey
                .helpers
                .named(name)
                .iter()
                .any(|oid| self.survey.helpers.get(*oid).is_some_and(|h| !h.readable))
        });
        if opaque {
            return None;
        }
        // A fixed tenant is a demo, not an oversight.
        if let Some((left, "=", right)) = comparison(atom)
            && (literal(left).is_some_and(looks_like_person)
                || literal(right).is_some_and(looks_like_person))
        {
            return Some(Hole::Unscoped { published: true });
        }
        if presence_test(atom) {
            return Some(if like_token(atom) {
                Hole::TokenPresent
            } else {
                Hole::NullTest
            });
        }
        Some(Hole::Unscoped { published: false })
    }

    /// Whether this role sees all rows of a table that a sub-select trusts.
    fn opens(&self, oid: Oid) -> bool {
        let Some(relation) = self.survey.relation(oid) else {
            return false;
        };
        if relation.is_view() {
            let text = tokens(relation.definition.as_deref().unwrap_or_default());
            return !self.identity(&text) && !relation.invoker;
        }
        if self.survey.skips(self.role, relation) {
            return true;
        }
        self.survey.policies_for(self.role, oid).any(|read| {
            read.policy.permissive
                && read.text.tokens.len() == 1
                && read.text.tokens[0].is_word("true")
        })
    }
}
