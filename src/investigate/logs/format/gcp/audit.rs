//! What pgaudit saw, as Cloud SQL and `AlloyDB` log it: `PgAuditEntry`. A long
//! statement comes in chunks, in any order, and is put together here; numbers
//! come as texts or as numbers.

use super::super::parser::Out;
use super::super::postgres::loose::{Given, Loose};
use crate::investigate::logs::event::{NO_TIME, Place, Stamp};
use crate::investigate::logs::time::iso;
use ahash::RandomState;
use hashbrown::HashMap;
use serde::Deserialize;
use serde_json::Value;

/// Statements whose chunks have not all come.
const MOST: usize = 512;
/// Chunks of one, and bytes of them.
const CHUNKS: u64 = 512;
const BYTES: usize = 1 << 20;

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    timestamp: String,
    #[serde(default, rename = "insertId")]
    id: String,
    #[serde(rename = "protoPayload")]
    payload: Payload,
}

#[derive(Debug, Deserialize)]
struct Payload {
    request: Request,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Request {
    audit_type: String,
    audit_class: String,
    command: String,
    object: String,
    object_type: String,
    statement: String,
    parameter: String,
    user: String,
    statement_id: Value,
    substatement_id: Value,
    database_session_id: Value,
    chunk_index: Value,
    chunk_count: Value,
}

fn number(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.trim().parse().unwrap_or(0),
        other => other.as_u64().unwrap_or(0),
    }
}

/// A statement of which chunks have come.
#[derive(Debug)]
struct Begun {
    at: Stamp,
    place: Place,
    id: String,
    request: Request,
    count: u64,
    /// Statement and parameter of each chunk.
    parts: Vec<(u64, String, String)>,
    bytes: usize,
}

/// Puts chunks together.
#[derive(Debug, Default)]
pub struct Chunks {
    begun: HashMap<String, Begun, RandomState>,
}

impl Chunks {
    /// Takes an entry; `false` when it is none.
    pub fn take(&mut self, text: &str, place: Place, to: &mut Loose, out: &mut dyn Out) -> bool {
        let Ok(entry) = serde_json::from_str::<Entry>(text) else {
            return false;
        };
        let at = iso(entry.timestamp.as_bytes()).map_or(NO_TIME, |(at, _, _)| at);
        let mut request = entry.payload.request;
        let count = number(&request.chunk_count);
        let begun = |request: Request| Begun {
            at,
            place,
            id: entry.id,
            request,
            count,
            parts: Vec::new(),
            bytes: 0,
        };
        if count <= 1 || count > CHUNKS {
            give(&begun(request), to, out);
            return true;
        }
        let part = (
            number(&request.chunk_index),
            std::mem::take(&mut request.statement),
            std::mem::take(&mut request.parameter),
        );
        // Each relation of a statement is told apart.
        let key = format!(
            "{}/{}/{}/{}",
            number(&request.database_session_id),
            number(&request.statement_id),
            number(&request.substatement_id),
            request.object
        );
        if self.begun.len() >= MOST && !self.begun.contains_key(&key) {
            self.end(to, out);
        }
        let whole = self
            .begun
            .entry(key.clone())
            .or_insert_with(|| begun(request));
        let known = whole.parts.iter().any(|(index, ..)| *index == part.0);
        if !known && whole.bytes < BYTES {
            whole.bytes += part.1.len() + part.2.len();
            whole.parts.push(part);
        }
        if whole.parts.len() as u64 >= whole.count
            && let Some(whole) = self.begun.remove(&key)
        {
            give(&whole, to, out);
        }
        true
    }

    /// No more chunks come: what there is of each is given.
    pub fn end(&mut self, to: &mut Loose, out: &mut dyn Out) {
        if !self.begun.is_empty() {
            out.remark("of some statements that pgaudit saw not all chunks are here");
        }
        for (_, begun) in self.begun.drain() {
            give(&begun, to, out);
        }
    }
}

/// The same as pgaudit itself writes.
fn give(begun: &Begun, to: &mut Loose, out: &mut dyn Out) {
    let request = &begun.request;
    let mut parts: Vec<&(u64, String, String)> = begun.parts.iter().collect();
    parts.sort_by_key(|(index, ..)| *index);
    let joined = |first: &str, of: fn(&(u64, String, String)) -> &str| {
        let all: String = parts.iter().map(|part| of(part)).collect();
        quoted(&format!("{first}{all}"))
    };
    let statement = joined(&request.statement, |part| &part.1);
    let parameter = joined(&request.parameter, |part| &part.2);
    let message = format!(
        "AUDIT: {},{},{},{},{},{},{},{statement},{parameter}",
        request.audit_type,
        number(&request.statement_id),
        number(&request.substatement_id),
        quoted(&request.audit_class),
        quoted(&request.command),
        quoted(&request.object_type),
        quoted(&request.object),
    );
    to.take(
        &Given {
            at: begun.at,
            place: begun.place,
            number: number(&request.statement_id),
            session: &number(&request.database_session_id).to_string(),
            severity: "LOG",
            user: &request.user,
            id: &begun.id,
            message: &message,
            ..Given::default()
        },
        out,
    );
}

fn quoted(text: &str) -> String {
    // What stands for a text that is not there is never in quotes.
    if text.starts_with('[') && text.ends_with(']') {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('"', "\"\""))
}
