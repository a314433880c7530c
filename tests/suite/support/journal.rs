//! Makes incidents on disk for the journal's subjects, and changes them.

use chrono::{DateTime, Utc};
use firsthour::domain::digest::Digest;
use firsthour::domain::entry::{Actor, Draft, Entry};
use firsthour::domain::fact::{EvidenceAdded, Fact, Noted, Opened as OpenedFact, PlaybookPin};
use firsthour::domain::stance::Mode;
use firsthour::journal::{Journal, Meta, Opened, open};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

pub const PLAYBOOK: &str = "# Data leak\n";

/// The instant the incidents of the suite are created.
pub fn created() -> DateTime<Utc> {
    DateTime::from_timestamp(1_787_392_923, 123_456_000).unwrap()
}

/// A wall clock that starts at [`created`] and goes on with the machine's: one
/// that stood still would be recorded as a jump on a slow day.
pub fn now() -> DateTime<Utc> {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    created() + START.elapsed()
}

pub fn actor(id: &str) -> Actor {
    Actor {
        id: id.into(),
        via: "cli".into(),
        host: "mbp".into(),
    }
}

pub fn meta(id: &str) -> Meta {
    Meta {
        id: id.into(),
        title: "Customers see foreign invoices".into(),
        codename: "quiet harbour".into(),
        created: created(),
        mode: Mode::Drill,
        playbook: PlaybookPin {
            id: "data-leak".into(),
            title: "Data leak".into(),
            sha256: Digest::of(PLAYBOOK.as_bytes()),
            origin: String::new(),
        },
        target: "lab".into(),
    }
}

pub fn note(text: &str) -> Draft {
    Draft::new(Fact::Noted(Noted { text: text.into() }))
}

pub fn opening() -> Draft {
    let meta = meta("inc-20260822-k7f3");
    Draft::new(Fact::IncidentOpened(OpenedFact {
        title: meta.title,
        codename: meta.codename,
        mode: meta.mode,
        playbook: meta.playbook,
        target: meta.target,
        seed: None,
        leak: None,
        budget_minutes: 60,
    }))
}

/// An incident folder that goes with the value.
pub struct Place {
    _dir: tempfile::TempDir,
    pub folder: PathBuf,
}

impl Place {
    /// An incident of `notes` notes, an opening and one piece of evidence.
    pub fn with(notes: usize) -> Self {
        let place = Self::empty();
        let mut journal = place.writer("ada");
        journal.append(now(), &[opening()]).unwrap();
        let kept = journal
            .keep(now(), b"{\"rows\":1001}", "application/json", "reply")
            .unwrap();
        let mut draft = Draft::new(Fact::EvidenceAdded(EvidenceAdded {
            what: "reply".into(),
        }));
        draft.ev.push(kept);
        journal.append(now(), &[draft]).unwrap();
        for n in 0..notes {
            journal
                .append(now(), &[note(&format!("note number {n}"))])
                .unwrap();
        }
        drop(journal);
        place
    }

    /// An incident with no entry yet.
    pub fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let meta = meta("inc-20260822-k7f3");
        let journal = Journal::create(dir.path(), &meta, PLAYBOOK, actor("ada"), now()).unwrap();
        let folder = journal.folder().to_owned();
        Self { _dir: dir, folder }
    }

    /// Opens it for writing; fails the test if that is not possible.
    pub fn writer(&self, id: &str) -> Journal {
        self.open(id).0
    }

    /// Opens it for writing, with what was recorded.
    pub fn open(&self, id: &str) -> (Journal, Vec<Arc<Entry>>) {
        match open(&self.folder, actor(id), now()).unwrap() {
            Opened::Writer {
                journal, entries, ..
            } => (journal, entries),
            Opened::ReadOnly { holder, .. } => panic!("read-only: {holder}"),
        }
    }

    /// The first segment of the only writer.
    pub fn segment(&self) -> PathBuf {
        self.writer_dir().join("000001.jsonl")
    }

    /// The folder of the only writer.
    pub fn writer_dir(&self) -> PathBuf {
        let mut dirs = std::fs::read_dir(self.folder.join("writers")).unwrap();
        dirs.next().unwrap().unwrap().path()
    }

    /// The only blob.
    pub fn blob(&self) -> PathBuf {
        let only = |dir: &Path| {
            let mut items = std::fs::read_dir(dir).unwrap();
            items.next().unwrap().unwrap().path()
        };
        only(&only(&self.folder.join("evidence/sha256")))
    }

    /// The lines of the first segment, without newlines.
    pub fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.segment()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// Puts other lines in place of those of the first segment.
    pub fn set_lines(&self, lines: &[String]) {
        let mut text = lines.join("\n");
        text.push('\n');
        std::fs::write(self.segment(), text).unwrap();
    }
}

/// Gives a changed line the hash that fits it, as a forger would.
pub fn reseal(line: &str) -> String {
    let body = &line[..line.rfind(",\"h\":\"").unwrap()];
    format!("{body},\"h\":\"{}\"}}", Digest::of(body.as_bytes()))
}
