//! Cuts what a check brought back into parts that each fit one line of the
//! journal.

use crate::domain::entry::{Draft, EvidenceRef};
use crate::domain::fact::{EvidenceAdded, Fact};
use crate::domain::reading::{Exhibit, Reads};

/// Bytes of JSON one entry may carry; well under the line limit.
pub const CHUNK_BYTES: usize = 9 * 1024;

/// Splits a list into parts of at most [`CHUNK_BYTES`] of JSON each.
pub fn chunked<T: serde::Serialize>(items: Vec<T>) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = Vec::new();
    let mut bytes = CHUNK_BYTES;
    for item in items {
        let size = serde_json::to_vec(&item).map_or(0, |json| json.len() + 1);
        if bytes + size > CHUNK_BYTES {
            parts.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        if let Some(part) = parts.last_mut() {
            part.push(item);
        }
    }
    parts
}

/// The lines that tell of an exhibit: the blob first, then what it shows. The
/// horizon stands in the first part, so that a reader never sees a look
/// without it.
pub fn exhibited(exhibit: Exhibit, kept: EvidenceRef) -> Vec<Draft> {
    let mut added = Draft::new(Fact::EvidenceAdded(EvidenceAdded { what: exhibit.what }));
    added.ev.push(kept);
    let reads = exhibit.reads;
    let first = Reads {
        horizon: reads.horizon,
        roles: reads.roles,
        ..Reads::default()
    };
    let read = chunked(reads.read).into_iter().map(|read| Reads {
        read,
        ..Reads::default()
    });
    let scans = chunked(reads.scans).into_iter().map(|scans| Reads {
        scans,
        ..Reads::default()
    });
    let live = chunked(reads.live).into_iter().map(|live| Reads {
        live,
        ..Reads::default()
    });
    let parts = std::iter::once(first).chain(read).chain(scans).chain(live);
    std::iter::once(added)
        .chain(parts.map(|part| Draft::new(Fact::ReadsSeen(part))))
        .collect()
}
