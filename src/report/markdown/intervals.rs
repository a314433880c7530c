//! The intervals of this one incident, each between two named entries.
//!
//! No average over incidents is ever printed: means of durations mislead.

use super::doc::Doc;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::finding::Confidence;
use crate::report::source::Source;

/// From the opening entry to the first entry for which the test holds.
type Until = (&'static str, fn(&Fact) -> bool);

const UNTIL: [Until; 4] = [
    ("first finding", |fact| {
        matches!(fact, Fact::FindingRaised(_))
    }),
    (
        "first confirmed finding",
        |fact| matches!(fact, Fact::FindingRaised(f) if f.finding.confidence == Confidence::Confirmed),
    ),
    ("first change to the world", |fact| {
        matches!(fact, Fact::Intended(_))
    }),
    // A containment counts from its proof, not from the deed.
    (
        "first containment proved",
        |fact| matches!(fact, Fact::Proved(p) if p.proof.holds == Some(true)),
    ),
];

/// Writes the intervals that can be told.
pub fn intervals(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Intervals");
    let Some(opened) = source.find(|e| matches!(e.fact, Fact::IncidentOpened(_))) else {
        doc.say("The opening entry is missing, so no interval can be told.");
        return;
    };
    let rows: Vec<[String; 3]> = UNTIL
        .iter()
        .map(|(name, is)| {
            let reached = source.find(|e| is(&e.fact));
            row(source, opened, name, reached)
        })
        .collect();
    doc.table(["From opening to", "After", "Between entries"], &rows);
    doc.say(&certainty(source));
}

fn row(source: &Source<'_>, opened: &Entry, name: &str, reached: Option<&Entry>) -> [String; 3] {
    let (after, between) = reached.map_or_else(
        || ("not reached".to_owned(), String::new()),
        |entry| {
            (
                source.clock(entry.ts),
                format!("{} and {}", opened.h.short(), entry.h.short()),
            )
        },
    );
    [name.to_owned(), after, between]
}

/// How far the wall clock can be trusted.
fn certainty(source: &Source<'_>) -> String {
    let steps = source
        .entries
        .iter()
        .filter(|e| matches!(e.fact, Fact::ClockStepped(_)))
        .count();
    let synced = !source.entries.is_empty() && source.entries.iter().all(|e| e.clk.src == "ntp");
    let clock = if synced {
        "the wall clock was synchronised at every entry"
    } else {
        "it is not known for every entry that the wall clock was synchronised"
    };
    format!("How sure: {clock}; {steps} clock jumps were recorded.")
}
