//! A plan that `auto_explain` wrote, as JSON or as text: which rows went out,
//! and on which columns the server filtered, row security included. A leaf.

use serde_json::Value;
use std::borrow::Cow;

/// What a plan tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan<'a> {
    pub statement: Cow<'a, str>,
    pub parameters: Cow<'a, str>,
    pub rows: Option<u64>,
    /// Columns that conditions of the plan compare.
    pub columns: Vec<String>,
    /// Nothing could come through: `One-Time Filter: false`.
    pub closed: bool,
}

const CONDITIONS: [&str; 8] = [
    "Filter",
    "Index Cond",
    "Recheck Cond",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "One-Time Filter",
    "TID Cond",
];

/// Reads the text after `plan:`.
pub fn read(text: &str) -> Option<Plan<'_>> {
    if text.trim_start().starts_with('{') {
        json(text)
    } else {
        plain(text)
    }
}

fn json(text: &str) -> Option<Plan<'_>> {
    let value: Value = serde_json::from_str(text).ok()?;
    let top = value.get("Plan")?;
    let mut plan = Plan {
        statement: owned(value.get("Query Text")),
        parameters: owned(value.get("Query Parameters")),
        rows: rows(top),
        ..Plan::default()
    };
    if top.get("Node Type").and_then(Value::as_str) == Some("Aggregate")
        && collects(&plan.statement)
    {
        let below = top.get("Plans").and_then(|plans| plans.get(0));
        plan.rows = below.and_then(rows).or(plan.rows);
    }
    walk(top, &mut plan);
    Some(plan)
}

fn owned<'a>(value: Option<&Value>) -> Cow<'a, str> {
    Cow::Owned(value.and_then(Value::as_str).unwrap_or_default().to_owned())
}

/// One row that holds them all: `json_agg` and its like.
fn collects(statement: &str) -> bool {
    ["json_agg", "jsonb_agg", "array_agg", "string_agg", "xmlagg"]
        .iter()
        .any(|function| statement.contains(function))
}

fn rows(node: &Value) -> Option<u64> {
    let number = |key: &str| node.get(key).and_then(Value::as_f64);
    whole(number("Actual Rows")? * number("Actual Loops").unwrap_or(1.0))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the bounds are looked at first"
)]
fn whole(rows: f64) -> Option<u64> {
    (rows.is_finite() && (0.0..1e15).contains(&rows)).then(|| rows.round() as u64)
}

/// The reader of JSON bounds how deep a plan is.
fn walk(node: &Value, plan: &mut Plan<'_>) {
    for key in CONDITIONS {
        if let Some(condition) = node.get(key).and_then(Value::as_str) {
            noted(key, condition, plan);
        }
    }
    for below in node
        .get("Plans")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        walk(below, plan);
    }
}

fn noted(key: &str, condition: &str, plan: &mut Plan<'_>) {
    plan.closed |= key == "One-Time Filter" && condition.trim() == "false";
    for column in compared(condition) {
        if plan.columns.len() < 64 && !plan.columns.iter().any(|known| known == column) {
            plan.columns.push(column.to_owned());
        }
    }
}

/// Names in a condition that are columns: no functions, no types, no texts.
/// A condition without `=` compares nothing that binds.
fn compared(condition: &str) -> Vec<&str> {
    let mut columns = Vec::new();
    if !condition.contains(" = ") {
        return columns;
    }
    let bytes = condition.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => {
                at += 1;
                at += memchr::memchr(b'\'', &bytes[at..]).map_or(bytes.len() - at, |end| end + 1);
            }
            b'"' => {
                let end =
                    memchr::memchr(b'"', &bytes[at + 1..]).map_or(bytes.len(), |end| at + 1 + end);
                columns.push(&condition[at + 1..end]);
                at = end + 1;
            }
            byte if byte.is_ascii_lowercase() || byte == b'_' || byte >= 0x80 => {
                let end = at
                    + bytes[at..]
                        .iter()
                        .take_while(|byte| {
                            byte.is_ascii_alphanumeric() || **byte == b'_' || **byte >= 0x80
                        })
                        .count();
                let is_type = at >= 2 && bytes[at - 2..at] == *b"::";
                let is_prefix = matches!(bytes.get(end), Some(b'(' | b'.'));
                if !is_type && !is_prefix {
                    columns.push(&condition[at..end]);
                }
                at = end;
            }
            byte if byte.is_ascii_alphanumeric() => {
                at += bytes[at..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_alphanumeric())
                    .count();
            }
            _ => at += 1,
        }
    }
    columns
}

fn plain(text: &str) -> Option<Plan<'_>> {
    let text = text.strip_prefix("Query Text: ")?;
    // The first node's line has its cost; the statement stands before it.
    let cost = text.find("  (cost=")?;
    let end = text[..cost].rfind('\n')?;
    let (mut statement, mut parameters) = (&text[..end], "");
    if let Some((before, after)) = statement.split_once("\nQuery Parameters: ") {
        (statement, parameters) = (before, after);
    }
    let mut plan = Plan {
        statement: Cow::Borrowed(statement),
        parameters: Cow::Borrowed(parameters),
        ..Plan::default()
    };
    let collected = collects(statement);
    let mut nodes = 0;
    for line in text[end + 1..].lines() {
        let bare = line.trim_start_matches([' ', '\t']);
        if line.contains("  (cost=") {
            nodes += 1;
            let is_aggregate = bare.starts_with("Aggregate");
            if nodes == 1 {
                plan.rows = actual(line);
                if !(is_aggregate && collected) {
                    nodes = 2;
                }
            } else if nodes == 2 {
                plan.rows = actual(line).or(plan.rows);
            }
            continue;
        }
        for key in CONDITIONS {
            if let Some(condition) = bare
                .strip_prefix(key)
                .and_then(|rest| rest.strip_prefix(": "))
            {
                noted(key, condition, &mut plan);
            }
        }
    }
    Some(plan)
}

/// `(actual time=0.005..0.010 rows=10 loops=1)`.
fn actual(line: &str) -> Option<u64> {
    let told = &line[line.find("(actual ")?..];
    let number = |key: &str| {
        let rest = &told[told.find(key)? + key.len()..];
        let end = rest.find([' ', ')']).unwrap_or(rest.len());
        rest[..end].parse::<f64>().ok()
    };
    whole(number("rows=")? * number("loops=").unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_in_json_tells_rows_and_filters() {
        let plan = read(r#"{ "Query Text": "select * from customers", "Plan": { "Node Type": "Seq Scan", "Actual Rows": 10.00, "Actual Loops": 1, "Filter": "((org_id)::text = current_setting('app.org'::text))", "Rows Removed by Filter": 90, "Plans": [ {"Index Cond": "(t.\"userId\" = 7)"} ] } }"#).unwrap();
        assert_eq!(plan.statement, "select * from customers");
        assert_eq!(plan.rows, Some(10));
        assert_eq!(plan.columns, ["org_id", "userId"]);
        assert!(!plan.closed);
    }

    #[test]
    fn a_plan_in_text_tells_the_same() {
        let text = "Query Text: select *\n from customers\nSeq Scan on customers  (cost=0.00..2.25 rows=1 width=36) (actual time=0.005..0.017 rows=10 loops=1)\n  Filter: (org_id = 3)\n  Rows Removed by Filter: 90";
        let plan = read(text).unwrap();
        assert_eq!(plan.statement, "select *\n from customers");
        assert_eq!(
            (plan.rows, plan.columns),
            (Some(10), vec!["org_id".to_owned()])
        );
    }

    #[test]
    fn rows_collected_into_one_are_counted_below() {
        let plan = read(r#"{"Query Text":"select json_agg(t) from t","Plan":{"Node Type":"Aggregate","Actual Rows":1,"Actual Loops":1,"Plans":[{"Actual Rows":25,"Actual Loops":1,"One-Time Filter":"false"}]}}"#).unwrap();
        assert_eq!((plan.rows, plan.closed), (Some(25), true));
    }

    #[test]
    fn torn_plans_tell_nothing() {
        assert_eq!(read("{\"Query Text\": \"x\", "), None);
        assert_eq!(read("Query Text: select"), None);
        assert_eq!(read(""), None);
    }
}
