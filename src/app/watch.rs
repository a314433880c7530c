//! A watch of the server's statistics, as the screen of reads keeps it: when
//! the next look is due, what the last one came to.
//!
//! Looks follow each other, they never pile up: the next is due some seconds
//! after the answer to the last, later when the server was slow, and later
//! still when it did not answer. What was seen is summed in `domain::watch`.

use crate::domain::failure::Failure;
use crate::domain::number::of;
use crate::domain::reading::Count;
use crate::domain::watch::{Glance, Growth, Sending, Tally, WatchEnded};
use chrono::{DateTime, TimeDelta, Utc};

/// Seconds between the answer to one look and the next.
pub const EVERY: i64 = 3;

/// The longest pause after looks that were not answered, in seconds.
const LONGEST: i64 = 60;

/// A look that took a while is followed by a pause of so many times as long.
const REST: i32 = 4;

/// One watch. It begins on disk, and ends with the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Tells its answers from those of an earlier one.
    pub id: u64,
    pub since: DateTime<Utc>,
    /// Its first line is on disk.
    pub begun: bool,
    /// When the look under way was asked for.
    asked: Option<DateTime<Utc>>,
    due: DateTime<Utc>,
    /// The last look that was answered.
    seen: Option<DateTime<Utc>>,
    looks: u64,
    failed: u64,
    trouble: Option<Trouble>,
    tally: Tally,
}

/// Looks that were not answered, since the last one that was.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Trouble {
    why: String,
    in_a_row: u32,
}

impl Watch {
    /// A watch whose first look is due at once.
    pub fn new(id: u64, now: DateTime<Utc>) -> Self {
        Self {
            id,
            since: now,
            begun: false,
            asked: None,
            due: now,
            seen: None,
            looks: 0,
            failed: 0,
            trouble: None,
            tally: Tally::default(),
        }
    }

    /// Whether a look shall be taken now. One that is under way comes first.
    pub fn due(&self, now: DateTime<Utc>) -> bool {
        self.begun && self.asked.is_none() && self.due <= now
    }

    /// Whether an answer is waited for.
    pub const fn asking(&self) -> bool {
        self.asked.is_some()
    }

    /// A look was asked for.
    pub const fn ask(&mut self, now: DateTime<Utc>) {
        self.asked = Some(now);
    }

    /// A person wants a look now, whatever the pause.
    pub const fn hurry(&mut self, now: DateTime<Utc>) {
        self.due = now;
    }

    /// The look was answered.
    pub fn answered(&mut self, now: DateTime<Utc>, seen: Result<Glance, Failure>) {
        let took = self.asked.take().map_or(TimeDelta::zero(), |at| now - at);
        match seen {
            Ok(glance) => {
                self.looks += 1;
                self.seen = Some(now);
                self.trouble = None;
                let pause = TimeDelta::seconds(EVERY).max(took * REST);
                self.due = now + pause.min(TimeDelta::seconds(LONGEST));
                self.tally.take(glance);
            }
            Err(failure) => {
                self.failed += 1;
                let in_a_row = self.trouble.as_ref().map_or(0, |known| known.in_a_row) + 1;
                let pause = EVERY.saturating_mul(1 << in_a_row.min(10)).min(LONGEST);
                self.due = now + TimeDelta::seconds(pause);
                self.trouble = Some(Trouble {
                    why: failure.why,
                    in_a_row,
                });
            }
        }
    }

    /// What was seen.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The same, to take its news.
    pub const fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }

    /// Whether the last look was not answered.
    pub const fn troubled(&self) -> bool {
        self.trouble.is_some()
    }

    /// How the last look went, since when and how often, in one line.
    pub fn status(&self, now: DateTime<Utc>) -> String {
        let ago = |at: DateTime<Utc>| (now - at).num_seconds().max(0);
        let mut said = match (&self.seen, &self.trouble) {
            (Some(at), _) => format!("last look {} s ago", ago(*at)),
            (None, Some(_)) => "no look was answered yet".to_owned(),
            (None, None) => "the first look is under way".to_owned(),
        };
        if let Some(trouble) = &self.trouble {
            let next = match (self.due - now).num_seconds() {
                pause if pause > 0 && !self.asking() => format!("again in {pause} s"),
                _ => "looking again now".to_owned(),
            };
            said.push_str(&format!(": {}; {next}", trouble.why));
        }
        let looks = of(self.looks, "look");
        said.push_str(&format!("; watching {} s, {looks}", ago(self.since)));
        let blind = self.tally.off().iter().map(|gap| gap.what.as_str());
        let blind: Vec<&str> = blind.collect();
        if !blind.is_empty() {
            said.push_str(&format!("; blind: {}", blind.join(", ")));
        }
        said
    }

    /// What moves, what matters most first: who is sending now, then what
    /// grew. Each with whether a person should be alarmed.
    pub fn movers(&self) -> Vec<(bool, String)> {
        // What a look that failed did not see may be over.
        let when = if self.troubled() { "then" } else { "now" };
        let live = self
            .tally
            .live()
            .iter()
            .map(|sending| (true, now_line(sending, when)));
        let grown = self.tally.grown().into_iter();
        let grown = grown.map(|(growth, fresh)| (growth.wide, grown_line(growth, fresh)));
        live.chain(grown).collect()
    }

    /// How much the reads of a role on a relation grew: calls and rows, and
    /// whether widely.
    pub fn growth(&self, relation: &str, role: &str) -> Option<(u64, u64, bool)> {
        let grown = self.tally.grown().into_iter().map(|(growth, _)| growth);
        grown
            .filter(|growth| growth.read.relation == relation && growth.read.role == role)
            .map(|growth| {
                let packed = growth.read.count == Count::Packed;
                let rows = if packed { 0 } else { growth.rows };
                (growth.calls, rows, growth.wide)
            })
            .reduce(|a, b| (a.0 + b.0, a.1 + b.1, a.2 || b.2))
    }

    /// What goes into the record at the end.
    pub fn ended(&self, now: DateTime<Utc>) -> WatchEnded {
        let (seen, more) = self.tally.whole();
        WatchEnded {
            seconds: u64::try_from((now - self.since).num_seconds()).unwrap_or(0),
            looks: self.looks,
            failed: self.failed,
            trouble: self.trouble.as_ref().map(|trouble| trouble.why.clone()),
            off: self.tally.off().to_vec(),
            seen,
            more,
        }
    }
}

fn now_line(sending: &Sending, when: &str) -> String {
    let moved = sending.moved.map_or_else(String::new, |rows| {
        format!(" (+{} since the last look)", of(rows, "row"))
    });
    format!("{when}: {}{moved}", sending.live.line())
}

fn grown_line(growth: &Growth, (calls, rows): (u64, u64)) -> String {
    let wide = if growth.wide { "WIDE " } else { "" };
    format!(
        "{wide}{}: {}; {} since the last look",
        growth.subject(),
        growth.amount(),
        growth.step(calls, rows)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + seconds, 0).unwrap()
    }

    fn timed_out() -> Failure {
        Failure::new("no look", "timed out", "wait")
    }

    #[test]
    fn a_look_waits_for_the_last_ones_answer_and_then_three_seconds() {
        let mut watch = Watch::new(1, at(0));
        assert!(!watch.due(at(0)), "its first line is not on disk");
        watch.begun = true;
        assert!(watch.due(at(0)));
        watch.ask(at(0));
        assert!(!watch.due(at(500)), "one at a time");
        watch.answered(at(1), Ok(Glance::default()));
        assert!(
            !watch.due(at(4)) && watch.due(at(5)),
            "four times the second it took"
        );
        watch.ask(at(5));
        watch.answered(at(5), Ok(Glance::default()));
        assert!(!watch.due(at(7)) && watch.due(at(8)));
    }

    #[test]
    fn failing_looks_come_later_and_later_and_say_so() {
        let mut watch = Watch::new(1, at(0));
        watch.begun = true;
        watch.ask(at(0));
        watch.answered(at(0), Ok(Glance::default()));
        let mut now = 3;
        let mut pauses = Vec::new();
        for _ in 0..7 {
            assert!(watch.due(at(now)));
            watch.ask(at(now));
            watch.answered(at(now), Err(timed_out()));
            let due = (now..now + 1_000)
                .find(|second| watch.due(at(*second)))
                .unwrap();
            pauses.push(due - now);
            now = due;
        }
        assert_eq!(pauses, [6, 12, 24, 48, 60, 60, 60]);
        let said = watch.status(at(now - 48));
        assert!(
            said.contains("s ago: timed out; again in 48 s; watching") && said.ends_with("1 look"),
            "{said}"
        );
        watch.hurry(at(now));
        watch.ask(at(now));
        watch.answered(at(now), Ok(Glance::default()));
        assert!(!watch.troubled() && watch.due(at(now + EVERY)));
        assert_eq!(
            (watch.ended(at(now)).looks, watch.ended(at(now)).failed),
            (2, 7)
        );
    }
}
