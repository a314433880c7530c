//! Who did read, by the server's own statistics.
//!
//! The statistics are taken as they are and kept as evidence *before* anything
//! is probed: a probe adds statements of its own and may push others out.
//! `sources` asks, `named` finds the relations of a text, `weigh` says what a
//! count is worth, `text` takes values out. A new source is added in
//! `sources` and weighed in `weigh`; what it can't tell is a gap.

mod cursors;
mod named;
mod sources;
mod text;
mod watch;
mod weigh;
mod wide;

pub use watch::Watcher;

use super::principals::Actor;
use super::survey::Survey;
use crate::domain::check::Gap;
use crate::domain::mask::mask;
use crate::domain::reading::{Exhibit, Reads};
use crate::investigate::check::Sink;
use crate::providers::postgres::Session;
use sources::Raw;

/// Bytes of one exhibit; what does not fit is counted in its last line.
const BYTES: usize = 8 * 1024 * 1024;

/// Characters of a statement in the exhibit.
const TEXT: usize = 4_000;

/// Takes the statistics, hands them to be kept, and says what they show. Ends
/// only when they are on disk or it is known that they can't be; then that is
/// among what was off.
pub async fn first(session: &Session, survey: &Survey, actors: &[Actor], sink: &dyn Sink) -> Reads {
    let raw = sources::read(session).await;
    let shares = sources::shares(session, survey).await;
    let mut reads = weigh::weigh(&raw, survey, &shares, actors);
    let exhibit = Exhibit {
        what: format!(
            "statistics before any probe: {} statements, {} tables",
            raw.statements.len(),
            raw.counters.len()
        ),
        media_type: "application/jsonl",
        bytes: bytes(&raw, survey),
        reads: reads.clone(),
    };
    if let Err(failure) = sink.keep(exhibit).await
        && let Some(horizon) = &mut reads.horizon
    {
        horizon
            .off
            .push(Gap::new("the evidence file", &failure.to_string()));
    }
    reads
}

/// Every row as a line of JSON, values taken out.
fn bytes(raw: &Raw, survey: &Survey) -> Vec<u8> {
    let statements = raw.statements.iter().map(|statement| {
        serde_json::json!({
            "kind": "statement",
            "role": statement.role,
            "id": weigh::id(statement),
            "toplevel": statement.toplevel,
            "calls": statement.calls,
            "rows": statement.rows,
            "since": statement.since,
            "own": weigh::own(statement),
            "text": weigh::told(statement.text.as_deref().unwrap_or_default(), TEXT),
        })
    });
    let tables = raw.counters.iter().filter_map(|counter| {
        Some(serde_json::json!({
            "kind": "table",
            "relation": survey.relation(counter.relation)?.full_name(),
            "scanned": counter.rows,
            "last": counter.last,
        }))
    });
    let horizon = serde_json::json!({
        "kind": "horizon",
        "statements_since": raw.since,
        "tables_since": raw.sources.tables_since,
        "off": raw.gaps,
    });
    let mut out = Vec::new();
    let mut left_out = 0_u64;
    for line in std::iter::once(horizon).chain(statements).chain(tables) {
        let line = format!("{}\n", mask(&line.to_string()));
        if out.len() + line.len() > BYTES {
            left_out += 1;
        } else {
            out.extend_from_slice(line.as_bytes());
        }
    }
    if left_out > 0 {
        out.extend_from_slice(
            format!("{{\"kind\":\"left out\",\"lines\":{left_out}}}\n").as_bytes(),
        );
    }
    out
}
