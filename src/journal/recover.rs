//! Heals the end of a writer's own last segment: bytes of a write that was
//! cut short are copied aside, then taken off, then told in an entry. Each
//! step can be repeated after a crash in the next one.

use super::error::{JournalError, is_full};
use super::layout::{self, RESERVE, TORN};
use super::scan::Tail;
use crate::domain::digest::Digest;
use crate::domain::entry::{Draft, Entry};
use crate::domain::fact::{Fact, Recovered};
use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

/// The most a batch can leave behind. More than that is no torn tail.
pub(super) const MAX_TORN: u64 = 8 * 1024 * 1024;

/// Copies the tail to `torn/` and takes it off the segment.
pub(super) fn set_aside(writer: &Path, tail: Tail) -> Result<(), JournalError> {
    let path = writer.join(layout::segment_name(tail.segment));
    let bytes = read_tail(&path, tail).map_err(JournalError::io("read", &path))?;
    let torn = writer.join(TORN);
    layout::make_dir(&torn)?;
    let name = format!(
        "{:06}-{}-{}",
        tail.segment,
        tail.offset,
        Digest::of(&bytes).short()
    );
    let copy = torn.join(name);
    if layout::read_bounded(&copy, MAX_TORN).ok().as_deref() != Some(&bytes) {
        // What a crash left of an earlier copy; the segment still has it all.
        let _ = std::fs::remove_file(&copy);
        write_with_reserve(writer, &copy, &bytes)?;
    }
    layout::sync_dir(&torn).map_err(JournalError::io("sync", &torn))?;
    let cut = || {
        let file = OpenOptions::new()
            .write(true)
            .custom_flags(layout::no_follow())
            .open(&path)?;
        file.set_len(tail.offset)?;
        file.sync_all()
    };
    cut().map_err(JournalError::io("recover", &path))
}

fn read_tail(path: &Path, tail: Tail) -> io::Result<Vec<u8>> {
    if tail.bytes > MAX_TORN {
        return Err(io::Error::other(format!(
            "{} bytes at the end are no entries",
            tail.bytes
        )));
    }
    let mut file = layout::open_regular(path)?;
    file.seek(SeekFrom::Start(tail.offset))?;
    let mut bytes = Vec::new();
    file.take(tail.bytes).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// On a full disk the reserve makes room: this is what it is for.
fn write_with_reserve(writer: &Path, path: &Path, bytes: &[u8]) -> Result<(), JournalError> {
    match layout::write_new(path, bytes, 0o600) {
        Err(JournalError::Io { source, .. }) if is_full(&source) => {
            let _ = std::fs::remove_file(path);
            let _ = std::fs::remove_file(writer.join(RESERVE));
            layout::write_new(path, bytes, 0o600)
        }
        other => other,
    }
}

/// One `log.recover` for every copy in `torn/` that no entry tells of yet.
pub(super) fn untold(writer: &Path, entries: &[Arc<Entry>]) -> Vec<Draft> {
    let mut told: Vec<&Digest> = entries
        .iter()
        .filter_map(|entry| match &entry.fact {
            Fact::Recovered(r) if r.bytes > 0 => Some(&r.sha256),
            _ => None,
        })
        .collect();
    let mut drafts = Vec::new();
    for (bytes, sha256) in copies(writer) {
        if let Some(at) = told.iter().position(|known| **known == sha256) {
            told.swap_remove(at);
            continue;
        }
        drafts.push(Draft::new(Fact::Recovered(Recovered {
            bytes,
            sha256,
            reason: "the last write was cut short; it had not been confirmed".to_owned(),
        })));
    }
    drafts
}

/// Size and hash of every copy in `torn/`, sorted by name.
pub(super) fn copies(writer: &Path) -> Vec<(u64, Digest)> {
    let Ok(items) = std::fs::read_dir(writer.join(TORN)) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = items.flatten().map(|item| item.path()).collect();
    paths.sort_unstable();
    paths
        .iter()
        .filter_map(|path| layout::read_bounded(path, MAX_TORN).ok())
        .map(|bytes| (bytes.len() as u64, Digest::of(&bytes)))
        .collect()
}
