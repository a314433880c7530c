//! How a query travels: its rows come back as one JSON text, and the server's
//! statement statistics gain one row for all queries together, not one each.
//!
//! The text of the query is a literal of one constant statement, and the
//! statistics leave literals out. Where the server won't run it that way the
//! query is sent as it is: its answer matters more than a row there.

use super::error::PgError;
use super::text::literal;
use serde::de::DeserializeOwned;
use tokio_postgres::SimpleQueryMessage;

/// The most rows one read may bring back.
const ROWS: u32 = 200_000;

/// A query as one statement whose rows come back as one JSON text. The server
/// runs the inner text as reading only. Three characters are written as JSON
/// escapes, so that nothing needs to be undone on this side.
pub(super) fn enclosed(sql: &str) -> String {
    let inner = format!(
        "SELECT /* firsthour */ replace(replace(replace(({})::text, '&', chr(92) || 'u0026'), '<', chr(92) || 'u003c'), \
         '>', chr(92) || 'u003e') AS a",
        rows(sql)
    );
    format!(
        "SELECT /* firsthour */ pg_catalog.query_to_xml({}, false, false, '')::text",
        literal(&inner)
    )
}

/// The same as a statement of its own.
pub(super) fn plain(sql: &str) -> String {
    format!("SELECT /* firsthour */ ({})::text", rows(sql))
}

/// The rows of a query as a scalar expression.
pub(super) fn rows(sql: &str) -> String {
    format!(
        "SELECT /* firsthour */ coalesce(json_agg(q), '[]') FROM (SELECT * FROM ({sql}\n) s LIMIT {}) q",
        ROWS + 1
    )
}

/// Whether the server may have refused not the query but the way it came: it
/// was built without XML, lacks the function, or took the right to call it.
pub(super) fn way_refused(error: &PgError) -> bool {
    matches!(error.code(), Some("0A000" | "42883" | "42501"))
}

/// The rows of an [`enclosed`] or [`plain`] query.
pub(super) fn decode<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, PgError> {
    // JSON begins with a bracket, and may hold such marks as text.
    let inner = Some(text)
        .filter(|text| text.starts_with('<'))
        .and_then(|text| text.find("<a>"))
        .zip(text.rfind("</a>"))
        .and_then(|(from, to)| text.get(from + 3..to));
    let rows: Vec<T> = serde_json::from_str(inner.unwrap_or(text))
        .map_err(|error| PgError::Shape(error.to_string()))?;
    if rows.len() > ROWS as usize {
        return Err(PgError::TooManyRows(ROWS));
    }
    Ok(rows)
}

/// The first column of the last row of all results.
pub(super) fn last_cell(messages: &[SimpleQueryMessage]) -> Option<String> {
    messages.iter().rev().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_from_either_answer() {
        let wrapped = "<table>\n<row>\n  <a>[{\"x\":\"a\\u003ca\\u003e\"}]</a>\n</row>\n</table>";
        let plain = "[{\"x\":\"a<a>\", \"y\":\"</a>\"}]";
        for text in [wrapped, plain] {
            let rows: Vec<serde_json::Value> = decode(text).unwrap();
            assert_eq!(rows[0]["x"], "a<a>");
        }
    }

    #[test]
    fn a_query_stays_one_literal() {
        let sent = enclosed("SELECT 'it''s' AS a WHERE b ~ '\\w'");
        assert!(sent.contains("it''''s"), "{sent}");
        assert!(sent.contains("\\\\w"), "{sent}");
        assert!(sent.contains("query_to_xml(E'"), "{sent}");
    }
}
