//! Who can read whose rows, and where each root cause stands.

use super::doc::Doc;
use crate::domain::exposure::{Cell, Verdict};
use crate::domain::finding::RootCause;
use crate::report::source::Source;

/// Every probed cell, by relation and principal.
pub fn cells<'a>(source: &Source<'a>) -> impl Iterator<Item = &'a Cell> + use<'a> {
    source.incident.cells.values().flat_map(|row| row.values())
}

/// Writes the cells that leak, would with a first row, or could not be decided.
pub fn exposure(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Exposure");
    let probed = cells(source).count();
    if probed == 0 {
        doc.say("Nothing was probed: who can read what is unknown.");
        return;
    }
    let mut told: Vec<&Cell> = cells(source)
        .filter(|cell| {
            source.incident.leaks(cell)
                || matches!(cell.verdict, Verdict::Undecided | Verdict::Would)
        })
        .collect();
    told.sort_by_key(|cell| {
        (
            !source.incident.leaks(cell),
            &cell.relation,
            &cell.principal,
        )
    });
    doc.say(&format!(
        "{probed} cells of relation and principal were probed; {} leak, would leak or could not be decided. \
         These are the last readings.",
        told.len()
    ));
    if told.is_empty() {
        return;
    }
    let rows: Vec<[String; 6]> = told.into_iter().map(|cell| row(source, cell)).collect();
    doc.table(
        [
            "Relation",
            "Holds",
            "Principal",
            "Reads",
            "Rows",
            "Shown by",
        ],
        &rows,
    );
}

fn row(source: &Source<'_>, cell: &Cell) -> [String; 6] {
    let classes = source
        .incident
        .relations
        .get(&cell.relation)
        .map(|shape| shape.classes.iter().map(|c| c.word()).collect::<Vec<_>>())
        .unwrap_or_default();
    let rows = match (cell.rows, cell.bounded) {
        (Some(rows), true) => format!("at least {rows}"),
        (Some(rows), false) => rows.to_string(),
        (None, _) => "not counted".to_owned(),
    };
    [
        cell.relation.clone(),
        classes.join(", "),
        cell.principal.clone(),
        cell.verdict.word().to_owned(),
        rows,
        cell.basis.clone(),
    ]
}

/// Writes the board of the six causes.
pub fn causes(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Contributing conditions");
    let rows: Vec<[String; 5]> = RootCause::ALL
        .into_iter()
        .map(|cause| {
            [
                cause.id().to_owned(),
                cause.title().to_owned(),
                source.incident.cause_state(cause).word().to_owned(),
                support(source, cause),
                cause.confirmed_by().to_owned(),
            ]
        })
        .collect();
    doc.table(
        ["Id", "Condition", "State", "Because", "Confirmed when"],
        &rows,
    );
}

/// A person's reason if there is one, and the standing findings that name it.
fn support(source: &Source<'_>, cause: RootCause) -> String {
    let mut parts = Vec::new();
    if let Some(judged) = source.incident.judgements.get(&cause) {
        parts.push(format!("judged in entry {}: {}", judged.seq, judged.reason));
    }
    let findings: Vec<&str> = source
        .incident
        .standing_findings()
        .filter(|raised| raised.finding.causes.contains(&cause))
        .map(|raised| raised.finding.check.as_str())
        .collect();
    let mut distinct = findings.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if !findings.is_empty() {
        parts.push(format!(
            "{} findings ({})",
            findings.len(),
            distinct.join(", ")
        ));
    }
    if parts.is_empty() {
        "nothing recorded for or against".to_owned()
    } else {
        parts.join("; ")
    }
}
