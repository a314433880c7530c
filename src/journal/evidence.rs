//! The evidence store: blobs named by their SHA-256, durable before any entry
//! speaks of them. A blob nobody refers to is legal; the reverse is a fault.

use super::error::JournalError;
use super::layout;
use crate::domain::digest::Digest;
use crate::domain::entry::EvidenceRef;
use crate::domain::mask::mask;
use crate::domain::untrusted::visible;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The largest blob taken, in bytes: an excerpt, never a table.
pub const MAX_EVIDENCE: usize = 10 * 1024 * 1024;

/// Writes a blob: under another name in the same folder, synced, read back
/// and hashed, renamed, and the folder synced.
pub(super) fn keep(
    folder: &Path,
    bytes: &[u8],
    media_type: &str,
    what: &str,
) -> Result<EvidenceRef, JournalError> {
    if bytes.len() > MAX_EVIDENCE {
        return Err(JournalError::TooLarge {
            bytes: bytes.len(),
            limit: MAX_EVIDENCE,
        });
    }
    let h = Digest::of(bytes);
    let path = layout::blob_path(folder, h.as_str());
    if !matches(&path, &h) {
        store(folder, &path, bytes, &h)?;
    }
    Ok(EvidenceRef {
        h,
        n: bytes.len() as u64,
        mt: visible(media_type),
        what: mask(&visible(what)),
    })
}

/// Whether the blob is there and has the hash in its name.
fn matches(path: &Path, h: &Digest) -> bool {
    layout::read_bounded(path, MAX_EVIDENCE as u64).is_ok_and(|bytes| &Digest::of(&bytes) == h)
}

fn store(folder: &Path, path: &Path, bytes: &[u8], h: &Digest) -> Result<(), JournalError> {
    let root = folder.join("evidence");
    let store = root.join("sha256");
    let shelf = path.parent().unwrap_or(&store);
    for dir in [root.as_path(), &store, shelf] {
        layout::make_dir(dir)?;
    }
    let temp = shelf.join(format!(".{:016x}.tmp", fastrand::u64(..)));
    let done = layout::write_new(&temp, bytes, 0o600).and_then(|()| place(&temp, path, h));
    if done.is_err() {
        // What is left would only be an unnamed copy.
        let _ = std::fs::remove_file(&temp);
    }
    done?;
    for dir in [shelf, &store, root.as_path(), folder] {
        layout::sync_dir(dir).map_err(JournalError::io("sync", dir))?;
    }
    Ok(())
}

fn place(temp: &Path, path: &Path, h: &Digest) -> Result<(), JournalError> {
    if !matches(temp, h) {
        return Err(JournalError::ReadBack {
            path: path.to_owned(),
        });
    }
    std::fs::set_permissions(temp, Permissions::from_mode(0o400))
        .and_then(|()| std::fs::rename(temp, path))
        .map_err(JournalError::io("store", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_kept_once_under_its_hash() {
        let dir = tempfile::tempdir().unwrap();
        let first = keep(
            dir.path(),
            b"shape",
            "text/plain",
            "reply of ada@example.com",
        )
        .unwrap();
        let again = keep(
            dir.path(),
            b"shape",
            "text/plain",
            "reply of ada@example.com",
        )
        .unwrap();
        assert_eq!(first, again);
        assert_eq!((first.n, first.what.as_str()), (5, "reply of [e-mail]"));
        let path = layout::blob_path(dir.path(), first.h.as_str());
        assert_eq!(std::fs::read(&path).unwrap(), b"shape");
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o400);
        let shelf = std::fs::read_dir(path.parent().unwrap()).unwrap();
        assert_eq!(shelf.count(), 1);
    }

    #[test]
    fn a_blob_that_was_changed_is_written_again() {
        let dir = tempfile::tempdir().unwrap();
        let kept = keep(dir.path(), b"shape", "text/plain", "x").unwrap();
        let path = layout::blob_path(dir.path(), kept.h.as_str());
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, b"other").unwrap();
        keep(dir.path(), b"shape", "text/plain", "x").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"shape");
    }

    #[test]
    fn a_blob_over_the_limit_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let error = keep(dir.path(), &vec![0; MAX_EVIDENCE + 1], "x", "x").unwrap_err();
        assert!(matches!(error, JournalError::TooLarge { .. }));
    }
}
