//! The title block and the summary: facts counted from the record, no prose.

use super::doc::Doc;
use super::{board, findings};
use crate::domain::exposure::Verdict;
use crate::domain::fact::{DoneHow, Opened};
use crate::domain::finding::{Confidence, RootCause};
use crate::domain::incident::{PlanState, StepState};
use crate::report::source::{Source, utc};
use std::collections::BTreeSet;

/// Writes what incident this is, and whether it was practice.
pub fn title(source: &Source<'_>, doc: &mut Doc) {
    let opened = source.incident.opened.as_ref();
    let name = opened.map_or("an incident without its first entry", |o| o.title.as_str());
    let mark = if source.drill() { "DRILL: " } else { "" };
    doc.heading(1, &format!("{mark}{name}"));
    if source.drill() {
        doc.banner(
            "DRILL.",
            "This was practice in a lab on the responder's machine. No customer was affected.",
        );
    }
    let text = |read: fn(&Opened) -> String| opened.map(read).unwrap_or_default();
    doc.facts(&[
        ("Codename", text(|o| o.codename.clone())),
        ("Incident", source.incident.id.clone()),
        ("Mode", text(|o| o.mode.word().to_owned())),
        ("Target", text(|o| o.target.clone())),
        (
            "Drill seed",
            text(|o| o.seed.map(|s| s.to_string()).unwrap_or_default()),
        ),
        (
            "Opened",
            source.incident.opened_at.map(utc).unwrap_or_default(),
        ),
        ("State", standing(source)),
        (
            "Playbook",
            opened.map(|o| pin(source, o)).unwrap_or_default(),
        ),
        ("Report made", utc(source.generated)),
    ]);
}

fn standing(source: &Source<'_>) -> String {
    match &source.incident.closed {
        Some(sentence) => format!("closed: {sentence}"),
        None => "open".to_owned(),
    }
}

fn pin(source: &Source<'_>, opened: &Opened) -> String {
    let held = match source.playbook {
        Some(playbook) if playbook.sha256 == opened.playbook.sha256 => "matches the one at hand",
        Some(_) => "DIFFERS from the one at hand",
        None => "not at hand for comparison",
    };
    format!(
        "{} ({}), pinned as {}, {held}",
        opened.playbook.title,
        opened.playbook.id,
        opened.playbook.sha256.short()
    )
}

/// Writes the counted facts.
pub fn summary(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Summary");
    doc.facts(&[
        ("Findings", found(source)),
        ("Exposure", exposed(source)),
        ("Conditions", conditions(source)),
        ("Containments", contained(source)),
        ("Steps", walked(source)),
        ("Not looked at", gaps(source)),
        (
            "Record",
            source
                .incident
                .degraded
                .clone()
                .map(|why| format!("the journal could not write: {why}"))
                .unwrap_or_default(),
        ),
    ]);
}

fn found(source: &Source<'_>) -> String {
    let cleared = source
        .incident
        .findings
        .iter()
        .filter(|r| r.cleared.is_some())
        .count();
    format!(
        "{} confirmed, {} suspected, {cleared} no longer found",
        findings::count(source, Confidence::Confirmed),
        findings::count(source, Confidence::Suspected),
    )
}

fn exposed(source: &Source<'_>) -> String {
    if board::cells(source).next().is_none() {
        return "unknown, nothing was probed".to_owned();
    }
    let leaking: Vec<_> = board::cells(source)
        .filter(|c| source.incident.leaks(c))
        .collect();
    let relations: BTreeSet<&str> = leaking.iter().map(|c| c.relation.as_str()).collect();
    let undecided = board::cells(source)
        .filter(|c| c.verdict == Verdict::Undecided)
        .count();
    format!(
        "{} cells leak, in {} relations; {undecided} undecided",
        leaking.len(),
        relations.len()
    )
}

fn conditions(source: &Source<'_>) -> String {
    let named = |state: Confidence| {
        let ids: Vec<&str> = RootCause::ALL
            .into_iter()
            .filter(|cause| source.incident.cause_state(*cause) == state)
            .map(RootCause::id)
            .collect();
        (!ids.is_empty()).then(|| format!("{} {}", state.word(), ids.join(" ")))
    };
    let states = [
        Confidence::Confirmed,
        Confidence::Suspected,
        Confidence::Unknown,
        Confidence::RuledOut,
    ];
    let parts: Vec<String> = states.into_iter().filter_map(named).collect();
    parts.join(", ")
}

fn contained(source: &Source<'_>) -> String {
    let plans = &source.incident.plans;
    let lifted = plans.iter().filter(|p| p.lifted_by.is_some()).count();
    let unknown = source
        .incident
        .ledger()
        .filter(|p| !matches!(p.state, PlanState::Applied))
        .count();
    format!(
        "{} stand ({unknown} with unknown outcome), {lifted} lifted",
        source.incident.ledger().count()
    )
}

fn walked(source: &Source<'_>) -> String {
    let steps = source.incident.steps.values();
    let count = |is: fn(&StepState) -> bool| steps.clone().filter(|s| is(s)).count();
    let all = source
        .playbook
        .map(|playbook| format!(" of {}", playbook.steps().count()))
        .unwrap_or_default();
    format!(
        "{} done with the tool, {} by hand, {} by answers, {} skipped{all}",
        count(|s| matches!(s, StepState::Done { how: DoneHow::Tool })),
        count(|s| matches!(
            s,
            StepState::Done {
                how: DoneHow::Manual
            }
        )),
        count(|s| matches!(
            s,
            StepState::Done {
                how: DoneHow::Answered
            }
        )),
        count(|s| matches!(s, StepState::Skipped { .. })),
    )
}

fn gaps(source: &Source<'_>) -> String {
    match source.incident.not_looked_at().len() {
        0 if source.incident.checks.is_empty() => "no check has finished".to_owned(),
        0 => "no gap was reported".to_owned(),
        n => format!("{n} things; for them the answer is unknown, not clean"),
    }
}
