//! Every entry in one table, none left out.

use super::doc::Doc;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::report::source::{Source, utc};

/// Writes the timeline.
pub fn timeline(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Timeline");
    doc.say("Times are UTC. Evidence and entries are named by the first 12 characters of their SHA-256.");
    let several = source
        .entries
        .iter()
        .any(|entry| entry.wid != source.entries[0].wid);
    let rows: Vec<[String; 9]> = source
        .entries
        .iter()
        .map(|entry| row(source, entry, several))
        .collect();
    doc.table(
        [
            "No.", "UTC", "Clock", "Who", "Kind", "Step", "What", "Evidence", "Entry",
        ],
        &rows,
    );
}

fn row(source: &Source<'_>, entry: &Entry, several: bool) -> [String; 9] {
    let number = if several {
        let writer: String = entry.wid.chars().take(6).collect();
        format!("{writer}:{}", entry.seq)
    } else {
        entry.seq.to_string()
    };
    let evidence: Vec<&str> = entry.ev.iter().map(|blob| blob.h.short()).collect();
    [
        number,
        utc(entry.ts),
        source.clock(entry.ts),
        entry.act.id.clone(),
        entry.fact.kind().to_owned(),
        entry.step.clone().unwrap_or_default(),
        what(entry),
        evidence.join(", "),
        entry.h.short().to_owned(),
    ]
}

/// The summary as recorded, with the time a past fact happened and, for a
/// correction, the entry it corrects.
fn what(entry: &Entry) -> String {
    let mut text = entry.sum.clone();
    if let Some(at) = entry.at {
        text.push_str(&format!(" (happened {})", utc(at)));
    }
    if let (Fact::Corrected(_), Some(re)) = (&entry.fact, &entry.re) {
        text.push_str(&format!(" (corrects {})", re.short()));
    }
    text
}
