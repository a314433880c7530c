//! The recorded lines themselves, byte for byte, for an export that verifies.

use super::clock::Hlc;
use super::layout;
use super::meta::Meta;
use super::scan::{Visit, scan};
use crate::domain::entry::Entry;
use crate::domain::failure::Failure;
use std::path::Path;

/// Reads every good line of a folder, without newlines, in the order in which
/// [`super::read()`] gives the entries. Lines that do not match their own hash
/// are left out; `verify` tells of them.
///
/// # Errors
/// There is no readable `INCIDENT.json`, or the writers cannot be listed.
pub fn read_lines(folder: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let (meta, genesis) = Meta::load(folder)?;
    let dirs = layout::writers(folder).map_err(|e| {
        Failure::new(
            "the recorded lines could not be read",
            e.to_string(),
            "run firsthour verify on the folder",
        )
    })?;
    let mut all = Vec::new();
    for dir in dirs.iter().filter(|dir| !layout::is_draft(dir)) {
        let mut lines = Lines::default();
        scan(dir, Some(&meta.id), &genesis, &mut lines);
        all.append(&mut lines.0);
    }
    all.sort_by(|a, b| a.order.cmp(&b.order));
    Ok(all.into_iter().map(|line| line.bytes).collect())
}

struct Line {
    order: (Hlc, String, u64),
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Lines(Vec<Line>);

impl Visit for Lines {
    fn entry(&mut self, seq: u64, line: &[u8]) -> Result<(), String> {
        let entry = Entry::read(line).map_err(|fault| fault.to_string())?;
        self.0.push(Line {
            order: (Hlc::parse(&entry.hlc), entry.wid, seq),
            bytes: line.to_vec(),
        });
        Ok(())
    }

    fn forget(&mut self, from: u64) {
        self.0.retain(|line| line.order.2 < from);
    }
}
