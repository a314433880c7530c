//! Reads a whole record without a lock: for review, export and a second
//! instance.

use super::clock::Hlc;
use super::fault::{Fault, FaultKind};
use super::layout::{self, WRITERS};
use super::meta::Meta;
use super::scan::{Scan, Visit, scan};
use crate::domain::digest::Digest;
use crate::domain::entry::Entry;
use crate::domain::failure::Failure;
use std::path::Path;
use std::sync::Arc;

/// A record as it lies in its folder.
#[derive(Debug, Clone)]
pub struct Record {
    pub meta: Meta,
    /// Entries of all writers, ordered by hybrid clock, then writer.
    pub entries: Vec<Arc<Entry>>,
    /// What is wrong with the chains. `verify` looks further: at evidence and
    /// the playbook too.
    pub faults: Vec<Fault>,
}

/// Reads a folder. Faults do not stop it: what can be read is given.
///
/// # Errors
/// There is no readable `INCIDENT.json`.
pub fn read(folder: &Path) -> Result<Record, Failure> {
    let (meta, genesis) = Meta::load(folder)?;
    let all = collect(folder, &meta.id, &genesis);
    let mut faults = all.faults;
    for scan in all.scans {
        faults.extend(scan.faults);
    }
    Ok(Record {
        meta,
        entries: merged(all.entries),
        faults,
    })
}

/// Everything read of a folder, one scan a writer.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Writer after writer, each in the order of its chain.
    pub(super) entries: Vec<Arc<Entry>>,
    pub(super) scans: Vec<Scan>,
    /// Faults of no single writer.
    pub(super) faults: Vec<Fault>,
}

/// Reads every writer of a folder.
pub(super) fn collect(folder: &Path, inc: &str, genesis: &Digest) -> Collected {
    let mut all = Collected::default();
    match layout::writers(folder) {
        Ok(dirs) => {
            for dir in dirs.iter().filter(|dir| !layout::is_draft(dir)) {
                let mut entries = Entries::default();
                all.scans.push(scan(dir, Some(inc), genesis, &mut entries));
                all.entries.append(&mut entries.0);
            }
        }
        Err(e) => {
            let fault = Fault::new(FaultKind::Unreadable, WRITERS, &e.to_string());
            all.faults.push(fault);
        }
    }
    all
}

/// Entries in the order they are shown: by hybrid clock, then writer, then
/// place in the chain.
pub(super) fn merged(mut entries: Vec<Arc<Entry>>) -> Vec<Arc<Entry>> {
    entries.sort_by_cached_key(|e| (Hlc::parse(&e.hlc), e.wid.clone(), e.seq));
    entries
}

#[derive(Default)]
struct Entries(Vec<Arc<Entry>>);

impl Visit for Entries {
    fn entry(&mut self, _seq: u64, line: &[u8]) -> Result<(), String> {
        let entry = Entry::read(line).map_err(|fault| fault.to_string())?;
        self.0.push(Arc::new(entry));
        Ok(())
    }

    fn forget(&mut self, from: u64) {
        self.0.retain(|entry| entry.seq < from);
    }
}
