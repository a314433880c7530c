//! The fold of watching: what each watch saw, and that some of it has no end
//! on record.

use super::entry::Entry;
use super::fact::Fact;
use super::reading::Reads;
use super::watch::{WatchEnded, WatchSeen};
use chrono::{DateTime, Utc};

/// One time the statistics were watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    pub since: DateTime<Utc>,
    /// What was told while it went on.
    pub seen: Vec<WatchSeen>,
    /// When it ended and what it came to; `None` while it goes on, or when the
    /// program ended before it could say.
    pub ended: Option<(DateTime<Utc>, WatchEnded)>,
}

/// Takes an entry of a watch in; what grew is a read like any other.
pub fn take(watches: &mut Vec<Watched>, reads: &mut Reads, entry: &Entry) {
    match &entry.fact {
        Fact::WatchStarted(_) => watches.push(Watched {
            since: entry.ts,
            seen: Vec::new(),
            ended: None,
        }),
        Fact::WatchSeen(seen) => {
            reads.take(&grown(seen));
            if let Some(watch) = watches.last_mut() {
                watch.seen.push(seen.clone());
            }
        }
        Fact::WatchEnded(ended) => {
            reads.take(&grown(&ended.seen));
            if let Some(watch) = watches.last_mut() {
                watch.ended = Some((entry.ts, ended.clone()));
            }
        }
        _ => {}
    }
}

fn grown(seen: &WatchSeen) -> Reads {
    Reads {
        read: seen
            .grown
            .iter()
            .map(|growth| growth.read.clone())
            .collect(),
        ..Reads::default()
    }
}
