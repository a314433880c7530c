//! Judges a policy's helper function by its body, in place of its call.

use super::atom::{constant, subselect_mask};
use super::expression::{Token, closing, comparison, parse, plain};
use super::helpers::{Helper, calls};
use super::hole::Hole;
use super::judge::Lens;
use super::judge::row::Row;
use super::scope::body_narrows;
use super::token::word_of;
use super::trust::privileged;
use std::borrow::Cow;

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
        let given = given(atom.get(open + 1..atom.len() - 1).filter(|_| whole)?);
        let helper = self.survey.helpers.called(&name, given)?;
        Some((name, helper))
    }

    /// A helper on one side that takes a value of the row and ignores it. One
    /// that gives the caller's own value still ties it to the other side.
    pub(super) fn ignored_helper(&self, left: &[Token], right: &[Token]) -> Option<Hole> {
        let one = |side: &[Token], other: &[Token]| {
            let (_, helper) = self.boolean_helper(side)?;
            let tied = helper.identity && self.rows(other);
            self.ignoring(side).filter(|_| !tied)
        };
        one(left, right).or_else(|| one(right, left))
    }

    /// The same for a value that is only looked at.
    pub(super) fn ignoring(&self, value: &[Token]) -> Option<Hole> {
        let (name, helper) = self.boolean_helper(value)?;
        (helper.readable && self.rows(value) && !self.notices(helper)).then_some(Hole::Helper(name))
    }

    /// Whether the body looks at any of its arguments. In SQL a bare name means
    /// a column of what is selected from before it means an argument.
    fn notices(&self, helper: &Helper) -> bool {
        *helper.noticed.get_or_init(|| self.looks_at(helper))
    }

    fn looks_at(&self, helper: &Helper) -> bool {
        let bound = |word: &str| helper.arguments.contains(word);
        if !helper.uses_arguments || !helper.sql {
            return helper.uses_arguments;
        }
        let body = helper.result.as_deref().unwrap_or(&helper.body);
        let inside = match &helper.result {
            Some(result) => subselect_mask(result),
            None => vec![true; body.len()],
        };
        let relations = self.survey.snapshot.relations.iter();
        let read: Vec<_> = relations
            .filter(|relation| body.iter().any(|t| t.is_word(&word_of(&relation.name))))
            .collect();
        body.iter().enumerate().any(|(at, token)| match token {
            Token::Number(word) => bound(word),
            Token::Word(word) if bound(word) => {
                let behind = (at >= 2 && body[at - 1].is_sign(".")).then(|| &body[at - 2]);
                let column = || {
                    let mut columns = read.iter().flat_map(|relation| &relation.columns);
                    columns.any(|column| word_of(&column.name) == *word)
                };
                match behind {
                    Some(qualifier) => qualifier.is_word(&helper.name),
                    None => !inside[at] || !column(),
                }
            }
            _ => false,
        })
    }

    /// Whether a body that ignores what it is asked about still lets only
    /// staff through, or nobody.
    fn gates(&self, helper: &Helper) -> bool {
        let returns =
            |w: &[Token]| w[0].is_word("return") && !w[1].is_word("false") && !w[1].is_word("null");
        if !helper.sql && !helper.body.windows(2).any(returns) {
            return true;
        }
        let relations = self.survey.snapshot.relations.iter();
        let mut by_tenant = relations.filter(|r| self.survey.tenant(r.oid).is_some());
        let reads_one = by_tenant.any(|r| helper.body.iter().any(|t| t.is_word(&word_of(&r.name))));
        !reads_one && privileged(&helper.body) && body_narrows(&self.survey.helpers, helper)
    }

    /// Judges a helper's body in place of its call.
    pub(super) fn helper(&self, name: &str, helper: &Helper, atom: &[Token]) -> Option<Hole> {
        if !helper.readable || self.depth == 0 {
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
                    Hole::NullTenant => Hole::Unscoped { published: false },
                    Hole::SignedIn if !asked => hole,
                    hole if hole.names_itself() => hole,
                    _ => Hole::Helper(name.to_owned()),
                });
            }
        }
        if helper.result.is_none() && helper.edits {
            return self.somebody(Hole::EditableClaim);
        }
        let ignores = asked && !helper.arguments.is_empty() && !self.notices(helper);
        if ignores && self.gates(helper) {
            return None;
        }
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
}

/// What stands between the parentheses of a call.
fn arguments(atom: &[Token]) -> &[Token] {
    let open = atom.iter().position(|token| token.is_sign("("));
    open.and_then(|open| atom.get(open + 1..closing(atom, open)?))
        .unwrap_or_default()
}

/// How many arguments stand between the parentheses of a call.
fn given(inside: &[Token]) -> i32 {
    let mut depth = 0_i32;
    let commas = inside.iter().filter(|token| {
        let opens = token.is_sign("(") || token.is_sign("[");
        depth += i32::from(opens) - i32::from(token.is_sign(")") || token.is_sign("]"));
        depth == 0 && token.is_sign(",")
    });
    i32::from(!inside.is_empty()) + i32::try_from(commas.count()).unwrap_or(i32::MAX - 1)
}
