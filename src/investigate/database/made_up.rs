//! Made-up identities and rows: values that belong to nobody.

use super::expression::Token;
use super::snapshot::Relation;
use serde_json::{Value, json};

/// Rows made up for one table.
pub const ROWS: usize = 24;

/// Values tried for one column.
const VALUES: usize = 8;

/// A number that no sequence has reached, and one that fits a small column.
const NO_NUMBER: i64 = 2_147_483_600;
const NO_SMALL_NUMBER: i64 = 32_000;

/// A version 4 UUID that belongs to nobody.
pub fn random_uuid() -> String {
    let mut bytes = fastrand::u128(..).to_be_bytes();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

/// Rows of strangers for the table, as JSON text. `keys` are the columns that
/// say whose a row is: they always hold somebody who does not exist. The other
/// columns also take the literals that `texts` compare with.
pub fn rows(relation: &Relation, keys: &[&str], texts: &[&[Token]]) -> String {
    let literals: Vec<(String, Option<String>)> =
        texts.iter().flat_map(|text| literals(text)).collect();
    let columns: Vec<Vec<String>> = relation
        .columns
        .iter()
        .map(|column| {
            let mut values = values(&column.kind, &literals);
            if keys.contains(&column.name.as_str()) {
                values.truncate(1);
            } else {
                values.truncate(VALUES);
                values.push(Value::Null);
            }
            let name = Value::from(column.name.as_str());
            let cells = values.iter().map(|value| format!("{name}:{value}"));
            cells.collect()
        })
        .collect();
    // The same table gets the same rows, so that two runs agree.
    let mut dice = fastrand::Rng::with_seed(u64::from(relation.oid));
    let mut text = String::from("[");
    for row in 0..ROWS {
        text.push_str(if row == 0 { "{" } else { ",{" });
        for (i, values) in columns.iter().enumerate() {
            if i > 0 {
                text.push(',');
            }
            let at = if row == 0 {
                0
            } else {
                dice.usize(..values.len())
            };
            text.push_str(&values[at]);
        }
        text.push('}');
    }
    text.push(']');
    text
}

/// One row without any value, as JSON text.
pub fn nothing() -> String {
    "[{}]".to_owned()
}

/// What a column of this type could hold, a stranger's value first.
fn values(kind: &str, literals: &[(String, Option<String>)]) -> Vec<Value> {
    let texts = |fits: &dyn Fn(&str) -> bool| -> Vec<Value> {
        let fitting = literals
            .iter()
            .filter(|(_, of)| of.as_deref().is_some_and(fits));
        fitting.map(|(text, _)| json!(text)).collect()
    };
    let numbers = || {
        literals
            .iter()
            .filter_map(|(text, _)| text.parse::<i32>().ok())
    };
    let mut out = match kind {
        "uuid" => vec![json!(random_uuid())],
        "text" | "varchar" | "bpchar" | "citext" | "name" => vec![json!("x")],
        "int2" => vec![json!(NO_SMALL_NUMBER)],
        "int4" | "int8" => vec![json!(NO_NUMBER)],
        "numeric" | "float4" | "float8" => vec![json!(1)],
        "bool" => vec![json!(true), json!(false)],
        "timestamptz" | "timestamp" | "date" => {
            vec![Value::Null, json!("2000-01-01"), json!("2100-01-01")]
        }
        "json" | "jsonb" => vec![json!({})],
        array if array.starts_with('_') => vec![json!([])],
        _ => Vec::new(),
    };
    match kind {
        "text" | "varchar" | "bpchar" | "citext" | "name" => {
            out.extend(texts(&|of| {
                matches!(
                    of,
                    "text" | "character" | "varchar" | "bpchar" | "citext" | "name"
                )
            }));
        }
        "int4" | "int8" | "numeric" | "float4" | "float8" => {
            out.extend(
                numbers()
                    .take(VALUES / 2)
                    .flat_map(|n| [json!(n), json!(i64::from(n) + 1)]),
            );
        }
        own => out.extend(texts(&|of| of == own)),
    }
    if out.is_empty() {
        out.push(Value::Null);
    }
    out
}

/// The literals of a text with the type each is cast to.
fn literals(text: &[Token]) -> Vec<(String, Option<String>)> {
    let kind = |at: usize| -> Option<String> {
        if !text.get(at)?.is_sign("::") {
            return None;
        }
        let qualified = text.get(at + 2).is_some_and(|t| t.is_sign("."));
        match text.get(if qualified { at + 3 } else { at + 1 })? {
            Token::Word(word) => Some(word.clone()),
            _ => None,
        }
    };
    text.iter()
        .enumerate()
        .filter_map(|(i, token)| match token {
            Token::Text(value) if !value.contains("request.") => Some((value.clone(), kind(i + 1))),
            Token::Number(value) => Some((value.clone(), None)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::expression::tokens;
    use super::super::snapshot::Column;
    use super::*;

    #[test]
    fn a_made_up_user_is_a_version_4_uuid() {
        let id = random_uuid();
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"));
        assert_ne!(id, random_uuid());
    }

    #[test]
    fn made_up_rows_try_the_literals_and_always_belong_to_a_stranger() {
        let column = |name: &str, kind: &str| Column {
            num: 1,
            name: name.into(),
            kind: kind.into(),
            ..Column::default()
        };
        let relation = Relation {
            oid: 7,
            columns: vec![
                column("org_id", "int4"),
                column("state", "doc_state"),
                column("kind", "text"),
            ],
            ..Relation::default()
        };
        let text =
            tokens("((state = 'open'::public.doc_state) AND (kind = 'note'::text) AND org_id = 3)");
        let rows: Vec<Value> =
            serde_json::from_str(&super::rows(&relation, &["org_id"], &[&text])).unwrap();
        assert_eq!(rows.len(), ROWS);
        assert!(rows.iter().all(|row| row["org_id"] == NO_NUMBER));
        assert!(
            rows.iter()
                .any(|row| row["state"] == "open" && row["kind"] == "note")
        );
    }
}
