//! What the record proves, and what it does not.

use super::doc::Doc;
use crate::domain::fact::Fact;
use crate::report::source::Source;

/// Writes the integrity block.
pub fn integrity(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Integrity");
    let rows: Vec<[String; 4]> = source
        .integrity
        .chains
        .iter()
        .map(|chain| {
            [
                chain.writer.clone(),
                chain.entries.to_string(),
                chain
                    .head
                    .as_ref()
                    .map_or("none", |h| h.as_str())
                    .to_owned(),
                chain.broken.clone().unwrap_or_else(|| "holds".to_owned()),
            ]
        })
        .collect();
    doc.table(["Writer", "Entries", "Head", "Chain"], &rows);
    if !source.integrity.sound() {
        doc.banner(
            "The record is damaged.",
            "Read every line of this report with that in mind.",
        );
        doc.list(&source.integrity.remarks);
    }
    doc.facts(&[
        ("Signatures", "none; this record is unsigned".to_owned()),
        ("Heads written down", heads(source)),
        ("Proven", proven(source)),
        (
            "Not proven",
            "that the entries are true; that nothing was rewritten before a head left the \
             machine; anything after the head"
                .to_owned(),
        ),
        (
            "Check it yourself",
            "run firsthour verify on the incident's folder, or follow the README.txt in it \
             with a shell and sha256sum"
                .to_owned(),
        ),
    ]);
}

fn proven(source: &Source<'_>) -> String {
    if source.integrity.sound() {
        "against a head that somebody kept elsewhere: nothing up to it was changed, reordered \
         or removed"
            .to_owned()
    } else {
        "only what verify still accepts; see the chains above".to_owned()
    }
}

fn heads(source: &Source<'_>) -> String {
    let heads: Vec<String> = source
        .entries
        .iter()
        .filter_map(|entry| match &entry.fact {
            Fact::HeadNoted(noted) => {
                Some(format!("{} at entry {}", noted.head.short(), noted.seq))
            }
            _ => None,
        })
        .collect();
    if heads.is_empty() {
        "none yet".to_owned()
    } else {
        heads.join(", ")
    }
}
