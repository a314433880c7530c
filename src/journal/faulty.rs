//! A disk that fails on cue, and what the journal makes of it.

use super::append::{Head, Journal, Parts};
use super::clock::Hlc;
use super::disk::{Disk, Files};
use super::meta::Meta;
use super::read::read;
use super::verify::verify;
use super::writer::{Lock, Locked, Writer};
use crate::domain::digest::Digest;
use crate::domain::entry::{Actor, Draft, Entry};
use crate::domain::fact::{Approved, Fact, Intended, Noted, PlaybookPin};
use crate::domain::stance::Mode;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Instant;

/// What the next call of a kind does.
#[derive(Debug, Clone, Copy)]
enum Cue {
    Fine,
    /// Writes only so many bytes, and says so.
    Short(usize),
    Fail(io::ErrorKind),
}

#[derive(Debug, Default)]
struct Script {
    write: VecDeque<Cue>,
    sync: VecDeque<Cue>,
    segment: VecDeque<Cue>,
    cut: VecDeque<Cue>,
    /// Whether there is room for the reserve.
    room: bool,
    freed: u32,
    synced_after_error: bool,
    sync_failed: bool,
}

#[derive(Debug)]
struct Faulty {
    files: Files,
    script: Arc<Mutex<Script>>,
}

impl Faulty {
    fn cue(&self, of: fn(&mut Script) -> &mut VecDeque<Cue>) -> Cue {
        let mut script = self.script.lock().unwrap();
        of(&mut script).pop_front().unwrap_or(Cue::Fine)
    }
}

impl Disk for Faulty {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.cue(|s| &mut s.write) {
            Cue::Fine => self.files.write(bytes),
            Cue::Short(n) => self.files.write(&bytes[..n.min(bytes.len())]),
            Cue::Fail(kind) => Err(kind.into()),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let failed = self.script.lock().unwrap().sync_failed;
        self.script.lock().unwrap().synced_after_error |= failed;
        match self.cue(|s| &mut s.sync) {
            Cue::Fail(kind) => {
                self.script.lock().unwrap().sync_failed = true;
                Err(kind.into())
            }
            _ => self.files.sync(),
        }
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        match self.cue(|s| &mut s.cut) {
            Cue::Fail(kind) => Err(kind.into()),
            _ => self.files.cut(len),
        }
    }

    fn next_segment(&mut self, number: u32) -> io::Result<()> {
        if let Cue::Fail(kind) = self.cue(|s| &mut s.segment) {
            return Err(kind.into());
        }
        self.script.lock().unwrap().sync_failed = false;
        self.files.next_segment(number)
    }

    fn hold_reserve(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn regain_reserve(&mut self) -> io::Result<()> {
        if self.script.lock().unwrap().room {
            Ok(())
        } else {
            Err(io::ErrorKind::StorageFull.into())
        }
    }

    fn free_reserve(&mut self) -> io::Result<()> {
        self.script.lock().unwrap().freed += 1;
        Ok(())
    }
}

struct Stage {
    dir: tempfile::TempDir,
    script: Arc<Mutex<Script>>,
    journal: Journal,
}

/// A wall clock that goes on: one that stood still would be recorded as a
/// jump on a slow day.
fn now() -> DateTime<Utc> {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    DateTime::from_timestamp(1_787_392_923, 0).unwrap() + START.elapsed()
}

fn note(text: &str) -> Draft {
    Draft::new(Fact::Noted(Noted { text: text.into() }))
}

fn intent() -> Draft {
    Draft::new(Fact::Intended(Intended {
        plan: Digest::of(b"plan"),
        action: "restrict.revoke".into(),
        target: "lab".into(),
    }))
}

fn approval() -> Draft {
    Draft::new(Fact::Approved(Approved {
        plan: Digest::of(b"plan"),
        typed: "lab".into(),
    }))
}

fn stage() -> Stage {
    let dir = tempfile::tempdir().unwrap();
    let meta = Meta {
        id: "inc-20260822-k7f3".into(),
        title: "t".into(),
        codename: "c".into(),
        created: now(),
        mode: Mode::Drill,
        playbook: PlaybookPin {
            id: "p".into(),
            title: "p".into(),
            sha256: Digest::of(b"# p"),
            origin: String::new(),
        },
        target: "lab".into(),
    };
    let actor = Actor {
        id: "ada".into(),
        via: "cli".into(),
        host: "mbp".into(),
    };
    drop(Journal::create(dir.path(), &meta, "# p", actor.clone(), now()).unwrap());
    let folder = dir.path().join(&meta.id);
    let writer = Writer::find_or_create(&folder, &actor).unwrap();
    let Locked::Ours(lock) = Lock::take(&writer, &actor, now()).unwrap() else {
        panic!("the lock is held");
    };
    let script = Arc::new(Mutex::new(Script::default()));
    let journal = Journal::start(Parts {
        folder: folder.clone(),
        inc: meta.id,
        wid: writer.wid,
        actor,
        disk: Box::new(Faulty {
            files: Files::open(writer.dir, 1).unwrap(),
            script: Arc::clone(&script),
        }),
        lock,
        head: Head {
            next: 0,
            prev: Meta::load(&folder).unwrap().1,
            hlc: Hlc::default(),
            last: None,
        },
        segment: 1,
        len: 0,
    });
    Stage {
        dir,
        script,
        journal,
    }
}

impl Stage {
    fn set(&self, set: impl FnOnce(&mut Script)) {
        set(&mut self.script.lock().unwrap());
    }

    /// Kinds on disk, after the journal was judged whole.
    fn kinds(&self) -> Vec<String> {
        let folder = self.dir.path().join("inc-20260822-k7f3");
        let verdict = verify(&folder);
        assert_eq!(verdict.exit_code(), 0, "{verdict}");
        let record = read(&folder).unwrap();
        assert!(record.faults.is_empty(), "{:?}", record.faults);
        let kinds = record.entries.iter().map(|e| e.fact.kind().to_owned());
        kinds.collect()
    }
}

#[test]
fn short_and_interrupted_writes_are_finished() {
    let mut stage = stage();
    stage.set(|s| {
        s.write = [
            Cue::Short(1),
            Cue::Fail(io::ErrorKind::Interrupted),
            Cue::Short(30),
        ]
        .into();
    });
    let written = stage
        .journal
        .append(now(), &[note("a"), note("b")])
        .unwrap();
    assert_eq!(written.len(), 2);
    assert_eq!(stage.kinds(), ["note", "note"]);
}

#[test]
fn a_full_disk_spends_the_reserve_and_blocks_actions() {
    let mut stage = stage();
    stage.journal.append(now(), &[note("a")]).unwrap();
    stage.set(|s| s.write = [Cue::Short(40), Cue::Fail(io::ErrorKind::StorageFull)].into());
    let written = stage.journal.append(now(), &[note("b")]).unwrap();
    assert_eq!(written.len(), 2);
    assert_eq!(stage.kinds(), ["note", "degraded", "note"]);
    assert_eq!(stage.script.lock().unwrap().freed, 1);
    let why = stage.journal.writable().unwrap_err();
    assert!(why.why.contains("no room"), "{why}");
    stage.journal.append(now(), &[note("by hand")]).unwrap();
    // Room again: the record says so, and actions are back.
    stage.set(|s| s.room = true);
    stage.journal.append(now(), &[note("c")]).unwrap();
    assert!(stage.journal.writable().is_ok());
    stage.journal.append(now(), &[intent()]).unwrap();
    let kinds = stage.kinds();
    assert_eq!(kinds[3..], ["note", "log.recover", "note", "action.intent"]);
}

/// Kinds of an answer, as the caller applies them.
fn told(entries: &[Arc<Entry>]) -> Vec<&str> {
    entries.iter().map(|entry| entry.fact.kind()).collect()
}

#[test]
fn an_intent_on_a_full_disk_is_answered_by_degraded_alone() {
    let mut stage = stage();
    stage.set(|s| s.write = [Cue::Fail(io::ErrorKind::StorageFull)].into());
    // The batch that meets the full disk, and one that finds it full.
    for _ in 0..2 {
        let batch = [approval(), intent(), note("why")];
        let answer = stage.journal.append(now(), &batch).unwrap();
        assert_eq!(told(&answer), ["degraded", "approve", "note"]);
        let answer = stage.journal.append(now(), &[intent()]).unwrap();
        assert_eq!(told(&answer), ["degraded"]);
    }
    assert!(!stage.kinds().contains(&"action.intent".to_owned()));
    stage.set(|s| s.room = true);
    let answer = stage.journal.append(now(), &[intent()]).unwrap();
    assert_eq!(told(&answer), ["log.recover", "action.intent"]);
}

#[test]
fn an_approval_on_a_disk_that_fills_comes_after_degraded() {
    let mut stage = stage();
    stage.set(|s| s.write = [Cue::Fail(io::ErrorKind::StorageFull)].into());
    let answer = stage.journal.append(now(), &[approval()]).unwrap();
    assert_eq!(told(&answer), ["degraded", "approve"]);
    // Room by the time its intent is written: the deed may go on.
    stage.set(|s| s.room = true);
    let answer = stage.journal.append(now(), &[intent()]).unwrap();
    assert_eq!(told(&answer), ["log.recover", "action.intent"]);
}

#[test]
fn a_full_disk_without_a_reserve_refuses_and_leaves_no_half_line() {
    let mut stage = stage();
    stage.journal.append(now(), &[note("a")]).unwrap();
    let full = Cue::Fail(io::ErrorKind::StorageFull);
    stage.set(|s| s.write = [Cue::Short(9), full, Cue::Short(9), full].into());
    assert!(stage.journal.append(now(), &[note("b")]).is_err());
    stage.set(|s| s.write = [Cue::Short(9), full].into());
    assert!(stage.journal.append(now(), &[note("b")]).is_err());
    assert_eq!(stage.kinds(), ["note"]);
    stage.journal.append(now(), &[note("b")]).unwrap();
    assert_eq!(stage.kinds(), ["note", "note"]);
}

#[test]
fn a_failed_sync_goes_on_in_a_new_segment() {
    let mut stage = stage();
    stage.journal.append(now(), &[note("a")]).unwrap();
    stage.set(|s| s.sync = [Cue::Fail(io::ErrorKind::Other)].into());
    let written = stage.journal.append(now(), &[note("b")]).unwrap();
    assert_eq!(written[0].fact.kind(), "log.recover");
    assert_eq!(stage.kinds(), ["note", "log.recover", "note"]);
    assert!(!stage.script.lock().unwrap().synced_after_error);
    assert!(stage.journal.writable().is_ok());
}

#[test]
fn remains_of_a_failed_sync_are_passed_over() {
    // After a crash the lines the disk did not confirm may be there after
    // all, whole or in part.
    let fail = Cue::Fail(io::ErrorKind::Other);
    for left in [None, Some(700), Some(500), Some(20)] {
        let mut stage = stage();
        stage.journal.append(now(), &[note("a")]).unwrap();
        stage.set(|s| {
            s.cut = [fail].into();
            match left {
                None => s.sync = [fail].into(),
                Some(bytes) => s.write = [Cue::Short(bytes), fail].into(),
            }
        });
        let drafts = [note("b"), note("c")];
        stage.journal.append(now(), &drafts).unwrap();
        let kinds = stage.kinds();
        assert_eq!(kinds, ["note", "log.recover", "note", "note"], "{left:?}");
    }
}

#[test]
fn two_failed_syncs_stop_the_journal() {
    let mut stage = stage();
    stage.journal.append(now(), &[note("a")]).unwrap();
    let fail = Cue::Fail(io::ErrorKind::Other);
    stage.set(|s| s.sync = [fail, fail].into());
    assert!(stage.journal.append(now(), &[note("b")]).is_err());
    assert!(stage.journal.writable().is_err());
    assert!(stage.journal.append(now(), &[note("c")]).is_err());
    assert!(!stage.script.lock().unwrap().synced_after_error);
}

#[test]
fn no_new_segment_stops_the_journal() {
    let mut stage = stage();
    let fail = Cue::Fail(io::ErrorKind::Other);
    stage.set(|s| {
        s.sync = [fail].into();
        s.segment = [fail].into();
    });
    assert!(stage.journal.append(now(), &[note("b")]).is_err());
    assert!(stage.journal.append(now(), &[note("c")]).is_err());
}
