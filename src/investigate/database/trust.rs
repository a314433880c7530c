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
use super::token::word_of;

/// How many helpers deep a text is followed.
const DEPTH: u8 = 2;

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

    /// Whether the text, or a helper it calls, goes by the part of their own
    /// record that users may edit.
    pub(super) fn self_written(&self, text: &[Token]) -> bool {
        const KEYS: [&str; 2] = ["user_metadata", "raw_user_meta_data"];
        self.with_helpers(text, DEPTH, &|text| {
            text.iter().any(|token| match token {
                Token::Word(word) => KEYS.contains(&word.as_str()),
                Token::Text(text) => {
                    let path = text.trim_matches(['{', '}']).split(',');
                    path.map(str::trim).any(|key| KEYS.contains(&key))
                }
                _ => false,
            })
        })
    }

    /// Whether the row's tenant or owner is compared with what the request
    /// says in its headers, and with nothing that somebody vouches for.
    pub(super) fn asked_of_request(&self, atom: &[Token]) -> bool {
        let keyed = self.relation.is_some_and(|relation| {
            let key = |column: Option<&str>| {
                column.is_some_and(|column| atom.iter().any(|t| t.is_word(&word_of(column))))
            };
            key(self.survey.tenant(relation.oid)) || key(self.survey.owner(relation.oid))
        });
        let named = |request: bool| {
            move |text: &[Token]| {
                let calls = calls(text);
                let mut settings =
                    calls
                        .iter()
                        .filter_map(|(name, open)| match text.get(open + 1) {
                            Some(Token::Text(setting)) if name.ends_with("current_setting") => {
                                Some(setting)
                            }
                            _ => None,
                        });
                settings.any(|setting| {
                    let headers = ["request.header", "request.cookie"];
                    setting.contains('.')
                        && headers.iter().any(|h| setting.starts_with(h)) == request
                })
            }
        };
        let vouched = |text: &[Token]| {
            named(false)(text)
                || calls(text)
                    .iter()
                    .any(|(name, _)| name.starts_with("auth."))
                || text
                    .iter()
                    .any(|t| t.is_word("current_user") || t.is_word("session_user"))
        };
        keyed
            && self.with_helpers(atom, DEPTH, &named(true))
            && !self.with_helpers(atom, DEPTH, &vouched)
    }

    /// Whether it is so of the text or of the body of a helper it calls.
    fn with_helpers(&self, text: &[Token], depth: u8, is: &impl Fn(&[Token]) -> bool) -> bool {
        let helpers = &self.survey.helpers;
        is(text)
            || depth > 0
                && calls(text)
                    .iter()
                    .flat_map(|(name, _)| helpers.named(name))
                    .filter_map(|oid| helpers.get(*oid))
                    .any(|helper| self.with_helpers(&helper.body, depth - 1, is))
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
