//! Who writes: one folder for a person on a device, and the lock that keeps a
//! second process out of it.

use super::error::JournalError;
use super::layout::{self, IDENTITY, LOCK, TORN, WRITERS};
use super::meta::BASE32;
use crate::domain::entry::Actor;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// `writer.json`: what a writer's id was derived from.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Identity {
    wid: String,
    id: String,
    host: String,
    salt: String,
}

/// The writer's id: 12 characters of the hash of person, device and salt.
fn derive(id: &str, host: &str, salt: &str) -> String {
    let hash = Sha256::digest(format!("{id}\0{host}\0{salt}").as_bytes());
    hash.iter()
        .take(12)
        .map(|byte| char::from(BASE32[usize::from(byte & 31)]))
        .collect()
}

/// A writer's folder, named by its id.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    pub(super) wid: String,
    pub(super) dir: PathBuf,
}

impl Writer {
    /// The folder this person has on this device, made if there is none.
    /// Whoever makes one holds a lock on `writers/`, so that two processes
    /// started at once agree on it.
    pub(super) fn find_or_create(folder: &Path, actor: &Actor) -> Result<Self, JournalError> {
        let writers = folder.join(WRITERS);
        if let Some(known) = Self::find(folder, actor)? {
            return Ok(known);
        }
        let dir = File::open(&writers).map_err(JournalError::io("open", &writers))?;
        dir.lock().map_err(JournalError::io("lock", &writers))?;
        if let Some(known) = Self::find(folder, actor)? {
            return Ok(known);
        }
        Self::create(&writers, actor)
    }

    fn find(folder: &Path, actor: &Actor) -> Result<Option<Self>, JournalError> {
        let writers = layout::writers(folder).map_err(JournalError::io("read", folder))?;
        Ok(writers.into_iter().find_map(|dir| {
            let bytes = layout::read_bounded(&dir.join(IDENTITY), layout::SMALL).ok()?;
            let known: Identity = serde_json::from_slice(&bytes).ok()?;
            let named = dir.file_name()? == known.wid.as_str();
            let own = known.id == actor.id && known.host == actor.host;
            let derived = derive(&known.id, &known.host, &known.salt) == known.wid;
            (named && own && derived).then_some(Self {
                wid: known.wid,
                dir,
            })
        }))
    }

    /// Makes the folder with its identity under another name first, so that a
    /// crash never leaves one without.
    fn create(writers: &Path, actor: &Actor) -> Result<Self, JournalError> {
        let salt = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        let wid = derive(&actor.id, &actor.host, &salt);
        let identity = Identity {
            wid: wid.clone(),
            id: actor.id.clone(),
            host: actor.host.clone(),
            salt,
        };
        let dir = writers.join(&wid);
        let fresh = writers.join(format!(".{wid}.new"));
        layout::make_dir(&fresh)?;
        layout::make_dir(&fresh.join(TORN))?;
        // Strings only: serialising them cannot fail.
        let bytes = serde_json::to_vec_pretty(&identity).unwrap_or_default();
        layout::write_new(&fresh.join(IDENTITY), &bytes, 0o600)?;
        layout::sync_dir(&fresh)
            .and_then(|()| std::fs::rename(&fresh, &dir))
            .and_then(|()| layout::sync_dir(writers))
            .map_err(JournalError::io("create", &dir))?;
        Ok(Self { wid, dir })
    }
}

/// The process that holds a writer's folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Holder {
    pid: u32,
    user: String,
    host: String,
    since: DateTime<Utc>,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "process {} of {} on {}, since {}",
            self.pid,
            self.user,
            self.host,
            self.since.to_rfc3339_opts(SecondsFormat::Secs, true)
        )
    }
}

/// The lock of a writer's folder; the system lets go of it with the process.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing would do, were it not for a child that is just being
        // started and still holds a copy of the descriptor.
        let _ = self.file.unlock();
    }
}

/// What came of asking for the lock.
#[derive(Debug)]
pub(super) enum Locked {
    Ours(Lock),
    /// Told as a clause: `process 71 of ada on mbp, since ...`.
    Theirs(String),
}

impl Lock {
    /// Takes the lock, or names who has it. Never waits.
    pub(super) fn take(
        writer: &Writer,
        actor: &Actor,
        now: DateTime<Utc>,
    ) -> Result<Locked, JournalError> {
        let path = writer.dir.join(LOCK);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(layout::no_follow())
            .open(&path)
            .map_err(JournalError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = Vec::new();
                // An unreadable note still means that somebody holds it.
                let _ = (&mut file).take(layout::SMALL).read_to_end(&mut text);
                let holder = serde_json::from_slice::<Holder>(&text)
                    .map_or_else(|_| "another process".to_owned(), |h| h.to_string());
                return Ok(Locked::Theirs(holder));
            }
            Err(TryLockError::Error(e)) => return Err(JournalError::io("lock", &path)(e)),
        }
        let holder = Holder {
            pid: std::process::id(),
            user: actor.id.clone(),
            host: actor.host.clone(),
            since: now,
        };
        // Numbers and strings only: serialising them cannot fail.
        let text = serde_json::to_vec(&holder).unwrap_or_default();
        // The note is a courtesy; on a full disk the lock itself still holds.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(&text));
        Ok(Locked::Ours(Self { file }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(host: &str) -> Actor {
        Actor {
            id: "ada".into(),
            via: "cli".into(),
            host: host.into(),
        }
    }

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        layout::make_dir(&dir.path().join(WRITERS)).unwrap();
        dir
    }

    #[test]
    fn a_person_on_a_device_is_one_writer() {
        let dir = folder();
        let first = Writer::find_or_create(dir.path(), &actor("mbp")).unwrap();
        let again = Writer::find_or_create(dir.path(), &actor("mbp")).unwrap();
        let other = Writer::find_or_create(dir.path(), &actor("x1")).unwrap();
        assert_eq!(first.wid, again.wid);
        assert_ne!(first.wid, other.wid);
        assert_eq!(first.wid.len(), 12);
    }

    #[test]
    fn an_identity_that_was_edited_is_not_taken_over() {
        let dir = folder();
        let writer = Writer::find_or_create(dir.path(), &actor("mbp")).unwrap();
        let path = writer.dir.join(IDENTITY);
        let text = std::fs::read_to_string(&path).unwrap().replace("mbp", "x1");
        std::fs::write(&path, text).unwrap();
        let other = Writer::find_or_create(dir.path(), &actor("x1")).unwrap();
        assert_ne!(writer.wid, other.wid);
    }

    #[test]
    fn the_second_one_learns_who_holds_the_lock() {
        let dir = folder();
        let writer = Writer::find_or_create(dir.path(), &actor("mbp")).unwrap();
        let now = DateTime::from_timestamp(1_787_392_923, 0).unwrap();
        let first = Lock::take(&writer, &actor("mbp"), now).unwrap();
        assert!(matches!(first, Locked::Ours(_)));
        let Locked::Theirs(holder) = Lock::take(&writer, &actor("mbp"), now).unwrap() else {
            panic!("two processes hold one lock");
        };
        let pid = std::process::id();
        assert_eq!(
            holder,
            format!("process {pid} of ada on mbp, since 2026-08-22T10:02:03Z")
        );
        drop(first);
        let third = Lock::take(&writer, &actor("mbp"), now).unwrap();
        assert!(matches!(third, Locked::Ours(_)));
    }
}
