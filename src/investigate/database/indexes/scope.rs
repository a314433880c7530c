//! Which table a name in a query means.

use super::key::normal;
use crate::investigate::database::atom::subselect_mask;
use crate::investigate::database::expression::Token;
use crate::investigate::database::snapshot::Oid;
use crate::investigate::database::survey::Survey;
use crate::investigate::database::token::word_of;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Words that end the name of a table rather than give it another.
const NO_ALIAS: [&str; 16] = [
    "on",
    "join",
    "inner",
    "left",
    "right",
    "full",
    "cross",
    "natural",
    "using",
    "where",
    "group",
    "order",
    "limit",
    "lateral",
    "tablesample",
    "for",
];

/// Every table by the names that texts give it.
#[derive(Debug, Default)]
pub struct Names {
    full: HashMap<(String, String), Oid>,
    bare: HashMap<String, Vec<Oid>>,
}

impl Names {
    /// Indexes the survey's tables.
    pub fn new(survey: &Survey) -> Self {
        let mut names = Self::default();
        for relation in survey.snapshot.relations.iter().filter(|r| r.is_table()) {
            let name = word_of(&relation.name);
            let full = (word_of(&relation.schema), name.clone());
            names.full.insert(full, relation.oid);
            names.bare.entry(name).or_default().push(relation.oid);
        }
        names
    }

    /// The only table of that name.
    fn only(&self, name: &str) -> Option<Oid> {
        match self.bare.get(name)?[..] {
            [oid] => Some(oid),
            _ => None,
        }
    }
}

/// A column of a table, as one query knows that table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    pub table: String,
    pub relation: Oid,
    pub name: String,
}

/// The tables a piece of text can name.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    local: BTreeMap<String, Oid>,
    outer: BTreeMap<String, Oid>,
}

impl Scope {
    /// A policy's own table.
    pub fn own(survey: &Survey, relation: Oid) -> Self {
        let named = survey.relation(relation);
        let local = named.map(|named| (word_of(&named.name), relation));
        Self {
            local: local.into_iter().collect(),
            outer: BTreeMap::new(),
        }
    }

    /// A sub-select that reads these tables.
    pub fn within(&self, survey: &Survey, names: &Names, tables: &[Token]) -> Self {
        let mut outer = self.outer.clone();
        outer.extend(self.local.clone());
        Self {
            local: named(survey, names, tables),
            outer,
        }
    }

    /// Whether the innermost query reads that table itself.
    pub fn local(&self, table: &str) -> bool {
        self.local.contains_key(table)
    }

    fn of(&self, table: &str) -> Option<Oid> {
        let found = self.local.get(table).or_else(|| self.outer.get(table));
        found.copied()
    }

    /// Without the names of tables before columns.
    pub fn bare(&self, tokens: &[Token]) -> Vec<Token> {
        let mut out = Vec::with_capacity(tokens.len());
        let mut at = 0;
        while at < tokens.len() {
            let table = match &tokens[at] {
                Token::Word(word) => self.of(word).is_some(),
                _ => false,
            };
            let dot = tokens.get(at + 1).is_some_and(|t| t.is_sign("."));
            let first = at == 0 || !tokens[at - 1].is_sign(".");
            if table && dot && first {
                at += 2;
                continue;
            }
            out.push(tokens[at].clone());
            at += 1;
        }
        normal(&out)
    }
}

/// The tables of a FROM, by the name the query gives each.
fn named(survey: &Survey, names: &Names, tables: &[Token]) -> BTreeMap<String, Oid> {
    let mask = subselect_mask(tables);
    let mut found = BTreeMap::new();
    let mut at = 0;
    while at < tables.len() {
        let begins = at == 0
            || [",", "("].iter().any(|s| tables[at - 1].is_sign(s))
            || ["join", "only"].iter().any(|w| tables[at - 1].is_word(w));
        let Token::Word(word) = &tables[at] else {
            at += 1;
            continue;
        };
        if mask[at] || !begins {
            at += 1;
            continue;
        }
        let (oid, name, end) = match tables.get(at + 1..at + 3) {
            Some([dot, Token::Word(name)]) if dot.is_sign(".") => {
                let full = (word.clone(), name.clone());
                (names.full.get(&full).copied(), name, at + 3)
            }
            _ => (names.only(word), word, at + 1),
        };
        let skip = usize::from(tables.get(end).is_some_and(|t| t.is_word("as")));
        let alias = match tables.get(end + skip) {
            Some(Token::Word(alias)) if !NO_ALIAS.contains(&alias.as_str()) => alias,
            _ => name,
        };
        if let Some(oid) = oid.filter(|oid| survey.relation(*oid).is_some()) {
            found.insert(alias.clone(), oid);
        }
        at = end;
    }
    found
}

/// The columns a piece reads outside its sub-selects.
pub fn refs(survey: &Survey, scope: &Scope, tokens: &[Token]) -> BTreeSet<Column> {
    let mask = subselect_mask(tokens);
    let sign = |at: Option<usize>, sign: &str| {
        at.and_then(|at| tokens.get(at))
            .is_some_and(|t| t.is_sign(sign))
    };
    let mut found = BTreeSet::new();
    for (i, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let before = i.checked_sub(1);
        let called = sign(Some(i + 1), "(") || sign(Some(i + 1), ".");
        if mask[i] || called || sign(before, "::") {
            continue;
        }
        let column = if sign(before, ".") {
            let Some(Token::Word(table)) = i.checked_sub(2).map(|at| &tokens[at]) else {
                continue;
            };
            // `type.part` after a cast and `schema.function(` are none.
            if sign(i.checked_sub(3), "::") {
                continue;
            }
            let oid = scope.of(table);
            oid.and_then(|oid| column(survey, table, oid, word))
        } else {
            bare(survey, scope, word)
        };
        found.extend(column);
    }
    found
}

fn column(survey: &Survey, table: &str, oid: Oid, word: &str) -> Option<Column> {
    let relation = survey.relation(oid)?;
    let found = relation
        .columns
        .iter()
        .find(|c| word_of(&c.name) == *word)?;
    Some(Column {
        table: table.to_owned(),
        relation: oid,
        name: found.name.clone(),
    })
}

/// A name without a table: of the one table that has such a column, the
/// nearest query first.
fn bare(survey: &Survey, scope: &Scope, word: &str) -> Option<Column> {
    for tables in [&scope.local, &scope.outer] {
        let found = tables
            .iter()
            .filter_map(|(table, oid)| column(survey, table, *oid, word));
        let mut found: Vec<Column> = found.collect();
        match found.len() {
            0 => {}
            1 => return found.pop(),
            _ => return None,
        }
    }
    None
}
