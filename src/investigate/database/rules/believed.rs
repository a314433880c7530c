//! Whose policies believe what stands in a table: those that read its columns,
//! by themselves or in the helpers they call.
//!
//! Indexed once by what policies read and call, since every table that
//! somebody may write asks. Used by the rules about writes.

use crate::investigate::database::audience::is_outside;
use crate::investigate::database::expression::{Node, Token};
use crate::investigate::database::helpers::{Helpers, calls};
use crate::investigate::database::judge::Lens;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::{ReadPolicy, Survey};
use crate::investigate::database::token::word_of;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many calls deep a helper's body is followed.
const DEPTH: u8 = 3;

/// Every policy, by what it reads and what it calls.
#[derive(Debug)]
pub struct Believed<'a> {
    survey: &'a Survey,
    readers: HashMap<Oid, Vec<&'a ReadPolicy>>,
    /// By function, the tables on which policies call it.
    callers: BTreeMap<Oid, BTreeSet<Oid>>,
}

impl<'a> Believed<'a> {
    /// Indexes the policies.
    pub fn new(survey: &'a Survey) -> Self {
        let mut readers: HashMap<Oid, Vec<&ReadPolicy>> = HashMap::new();
        let mut callers: BTreeMap<Oid, BTreeSet<Oid>> = BTreeMap::new();
        for read in survey.all_policies() {
            for relation in &read.policy.relations {
                readers.entry(*relation).or_default().push(read);
            }
            for function in &read.policy.functions {
                let tables = callers.entry(*function).or_default();
                tables.insert(read.policy.relation);
            }
        }
        Self {
            survey,
            readers,
            callers,
        }
    }

    /// Other tables whose policies, or the helpers they call, read these
    /// columns of the relation.
    pub fn by(&self, relation: &Relation, columns: &[&str]) -> Vec<&'a Relation> {
        let asked = Asked {
            table: word_of(&relation.name),
            columns: columns.iter().map(|column| word_of(column)).collect(),
        };
        let readers = self.readers.get(&relation.oid).into_iter().flatten();
        let mut tables: BTreeSet<Oid> = readers
            .filter(|read| asked.columns_in(&read.text.tokens))
            .map(|read| read.policy.relation)
            .collect();
        for (function, callers) in &self.callers {
            if asked.within(&self.survey.helpers, *function, DEPTH) {
                tables.extend(callers);
            }
        }
        tables.remove(&relation.oid);
        let tables = tables.into_iter();
        tables.filter_map(|oid| self.survey.relation(oid)).collect()
    }

    /// Of these, the tables whose policies go by that column with no other
    /// test beside it that binds the rows to their caller.
    pub fn alone(&self, relation: &Relation, column: &str) -> Vec<&'a Relation> {
        let asked = Asked {
            table: word_of(&relation.name),
            columns: vec![word_of(column)],
        };
        let mut tables = self.by(relation, &[column]);
        tables.retain(|table| {
            let readers = self.survey.readers(table.oid).map(|(role, _)| role);
            let mut roles = readers.filter(|role| is_outside(self.survey, *role));
            roles.any(|role| {
                let mut policies = self.survey.policies_for(role, table.oid);
                policies.any(|read| {
                    let lens = Lens::new(self.survey, role, table, &read.policy.relations);
                    asked.decides(&lens, &read.text.node)
                })
            })
        });
        tables
    }
}

/// A table and columns of it, as tokens speak of them.
#[derive(Debug)]
struct Asked {
    table: String,
    columns: Vec<String>,
}

impl Asked {
    fn columns_in(&self, text: &[Token]) -> bool {
        let named = |column: &String| text.iter().any(|t| t.is_word(column));
        self.columns.iter().all(named)
    }

    /// Whether the condition lets rows through by the columns alone.
    fn decides(&self, lens: &Lens<'_>, node: &Node) -> bool {
        match node {
            Node::Or(parts) => parts.iter().any(|part| self.decides(lens, part)),
            Node::And(parts) => {
                let (by, beside): (Vec<&Node>, Vec<&Node>) =
                    parts.iter().partition(|part| self.decides(lens, part));
                !by.is_empty() && beside.into_iter().all(|part| lens.node(part).is_some())
            }
            Node::Not(_) => false,
            Node::Atom(atom) => {
                let helpers = &lens.survey.helpers;
                let direct = atom.iter().any(|t| t.is_word(&self.table)) && self.columns_in(atom);
                let called = calls(atom);
                let mut called = called.iter().flat_map(|(name, _)| helpers.named(name));
                direct || called.any(|oid| self.within(helpers, *oid, DEPTH))
            }
        }
    }

    /// Whether the function's body, or what it calls, reads the columns.
    fn within(&self, helpers: &Helpers, function: Oid, depth: u8) -> bool {
        let Some(helper) = helpers.get(function) else {
            return false;
        };
        let read = helper.body.iter().any(|t| t.is_word(&self.table));
        if read && self.columns_in(&helper.body) {
            return true;
        }
        depth > 0
            && calls(&helper.body)
                .iter()
                .flat_map(|(name, _)| helpers.named(name))
                .any(|next| self.within(helpers, *next, depth - 1))
    }
}
