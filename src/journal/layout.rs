//! Where things lie in an incident folder, and how files are made there:
//! folders 0700, files 0600, never through a symbolic link, synced with their
//! parents.

use super::error::JournalError;
use std::ffi::OsStr;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub(super) const META: &str = "INCIDENT.json";
pub(super) const PLAYBOOK: &str = "playbook.md";
pub(super) const README: &str = "README.txt";
pub(super) const WRITERS: &str = "writers";
pub(super) const TORN: &str = "torn";
pub(super) const LOCK: &str = "lock";
pub(super) const RESERVE: &str = "reserve";
pub(super) const IDENTITY: &str = "writer.json";

/// The most that is read of a small file (`INCIDENT.json`, `playbook.md`).
pub(super) const SMALL: u64 = 4 * 1024 * 1024;

/// The file name of a segment; numbers start at 1.
pub(super) fn segment_name(number: u32) -> String {
    format!("{number:06}.jsonl")
}

/// The number in a segment's name, up to 999,999; `None` for every other name.
pub(super) fn segment_number(name: &OsStr) -> Option<u32> {
    let digits = name.to_str()?.strip_suffix(".jsonl")?;
    let number = digits.parse().ok()?;
    ((1..=999_999).contains(&number) && segment_name(number).as_str() == name).then_some(number)
}

/// Where a blob lies: `evidence/sha256/ab/<62 hex>`.
pub(super) fn blob_path(folder: &Path, hash: &str) -> PathBuf {
    let (shelf, name) = hash.split_at(2);
    folder
        .join("evidence")
        .join("sha256")
        .join(shelf)
        .join(name)
}

/// Makes a folder only its owner can enter; one that exists is fine.
pub(super) fn make_dir(path: &Path) -> Result<(), JournalError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other.map_err(JournalError::io("create", path)),
    }
}

/// Writes a file that must not exist yet, and syncs it. The folder is the
/// caller's to sync.
pub(super) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), JournalError> {
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(JournalError::io("write", path))
}

/// Makes the names in a folder durable.
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Opens a regular file for reading. A link, a pipe or a device is an error
/// and never blocks.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(no_follow())
        .open(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

/// Open flags that refuse a symbolic link and do not wait for a pipe's peer.
pub(super) fn no_follow() -> i32 {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    flags.bits().cast_signed()
}

/// Reads a regular file of at most `limit` bytes.
pub(super) fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_regular(path)?
        .take(limit + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("larger than {limit} bytes")));
    }
    Ok(bytes)
}

/// Refuses a folder that others may write to: what they put there would be
/// taken for the record.
pub(super) fn refuse_shared(path: &Path) -> Result<(), JournalError> {
    let meta = std::fs::symlink_metadata(path).map_err(JournalError::io("read", path))?;
    let mode = meta.permissions().mode() & 0o7777;
    if !meta.is_dir() {
        return Err(JournalError::NotAnIncident {
            path: path.to_owned(),
            why: "it is not a folder".to_owned(),
        });
    }
    if mode & 0o022 != 0 {
        return Err(JournalError::Shared {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

/// The segments of a writer's folder in order, and every other name in it
/// that ends like one.
pub(super) fn segments(writer: &Path) -> io::Result<(Vec<u32>, Vec<PathBuf>)> {
    let (mut numbers, mut strays) = (Vec::new(), Vec::new());
    for item in std::fs::read_dir(writer)? {
        let name = item?.file_name();
        if let Some(number) = segment_number(&name) {
            numbers.push(number);
        } else if name.as_encoded_bytes().ends_with(b".jsonl") {
            strays.push(writer.join(name));
        }
    }
    numbers.sort_unstable();
    strays.sort_unstable();
    Ok((numbers, strays))
}

/// Whether a name is that of a folder still being made when a crash came.
pub(super) fn is_draft(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// The writers' folders, sorted by name.
pub(super) fn writers(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(folder.join(WRITERS))? {
        let item = item?;
        if item.file_type()?.is_dir() {
            found.push(item.path());
        }
    }
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_names_are_segments() {
        assert_eq!(segment_number(OsStr::new("000001.jsonl")), Some(1));
        assert_eq!(segment_number(OsStr::new("999999.jsonl")), Some(999_999));
        for name in [
            "1.jsonl",
            "000000.jsonl",
            "+00001.jsonl",
            "1000001.jsonl",
            "000001.jsonl~",
            "",
        ] {
            assert_eq!(segment_number(OsStr::new(name)), None, "{name}");
        }
    }

    #[test]
    fn links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("target");
        std::fs::write(&target, b"x").unwrap();
        std::os::unix::fs::symlink(&target, dir.path().join("link")).unwrap();
        assert!(open_regular(&target).is_ok());
        assert!(open_regular(&dir.path().join("link")).is_err());
        assert!(open_regular(dir.path()).is_err());
    }
}
