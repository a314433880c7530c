//! What the record holds, as lines: findings, exposure, causes and plans.

use super::line::{indented, numbered, safe};
use crate::app::rows;
use crate::domain::incident::{Incident, PlanRecord, PlanState, Raised};
use crate::domain::trail::Trail;
use crate::investigate::page::WEIGHING;
use crate::investigate::pages;

/// One finding on one line.
pub fn finding_line(raised: &Raised) -> String {
    let f = &raised.finding;
    let cleared = if raised.cleared.is_some() {
        " (no longer stands)"
    } else {
        ""
    };
    safe(&format!(
        "{} {} {}: {} - {}{cleared}",
        f.check,
        f.severity.word(),
        f.confidence.word(),
        f.subject.name,
        f.title
    ))
}

/// Who read how much, since when, and where that is written.
fn trail_lines(trail: &Trail) -> Vec<String> {
    let mut told = vec![
        format!("principal is: {}", trail.principal_kind),
        format!("how much: {}", trail.amount()),
    ];
    told.extend(trail.since().map(|text| format!("first: {text}")));
    told.extend(trail.until().map(|text| format!("last: {text}")));
    let places = trail.places.iter();
    told.extend(places.map(|place| format!("line: {}:{}", place.file, place.offset)));
    told.iter().map(|text| indented(text)).collect()
}

/// One finding with its evidence.
pub fn finding(incident: &Incident, key: &str) -> Vec<String> {
    let Some(raised) = incident.findings.iter().find(|r| r.finding.key() == key) else {
        return vec!["The finding is gone.".to_owned()];
    };
    let f = &raised.finding;
    let causes: Vec<&str> = f.causes.iter().map(|cause| cause.id()).collect();
    let mut lines = vec![
        finding_line(raised),
        indented(&format!(
            "principal: {}",
            f.principal.as_deref().unwrap_or("none")
        )),
        indented(&format!("causes: {}", causes.join(", "))),
    ];
    lines.extend(
        f.evidence
            .iter()
            .map(|e| indented(&format!("{}: {}", e.what, e.value))),
    );
    if let Some(trail) = &f.trail {
        lines.extend(trail_lines(trail));
    }
    lines.push(indented(&format!("next: {}", f.hint)));
    if let Some(fix) = &f.fix {
        lines.push(indented("drafted fix, not run:"));
        lines.extend(
            fix.statements
                .iter()
                .map(|s| indented(&format!("sql: {s};"))),
        );
        lines.push(indented(&format!("why: {}", fix.why)));
        lines.extend(
            fix.loses
                .iter()
                .map(|line| indented(&format!("loses: {line}"))),
        );
        lines.extend(
            fix.decide
                .iter()
                .map(|line| indented(&format!("decide: {line}"))),
        );
    }
    if let Some(rehearsal) = &raised.rehearsed {
        let told = rehearsal.open.iter().map(|line| format!("open: {line}"));
        let told = told.chain(rehearsal.told.iter().map(|line| format!("seen: {line}")));
        let head = format!("rehearsed, rolled back: {}", rehearsal.summary());
        lines.push(indented(&head));
        lines.extend(told.map(|line| indented(&line)));
    }
    if let Some(page) = pages::page(&f.check) {
        let about = WEIGHING.iter();
        lines.extend(about.map(|heading| {
            indented(&format!(
                "{}: {}",
                heading.to_lowercase(),
                page.prose(heading)
            ))
        }));
    }
    lines
}

/// The exposure matrix, one relation a line.
pub fn matrix(incident: &Incident, filter: &str) -> Vec<String> {
    let names = rows::relations(incident, filter);
    numbered(&names, |name| {
        let cells: Vec<String> = incident
            .principals
            .iter()
            .filter_map(|principal| {
                let cell = incident.cells.get(*name)?.get(principal)?;
                let rows = match cell.rows {
                    Some(_) => format!(" ({} rows)", cell.seen()),
                    None => String::new(),
                };
                Some(format!("{principal}: {}{rows}", cell.verdict.word()))
            })
            .collect();
        safe(&format!("{name} - {}", cells.join("; ")))
    })
}

/// One relation of the matrix: every principal, what it reads, and the
/// statements that show it.
pub fn cells(incident: &Incident, relation: &str) -> Vec<String> {
    let mut lines = vec![safe(relation)];
    let row = incident.cells.get(relation);
    for principal in &incident.principals {
        let Some(cell) = row.and_then(|row| row.get(principal)) else {
            continue;
        };
        let head = format!("{principal}: {}, rows {}", cell.verdict.word(), cell.seen());
        lines.push(indented(&head));
        let script = incident
            .acting
            .get(principal)
            .and_then(|acting| cell.script(acting));
        match script {
            Some(script) => lines.extend(script.iter().map(|line| indented(&format!("  {line}")))),
            None => lines.push(indented(&format!("  {}", cell.basis))),
        }
    }
    lines
}

/// The six root causes, one a line.
pub fn causes(incident: &Incident) -> Vec<String> {
    numbered(&rows::causes(incident), |row| {
        let reason = row
            .reason
            .map(|reason| format!("; {reason}"))
            .unwrap_or_default();
        safe(&format!(
            "{} {}: {}, {} findings for it{reason}",
            row.cause.id(),
            row.cause.title(),
            row.state.word(),
            row.held_by.len()
        ))
    })
}

fn state_word(record: &PlanRecord) -> String {
    if record.lifted_by.is_some() {
        return "lifted".to_owned();
    }
    match &record.state {
        PlanState::Shown => "shown, waiting for approval".to_owned(),
        PlanState::Approved | PlanState::Intended => "approved, under way".to_owned(),
        PlanState::Applied => match record.proof.as_ref().and_then(|proof| proof.holds) {
            Some(true) => "applied, verified".to_owned(),
            Some(false) => "applied, DOES NOT HOLD".to_owned(),
            None => "applied, unverified".to_owned(),
        },
        PlanState::Refused { reason } => format!("refused: {reason}"),
        PlanState::Failed { failure } => format!("failed: {}", failure.why),
        PlanState::Unknown { why } => format!("OUTCOME UNKNOWN: {why}"),
    }
}

/// One plan on one line.
pub fn plan_line(record: &PlanRecord) -> String {
    let standing = if record.standing() { "standing: " } else { "" };
    safe(&format!(
        "{standing}{} on {} ({}), plan {}",
        record.plan.action,
        record.plan.subject.name,
        state_word(record),
        record.digest.short()
    ))
}

/// One plan in full.
pub fn plan(record: &PlanRecord) -> Vec<String> {
    let plan = &record.plan;
    let mut lines = vec![
        plan_line(record),
        indented(&format!("target: {}", plan.target)),
    ];
    let mut part = |title: &str, items: Vec<String>| {
        if !items.is_empty() {
            lines.push(indented(title));
            lines.extend(items.iter().map(|item| format!("  {}", indented(item))));
        }
    };
    part(
        "would run:",
        plan.statements
            .iter()
            .map(|s| format!("{}  -- {}", s.sql, s.why))
            .collect(),
    );
    let who = match plan.undoes {
        None => "loses access:",
        Some(_) => "gets access:",
    };
    part(who, plan.affects.clone());
    part(
        "before:",
        plan.before
            .iter()
            .map(|e| format!("{}: {}", e.what, e.value))
            .collect(),
    );
    part(
        "way back:",
        plan.undo.iter().map(|s| s.sql.clone()).collect(),
    );
    part("locks:", vec![plan.locks.clone()]);
    part("proof:", vec![plan.proof.clone()]);
    if let Some(proof) = &record.proof {
        part("shown:", vec![proof.text.clone()]);
    }
    lines
}
