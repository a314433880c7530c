//! The facts of one shape of statement, read once with a parser of SQL.

use super::conditions::Bound;
use super::names::{is_catalog, is_harmless, is_key, is_tenant};
use super::tables::{Walk, parts};
use crate::investigate::logs::gather::aggregates::Statement;
use crate::investigate::logs::gather::distinct::hash;
use sqlparser::ast::UpdateTableFromKind;
use sqlparser::ast::{CopySource, Delete, FromTable, Statement as Sql, TableObject, Update};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

/// Longer shapes, or those with more tokens, are not parsed.
const LONGEST: usize = 64 << 10;
const MOST_TOKENS: usize = 6_000;
/// Bytes of a shape's text that are kept.
const KEPT: usize = 4_000;

/// What is known of a shape.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// `SELECT customers #5f2c91ab`.
    pub label: String,
    pub statement: Statement,
    /// It asks for rows of the app's own tables, or calls its functions.
    pub is_access: bool,
    /// The table whose key is bound, and the slot with the value.
    pub object: Option<(String, usize)>,
    /// The slot with the tenant.
    pub tenant: Option<usize>,
    /// The slot with the limit.
    pub limit: Option<usize>,
}

/// Reads a shape: its text as people read it and as a parser does.
pub fn read(plain: &str, numbered: &str, tokens: usize) -> Facts {
    let mut facts = Facts::default();
    let Some(verb) = plain.split(';').map(first).find(|verb| !is_silent(verb)) else {
        return facts;
    };
    facts.statement.verb = match verb {
        "with" | "table" | "values" => "select".to_owned(),
        _ => verb.to_owned(),
    };
    let parsed = (numbered.len() <= LONGEST && tokens <= MOST_TOKENS)
        .then(|| parse(&facts.statement.verb, numbered))
        .flatten();
    match parsed {
        Some((verb, walk)) => {
            facts.statement.verb = verb;
            fill(&mut facts, &walk);
        }
        None => guess(&mut facts, plain),
    }
    cut(plain).clone_into(&mut facts.statement.text);
    facts.label = label(&facts.statement, plain);
    facts
}

fn first(statement: &str) -> &str {
    let statement = statement.trim_start();
    statement.split([' ', '(']).next().unwrap_or_default()
}

/// Statements that read nobody's rows.
fn is_silent(verb: &str) -> bool {
    const SILENT: [&str; 43] = [
        "begin",
        "start",
        "commit",
        "end",
        "rollback",
        "abort",
        "savepoint",
        "release",
        "set",
        "reset",
        "show",
        "discard",
        "listen",
        "unlisten",
        "notify",
        "prepare",
        "deallocate",
        "close",
        "analyze",
        "vacuum",
        "checkpoint",
        "lock",
        "explain",
        "create",
        "alter",
        "drop",
        "grant",
        "revoke",
        "comment",
        "reindex",
        "cluster",
        "refresh",
        "security",
        "do",
        "load",
        "import",
        "reassign",
        "move",
        "fetch",
        "execute",
        "truncate",
        "?",
        "",
    ];
    SILENT.contains(&verb)
}

fn parse(verb: &str, numbered: &str) -> Option<(String, Walk)> {
    let dialect = PostgreSqlDialect {};
    let mut walk = Walk::default();
    let mut found = verb.to_owned();
    for part in numbered.split(';').filter(|part| !is_silent(first(part))) {
        let text = match first(part) {
            "declare" => part.split_once(" for ")?.1,
            _ => part,
        };
        let mut parser = Parser::new(&dialect).try_with_sql(text).ok()?;
        for statement in &parser.parse_statements().ok()? {
            sql(statement, &mut found, &mut walk)?;
        }
    }
    (!walk.is_partial()).then_some((found, walk))
}

fn sql(statement: &Sql, verb: &mut String, walk: &mut Walk) -> Option<()> {
    match statement {
        Sql::Query(query) => {
            if let sqlparser::ast::SetExpr::Insert(inner)
            | sqlparser::ast::SetExpr::Update(inner)
            | sqlparser::ast::SetExpr::Delete(inner) = query.body.as_ref()
            {
                inner_verb(inner).clone_into(verb);
                if let Some(with) = &query.with {
                    walk.ctes.extend(
                        with.cte_tables
                            .iter()
                            .map(|cte| super::conditions::name(&cte.alias.name)),
                    );
                }
                return sql(inner, verb, walk);
            }
            walk.query(query, true);
        }
        Sql::Insert(insert) => {
            if let TableObject::TableName(name) = &insert.table {
                walk.table(name, None);
            }
            if let Some(source) = &insert.source {
                walk.query(source, false);
            }
        }
        Sql::Update(update) => updated(update, walk),
        Sql::Delete(delete) => deleted(delete, walk),
        Sql::Copy { source, to, .. } => {
            if !to {
                "copy in".clone_into(verb);
            }
            match source {
                CopySource::Table {
                    table_name,
                    columns,
                } => {
                    walk.table(table_name, None);
                    walk.star |= *to && columns.is_empty();
                }
                CopySource::Query(query) => walk.query(query, true),
            }
        }
        Sql::Call(function) => walk.functions.push(parts(&function.name).1),
        _ => return None,
    }
    Some(())
}

fn updated(update: &Update, walk: &mut Walk) {
    walk.from(&update.table, false);
    if let Some(UpdateTableFromKind::BeforeSet(tables) | UpdateTableFromKind::AfterSet(tables)) =
        &update.from
    {
        for table in tables {
            walk.from(table, false);
        }
    }
    if let Some(condition) = &update.selection {
        walk.condition(condition);
    }
}

fn deleted(delete: &Delete, walk: &mut Walk) {
    let (FromTable::WithFromKeyword(tables) | FromTable::WithoutKeyword(tables)) = &delete.from;
    for table in tables.iter().chain(delete.using.iter().flatten()) {
        walk.from(table, false);
    }
    if let Some(condition) = &delete.selection {
        walk.condition(condition);
    }
}

const fn inner_verb(statement: &Sql) -> &'static str {
    match statement {
        Sql::Insert(_) => "insert",
        Sql::Update(_) => "update",
        _ => "delete",
    }
}

fn fill(facts: &mut Facts, walk: &Walk) {
    let statement = &mut facts.statement;
    for (schema, table) in &walk.tables {
        if !is_catalog(schema, table) && !statement.tables.contains(table) {
            statement.tables.push(table.clone());
        }
    }
    let calls = walk
        .functions
        .iter()
        .find(|function| !is_harmless(function));
    facts.is_access = !statement.tables.is_empty() || (walk.tables.is_empty() && calls.is_some());
    if statement.tables.is_empty()
        && let Some(function) = calls.filter(|_| facts.is_access)
    {
        statement.tables.push(format!("{function}()"));
    }
    for bound in &walk.bound {
        statement.equals.insert(bound.column.clone());
        if bound.value {
            statement.bound.insert(bound.column.clone());
        }
    }
    statement.star = walk.star;
    statement.has_limit = walk.has_limit;
    facts.limit = walk.limit;
    facts.tenant = walk
        .bound
        .iter()
        .find(|bound| bound.slot.is_some() && is_tenant(&bound.column))
        .and_then(|bound| bound.slot);
    facts.object = object(walk, &facts.statement.tables);
}

/// The key that is bound: of its own table first, then one that points at
/// another table of the statement.
fn object(walk: &Walk, tables: &[String]) -> Option<(String, usize)> {
    let table_of = |bound: &Bound| {
        let named = bound
            .qualifier
            .as_ref()
            .and_then(|qualifier| walk.aliases.get(qualifier));
        named.or_else(|| tables.first()).cloned()
    };
    let mut pointing = None;
    for bound in &walk.bound {
        let (Some(slot), Some(table)) = (bound.slot, table_of(bound)) else {
            continue;
        };
        if is_key(&bound.column, &table) {
            return Some((table, slot));
        }
        if pointing.is_none()
            && let Some(other) = tables.iter().find(|other| is_key(&bound.column, other))
        {
            pointing = Some((other.clone(), slot));
        }
    }
    pointing
}

/// What can be told of a statement that no parser reads: words after `from`,
/// `join`, `into`, `update` and `copy`.
fn guess(facts: &mut Facts, plain: &str) {
    let statement = &mut facts.statement;
    statement.unread = true;
    let mut words = plain
        .split([' ', '(', ')', ',', ';'])
        .filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        if !matches!(word, "from" | "join" | "into" | "update" | "copy") {
            continue;
        }
        let Some(table) = words.next() else { break };
        let (schema, bare) = table.rsplit_once('.').unwrap_or(("", table));
        let bare = bare.trim_matches('"');
        let is_word = matches!(bare, "select" | "lateral" | "only" | "?" | "set" | "stdin");
        if !bare.is_empty()
            && !is_word
            && !is_catalog(schema.trim_matches('"'), bare)
            && statement.tables.len() < 64
            && !statement.tables.iter().any(|known| known == bare)
        {
            statement.tables.push(bare.to_owned());
        }
    }
    facts.is_access = !statement.tables.is_empty();
}

fn label(statement: &Statement, plain: &str) -> String {
    let verb = statement.verb.split(' ').next().unwrap_or_default();
    let table = statement.tables.first().map_or("-", String::as_str);
    let print = hash(plain.as_bytes()) >> 32;
    format!("{} {table} #{print:08x}", verb.to_ascii_uppercase())
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(KEPT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests;
