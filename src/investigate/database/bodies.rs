//! Judges a policy's helper function by its body, in place of its call.

use super::atom::constant;
use super::expression::{Token, closing, comparison, parse, plain};
use super::helpers::{Helper, calls};
use super::hole::Hole;
use super::judge::{Lens, Row};
use super::token::word_of;
use std::borrow::Cow;
use std::collections::BTreeSet;

impl Lens<'_> {
    /// The user function that is all of the atom, or compared with true.
    pub(super) fn boolean_helper<'b>(&'b self, atom: &[Token]) -> Option<(String, &'b Helper)> {
        let atom = match comparison(atom) {
            Some((left, "=", right)) if right.len() == 1 && right[0].is_word("true") => left,
            Some(_) => return None,
            None => atom,
        };
        let (name, open) = calls(atom).into_iter().next()?;
        let whole = closing(atom, open) == Some(atom.len() - 1)
            && open == if name.contains('.') { 3 } else { 1 };
        let oid = *self.survey.helpers.named(&name).first().filter(|_| whole)?;
        Some((name, self.survey.helpers.get(oid)?))
    }

    /// Judges a helper's body in place of its call.
    pub(super) fn helper(&self, name: &str, helper: &Helper, atom: &[Token]) -> Option<Hole> {
        if !helper.readable
            || self.depth == 0
            || self.survey.helpers.named(name).len() > 1 && self.overloads_differ(name)
        {
            return None;
        }
        let asked = self.rows(atom);
        let told = self.survey.helpers.identity_in(arguments(atom));
        if let Some(result) = &helper.result {
            let inside = Lens {
                row: Row::Arguments(&helper.arguments),
                table: Cow::Borrowed(name.rsplit('.').next().unwrap_or(name)),
                relation: None,
                inner: &[],
                depth: self.depth - 1,
                ..self.clone()
            };
            if constant(&plain(result)) == Some(false) {
                return None;
            }
            // Who is asking may come in as an argument: then only what takes no
            // notice of it is open.
            let hole = inside.node(&parse(result));
            if let Some(hole) = hole.filter(|hole| !told || hole.shows_all()) {
                return Some(match hole {
                    Hole::Unscoped { .. } | Hole::NullTenant => Hole::Unscoped { published: false },
                    Hole::SignedIn | Hole::NullClaim if !asked => hole,
                    _ => Hole::Helper(name.to_owned()),
                });
            }
        }
        let ignores = asked
            && !helper.arguments.is_empty()
            && (!helper.uses_arguments || self.hidden(name, helper));
        let blind = asked && !told && helper.result.is_none() && self.blind(name, helper);
        (ignores || blind).then(|| Hole::Helper(name.to_owned()))
    }

    /// Whether nothing the body does can depend on who is asking: it reads no
    /// claim, and no table whose policies would read one for it.
    fn blind(&self, name: &str, helper: &Helper) -> bool {
        let definer = self
            .survey
            .helpers
            .named(name)
            .iter()
            .filter_map(|oid| self.survey.function(*oid))
            .all(|function| function.definer);
        let words = || {
            helper.body.iter().filter_map(|token| match token {
                Token::Word(word) => Some(word.as_str()),
                _ => None,
            })
        };
        let opaque = words().any(|word| word == "execute")
            || calls(&helper.body).iter().any(|(called, _)| {
                let known = self.survey.helpers.named(called);
                known
                    .iter()
                    .any(|oid| self.survey.helpers.get(*oid).is_some_and(|h| !h.readable))
            });
        let guarded = || {
            let relations = self.survey.snapshot.relations.iter();
            let mut bound = relations.filter(|relation| relation.rls || relation.is_view());
            bound.any(|relation| words().any(|word| word == relation.name))
        };
        !helper.identity && !opaque && (definer || !guarded())
    }

    /// Whether every argument that the body means to use has the name of a
    /// column it reads: in SQL the column is what such a name stands for.
    fn hidden(&self, name: &str, helper: &Helper) -> bool {
        let survey = self.survey;
        let own = name.rsplit('.').next().unwrap_or(name);
        let mut named = survey.helpers.named(name).iter();
        let sql = named.all(|oid| survey.function(*oid).is_some_and(|f| f.language == "sql"));
        let word = |token: &Token| match token {
            Token::Word(word) | Token::Number(word) => Some(word.clone()),
            _ => None,
        };
        let read: BTreeSet<String> = helper.body.iter().filter_map(word).collect();
        let column = |argument: &str| {
            let mut relations = survey.snapshot.relations.iter();
            relations.any(|relation| {
                read.contains(&word_of(&relation.name))
                    && relation
                        .columns
                        .iter()
                        .any(|c| word_of(&c.name) == argument)
            })
        };
        let mut uses = helper.body.iter().enumerate().filter(|(i, token)| {
            let qualifier = i.checked_sub(2).filter(|_| helper.body[i - 1].is_sign("."));
            word(token).is_some_and(|used| helper.arguments.contains(&used))
                && qualifier.is_none_or(|at| helper.body[at].is_word(own))
        });
        let by_name = |i: usize| i >= 2 && helper.body[i - 1].is_sign(".");
        sql && uses.all(|(i, token)| !by_name(i) && word(token).is_some_and(|used| column(&used)))
    }

    fn overloads_differ(&self, name: &str) -> bool {
        let uses: BTreeSet<bool> = self
            .survey
            .helpers
            .named(name)
            .iter()
            .filter_map(|oid| self.survey.helpers.get(*oid))
            .map(|helper| helper.uses_arguments)
            .collect();
        uses.len() > 1
    }
}

/// What stands between the parentheses of a call.
fn arguments(atom: &[Token]) -> &[Token] {
    let open = atom.iter().position(|token| token.is_sign("("));
    open.and_then(|open| atom.get(open + 1..closing(atom, open)?))
        .unwrap_or_default()
}
