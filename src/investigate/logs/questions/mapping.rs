//! Mappings: which of an engine's columns say what of an event. Data files,
//! ours in `mappings/`, a user's own by `--mapping FILE`.

use super::dialect::{self, TimeForm};
use crate::domain::failure::Failure;
use serde::Deserialize;
use sqlparser::dialect::{BigQueryDialect, ClickHouseDialect, Dialect, GenericDialect};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};
use std::collections::BTreeMap;

/// The columns of an event that a mapping may fill, texts first.
pub const TEXTS: &[&str] = &[
    "layer",
    "user",
    "email",
    "key",
    "db_role",
    "role",
    "actor_tenant",
    "tenant",
    "client",
    "agent",
    "method",
    "path",
    "query",
    "route",
    "object_kind",
    "object",
    "deployment",
    "cache",
    "shared",
    "bypass_mark",
];
/// Whole numbers.
pub const NUMBERS: &[&str] = &["status", "rows", "bytes"];
/// What a program printed; looked over for secrets in a question of its own.
pub const MESSAGE: &str = "message";
/// Without one of them nothing can be said.
const NEEDED: &[&str] = &["path", "route"];

/// A mapping as its file has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    pub name: String,
    pub title: String,
    /// The dialect its expressions are written in.
    pub engine: String,
    /// The table, or a table function over files.
    pub from: String,
    /// Which of its rows are events; all of them without it.
    #[serde(rename = "where")]
    pub filter: Option<String>,
    pub time: Time,
    /// What its rows do not hold, for the account of what was not looked at.
    #[serde(default)]
    pub leaves_out: Vec<String>,
    /// By the column of the event, an expression over the table's columns.
    pub columns: BTreeMap<String, String>,
}

impl Mapping {
    /// The expression for a column of the event, if the mapping has one. A name
    /// in a mapping for any engine is quoted as the engine does it: some are
    /// words of SQL.
    pub fn column(&self, sql: &dyn dialect::Dialect, name: &str) -> Option<String> {
        self.columns.get(name).map(|value| self.said(sql, value))
    }

    /// The expression for the time of an event.
    pub fn moment(&self, sql: &dyn dialect::Dialect) -> String {
        self.said(sql, &self.time.column)
    }

    fn said(&self, sql: &dyn dialect::Dialect, value: &str) -> String {
        match plain(value) {
            Some(name) if self.engine == ANY => sql.name_of(name),
            _ => value.to_owned(),
        }
    }
}

/// The engine of a mapping that is written for no one of them.
const ANY: &str = "any";

/// A name alone, quotes around it or none.
fn plain(text: &str) -> Option<&str> {
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let name = quoted.unwrap_or(text);
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    (!name.is_empty() && name.chars().all(is_plain)).then_some(name)
}

/// Where the time of an event stands.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    pub column: String,
    pub form: TimeForm,
    /// A column of the engine's own time in whole seconds by which the table
    /// is kept in order, where `column` is not: with it the engine skips what
    /// lies outside of the window. Left out where the table has none.
    pub order: Option<String>,
}

const SHIPPED: &[(&str, &str)] = &[
    ("events", include_str!("../mappings/events.toml")),
    ("supabase", include_str!("../mappings/supabase.toml")),
    ("otel", include_str!("../mappings/otel.toml")),
    ("alb", include_str!("../mappings/alb.toml")),
    ("cloudfront", include_str!("../mappings/cloudfront.toml")),
];

/// The names of the mappings we ship.
pub fn names() -> Vec<&'static str> {
    SHIPPED.iter().map(|(name, _)| *name).collect()
}

/// The file of that name, if we ship one: to be copied.
pub fn text(name: &str) -> Option<&'static str> {
    Some(SHIPPED.iter().find(|(known, _)| *known == name)?.1)
}

/// The mapping of that name, if we ship one.
///
/// # Errors
/// When the file of ours is not well formed.
pub fn shipped(name: &str) -> Option<Result<Mapping, Failure>> {
    Some(read(name, text(name)?))
}

/// Reads a mapping and looks whether it says what it must, and no more than
/// expressions: it is put into a query.
///
/// # Errors
/// When it does not.
pub fn read(name: &str, text: &str) -> Result<Mapping, Failure> {
    let refuse = |why: String| {
        Failure::new(
            format!("the mapping {name} can't be used"),
            why,
            "see the mappings that are shipped: each column of an event is one SQL expression",
        )
    };
    let mapping: Mapping =
        toml::from_str(text).map_err(|error| refuse(error.message().to_owned()))?;
    for column in mapping.columns.keys() {
        let known = |names: &[&str]| names.contains(&column.as_str());
        if !known(TEXTS) && !known(NUMBERS) && column != MESSAGE {
            return Err(refuse(format!(
                "an event has no column {column}; it has {}, {} and {MESSAGE}",
                TEXTS.join(", "),
                NUMBERS.join(", ")
            )));
        }
    }
    if !NEEDED
        .iter()
        .any(|column| mapping.columns.contains_key(*column))
    {
        return Err(refuse("it says neither path nor route".to_owned()));
    }
    if !mapping.columns.contains_key("status") {
        return Err(refuse("it does not say status".to_owned()));
    }
    let filter = mapping.filter.iter();
    let all = mapping.columns.values().chain(filter);
    for expression in all
        .chain([&mapping.time.column, &mapping.from])
        .chain(mapping.time.order.iter())
    {
        if mapping.engine == ANY && plain(expression).is_some() {
            continue;
        }
        expression_alone(&mapping.engine, expression)
            .map_err(|why| refuse(format!("{expression}: {why}")))?;
    }
    Ok(mapping)
}

/// One expression: nothing that ends it, hides in a comment or asks anew.
fn expression_alone(engine: &str, text: &str) -> Result<(), String> {
    let dialect: &dyn Dialect = match engine {
        "bigquery" => &BigQueryDialect {},
        "clickhouse" | "supabase" | ANY => &ClickHouseDialect {},
        _ => &GenericDialect {},
    };
    let tokens = Tokenizer::new(dialect, text)
        .tokenize()
        .map_err(|error| error.to_string())?;
    let is_hidden = |token: &Token| match token {
        Token::Sharp => true,
        Token::Whitespace(space) => !matches!(
            space,
            Whitespace::Space | Whitespace::Newline | Whitespace::Tab
        ),
        _ => false,
    };
    if tokens.iter().any(is_hidden) {
        return Err("a comment has no place in it".to_owned());
    }
    if tokens.contains(&Token::SemiColon) {
        return Err("it is more than one expression".to_owned());
    }
    let mut parser = Parser::new(dialect).with_tokens(tokens.clone());
    parser.parse_expr().map_err(|error| error.to_string())?;
    if parser.peek_token().token != Token::EOF {
        return Err("it is more than one expression".to_owned());
    }
    let asks = tokens.iter().any(|token| match token {
        Token::Word(word) => {
            word.quote_style.is_none() && word.value.eq_ignore_ascii_case("select")
        }
        _ => false,
    });
    if asks {
        return Err("a query has no place in it".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_ones_are_well_formed() {
        for name in names() {
            let mapping = shipped(name).unwrap().unwrap();
            assert_eq!(mapping.name, name);
        }
    }

    #[test]
    fn only_expressions_come_into_a_query() {
        let of = |path: &str| {
            let text = format!(
                "name = 'x'\ntitle = 'x'\nengine = 'clickhouse'\nfrom = 'logs'\n[time]\ncolumn = 'ts'\nform = 'native'\n[columns]\nstatus = 'status'\npath = \"{path}\"\n"
            );
            read("x", &text)
        };
        assert!(of("attributes['http.path']").is_ok());
        for bad in [
            "path; DROP TABLE logs",
            "path FROM logs --",
            "path /* */",
            "(SELECT secret FROM users)",
            "path, secret",
            "path # secret",
            "concat('\\\\', path) FROM logs",
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_name_for_any_engine_is_quoted_as_each_does_it() {
        let mapping = shipped("events").unwrap().unwrap();
        let of = |name: &str| {
            let sql = crate::investigate::logs::questions::dialect(name).unwrap();
            (mapping.column(sql, "user").unwrap(), mapping.moment(sql))
        };
        let both = |user: &str, at: &str| (user.to_owned(), at.to_owned());
        assert_eq!(of("bigquery"), both("`user`", "`ts`"));
        assert_eq!(of("trino"), both("\"user\"", "\"ts\""));
        assert_eq!(plain("\"rows\""), Some("rows"));
        assert_eq!(plain("lower(x)"), None);
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        let base = "name = 'x'\ntitle = 'x'\nengine = 'clickhouse'\nfrom = 'logs'\n[time]\ncolumn = 'ts'\nform = 'native'\n[columns]\n";
        let told = |columns: &str| read("x", &format!("{base}{columns}")).unwrap_err().why;
        assert!(told("status = 's'").contains("neither path nor route"));
        assert!(told("path = 'p'").contains("status"));
        assert!(told("path = 'p'\nstatus = 's'\nperson = 'x'").contains("no column person"));
    }
}
