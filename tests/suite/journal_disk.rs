//! A disk that is really full: a small tmpfs, where this machine lets us
//! mount one. The same rules are played on every machine by a disk that fails
//! on cue, in `src/journal/faulty.rs`.

use crate::support::journal::{PLAYBOOK, actor, meta, note, now, opening};
use firsthour::domain::digest::Digest;
use firsthour::domain::entry::Draft;
use firsthour::domain::fact::{Fact, Intended};
use firsthour::journal::{Journal, read, verify};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A tmpfs of 2 MiB, unmounted with the value.
struct SmallDisk {
    dir: tempfile::TempDir,
}

impl SmallDisk {
    /// `None`, said aloud, where mounting is not allowed.
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m,mode=700", "firsthour-test"])
            .arg(dir.path())
            .output()
            .is_ok_and(|out| out.status.success());
        if !mounted {
            eprintln!("SKIPPED: no tmpfs can be mounted here; run as root to test a full disk");
            return None;
        }
        Some(Self { dir })
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Leaves so many bytes free, more or less a page.
    fn fill_but(&self, left: u64) -> PathBuf {
        let path = self.path().join("ballast");
        let room = rustix::fs::statvfs(self.path()).unwrap();
        let free = room.f_bavail * room.f_frsize;
        let bytes = usize::try_from(free.saturating_sub(left)).unwrap();
        std::fs::write(&path, vec![0; bytes]).unwrap();
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.dir.path()).output();
    }
}

fn intent() -> Draft {
    Draft::new(Fact::Intended(Intended {
        plan: Digest::of(b"plan"),
        action: "restrict.revoke".into(),
        target: "lab".into(),
    }))
}

#[test]
fn a_full_disk_keeps_recording_and_blocks_actions() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    let meta = meta("inc-1");
    let mut journal = Journal::create(disk.path(), &meta, PLAYBOOK, actor("ada"), now()).unwrap();
    journal.append(now(), &[opening()]).unwrap();
    assert!(journal.writable().is_ok());
    let ballast = disk.fill_but(8 * 1024);
    let mut acked = Vec::new();
    while journal.writable().is_ok() {
        acked.extend(journal.append(now(), &[note(&"x".repeat(3_000))]).unwrap());
    }
    let kinds: Vec<_> = acked.iter().rev().map(|entry| entry.fact.kind()).collect();
    assert_eq!(kinds[..2], ["note", "degraded"]);
    let refused = journal.append(now(), &[intent()]).unwrap();
    assert_eq!(refused[0].fact.kind(), "degraded");
    assert_eq!(refused.len(), 1);
    acked.extend(refused);
    // The reserve carries on, until that is used up as well.
    let failure = loop {
        match journal.append(now(), &[note(&"y".repeat(12_000))]) {
            Ok(entries) => acked.extend(entries),
            Err(failure) => break failure,
        }
    };
    assert!(failure.hint.contains("free some space"), "{failure:?}");
    assert!(acked.len() > 60, "{} entries", acked.len());
    let folder = journal.folder().to_owned();
    let on_disk = read(&folder).unwrap();
    assert!(on_disk.faults.is_empty(), "{:?}", on_disk.faults);
    assert_eq!(on_disk.entries[1..], acked);
    assert_eq!(verify(&folder).exit_code(), 0);
    // There is room again, though not for the reserve: entries go on.
    std::fs::remove_file(ballast).unwrap();
    journal.append(now(), &[note("goes on")]).unwrap();
    assert_eq!(verify(&folder).exit_code(), 0);
}

#[test]
fn a_disk_with_no_room_for_the_reserve_starts_without_actions() {
    let Some(disk) = SmallDisk::mount() else {
        return;
    };
    disk.fill_but(200 * 1024);
    let meta = meta("inc-1");
    let mut journal = Journal::create(disk.path(), &meta, PLAYBOOK, actor("ada"), now()).unwrap();
    let why = journal.writable().unwrap_err();
    assert!(why.why.contains("no room"), "{why}");
    journal.append(now(), &[opening()]).unwrap();
    let refused = journal.append(now(), &[intent()]).unwrap();
    assert_eq!(refused[0].fact.kind(), "degraded");
    assert_eq!(verify(journal.folder()).exit_code(), 0);
}
