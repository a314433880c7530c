//! Judges what a condition trusts: sub-selects about the caller that never
//! mention the row, and conditions on the row that ask nobody.

use super::atom::{like_token, literal, looks_like_person, presence_test, publication, selects};
use super::expression::{Token, comparison, tokens};
use super::helpers::calls;
use super::hole::Hole;
use super::judge::Lens;
use super::judge::inner::{Inner, captured};
use super::snapshot::Relation;
use super::token::word_of;

/// How many helpers deep a text is followed.
const DEPTH: u8 = 2;

impl Lens<'_> {
    /// A sub-select about the caller that never mentions the row.
    pub(super) fn uncorrelated(&self, atom: &[Token]) -> Option<Hole> {
        if captured(atom) {
            return Some(Hole::Captured);
        }
        let address =
            |t: &Token| matches!(t, Token::Text(s) if s.contains('@') && looks_like_person(s));
        if atom.iter().any(address) {
            return self.somebody(Hole::Literal);
        }
        if self.own_account(atom) {
            return self.signed_in();
        }
        let relation = self.relation?;
        let tenant = self.survey.tenant(relation.oid)?;
        let membership = self
            .named(atom)
            .any(|inner| inner.column(tenant).is_some() || self.survey.tenant(inner.oid).is_some());
        (membership && !privileged(atom)).then_some(Hole::AnyMember)
    }

    /// The relations that a piece of the condition reads.
    fn named(&self, atom: &[Token]) -> impl Iterator<Item = &Relation> {
        let inner = self
            .inner
            .iter()
            .filter_map(|oid| self.survey.relation(*oid));
        inner.filter(|relation| atom.iter().any(|t| t.is_word(&word_of(&relation.name))))
    }

    /// Whether the sub-select only finds the caller's own account, which
    /// whoever signed up has, or how they proved it.
    fn own_account(&self, atom: &[Token]) -> bool {
        const OWN: [&str; 4] = ["users", "identities", "sessions", "mfa_factors"];
        const WORDS: [&str; 8] = [
            "sub", "aal", "aal1", "aal2", "verified", "totp", "phone", "email",
        ];
        let own = |r: &Relation| r.schema == "auth" && OWN.contains(&r.name.as_str());
        let mut read = self.named(atom).peekable();
        let plain = atom.iter().all(|token| match token {
            Token::Text(text) => text.contains('.') || WORDS.contains(&text.as_str()),
            Token::Word(word) => !["admin", "role", "meta_data"]
                .iter()
                .any(|w| word.contains(w)),
            _ => true,
        });
        plain && read.peek().is_some() && read.all(own)
    }

    pub(super) fn row_only(&self, atom: &[Token]) -> Option<Hole> {
        if publication(atom) {
            return Some(Hole::Unscoped { published: true });
        }
        if selects(atom) {
            // What is joined to a table in order is bound by it.
            let mut read = self.named(atom).filter(|r| binds(atom, r)).peekable();
            let any = atom.iter().any(|t| t.is_word("union"));
            let open = read.peek().is_some()
                && if any {
                    read.any(|relation| self.opens(relation))
                } else {
                    read.all(|relation| self.opens(relation))
                };
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
        // A secret that is looked up vouches for its bearer.
        let looked_up = Inner::of(atom).is_some_and(|inner| {
            let secret =
                |ask: &&[Token]| named(true)(ask) && !self.correlated(ask) && like_secret(ask);
            inner.asks.iter().any(secret)
        });
        keyed
            && !looked_up
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
    fn opens(&self, relation: &Relation) -> bool {
        if relation.is_view() {
            let text = tokens(relation.definition.as_deref().unwrap_or_default());
            return !self.identity(&text) && !relation.invoker;
        }
        if self.survey.skips(self.role, relation) {
            return true;
        }
        let holes = |permissive: bool| {
            let policies = self.survey.policies_for(self.role, relation.oid);
            policies
                .filter(move |read| read.policy.permissive == permissive)
                .map(|read| {
                    let lens = Lens {
                        depth: self.depth.saturating_sub(1),
                        ..Lens::new(self.survey, self.role, relation, &read.policy.relations)
                    };
                    lens.node(&read.text.node)
                })
        };
        self.depth > 0
            && holes(true).any(|hole| hole.is_some_and(|hole| hole.shows_all()))
            && holes(false).all(|hole| hole.is_some())
    }
}

/// Whether the text asks for a caller who is more than anybody's member: a
/// role or flag that it names makes it a gate for staff.
pub fn privileged(text: &[Token]) -> bool {
    const COMMON: [&str; 16] = [
        "active",
        "accepted",
        "approved",
        "authenticated",
        "confirmed",
        "enabled",
        "guest",
        "joined",
        "member",
        "removed",
        "suspended",
        "true",
        "user",
        "verified",
        "viewer",
        "",
    ];
    let high = |word: &str| {
        let word = word.to_lowercase();
        ["admin", "staff", "super", "support", "internal"]
            .iter()
            .any(|high| word.contains(high))
    };
    let mut common = false;
    for (at, token) in text.iter().enumerate() {
        let Token::Text(value) = token else { continue };
        let before = at.checked_sub(1).map(|i| &text[i]);
        let key = before.is_some_and(|t| ["->", "->>", "#>", "#>>"].iter().any(|s| t.is_sign(s)));
        if COMMON.contains(&value.as_str()) || with_common(text, at, &COMMON) {
            common = true;
        } else if key && high(value) || !key && !value.contains('.') {
            return true;
        }
    }
    text.iter()
        .any(|t| matches!(t, Token::Word(w) if high(w) || !common && w.contains("role")))
}

/// Whether the word at `at` stands in a list with one that anybody may be.
fn with_common(text: &[Token], at: usize, common: &[&str]) -> bool {
    let Some(open) = text[..at].iter().rposition(|t| t.is_sign("[")) else {
        return false;
    };
    let end = text[open..].iter().position(|t| t.is_sign("]"));
    let end = end.map_or(open, |length| open + length);
    let words = text[open..end].iter();
    let mut words = words.filter_map(|t| match t {
        Token::Text(word) => Some(word.as_str()),
        _ => None,
    });
    at < end && words.any(|word| common.contains(&word))
}

/// Whether a table that a sub-select reads can keep rows of it away: what is
/// joined by LEFT JOIN keeps none away.
fn binds(atom: &[Token], relation: &Relation) -> bool {
    let name = word_of(&relation.name);
    let named = |at: &usize| {
        let column = atom.get(at + 1).is_some_and(|next| next.is_sign("."));
        atom[*at].is_word(&name) && !column
    };
    (0..atom.len()).filter(named).any(|at| {
        let schema = at >= 2 && atom[at - 1].is_sign(".");
        let start = if schema { at - 2 } else { at };
        let before = &atom[..start];
        !matches!(before, [.., a, b] if a.is_word("left") && b.is_word("join"))
    })
}

fn like_secret(text: &[Token]) -> bool {
    let secret = |word: &str| {
        ["token", "session", "secret"]
            .iter()
            .any(|w| word.contains(w))
    };
    let column = |t: &Token| matches!(t, Token::Word(word) if secret(word));
    text.iter().any(column)
}
