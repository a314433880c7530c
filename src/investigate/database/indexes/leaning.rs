//! Which look-ups a policy's condition makes: what it compares with the
//! caller or with another table's row, on its own table, in its sub-selects,
//! and in the functions it calls.
//!
//! Texts that the server wrote are read exactly; bodies of functions are read
//! as far as their names can be resolved.

use super::key::{Key, normal};
use super::scope::{Column, Names, Scope, refs};
use crate::investigate::database::atom::subselect_mask;
use crate::investigate::database::expression::{
    Node, Token, closing, comparison, parse, split_on, strip_parens,
};
use crate::investigate::database::helpers::calls;
use crate::investigate::database::snapshot::Oid;
use crate::investigate::database::survey::{ReadPolicy, Survey};
use std::collections::{BTreeMap, BTreeSet};

/// How many functions deep a call is followed.
const DEPTH: usize = 3;

/// How a key is compared, which decides what can serve it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// With one value, or with an array of them.
    Equal,
    /// `@>`: an array holds values.
    Contains,
    /// With the rows of a sub-select by IN, which are hashed.
    Hashed,
    /// Inside a sub-select, with that sub-select's rows.
    Inside,
    /// `value = ANY (key)`: no index serves it as it is written.
    Member,
}

/// A key that has to be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lean {
    pub key: Key,
    pub form: Form,
}

/// What is looked up together on one table: joined by AND.
#[derive(Debug, Clone)]
pub struct Group {
    pub relation: Oid,
    pub policy: Oid,
    /// The function in which the look-up stands, if not in the policy itself.
    pub function: Option<Oid>,
    pub leans: Vec<Lean>,
    /// Keys compared with constants.
    pub fixed: Vec<Key>,
    /// Every piece that is required, for conditions of partial indexes.
    pub said: Vec<Vec<Token>>,
}

/// The look-ups of one policy, and functions it calls whose text cannot be
/// read.
pub fn groups(survey: &Survey, names: &Names, read: &ReadPolicy) -> (Vec<Group>, BTreeSet<Oid>) {
    let mut walk = Walk {
        survey,
        names,
        policy: read.policy.oid,
        function: None,
        depth: 0,
        seen: BTreeSet::new(),
        opaque: BTreeSet::new(),
        out: Vec::new(),
    };
    let scope = Scope::own(survey, read.policy.relation);
    walk.condition(vec![parse(&read.text.tokens)], &scope);
    (walk.out, walk.opaque)
}

struct Walk<'a> {
    survey: &'a Survey,
    names: &'a Names,
    policy: Oid,
    function: Option<Oid>,
    depth: usize,
    seen: BTreeSet<Oid>,
    opaque: BTreeSet<Oid>,
    out: Vec<Group>,
}

impl Walk<'_> {
    /// Conditions that must all hold.
    fn condition(&mut self, all: Vec<Node>, scope: &Scope) {
        let mut atoms = Vec::new();
        let mut todo = all;
        while let Some(node) = todo.pop() {
            match node {
                Node::And(parts) => todo.extend(parts),
                Node::Or(parts) => {
                    for part in parts {
                        self.condition(vec![part], scope);
                    }
                }
                // What must not be is looked up by nothing; what it reads is.
                Node::Not(inner) => self.inner(&inner, scope),
                Node::Atom(atom) => atoms.push(atom),
            }
        }
        self.together(&atoms, scope);
        for atom in &atoms {
            self.nested(atom, scope);
        }
    }

    fn inner(&mut self, node: &Node, scope: &Scope) {
        match node {
            Node::Or(parts) | Node::And(parts) => {
                for part in parts {
                    self.inner(part, scope);
                }
            }
            Node::Not(inner) => self.inner(inner, scope),
            Node::Atom(atom) => self.nested(atom, scope),
        }
    }

    /// Groups what these pieces compare, by table.
    fn together(&mut self, atoms: &[Vec<Token>], scope: &Scope) {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        let mut alone = Vec::new();
        let said: Vec<Vec<Token>> = atoms.iter().map(|atom| scope.bare(atom)).collect();
        for atom in atoms {
            for (column, key, form) in self.compared(atom, scope) {
                let new = || Group {
                    relation: column.relation,
                    policy: self.policy,
                    function: self.function,
                    leans: Vec::new(),
                    fixed: Vec::new(),
                    said: said.clone(),
                };
                match form {
                    Some(form @ (Form::Contains | Form::Member)) => {
                        let mut group = new();
                        group.leans.push(Lean { key, form });
                        alone.push(group);
                    }
                    Some(form) => {
                        let group = groups.entry(column.table.clone()).or_insert_with(new);
                        group.leans.push(Lean { key, form });
                    }
                    None => {
                        let group = groups.entry(column.table.clone()).or_insert_with(new);
                        group.fixed.push(key);
                    }
                }
            }
        }
        let all = groups.into_values().chain(alone);
        self.out.extend(all.filter(|group| !group.leans.is_empty()));
    }

    /// The keys a piece compares; without a form where it is a constant.
    fn compared(&self, atom: &[Token], scope: &Scope) -> Vec<(Column, Key, Option<Form>)> {
        let atom = strip_parens(atom);
        let (left, right, hashed) = match (comparison(atom), &split_on(atom, "in")[..]) {
            (Some((left, "=", right)), _) => (left, right, false),
            (Some((left, "@>", right)), _) => {
                let found = self.key(left, right, scope);
                let contains = |(column, key)| (column, key, Some(Form::Contains));
                return found.map(contains).into_iter().collect();
            }
            (None, [left, right]) if !left.last().is_some_and(|t| t.is_word("not")) => {
                (*left, *right, true)
            }
            _ => return Vec::new(),
        };
        let mut found = Vec::new();
        for (side, other) in [(left, right), (right, left)] {
            let any = side.first().is_some_and(|t| t.is_word("any"));
            let inside = if any { &side[1..] } else { side };
            let Some((column, key)) = self.key(inside, other, scope) else {
                continue;
            };
            let form = match () {
                () if constant(other) => None,
                () if any => Some(Form::Member),
                () if !scope.local(&column.table) => Some(Form::Inside),
                () if hashed => Some(Form::Hashed),
                () => Some(Form::Equal),
            };
            found.push((column, key, form));
        }
        found
    }

    /// The one key that a side is, if the other side does not need its row.
    fn key(&self, side: &[Token], other: &[Token], scope: &Scope) -> Option<(Column, Key)> {
        if side.iter().any(|t| t.is_word("select")) {
            return None;
        }
        let columns = refs(self.survey, scope, side);
        let mut columns = columns.into_iter();
        let column = columns.next().filter(|_| columns.next().is_none())?;
        let needed = refs(self.survey, scope, other);
        let deep = |pair: &[Token]| pair[0].is_word(&column.table) && pair[1].is_sign(".");
        if needed.iter().any(|other| other.table == column.table) || other.windows(2).any(deep) {
            return None;
        }
        // A function of the database's users in a key would have to be frozen.
        let own = |(name, _): &(String, usize)| !self.survey.helpers.named(name).is_empty();
        if calls(side).iter().any(own) {
            return None;
        }
        let kind = self
            .survey
            .relation(column.relation)
            .and_then(|relation| relation.column(&column.name))
            .map(|column| column.kind.as_str())?;
        let key = Key::over(&column.name, kind, &scope.bare(side));
        Some((column, key))
    }

    /// Sub-selects and functions within a piece.
    fn nested(&mut self, tokens: &[Token], scope: &Scope) {
        let mut at = 0;
        while at < tokens.len() {
            let selects =
                tokens[at].is_sign("(") && tokens.get(at + 1).is_some_and(|t| t.is_word("select"));
            if selects {
                let end = closing(tokens, at).unwrap_or(tokens.len());
                self.select(&tokens[at + 2..end], scope);
                at = end;
            }
            at += 1;
        }
        let mask = subselect_mask(tokens);
        for (name, open) in calls(tokens) {
            if !mask.get(open).copied().unwrap_or_default() {
                self.call(&name);
            }
        }
    }

    /// What stands after SELECT.
    fn select(&mut self, text: &[Token], outer: &Scope) {
        for part in split_on(text, "union") {
            let selected = split_on(part, "from")[0];
            self.nested(selected, outer);
            let Some(from) = part.get(selected.len() + 1..) else {
                continue;
            };
            let halves = split_on(from, "where");
            let tables = halves[0];
            let scope = outer.within(self.survey, self.names, tables);
            let mut all = joins(tables);
            if let Some(condition) = halves.get(1) {
                let ends = ["group", "order", "limit", "having", "window", "for", "into"];
                let end = ends.iter().map(|word| split_on(condition, word)[0].len());
                let end = end.min().unwrap_or(condition.len());
                all.push(parse(&condition[..end]));
            }
            self.nested(tables, outer);
            self.condition(all, &scope);
        }
    }

    /// The look-ups in a function's body.
    fn call(&mut self, name: &str) {
        for oid in self.survey.helpers.named(name).to_vec() {
            let Some(helper) = self.survey.helpers.get(oid) else {
                continue;
            };
            let extension = self.survey.function(oid).is_none_or(|f| f.extension);
            if extension || self.depth == DEPTH || !self.seen.insert(oid) {
                continue;
            }
            if !helper.readable {
                self.opaque.insert(oid);
                continue;
            }
            let before = self.function;
            self.function = before.or(Some(oid));
            self.depth += 1;
            let body = helper.body.clone();
            self.body(&body);
            self.depth -= 1;
            self.function = before;
        }
    }

    /// A body has statements, of which only the queries look anything up.
    fn body(&mut self, body: &[Token]) {
        let scope = Scope::default();
        let mut at = 0;
        while at < body.len() {
            if body[at].is_word("select") || body[at].is_word("perform") {
                let end = end_of_query(body, at + 1);
                self.select(&body[at + 1..end], &scope);
                at = end;
            } else {
                at += 1;
            }
        }
        for (name, _) in calls(body) {
            self.call(&name);
        }
    }
}

/// Where a query ends: at a semicolon or the parenthesis around it.
fn end_of_query(body: &[Token], from: usize) -> usize {
    let mut depth = 0_usize;
    for (i, token) in body.iter().enumerate().skip(from) {
        if token.is_sign("(") {
            depth += 1;
        } else if token.is_sign(")") {
            match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return i,
            }
        } else if token.is_sign(";") {
            return i;
        }
    }
    body.len()
}

/// The conditions of joins.
fn joins(tables: &[Token]) -> Vec<Node> {
    let mask = subselect_mask(tables);
    let mut found = Vec::new();
    for (i, token) in tables.iter().enumerate() {
        if !token.is_word("on") || mask[i] {
            continue;
        }
        let rest = &tables[i + 1..];
        let end = if rest.first().is_some_and(|t| t.is_sign("(")) {
            closing(rest, 0).map_or(rest.len(), |end| end + 1)
        } else {
            let next = ["join", "left", "right", "inner", "full", "cross", ","];
            let stops = |t: &Token| next.iter().any(|w| t.is_word(w) || t.is_sign(w));
            rest.iter().position(stops).unwrap_or(rest.len())
        };
        found.push(parse(&rest[..end]));
    }
    found
}

/// Whether nothing but fixed values stands there.
fn constant(side: &[Token]) -> bool {
    let mut fixed = false;
    for token in normal(side) {
        match token {
            // An argument of a function is another value each time.
            Token::Number(number) if number.starts_with('$') => return false,
            Token::Text(_) | Token::Number(_) => fixed = true,
            Token::Word(word) if matches!(word.as_str(), "true" | "false" | "null") => fixed = true,
            Token::Word(word) if matches!(word.as_str(), "any" | "array") => {}
            Token::Word(_) if fixed => {}
            Token::Word(_) => return false,
            Token::Sign(_) => {}
        }
    }
    fixed
}

#[cfg(test)]
mod tests;
