//! Creates an incident's folder and opens it for writing, or for reading when
//! another process writes.

use super::append::{Head, Journal, Parts, SEGMENT_BYTES};
use super::clock::Hlc;
use super::disk::{Disk, Files};
use super::error::JournalError;
use super::fault::FaultKind;
use super::layout::{self, META, PLAYBOOK, README, WRITERS};
use super::meta::{Meta, README_TEXT};
use super::read::{Collected, collect, merged};
use super::recover;
use super::writer::{Lock, Locked, Writer};
use crate::domain::digest::Digest;
use crate::domain::entry::{Actor, Entry};
use crate::domain::fact::{Fact, Recovered};
use crate::domain::failure::Failure;
use chrono::{DateTime, Utc};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

/// What opening an incident gave.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "made once a run and taken apart at once"
)]
pub enum Opened {
    /// This process writes.
    Writer {
        journal: Journal,
        /// Everything recorded, by all writers, in order.
        entries: Vec<Arc<Entry>>,
        /// What was healed just now; its entry is among `entries`.
        recovered: Option<Recovered>,
    },
    /// This process may only read.
    ReadOnly {
        entries: Vec<Arc<Entry>>,
        /// Who writes, or why nobody can, as a clause to show.
        holder: String,
    },
}

/// Opens a folder for writing.
///
/// The tail of a write that a crash cut short is healed first. When another
/// process of the same person on this device has it open, or the disk is
/// read-only, the answer is [`Opened::ReadOnly`].
///
/// # Errors
/// The folder is no incident, others may write to it, or this writer's chain
/// is damaged anywhere but at its very end (see [`open_damaged`]).
pub fn open(folder: &Path, actor: Actor, now: DateTime<Utc>) -> Result<Opened, Failure> {
    Ok(open_with(folder, actor, now, false)?)
}

/// As [`open`], and goes on in a new segment when this writer's chain is
/// damaged. Only on a person's word: the damage stays, and `verify` goes on
/// telling of it.
///
/// # Errors
/// See [`open`].
pub fn open_damaged(folder: &Path, actor: Actor, now: DateTime<Utc>) -> Result<Opened, Failure> {
    Ok(open_with(folder, actor, now, true)?)
}

impl Journal {
    /// Creates an incident's folder under `incidents` with its meta, a copy
    /// of the playbook and a `README.txt`, and opens it. The folder appears
    /// whole or not at all; it has no entry yet.
    ///
    /// # Errors
    /// The id is taken or no plain name, the playbook's source does not have
    /// the pinned digest, or the disk refused.
    pub fn create(
        incidents: &Path,
        meta: &Meta,
        playbook_source: &str,
        actor: Actor,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        Ok(create(incidents, meta, playbook_source, actor, now)?)
    }
}

fn create(
    incidents: &Path,
    meta: &Meta,
    playbook: &str,
    actor: Actor,
    now: DateTime<Utc>,
) -> Result<Journal, JournalError> {
    meta.check_id()?;
    if Digest::of(playbook.as_bytes()) != meta.playbook.sha256 {
        return Err(JournalError::NotAnIncident {
            path: incidents.join(&meta.id),
            why: "the playbook differs from its pin".to_owned(),
        });
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(incidents)
        .map_err(JournalError::io("create", incidents))?;
    let folder = incidents.join(&meta.id);
    if std::fs::symlink_metadata(&folder).is_ok() {
        return Err(JournalError::Exists {
            id: meta.id.clone(),
        });
    }
    let fresh = incidents.join(format!(".{}.{:08x}.new", meta.id, fastrand::u32(..)));
    let made = furnish(&fresh, meta, playbook).and_then(|()| {
        std::fs::rename(&fresh, &folder)
            .and_then(|()| layout::sync_dir(incidents))
            .map_err(JournalError::io("create", &folder))
    });
    if made.is_err() {
        // Half an incident helps nobody and takes room.
        let _ = std::fs::remove_dir_all(&fresh);
    }
    made?;
    match open_with(&folder, actor, now, false)? {
        Opened::Writer { journal, .. } => Ok(journal),
        Opened::ReadOnly { holder, .. } => Err(JournalError::Broken(holder)),
    }
}

/// Fills a new incident's folder, durable when this returns.
fn furnish(fresh: &Path, meta: &Meta, playbook: &str) -> Result<(), JournalError> {
    layout::make_dir(fresh)?;
    layout::make_dir(&fresh.join(WRITERS))?;
    layout::write_new(&fresh.join(META), &meta.bytes(), 0o600)?;
    layout::write_new(&fresh.join(PLAYBOOK), playbook.as_bytes(), 0o600)?;
    layout::write_new(&fresh.join(README), README_TEXT.as_bytes(), 0o600)?;
    layout::sync_dir(fresh).map_err(JournalError::io("sync", fresh))
}

fn open_with(
    folder: &Path,
    actor: Actor,
    now: DateTime<Utc>,
    despite_damage: bool,
) -> Result<Opened, JournalError> {
    layout::refuse_shared(folder)?;
    layout::refuse_shared(&folder.join(WRITERS))?;
    let (meta, genesis) = Meta::load(folder)?;
    let locked = Writer::find_or_create(folder, &actor).and_then(|writer| {
        layout::refuse_shared(&writer.dir)?;
        Lock::take(&writer, &actor, now).map(|locked| (writer, locked))
    });
    let (writer, lock) = match locked {
        Ok((writer, Locked::Ours(lock))) => (writer, lock),
        Ok((_, Locked::Theirs(holder))) => {
            return Ok(read_only(
                folder,
                &meta,
                &genesis,
                format!("held by {holder}"),
            ));
        }
        Err(JournalError::Io { source, .. }) if unwritable(&source) => {
            let why = format!("this folder cannot be written ({source})");
            return Ok(read_only(folder, &meta, &genesis, why));
        }
        Err(e) => return Err(e),
    };
    let mut all = collect(folder, &meta.id, &genesis);
    let damaged = all.damage_of(&writer.wid);
    if let Some(damage) = damaged.as_ref().filter(|_| !despite_damage) {
        return Err(JournalError::Damaged {
            folder: folder.to_owned(),
            why: damage.first.clone(),
        });
    }
    if let Some(tail) = all.tail_of(&writer.wid) {
        recover::set_aside(&writer.dir, tail)?;
    }
    let place = Place {
        writer: &writer,
        genesis: &genesis,
        damaged,
    };
    let journal = place.start(folder, &meta, actor, lock, &all, now)?;
    finish(journal, &place, &mut all, now)
}

/// What a writer goes on from.
struct Place<'a> {
    writer: &'a Writer,
    genesis: &'a Digest,
    damaged: Option<Damage>,
}

/// Faults of a writer's own chain that nobody has accepted yet.
#[derive(Debug)]
struct Damage {
    /// The first of them, told.
    first: String,
    /// Names all of them, so that a new one is not accepted with the old.
    digest: Digest,
}

impl Place<'_> {
    fn start(
        &self,
        folder: &Path,
        meta: &Meta,
        actor: Actor,
        lock: Lock,
        all: &Collected,
        now: DateTime<Utc>,
    ) -> Result<Journal, JournalError> {
        let last_segment = all.last_segment_of(&self.writer.wid).max(1);
        let segment = last_segment + u32::from(self.damaged.is_some());
        let path = self.writer.dir.join(layout::segment_name(segment));
        let mut files = Files::open(self.writer.dir.clone(), segment)
            .map_err(JournalError::io("open", &path))?;
        // Lines of a process that died may be in memory only: what is shown
        // from here on must be on disk.
        let (segment, len) = if files.sync().is_ok() {
            (segment, path.metadata().map_or(0, |m| m.len()))
        } else {
            files
                .next_segment(segment + 1)
                .map_err(JournalError::io("open", &path))?;
            (segment + 1, 0)
        };
        Ok(Journal::start(Parts {
            folder: folder.to_owned(),
            inc: meta.id.clone(),
            wid: self.writer.wid.clone(),
            actor,
            disk: Box::new(files),
            lock,
            head: all.head(&self.writer.wid, self.genesis, now),
            segment,
            len: len.min(SEGMENT_BYTES),
        }))
    }
}

/// Writes what is to be told about the recovery and gathers the entries.
fn finish(
    mut journal: Journal,
    place: &Place<'_>,
    all: &mut Collected,
    now: DateTime<Utc>,
) -> Result<Opened, JournalError> {
    let entries = std::mem::take(&mut all.entries);
    let mut drafts = recover::untold(&place.writer.dir, &entries);
    if let Some(damage) = &place.damaged {
        let reason = format!(
            "a new segment on a person's word; damage {} stays: {}",
            damage.digest, damage.first
        );
        drafts.insert(0, super::append::recovered(&reason));
    }
    let mut entries = merged(entries);
    let mut recovered = None;
    if !drafts.is_empty() {
        let written = journal.record(now, &drafts)?;
        recovered = written.iter().rev().find_map(|entry| match &entry.fact {
            Fact::Recovered(r) => Some(r.clone()),
            _ => None,
        });
        entries.extend(written);
    }
    Ok(Opened::Writer {
        journal,
        entries,
        recovered,
    })
}

fn read_only(folder: &Path, meta: &Meta, genesis: &Digest, holder: String) -> Opened {
    let all = collect(folder, &meta.id, genesis);
    Opened::ReadOnly {
        entries: merged(all.entries),
        holder,
    }
}

fn unwritable(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

impl Collected {
    /// Why this writer may not simply go on, if so: faults of its own chain
    /// other than the torn tail, unless a person has said to go on with them.
    fn damage_of(&self, wid: &str) -> Option<Damage> {
        let scan = self.scans.iter().find(|scan| scan.wid == wid)?;
        let faults = scan.faults.iter().filter(|f| f.kind != FaultKind::Torn);
        let told: Vec<String> = faults.map(ToString::to_string).collect();
        let first = told.first()?.clone();
        let digest = Digest::of(format!("{} {}", told.join("\n"), scan.more_faults).as_bytes());
        let accepted = self.entries.iter().any(|entry| {
            entry.wid == wid
                && matches!(&entry.fact, Fact::Recovered(r) if r.reason.contains(digest.as_str()))
        });
        (!accepted).then_some(Damage { first, digest })
    }

    fn tail_of(&self, wid: &str) -> Option<super::scan::Tail> {
        self.scans.iter().find(|scan| scan.wid == wid)?.torn
    }

    fn last_segment_of(&self, wid: &str) -> u32 {
        let scan = self.scans.iter().find(|scan| scan.wid == wid);
        scan.map_or(0, |scan| scan.last_segment)
    }

    /// Where the writer's chain goes on, with the clock no entry is behind.
    fn head(&self, wid: &str, genesis: &Digest, now: DateTime<Utc>) -> Head {
        let mut hlc = Hlc::default();
        for entry in &self.entries {
            let seen = Hlc::parse(&entry.hlc);
            hlc = if entry.wid == wid {
                hlc.max(seen)
            } else {
                hlc.see(seen, now)
            };
        }
        let own = self.entries.iter().filter(|entry| entry.wid == wid);
        match own.max_by_key(|entry| entry.seq) {
            Some(last) => Head {
                next: last.seq.saturating_add(1),
                prev: last.h.clone(),
                hlc,
                last: Some((last.ts, last.mono.clone())),
            },
            None => Head {
                next: 0,
                prev: genesis.clone(),
                hlc,
                last: None,
            },
        }
    }
}
