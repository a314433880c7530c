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
mod tests {
    use super::super::normal::{Marks, Normal};
    use super::*;

    fn facts(raw: &str) -> Facts {
        let (mut plain, mut numbered) = (Normal::default(), Normal::default());
        plain.read(raw, Marks::Plain);
        numbered.read(raw, Marks::Numbered);
        read(&plain.text, &numbered.text, plain.tokens)
    }

    fn columns(set: &std::collections::BTreeSet<String>) -> Vec<&str> {
        set.iter().map(String::as_str).collect()
    }

    #[test]
    fn a_lookup_by_key_names_its_object_and_tenant() {
        let facts = facts("select c.* from public.customers c where c.id = $1 and c.org_id = 7");
        assert_eq!(facts.statement.tables, ["customers"]);
        assert_eq!(columns(&facts.statement.bound), ["id", "org_id"]);
        assert_eq!(facts.object, Some(("customers".to_owned(), 0)));
        assert_eq!(facts.tenant, Some(1));
        assert!(facts.statement.star && !facts.statement.has_limit && facts.is_access);
        assert!(
            facts.label.starts_with("SELECT customers #"),
            "{}",
            facts.label
        );
        assert!(!facts.statement.text.contains('7'));
    }

    #[test]
    fn an_alternative_binds_nothing() {
        let facts = facts("select id from customers where org_id = $1 or $2");
        assert!(facts.statement.equals.is_empty());
        assert_eq!(facts.tenant, None);
    }

    #[test]
    fn postgrest_wraps_what_it_reads() {
        let facts = facts(
            r#"WITH pgrst_source AS ( SELECT "public"."customers".* FROM "public"."customers"  WHERE  "public"."customers"."org_id" = $1 LIMIT $2 OFFSET $3) SELECT null::bigint AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total, coalesce(json_agg(_postgrest_t), '[]') AS body FROM ( SELECT * FROM pgrst_source ) _postgrest_t"#,
        );
        assert!(!facts.statement.unread);
        assert_eq!(facts.statement.tables, ["customers"]);
        assert_eq!(columns(&facts.statement.bound), ["org_id"]);
        assert!(facts.statement.has_limit && facts.statement.star);
        assert_eq!((facts.tenant, facts.limit), (Some(0), Some(1)));
    }

    #[test]
    fn joins_subqueries_and_lists_bind() {
        let joined = facts(
            "select o.* from orders o join customers c on c.id = o.customer_id where c.org_id = any($1)",
        );
        assert_eq!(joined.statement.tables, ["orders", "customers"]);
        assert_eq!(
            columns(&joined.statement.equals),
            ["customer_id", "id", "org_id"]
        );
        assert_eq!(columns(&joined.statement.bound), ["org_id"]);
        let inner = facts(
            "select * from invoices where org_id in (select org_id from members where user_id = $1)",
        );
        assert_eq!(inner.statement.tables, ["invoices", "members"]);
        assert_eq!(columns(&inner.statement.bound), ["org_id", "user_id"]);
    }

    #[test]
    fn the_databases_own_business_is_no_access() {
        for raw in [
            "BEGIN",
            "set local role authenticated",
            "select set_config('role', $1, true)",
            "select 1",
            "select * from pg_catalog.pg_class",
            "select n.nspname from pg_namespace n",
            "SELECT * FROM information_schema.tables",
            "FETCH 100 FROM c",
        ] {
            assert!(!facts(raw).is_access, "{raw}");
        }
        assert!(facts("select * from get_customers($1)").is_access);
        let script = facts("set role x; select * from customers where id = 5; commit");
        assert_eq!(script.statement.verb, "select");
        assert_eq!(script.object, Some(("customers".to_owned(), 0)));
    }

    #[test]
    fn exports_have_verbs_of_their_own() {
        let copy = facts("COPY public.customers (id, email) TO stdout;");
        assert_eq!(
            (copy.statement.verb.as_str(), copy.statement.star),
            ("copy", false)
        );
        let copy = facts("COPY (select * from customers) TO STDOUT WITH (FORMAT csv)");
        assert_eq!(copy.statement.tables, ["customers"]);
        let into = facts("COPY customers FROM stdin");
        assert_eq!(into.statement.verb, "copy in");
        let cursor = facts("DECLARE c CURSOR FOR SELECT * FROM customers");
        assert_eq!(cursor.statement.verb, "declare");
        assert_eq!(cursor.statement.tables, ["customers"]);
        assert!(!cursor.statement.unread);
    }

    #[test]
    fn what_no_parser_reads_is_said_to_be_unread() {
        let facts = facts("select * from customers where where org_id = 4");
        assert!(facts.statement.unread && facts.is_access);
        assert_eq!(facts.statement.tables, ["customers"]);
    }

    #[test]
    fn deep_statements_do_not_end_the_program() {
        let mut chains = vec![
            format!("select * from t where {} true", "not ".repeat(900)),
            format!("select {}1{}", "(".repeat(900), ")".repeat(900)),
        ];
        for joint in [
            " or a = 1",
            "::text",
            "[1]",
            " union select 1",
            " + 1",
            " is null",
        ] {
            chains.push(format!("select a from t where a{}", joint.repeat(1_200)));
        }
        for chain in chains {
            let shape = std::thread::Builder::new()
                .stack_size(2 << 20)
                .spawn(move || facts(&chain).label)
                .unwrap();
            assert!(shape.join().unwrap().len() > 5);
        }
    }
}
