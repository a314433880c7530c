//! Who did read, for `check database`: lines for people and lines of JSON.

use crate::domain::reading::{Read, Reads};
use std::collections::BTreeSet;

/// Reads shown to people; the JSON has them all.
const SHOWN: usize = 20;

/// The objects of `--json`: one a read, a scan, a running statement, and the
/// horizon they stand in.
///
/// # Errors
/// Never for these types; the serialiser's type says so.
pub fn objects(reads: &Reads) -> Result<Vec<serde_json::Value>, serde_json::Error> {
    let mut out = Vec::new();
    for read in &reads.read {
        out.push(kind(serde_json::to_value(read)?, "read"));
    }
    for scan in &reads.scans {
        out.push(kind(serde_json::to_value(scan)?, "scanned"));
    }
    for live in &reads.live {
        out.push(kind(serde_json::to_value(live)?, "live"));
    }
    if let Some(horizon) = &reads.horizon {
        out.push(kind(serde_json::to_value(horizon)?, "horizon"));
    }
    Ok(out)
}

fn kind(mut value: serde_json::Value, word: &str) -> serde_json::Value {
    if let Some(object) = value.as_object_mut() {
        object.insert("kind".to_owned(), word.into());
    }
    value
}

/// The section of the answer for people; empty when nobody looked.
pub fn section(reads: &Reads) -> String {
    let Some(horizon) = &reads.horizon else {
        return String::new();
    };
    let mut out = format!("who did read ({})\n", horizon.line());
    for read in reads.read.iter().take(SHOWN) {
        out.push_str(&line(read));
    }
    if reads.read.len() > SHOWN {
        out.push_str(&format!("  and {} more\n", reads.read.len() - SHOWN));
    }
    for live in &reads.live {
        out.push_str(&format!(
            "  now: {} {} for {} s: {}\n",
            live.login,
            live.doing.word(),
            live.seconds,
            live.statement
        ));
    }
    let read: BTreeSet<&str> = reads
        .read
        .iter()
        .map(|read| read.relation.as_str())
        .collect();
    let scanned: Vec<&str> = reads
        .scans
        .iter()
        .map(|scan| scan.relation.as_str())
        .filter(|relation| !read.contains(relation))
        .collect();
    if !scanned.is_empty() {
        out.push_str(&format!(
            "  scanned, by whom is not known: {}\n",
            scanned
                .iter()
                .take(SHOWN)
                .copied()
                .collect::<Vec<_>>()
                .join(", ")
        ));
    }
    if reads.read.is_empty() {
        out.push_str("  no sign of a read, as far back as that sees\n");
    }
    out.push('\n');
    out
}

fn line(read: &Read) -> String {
    let relation = if read.relation.is_empty() {
        "a relation that is not told"
    } else {
        &read.relation
    };
    let through = if read.through.is_empty() {
        String::new()
    } else {
        format!(" through {}", read.through)
    };
    format!(
        "  {}{relation}{through}: {} read {}\n",
        if read.wide { "WIDE " } else { "" },
        read.role,
        read.amount()
    )
}
