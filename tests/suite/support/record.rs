//! Builds a real chain of entries in memory, for subjects that start from a
//! record and need no disk.

use chrono::{DateTime, TimeDelta, Utc};
use firsthour::domain::digest::Digest;
use firsthour::domain::entry::{Actor, ClockNote, Draft, Entry, Envelope, Mono, seal};
use firsthour::domain::fact::{Fact, Opened, PlaybookPin};
use firsthour::domain::stance::Mode;
use std::sync::Arc;

/// When every made-up incident was opened.
pub fn opening() -> DateTime<Utc> {
    DateTime::from_timestamp(1_787_392_800, 0).unwrap()
}

/// A chain that grows by one sealed line at a time.
#[derive(Debug)]
pub struct Chain {
    pub lines: Vec<String>,
    pub entries: Vec<Arc<Entry>>,
    head: Digest,
}

impl Chain {
    /// A chain that holds the opening entry of an incident with this title.
    pub fn opened(title: &str, mode: Mode) -> Self {
        let mut chain = Self {
            lines: Vec::new(),
            entries: Vec::new(),
            head: Digest::of(b"genesis"),
        };
        chain.fact(Fact::IncidentOpened(Opened {
            title: title.to_owned(),
            codename: "amber-otter".to_owned(),
            mode,
            playbook: PlaybookPin {
                id: "data-leak".to_owned(),
                title: "Customer data leak".to_owned(),
                sha256: Digest::of(b"playbook"),
                origin: String::new(),
            },
            target: "production".to_owned(),
            seed: None,
            leak: None,
            budget_minutes: 60,
        }));
        chain
    }

    /// Seals one more draft, thirty seconds after the last one.
    pub fn add(&mut self, draft: &Draft) -> &mut Self {
        let seq = self.lines.len() as u64;
        let after = TimeDelta::seconds(30 * i64::try_from(seq).unwrap());
        let envelope = Envelope {
            inc: "k7f3",
            wid: "a1c9b2d3e4f5",
            seq,
            prev: &self.head,
            ts: opening() + after,
            mono: &Mono {
                boot: "b".to_owned(),
                ns: seq,
            },
            clk: &ClockNote {
                src: "ntp".to_owned(),
            },
            hlc: "1.0",
            act: &Actor {
                id: "ada".to_owned(),
                via: "cli".to_owned(),
                host: "laptop".to_owned(),
            },
        };
        let line = seal(draft, &envelope).unwrap();
        let entry = Entry::read(line.as_bytes()).unwrap();
        self.head = entry.h.clone();
        self.lines.push(line);
        self.entries.push(Arc::new(entry));
        self
    }

    /// Seals one more fact that belongs to no step.
    pub fn fact(&mut self, fact: Fact) -> &mut Self {
        self.add(&Draft::new(fact))
    }

    /// The hash of the last entry.
    pub fn head(&self) -> &Digest {
        &self.head
    }
}
