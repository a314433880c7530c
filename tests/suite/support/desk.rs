//! A model with a disk made of memory: effects that append are sealed, read
//! back and fed to `update` again, as the runtime does; other effects are
//! kept for the test to look at.

use chrono::{DateTime, TimeDelta, Utc};
use firsthour::app::effect::Effect;
use firsthour::app::key::Key;
use firsthour::app::message::Message;
use firsthour::app::model::{Abilities, Case, JournalState, Model};
use firsthour::app::update::update;
use firsthour::domain::action::ActionSpec;
use firsthour::domain::check::CheckSpec;
use firsthour::domain::digest::Digest;
use firsthour::domain::entry::{Actor, ClockNote, Draft, Entry, Envelope, Mono, seal};
use firsthour::domain::fact::{Fact, Opened, PlaybookPin};
use firsthour::domain::failure::Failure;
use firsthour::domain::incident::Incident;
use firsthour::domain::playbook::Playbook;
use firsthour::domain::stance::{Mode, Stance};
use std::collections::VecDeque;
use std::sync::Arc;

/// A chain of sealed lines.
#[derive(Debug)]
pub struct Disk {
    pub entries: Vec<Arc<Entry>>,
    now: DateTime<Utc>,
}

impl Disk {
    /// An empty chain that starts at a fixed time.
    pub fn new() -> Self {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        Self {
            entries: Vec::new(),
            now,
        }
    }

    /// Seals drafts a second apart and reads them back.
    pub fn append(&mut self, drafts: &[Draft]) -> Vec<Arc<Entry>> {
        drafts.iter().map(|draft| self.write(draft)).collect()
    }

    fn write(&mut self, draft: &Draft) -> Arc<Entry> {
        self.now += TimeDelta::seconds(1);
        let prev = self
            .entries
            .last()
            .map_or_else(|| Digest::of(b"genesis"), |entry| entry.h.clone());
        let line = seal(
            draft,
            &Envelope {
                inc: "inc-20261123-test",
                wid: "writer",
                seq: self.entries.len() as u64,
                prev: &prev,
                ts: self.now,
                mono: &Mono {
                    boot: "boot".into(),
                    ns: 0,
                },
                clk: &ClockNote {
                    src: "unknown".into(),
                },
                hlc: "0.0",
                act: &Actor {
                    id: "ada".into(),
                    via: "tui".into(),
                    host: "laptop".into(),
                },
            },
        )
        .unwrap();
        let entry = Arc::new(Entry::read(line.as_bytes()).unwrap());
        self.entries.push(Arc::clone(&entry));
        entry
    }

    /// The time of the last line.
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }
}

/// A model, its disk, and the effects nobody carried out yet.
#[derive(Debug)]
pub struct Desk {
    pub model: Model,
    pub disk: Disk,
    pub effects: Vec<Effect>,
    /// When set, appending fails with this from now on.
    pub broken: Option<Failure>,
}

/// The checks and actions the fixtures know.
pub fn abilities() -> Abilities {
    let check = |id, fields| CheckSpec {
        id,
        title: "A check",
        reads: "the catalogue; no rows",
        fields,
    };
    Abilities {
        checks: vec![
            check("database.catalogue", &["relations", "sensitive"]),
            check("database.policies", &["confirmed", "suspected"]),
            check(
                "database.reach",
                &["foreign", "undecided", "unasked", "cells", "principals"],
            ),
        ],
        actions: vec![ActionSpec {
            id: "restrict.revoke",
            title: "Take the right to read",
            locks: "no table lock",
        }],
    }
}

impl Desk {
    /// A desk with an incident just opened on a playbook.
    pub fn open(playbook: Playbook, mode: Mode) -> Self {
        let mut disk = Disk::new();
        disk.append(&[Draft::new(Fact::IncidentOpened(Opened {
            title: "Customer rows".into(),
            codename: "quiet-harbour".into(),
            mode,
            playbook: PlaybookPin {
                id: playbook.id.clone(),
                title: playbook.title.clone(),
                sha256: playbook.sha256.clone(),
                origin: "data-leak".into(),
            },
            target: "lab".into(),
            seed: Some(7),
            leak: None,
            budget_minutes: 60,
        }))]);
        let mut model = Model::new(disk.now(), abilities());
        model.stance = match mode {
            Mode::Live => Stance::Live,
            Mode::Drill => Stance::Drill,
        };
        model.case = Some(Case {
            incident: Incident::fold(disk.entries.iter().cloned()),
            playbook: Arc::new(playbook),
            journal: JournalState::Safe,
            target: "lab".into(),
            practice: mode == Mode::Drill,
            warnings: Vec::new(),
            folder: "incidents/inc-20261123-test".into(),
        });
        let mut opened = Self {
            model,
            disk,
            effects: Vec::new(),
            broken: None,
        };
        opened.send(Message::Do(firsthour::app::command::Command::GoMap));
        opened
    }

    /// Feeds a message in, and what the disk answers to it, until quiet.
    pub fn send(&mut self, message: Message) {
        let now = self.disk.now();
        let mut queue = VecDeque::from([message]);
        while let Some(message) = queue.pop_front() {
            for effect in update(&mut self.model, now, message) {
                match effect {
                    Effect::Append(drafts) => queue.push_back(self.write(&drafts)),
                    other => self.effects.push(other),
                }
            }
        }
    }

    fn write(&mut self, drafts: &[Draft]) -> Message {
        match &self.broken {
            Some(failure) => Message::NotRecorded {
                failure: failure.clone(),
                lines: drafts.len(),
            },
            None => Message::Recorded(self.disk.append(drafts)),
        }
    }

    /// Presses keys, given as the footer names them for single characters.
    pub fn keys(&mut self, keys: &[Key]) {
        for key in keys {
            self.send(Message::Key(*key));
        }
    }

    /// Types text and Enter.
    pub fn line(&mut self, text: &str) {
        for c in text.chars() {
            self.send(Message::Key(Key::Char(c)));
        }
        self.send(Message::Key(Key::Enter));
    }

    /// The kinds recorded so far, in order.
    pub fn kinds(&self) -> Vec<String> {
        self.disk
            .entries
            .iter()
            .map(|entry| entry.fact.kind().to_owned())
            .collect()
    }

    /// Live and resume are one path: the fold of what is on disk equals what
    /// is on screen.
    pub fn assert_resume_is_equal(&self) {
        let folded = Incident::fold(self.disk.entries.iter().cloned());
        // Not assert_eq: two whole incidents on a failure help nobody.
        assert!(
            self.model.incident() == Some(&folded),
            "the screen is not the fold of the disk; recorded: {:?}",
            self.kinds()
        );
    }
}
