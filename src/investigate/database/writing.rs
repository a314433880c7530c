//! What a role may write of a table under row security, and which conditions
//! and triggers hold it back.
//!
//! The server ORs permissive policies here as it does for reads. A condition
//! that cannot be read, or that may hold back what it does not name, counts as
//! closed: this file accuses, it never clears.

use super::atom::{constant, listed, null_test, selects};
use super::expression::said::Said;
use super::expression::{Node, Token, comparison, plain};
use super::helpers::calls;
use super::hole::Hole;
use super::judge::Lens;
use super::judge::inner::captured;
use super::judge::row::Row;
use super::members::user_column;
use super::roles::Station;
use super::snapshot::{Policy, Relation, Write};
use super::survey::Survey;
use super::token::word_of;

/// A kind of write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    Insert,
    Update,
    Delete,
}

/// The rows a condition is about: those that are there, or as they will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Old,
    New,
}

/// Words in a list of allowed values that give more than a member has.
const POWER: [&str; 4] = ["admin", "owner", "staff", "super"];

/// Policies with the condition each has.
type Conditions<'a> = Vec<(&'a Policy, &'a Said)>;

/// One role before one table.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    pub survey: &'a Survey,
    pub relation: &'a Relation,
    pub write: &'a Write,
}

impl<'a> Writer<'a> {
    /// Whether the role may do this at all.
    pub fn may(&self, act: Act) -> bool {
        match act {
            Act::Insert => !self.write.inserts.none(),
            Act::Update => !self.write.updates.none(),
            Act::Delete => self.write.deletes,
        }
    }

    /// The policies that let strangers' rows through, and how; none where a
    /// restrictive one closes them.
    pub fn open(&self, act: Act, side: Side) -> Vec<(&'a Policy, Hole)> {
        let hole = |policy: &'a Policy, text: &Said| {
            (!text.tokens.is_empty()).then(|| self.lens(policy).node(&text.node))?
        };
        let (wide, narrow) = self.conditions(act, side);
        if narrow.iter().any(|(p, text)| hole(p, text).is_none()) {
            return Vec::new();
        }
        wide.iter()
            .filter_map(|(policy, text)| Some((*policy, hole(policy, text)?)))
            .collect()
    }

    /// The policies under which the caller chooses the column's value freely.
    pub fn free(&self, act: Act, column: &str) -> Vec<&'a Policy> {
        let granted = match act {
            Act::Insert => &self.write.inserts,
            _ => &self.write.updates,
        };
        let reached = act == Act::Insert || !self.untied(act, Side::Old, None).is_empty();
        if !granted.has(column) || !reached || self.triggered(act, column) {
            return Vec::new();
        }
        self.untied(act, Side::New, Some(column))
    }

    fn untied(&self, act: Act, side: Side, column: Option<&str>) -> Vec<&'a Policy> {
        let tied = |policy: &'a Policy, text: &Said| {
            let lens = self.lens(policy);
            // Whoever did not sign in meets no condition on who they are.
            let nobody = lens.station == Station::Anonymous
                && lens.identity(&text.tokens)
                && lens.node(&text.node).is_none();
            text.tokens.is_empty() || nobody || self.tied(&lens, &text.node, column)
        };
        let (wide, narrow) = self.conditions(act, side);
        if narrow.iter().any(|(p, text)| tied(p, text)) {
            return Vec::new();
        }
        wide.iter()
            .filter(|(policy, text)| !tied(policy, text))
            .map(|(policy, _)| *policy)
            .collect()
    }

    fn lens(&self, policy: &'a Policy) -> Lens<'a> {
        Lens::new(
            self.survey,
            self.write.role,
            self.relation,
            &policy.relations,
        )
    }

    /// The conditions in force, permissive and restrictive.
    fn conditions(&self, act: Act, side: Side) -> (Conditions<'a>, Conditions<'a>) {
        let command = match act {
            Act::Insert => "a",
            Act::Update => "w",
            Act::Delete => "d",
        };
        let survey = self.survey;
        let all = survey.policies(self.relation.oid).iter();
        all.filter(|read| read.policy.command == command || read.policy.command == "*")
            .filter(|read| {
                let mut roles = read.policy.roles.iter();
                roles.any(|to| survey.roles.has(self.write.role, *to))
            })
            .map(|read| match side {
                Side::Old => (&read.policy, &*read.text),
                Side::New => (&read.policy, &*read.new_text),
            })
            // A policy that says nothing about this side adds nothing to it.
            .filter(|(policy, text)| !text.tokens.is_empty() || policy.unread)
            .partition(|(policy, _)| policy.permissive)
    }

    /// Whether a condition holds the column to a value that is not the
    /// caller's to choose, or lets only chosen callers pass.
    fn tied(&self, lens: &Lens<'_>, node: &Node, column: Option<&str>) -> bool {
        match node {
            Node::Or(parts) => parts.iter().all(|part| self.tied(lens, part, column)),
            Node::And(parts) => parts.iter().any(|part| self.tied(lens, part, column)),
            Node::Not(inner) => match &**inner {
                Node::Atom(atom) => self.tied_by(lens, &plain(atom), column),
                _ => true,
            },
            Node::Atom(atom) => self.tied_by(lens, &plain(atom), column),
        }
    }

    fn tied_by(&self, lens: &Lens<'_>, atom: &[Token], column: Option<&str>) -> bool {
        let named = |row| {
            let mut lens = lens.clone();
            lens.row = row;
            lens.rows(atom)
        };
        if let Some(value) = constant(atom) {
            return !value;
        }
        if column.is_some_and(|column| named(Row::One(column))) {
            return holds(atom);
        }
        if lens.identity(atom) && !lens.rows(atom) {
            return lens.node(&Node::Atom(atom.to_vec())).is_none();
        }
        let user = user_column(self.survey, self.relation);
        let others = Row::Others(&self.relation.columns, user);
        let elsewhere = selects(atom) || !calls(atom).is_empty();
        // Another row, found by this one, may say what the text here does not.
        column.is_some() && elsewhere && (named(others) || !lens.rows(atom)) && !captured(atom)
    }

    /// Whether a trigger refuses or replaces the value.
    pub fn triggered(&self, act: Act, column: &str) -> bool {
        let number = self.relation.column(column).map(|column| column.num);
        let triggers = self.survey.snapshot.triggers.iter();
        triggers
            .filter(|t| t.relation == self.relation.oid)
            .filter(|t| match act {
                Act::Insert => t.inserts,
                Act::Update => t.updates,
                Act::Delete => false,
            })
            .any(|trigger| {
                let bound = number.is_some_and(|number| trigger.columns.contains(&number));
                let helper = self.survey.helpers.get(trigger.function);
                helper.is_some_and(|helper| {
                    let body = &helper.body;
                    let word = word_of(column);
                    let named = bound || body.iter().any(|t| t.is_word(&word));
                    named && (refuses(body) || assigns(body, &word))
                })
            })
    }
}

/// Whether an atom that names the column says what it may hold.
fn holds(atom: &[Token]) -> bool {
    let same = comparison(atom).is_some_and(|(left, _, right)| left == right);
    let choice = comparison(atom).and_then(|(_, _, right)| listed(right));
    let power = choice.is_some_and(|list| {
        let mut words = list.iter();
        words.any(|text| POWER.iter().any(|power| text.contains(power)))
    });
    null_test(atom).is_none() && !same && !captured(atom) && !power
}

/// `RAISE` of an error, or the row given up.
fn refuses(body: &[Token]) -> bool {
    let told = ["notice", "warning", "info", "log", "debug"];
    body.windows(2).any(|w| {
        w[0].is_word("raise") && !told.iter().any(|level| w[1].is_word(level))
            || w[0].is_word("return") && (w[1].is_word("null") || w[1].is_word("old"))
    })
}

/// `NEW.column := ..`.
fn assigns(body: &[Token], column: &str) -> bool {
    body.windows(4).any(|w| {
        let to = matches!(&w[3], Token::Sign(sign) if sign.starts_with(':') && sign != "::");
        w[0].is_word("new")
            && w[1].is_sign(".")
            && w[2].is_word(column)
            && (to || w[3].is_sign("="))
    })
}
