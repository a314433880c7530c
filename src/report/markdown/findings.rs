//! The claims, surest first, each with what supports it.

use super::doc::Doc;
use crate::domain::finding::Confidence;
use crate::domain::incident::Raised;
use crate::report::source::Source;
use std::cmp::Reverse;

/// Writes standing findings in full and those that no longer stand as rows.
pub fn findings(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Findings");
    doc.say(
        "Confirmed means that something behaved wrongly while it was watched. Suspected is not \
         proof.",
    );
    let mut standing: Vec<&Raised> = source.incident.standing_findings().collect();
    standing.sort_by_key(|raised| {
        let finding = &raised.finding;
        (
            Reverse(finding.confidence),
            Reverse(finding.severity),
            finding.key(),
        )
    });
    if standing.is_empty() {
        doc.say(nothing_stands(source));
    }
    for raised in standing {
        one(source, raised, doc);
    }
    no_longer(source, doc);
}

/// No finding is clean only when everything was looked at.
fn nothing_stands(source: &Source<'_>) -> &'static str {
    if source.incident.checks.is_empty() {
        "No check has finished: what is exposed is unknown."
    } else if source.incident.not_looked_at().is_empty() {
        "No finding stands; everything the checks cover was looked at."
    } else {
        "No finding stands, but not everything was looked at: the answer is unknown, not clean."
    }
}

fn one(source: &Source<'_>, raised: &Raised, doc: &mut Doc) {
    let finding = &raised.finding;
    doc.heading(3, &format!("{} {}", finding.check, finding.title));
    let causes: Vec<&str> = finding.causes.iter().map(|cause| cause.id()).collect();
    doc.facts(&[
        ("Confidence", finding.confidence.word().to_owned()),
        ("Severity", finding.severity.word().to_owned()),
        (
            "About",
            format!("{} {}", finding.subject.kind.word(), finding.subject.name),
        ),
        ("Shown for", finding.principal.clone().unwrap_or_default()),
        ("Causes", causes.join(", ")),
        (
            "Raised",
            format!(
                "{} by {}, entry {}",
                source.clock(raised.at),
                raised.by,
                raised.seq
            ),
        ),
        ("Next", finding.hint.clone()),
    ]);
    let rows: Vec<[String; 2]> = finding
        .evidence
        .iter()
        .map(|e| [e.what.clone(), e.value.clone()])
        .collect();
    if rows.is_empty() {
        doc.say("No evidence was recorded with this claim.");
    } else {
        doc.table(["Evidence", "Value"], &rows);
    }
    if let Some(fix) = &finding.fix {
        doc.say(&format!("Drafted fix, not run by the check: {}.", fix.why));
        doc.code("sql", &fix.sql());
        let loses: Vec<String> = fix
            .loses
            .iter()
            .map(|line| format!("Loses: {line}"))
            .collect();
        if !loses.is_empty() {
            doc.list(&loses);
        }
    }
    if let Some(rehearsal) = &raised.rehearsed {
        let text = format!("Rehearsed and rolled back: {}.", rehearsal.summary());
        doc.say(&text);
        let told = rehearsal.open.iter().map(|line| format!("Open: {line}"));
        let told: Vec<String> = told.chain(rehearsal.told.iter().cloned()).collect();
        if !told.is_empty() {
            doc.list(&told);
        }
    }
}

fn no_longer(source: &Source<'_>, doc: &mut Doc) {
    let rows: Vec<[String; 4]> = source
        .incident
        .findings
        .iter()
        .filter_map(|raised| {
            let cleared = raised.cleared?;
            Some([
                format!("{} {}", raised.finding.check, raised.finding.title),
                raised.finding.subject.name.clone(),
                raised.finding.confidence.word().to_owned(),
                format!("entry {cleared}"),
            ])
        })
        .collect();
    if !rows.is_empty() {
        doc.heading(3, "No longer found");
        doc.say("A later whole run of the same check did not find these again.");
        doc.table(["Finding", "About", "Was", "Since"], &rows);
    }
}

/// How many standing findings have this confidence.
pub fn count(source: &Source<'_>, confidence: Confidence) -> usize {
    source
        .incident
        .standing_findings()
        .filter(|raised| raised.finding.confidence == confidence)
        .count()
}
