//! The single writer: one write and one `fdatasync` a batch, and what happens
//! when the disk is full or loses data.

use super::clock::{self, Boot, Hlc};
use super::disk::Disk;
use super::error::{JournalError, is_full};
use super::writer::Lock;
use crate::domain::digest::Digest;
use crate::domain::entry::{Actor, Draft, Entry, Envelope, EvidenceRef, Mono, seal};
use crate::domain::fact::{ClockStepped, Degraded, Fact, Recovered};
use crate::domain::failure::Failure;
use chrono::{DateTime, Utc};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A segment that has reached this size is left for a new one.
pub(super) const SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// What the journal can do now.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Ready,
    /// The disk is full: entries go on while there is room, actions do not.
    Full(String),
    /// The disk lost data twice: nothing is written any more.
    Stopped(String),
}

/// Where the chain stands.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) next: u64,
    pub(super) prev: Digest,
    pub(super) hlc: Hlc,
    /// Both clocks at the last entry.
    pub(super) last: Option<(DateTime<Utc>, Mono)>,
}

/// What an open journal is made of.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) folder: PathBuf,
    pub(super) inc: String,
    pub(super) wid: String,
    pub(super) actor: Actor,
    pub(super) disk: Box<dyn Disk>,
    pub(super) lock: Lock,
    pub(super) head: Head,
    pub(super) segment: u32,
    pub(super) len: u64,
}

/// The single writer of one chain. It holds the writer's lock while it lives.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    inc: String,
    wid: String,
    actor: Actor,
    disk: Box<dyn Disk>,
    _lock: Lock,
    boot: Boot,
    head: Head,
    segment: u32,
    len: u64,
    state: State,
}

/// Lines ready to be written, with the entries read back from them.
struct Sealed {
    bytes: Vec<u8>,
    entries: Vec<Arc<Entry>>,
    head: Head,
}

impl Journal {
    /// Starts a writer. Without room for the reserve it starts as on a full
    /// disk: entries are taken, actions are not.
    pub(super) fn start(parts: Parts) -> Self {
        let mut journal = Self {
            folder: parts.folder,
            inc: parts.inc,
            wid: parts.wid,
            actor: parts.actor,
            disk: parts.disk,
            _lock: parts.lock,
            boot: Boot::read(),
            head: parts.head,
            segment: parts.segment,
            len: parts.len,
            state: State::Ready,
        };
        if let Err(e) = journal.disk.hold_reserve() {
            journal.state = State::Full(full(&e));
        }
        journal
    }

    /// Records drafts and returns once they are on disk.
    ///
    /// The answer holds every entry written, in order: besides the drafts,
    /// those the journal adds by itself (`clock.sync`, `degraded`,
    /// `log.recover`). All of them belong into the fold.
    ///
    /// On a full disk intents are not recorded: `degraded` says so, and stands
    /// before the drafts that are, so that what an earlier entry set off ends
    /// before a new one sets off more. Who acts on recorded intents alone
    /// never acts unrecorded.
    ///
    /// # Errors
    /// Nothing of the drafts was acknowledged: a draft over the line limit, no
    /// room left at all, or a disk that lost data twice.
    pub fn append(
        &mut self,
        now: DateTime<Utc>,
        drafts: &[Draft],
    ) -> Result<Vec<Arc<Entry>>, Failure> {
        Ok(self.record(now, drafts)?)
    }

    /// Keeps a blob in the evidence store, durable before this returns, and
    /// gives the reference an entry must carry. The entry is the caller's.
    ///
    /// # Errors
    /// The blob is larger than [`super::MAX_EVIDENCE`], or the disk refused.
    pub fn keep(
        &mut self,
        _now: DateTime<Utc>,
        bytes: &[u8],
        media_type: &str,
        what: &str,
    ) -> Result<EvidenceRef, Failure> {
        Ok(super::evidence::keep(
            &self.folder,
            bytes,
            media_type,
            what,
        )?)
    }

    /// The last entry's number and hash, if there is one.
    pub fn head(&self) -> Option<(u64, Digest)> {
        let seq = self.head.next.checked_sub(1)?;
        Some((seq, self.head.prev.clone()))
    }

    /// The incident's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// This writer's id.
    pub fn wid(&self) -> &str {
        &self.wid
    }

    /// Whether actions may be recorded, and so done.
    ///
    /// # Errors
    /// Why they are unavailable.
    pub fn writable(&self) -> Result<(), Failure> {
        match &self.state {
            State::Ready => Ok(()),
            State::Full(why) => Err(JournalError::Blocked(why.clone()).into()),
            State::Stopped(why) => Err(JournalError::Broken(why.clone()).into()),
        }
    }

    /// As [`Journal::append`], with the journal's own error.
    pub(super) fn record(
        &mut self,
        now: DateTime<Utc>,
        drafts: &[Draft],
    ) -> Result<Vec<Arc<Entry>>, JournalError> {
        if let State::Stopped(why) = &self.state {
            return Err(JournalError::Broken(why.clone()));
        }
        let noticed = self.noticed(now);
        let batch = match &self.state {
            State::Full(why) if drafts.iter().any(is_intent) => {
                without_intents(&noticed, why, drafts)
            }
            _ => [noticed.as_slice(), drafts].concat(),
        };
        let sealed = self.seal(now, &batch)?;
        match self.commit(sealed) {
            Ok(entries) => Ok(entries),
            Err(e) if is_full(&e) => self.spend_reserve(now, &noticed, drafts, e),
            Err(e) => self.move_on(now, &batch, &e),
        }
    }

    /// What the journal has to say by itself before the drafts.
    fn noticed(&mut self, now: DateTime<Utc>) -> Vec<Draft> {
        let mut noticed = Vec::new();
        if let Some(last) = &self.head.last
            && let Some(delta_ms) = clock::jump(last, &(now, self.boot.mono()))
        {
            noticed.push(Draft::new(Fact::ClockStepped(ClockStepped { delta_ms })));
        }
        if matches!(self.state, State::Full(_)) && self.disk.regain_reserve().is_ok() {
            self.state = State::Ready;
            noticed.push(recovered("there is room on the disk again"));
        }
        noticed
    }

    fn seal(&self, now: DateTime<Utc>, drafts: &[Draft]) -> Result<Sealed, JournalError> {
        let mut head = self.head.clone();
        let mut bytes = Vec::new();
        let mut entries = Vec::with_capacity(drafts.len());
        let (mono, clk) = (self.boot.mono(), clock::source());
        for draft in drafts {
            head.hlc = head.hlc.tick(now);
            let envelope = Envelope {
                inc: &self.inc,
                wid: &self.wid,
                seq: head.next,
                prev: &head.prev,
                ts: now,
                mono: &mono,
                clk: &clk,
                hlc: &head.hlc.to_string(),
                act: &self.actor,
            };
            let line = seal(draft, &envelope)?;
            // What is shown is what a reader will find, not what was meant.
            let entry = Entry::read(line.as_bytes())?;
            head.next += 1;
            head.prev = entry.h.clone();
            entries.push(Arc::new(entry));
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        }
        head.last = Some((now, mono));
        Ok(Sealed {
            bytes,
            entries,
            head,
        })
    }

    /// Writes, syncs, and only then moves the head.
    fn commit(&mut self, sealed: Sealed) -> io::Result<Vec<Arc<Entry>>> {
        let bytes = sealed.bytes.len() as u64;
        if self.len > 0 && self.len + bytes > SEGMENT_BYTES {
            self.disk.next_segment(self.segment + 1)?;
            self.segment += 1;
            self.len = 0;
        }
        let mut rest = sealed.bytes.as_slice();
        while !rest.is_empty() {
            match self.disk.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => rest = &rest[n..],
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        // A full disk told by the sync is as bad as any other error of it.
        self.disk
            .sync()
            .map_err(|e| io::Error::other(e.to_string()))?;
        self.len += bytes;
        self.head = sealed.head;
        Ok(sealed.entries)
    }

    /// The disk is full: takes the half-written lines back, gives the reserve
    /// to the record and blocks actions from here on.
    fn spend_reserve(
        &mut self,
        now: DateTime<Utc>,
        noticed: &[Draft],
        drafts: &[Draft],
        error: io::Error,
    ) -> Result<Vec<Arc<Entry>>, JournalError> {
        let batch = without_intents(noticed, &full(&error), drafts);
        if let Err(e) = self.disk.cut(self.len) {
            return self.move_on(now, &batch, &e);
        }
        if matches!(self.state, State::Full(_)) {
            return Err(JournalError::Full(error));
        }
        self.state = State::Full(full(&error));
        self.disk.free_reserve().map_err(JournalError::Full)?;
        let sealed = self.seal(now, &batch)?;
        self.commit(sealed).map_err(|e| {
            // Bytes of a second failure must not stand before the next line.
            if self.disk.cut(self.len).is_err() {
                self.state = State::Stopped(e.to_string());
            }
            JournalError::Full(e)
        })
    }

    /// The disk lost data: never syncs that segment again, and writes what
    /// was not acknowledged into a new one, whose first line says so.
    fn move_on(
        &mut self,
        now: DateTime<Utc>,
        drafts: &[Draft],
        error: &io::Error,
    ) -> Result<Vec<Arc<Entry>>, JournalError> {
        // A courtesy to readers; they know how to pass over the remains.
        let _ = self.disk.cut(self.len);
        let known = self.head().map_or_else(
            || "no entry was confirmed before".to_owned(),
            |(seq, h)| format!("entry {seq} ({}) was the last confirmed", h.short()),
        );
        let mut batch = vec![recovered(&format!(
            "the disk did not confirm a write ({error}); {known}"
        ))];
        batch.extend_from_slice(drafts);
        let again = self
            .disk
            .next_segment(self.segment + 1)
            .map_err(|e| JournalError::Broken(e.to_string()))
            .and_then(|()| {
                self.segment += 1;
                self.len = 0;
                let sealed = self.seal(now, &batch)?;
                self.commit(sealed)
                    .map_err(|e| JournalError::Broken(e.to_string()))
            });
        again.inspect_err(|e| self.state = State::Stopped(e.to_string()))
    }
}

fn is_intent(draft: &Draft) -> bool {
    matches!(draft.fact, Fact::Intended(_))
}

/// What a full disk records of a batch: why deeds are blocked from here on,
/// and everything but the deeds.
fn without_intents(noticed: &[Draft], why: &str, drafts: &[Draft]) -> Vec<Draft> {
    let degraded = Draft::new(Fact::Degraded(Degraded {
        reason: why.to_owned(),
    }));
    let kept = drafts.iter().filter(|draft| !is_intent(draft));
    let noticed = noticed.iter().chain(std::iter::once(&degraded));
    noticed.chain(kept).cloned().collect()
}

fn full(error: &io::Error) -> String {
    format!("the disk has no room for the record ({error})")
}

/// A `log.recover` that sets no bytes aside.
pub(super) fn recovered(reason: &str) -> Draft {
    Draft::new(Fact::Recovered(Recovered {
        bytes: 0,
        sha256: Digest::of(b""),
        reason: reason.to_owned(),
    }))
}
