//! The ledger: what was changed, what still stands, and how to lift it.

use super::doc::Doc;
use crate::domain::action::Plan;
use crate::domain::fact::Fact;
use crate::domain::incident::{PlanRecord, PlanState};
use crate::report::source::{Source, utc};
use chrono::TimeDelta;

/// Writes every containment that stands now.
pub fn standing(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Containments standing");
    let mut records = source.incident.ledger().peekable();
    if records.peek().is_none() {
        doc.say("None.");
        return;
    }
    doc.say("Nothing here lifts itself. Each stays until a person lifts it.");
    for record in records {
        one(source, record, doc);
    }
}

fn one(source: &Source<'_>, record: &PlanRecord, doc: &mut Doc) {
    let plan = &record.plan;
    doc.heading(3, &format!("{} on {}", plan.action, plan.subject.name));
    doc.facts(&[
        ("Target", plan.target.clone()),
        ("State", state(&record.state)),
        (
            "By",
            format!(
                "{}, since {} ({})",
                record.by,
                utc(record.since),
                source.clock(record.since)
            ),
        ),
        ("Plan", record.digest.short().to_owned()),
        ("Loses access", plan.affects.join(", ")),
        ("Proof", proof(record)),
        ("Review by", review_by(source, record)),
    ]);
    doc.say("What was run:");
    doc.code("sql", &statements(plan.statements.iter()));
    doc.say("To lift it, plan and approve the way back in firsthour, or run by hand:");
    doc.code("sql", &statements(plan.undo.iter()));
}

fn statements<'a>(list: impl Iterator<Item = &'a crate::domain::action::Statement>) -> String {
    let lines: Vec<String> = list
        .map(|s| format!("{};", s.sql.trim_end_matches(';')))
        .collect();
    if lines.is_empty() {
        "-- no statement was recorded".to_owned()
    } else {
        lines.join("\n")
    }
}

fn proof(record: &PlanRecord) -> String {
    match &record.proof {
        Some(proof) => {
            let holds = match proof.holds {
                Some(true) => "holds",
                Some(false) => "DOES NOT HOLD",
                None => "could not be shown",
            };
            format!("{holds}: {}", proof.text)
        }
        None => "not probed".to_owned(),
    }
}

/// The date the playbook asks for: the step the plan was made in decides,
/// else the soonest of all steps that offer the action.
fn review_by(source: &Source<'_>, record: &PlanRecord) -> String {
    let Some(playbook) = source.playbook else {
        return "not known; the playbook is not at hand".to_owned();
    };
    let made_in = source
        .find(|entry| matches!(&entry.fact, Fact::Planned(p) if p.digest == record.digest))
        .and_then(|entry| entry.step.as_deref());
    let hours = |only: Option<&str>| {
        playbook
            .steps()
            .filter(|(_, step)| only.is_none_or(|id| step.id == id))
            .flat_map(|(_, step)| &step.actions)
            .filter(|call| call.uses == record.plan.action)
            .map(|call| call.review_by_hours)
            .min()
    };
    match made_in
        .and_then(|id| hours(Some(id)))
        .or_else(|| hours(None))
    {
        Some(hours) => utc(record.since + TimeDelta::hours(i64::from(hours))),
        None => "not set by the playbook".to_owned(),
    }
}

/// Writes plans that are no standing containment: lifted, undone, refused,
/// failed, or never approved.
pub fn others(source: &Source<'_>, doc: &mut Doc) {
    doc.heading(2, "Other plans");
    let rows: Vec<[String; 5]> = source
        .incident
        .plans
        .iter()
        .filter(|record| !record.standing())
        .map(|record| {
            [
                record.digest.short().to_owned(),
                title(&record.plan),
                how_it_ended(record),
                record.by.clone(),
                source.clock(record.since),
            ]
        })
        .collect();
    if rows.is_empty() {
        doc.say("None.");
    } else {
        doc.table(["Plan", "What", "State", "By", "Since"], &rows);
    }
}

fn title(plan: &Plan) -> String {
    let lifts = plan
        .undoes
        .as_ref()
        .map(|digest| format!(", lifting {}", digest.short()))
        .unwrap_or_default();
    format!("{} on {}{lifts}", plan.action, plan.subject.name)
}

fn how_it_ended(record: &PlanRecord) -> String {
    match &record.lifted_by {
        Some(lifted) => format!("lifted by plan {}", lifted.short()),
        None => state(&record.state),
    }
}

fn state(state: &PlanState) -> String {
    match state {
        PlanState::Shown => "shown, not approved".to_owned(),
        PlanState::Approved => "approved, not started".to_owned(),
        PlanState::Intended => "started, no result recorded: outcome unknown".to_owned(),
        PlanState::Applied => "applied".to_owned(),
        PlanState::Refused { reason } => format!("refused: {reason}"),
        PlanState::Failed { failure } => format!("failed: {failure}"),
        PlanState::Unknown { why } => format!("outcome unknown: {why}"),
    }
}
