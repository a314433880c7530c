//! The answer of `check logs --json`: one finding a line, coverage last.
//!
//! A finding is what `check database` prints, and its trail's fields stand at
//! the top of it as well: `rule`, `tenants`, `objects`, `rows`, `bytes`,
//! `first`, `last`, `places`.

use crate::cli::check::hear::unshaped;
use crate::domain::failure::Failure;
use crate::domain::finding::Finding;
use crate::domain::untrusted::{quiet_json, visible};
use crate::investigate::logs::answer::Answer;
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::follow::news::Change;
use crate::investigate::logs::gather::aggregates::{Aggregates, Piece};
use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

/// The lines of an answer.
///
/// # Errors
/// When something of it has no JSON form.
pub fn render(tables: &Aggregates, said: &Answer) -> Result<String, Failure> {
    let mut out = String::new();
    for finding in &said.findings {
        out.push_str(&line(found(finding)?));
    }
    out.push_str(&line(coverage(tables, said)?));
    Ok(out)
}

/// The line of a finding that is told while logs are followed: `live` says
/// whether it is new or grew.
///
/// # Errors
/// When something of it has no JSON form.
pub fn told(finding: &Finding, change: Change) -> Result<String, Failure> {
    let mut object = found(finding)?;
    object.insert("live".to_owned(), change.word().into());
    Ok(line(object))
}

fn line(object: Map<String, Value>) -> String {
    quiet_json(Value::Object(object).to_string()) + "\n"
}

fn found(finding: &Finding) -> Result<Map<String, Value>, Failure> {
    let mut object = object(finding)?;
    if let Some(Value::Object(trail)) = object.get("trail").cloned() {
        for (name, value) in trail {
            object.entry(name).or_insert(value);
        }
    }
    object.insert("kind".to_owned(), "finding".into());
    Ok(object)
}

fn coverage(tables: &Aggregates, said: &Answer) -> Result<Map<String, Value>, Failure> {
    let mut last = object(&said.coverage)?;
    last.insert("kind".to_owned(), "coverage".into());
    last.insert("release_at".to_owned(), time(tables.release));
    let missing = said.missing.iter().map(|gap| gap.what.clone());
    last.insert("not_given".to_owned(), missing.collect::<Vec<_>>().into());
    let pieces = tables.pieces.iter().map(piece);
    last.insert("pieces".to_owned(), pieces.collect::<Vec<_>>().into());
    Ok(last)
}

fn piece(piece: &Piece) -> Value {
    json!({
        "name": visible(&piece.name),
        "format": piece.format,
        "bytes": piece.bytes,
        "records": piece.records,
        "events": piece.events,
        "unparsed": piece.unparsed,
        "unparsed_at": piece.unparsed_at,
        "repeated": piece.repeated,
        "first": time(piece.first),
        "last": time(piece.last),
        "remarks": piece.remarks.iter().map(|text| visible(text)).collect::<Vec<_>>(),
        "broken": piece.broken.as_deref().map(visible),
    })
}

fn time(stamp: Option<Stamp>) -> Value {
    stamp.map_or(Value::Null, |stamp| {
        DateTime::from_timestamp_nanos(stamp)
            .to_rfc3339_opts(SecondsFormat::AutoSi, true)
            .into()
    })
}

fn object(value: &impl serde::Serialize) -> Result<Map<String, Value>, Failure> {
    match serde_json::to_value(value).map_err(|error| unshaped(&error))? {
        Value::Object(object) => Ok(object),
        other => Ok(Map::from_iter([("value".to_owned(), other)])),
    }
}
