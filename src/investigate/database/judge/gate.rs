//! Conditions that ask who the caller is and nothing about the row: whom they
//! keep out, if anybody.

use super::super::atom::{
    email_part, heading, is_position, listed, literal, looks_like_person, none_of, of_every_token,
    presence_test, selects,
};
use super::super::expression::{Token, comparison};
use super::super::hole::Hole;
use super::super::roles::Station;
use super::{Lens, truth};

impl Lens<'_> {
    /// Identity without the row: a gate for some callers, or for all.
    pub(super) fn gate(&self, atom: &[Token]) -> Option<Hole> {
        if self.trusts_edits(atom) {
            return self.somebody(Hole::EditableClaim);
        }
        if email_part(atom) {
            return self.somebody(Hole::EmailPart);
        }
        if selects(atom) {
            if second_factor(atom) {
                return self.signed_in();
            }
            return self.uncorrelated(atom);
        }
        let Some((left, operator, right)) = comparison(atom) else {
            return match truth::sign_up_claim(atom) {
                Some(true) => self.signed_in(),
                _ => self.hatch(atom, "on"),
            };
        };
        if presence_test(atom) && !matches!(literal(right), Some("")) {
            let empty = operator == "=" && matches!(right, [Token::Number(n)] if n == "0");
            return if empty {
                self.null_claim(left)
            } else {
                self.signed_in()
            };
        }
        if let Some(list) = listed(right).filter(|_| operator == "=") {
            let ways = list.into_iter();
            return ways
                .filter_map(|text| self.compared(left, operator, text))
                .max_by_key(Hole::width);
        }
        if let Some(list) = none_of(right).filter(|_| operator == "<>") {
            let ways = list.into_iter();
            let open: Option<Vec<Hole>> = ways
                .map(|text| self.compared(left, operator, text))
                .collect();
            return open?.into_iter().min_by_key(Hole::width);
        }
        let (asked, text) = match (literal(left), literal(right)) {
            (None, Some(text)) => (left, text),
            (Some(text), None) => (right, text),
            _ => return self.hatch_by_number(left, right),
        };
        // Nothing is distinct from any word, and so passes.
        let unknown = operator == "<>" && atom[left.len()].is_word("is") && !text.is_empty();
        let missing = unknown.then(|| self.null_claim(asked)).flatten();
        missing.or_else(|| self.compared(asked, operator, text))
    }

    /// The caller compared with a fixed word.
    fn compared(&self, asked: &[Token], operator: &str, literal: &str) -> Option<Hole> {
        let own_name = self.survey.roles.name(self.role) == literal
            && asked
                .iter()
                .any(|t| t.is_word("current_user") || t.is_word("session_user"));
        if let Some(hole) = self.stands_in(asked, operator, literal) {
            return Some(hole);
        }
        match (operator, literal) {
            ("=", "") => self.null_claim(asked),
            ("=", "authenticated" | "aal1" | "aal2") | ("<>", "") => self.signed_in(),
            ("=", "anon") | ("<>", "authenticated") => {
                (self.station == Station::Anonymous).then_some(Hole::Always)
            }
            ("=", _) if own_name => Some(Hole::SignedIn),
            ("=", _) if of_every_token(asked) => self.signed_in(),
            // Nobody is signed in as that; a header says what its sender likes.
            ("=", _) if looks_like_person(literal) && heading(asked) => Some(Hole::Literal),
            ("=", _) if looks_like_person(literal) => self.somebody(Hole::Literal),
            ("=", _) => self.hatch(asked, literal),
            ("<>", _) if is_position(literal) && self.reads_setting(asked) => {
                self.hatch(asked, literal)
            }
            ("<>", _) if !own_name => self.signed_in(),
            _ => None,
        }
    }
}

/// Whether the caller's level of sign-in is held against its own factors:
/// whoever signed in as they should passes.
fn second_factor(atom: &[Token]) -> bool {
    let level = |t: &Token| matches!(t, Token::Text(text) if text == "aal");
    atom.iter().any(level) && atom.iter().any(|t| t.is_word("mfa_factors"))
}
