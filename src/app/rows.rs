//! The rows each screen lists, in the order shown: derived from the model at
//! every draw, so a cursor can never point at something that is not there.

use super::model::{Case, Model};
use super::screen::{ListView, Screen};
use crate::domain::entry::Entry;
use crate::domain::exposure::{Cell, RelationShape, Verdict};
use crate::domain::finding::{Confidence, RootCause};
use crate::domain::incident::{Incident, PlanRecord, Raised};
use crate::domain::playbook::{Phase, Step};
use std::cmp::Reverse;
use std::sync::Arc;

/// Something the home screen offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HomeItem {
    Drill,
    Live,
    Doctor,
    /// An incident of the list, by index.
    Incident(usize),
}

/// What the home screen offers: the incidents first, newest on top, because
/// coming back to one is the most urgent.
pub fn home(model: &Model) -> Vec<HomeItem> {
    let filter = filter_of(model);
    let known = model.home.iter().enumerate().filter(|(_, row)| {
        matches(
            filter,
            &format!("{} {} {}", row.id, row.codename, row.title),
        )
    });
    known
        .map(|(at, _)| HomeItem::Incident(at))
        .chain([HomeItem::Live, HomeItem::Drill, HomeItem::Doctor])
        .collect()
}

/// Every step with its phase, in document order.
pub fn steps<'a>(case: &'a Case, filter: &str) -> Vec<(&'a Phase, &'a Step)> {
    case.playbook
        .steps()
        .filter(|(phase, step)| {
            matches(filter, &format!("{} {} {}", phase.id, step.id, step.title))
        })
        .collect()
}

/// Findings: standing first, then by severity and confidence.
pub fn findings<'a>(incident: &'a Incident, filter: &str) -> Vec<&'a Raised> {
    let mut rows: Vec<&Raised> = incident
        .findings
        .iter()
        .filter(|raised| {
            let f = &raised.finding;
            filter.is_empty()
                || matches(
                    filter,
                    &format!(
                        "{} {} {} {} {}",
                        f.check,
                        f.severity.word(),
                        f.confidence.word(),
                        f.subject.name,
                        f.title
                    ),
                )
        })
        .collect();
    rows.sort_by_key(|raised| {
        (
            raised.cleared.is_some(),
            Reverse(raised.finding.severity),
            Reverse(raised.finding.confidence),
            raised.seq,
        )
    });
    rows
}

/// Relations with at least one probed cell, widest blast radius first.
pub fn relations<'a>(incident: &'a Incident, filter: &str) -> Vec<&'a str> {
    let mut rows: Vec<(&str, _)> = incident
        .cells
        .iter()
        .filter(|(name, _)| matches(filter, name))
        .map(|(name, cells)| {
            let worst = cells.values().map(|cell| cell.verdict).max();
            let leaking = cells.values().filter(|cell| cell.verdict.leaks()).count();
            let shape = incident.relations.get(name);
            let sensitive = shape.is_some_and(RelationShape::sensitive);
            let rows = shape.and_then(|shape| shape.rows);
            (
                name.as_str(),
                Reverse((sensitive && leaking > 0, leaking, worst, sensitive, rows)),
            )
        })
        .collect();
    rows.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(b.0)));
    rows.into_iter().map(|(name, _)| name).collect()
}

/// The cell under the matrix cursor.
pub fn cell_at<'a>(incident: &'a Incident, relation: &str, column: usize) -> Option<&'a Cell> {
    let principal = incident.principals.get(column)?;
    incident.cells.get(relation)?.get(principal)
}

/// One line of the cause board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CauseRow<'a> {
    pub cause: RootCause,
    pub state: Confidence,
    /// Standing findings that name the cause.
    pub held_by: Vec<&'a Raised>,
    /// A person's word on it.
    pub reason: Option<&'a str>,
}

/// The six causes with what speaks for them.
pub fn causes(incident: &Incident) -> Vec<CauseRow<'_>> {
    RootCause::ALL
        .into_iter()
        .map(|cause| CauseRow {
            cause,
            state: incident.cause_state(cause),
            held_by: incident
                .standing_findings()
                .filter(|raised| raised.finding.causes.contains(&cause))
                .collect(),
            reason: incident
                .judgements
                .get(&cause)
                .map(|judgement| judgement.reason.as_str()),
        })
        .collect()
}

/// Recorded entries, newest first.
pub fn timeline<'a>(incident: &'a Incident, filter: &str) -> Vec<&'a Arc<Entry>> {
    incident
        .timeline
        .iter()
        .rev()
        .filter(|entry| {
            filter.is_empty() || matches(filter, &format!("{} {}", entry.fact.kind(), entry.sum))
        })
        .collect()
}

/// Plans: standing containments first, then newest first.
pub fn plans<'a>(incident: &'a Incident, filter: &str) -> Vec<&'a PlanRecord> {
    let mut rows: Vec<&PlanRecord> = incident
        .plans
        .iter()
        .filter(|record| {
            matches(
                filter,
                &format!("{} {}", record.plan.action, record.plan.subject.name),
            )
        })
        .collect();
    rows.sort_by_key(|record| (!record.standing(), Reverse(record.seq)));
    rows
}

/// Relations that leak to a principal that is not a server-side login, with
/// those principals; widest first. What an action is offered for.
pub fn leaking(incident: &Incident) -> Vec<(String, Vec<String>)> {
    relations(incident, "")
        .into_iter()
        .filter_map(|name| {
            let sensitive = incident
                .relations
                .get(name)
                .is_some_and(RelationShape::sensitive);
            let held = incident.standing_findings().any(|raised| {
                raised.finding.confidence == Confidence::Confirmed
                    && raised.finding.subject.name.ends_with(name)
            });
            let principals = leaking_principals(incident, name);
            ((sensitive || held) && !principals.is_empty()).then(|| (name.to_owned(), principals))
        })
        .collect()
}

/// The principals that read rows of a relation they must not.
pub fn leaking_principals(incident: &Incident, relation: &str) -> Vec<String> {
    incident
        .principals
        .iter()
        .filter(|principal| {
            incident
                .cells
                .get(relation)
                .and_then(|cells| cells.get(*principal))
                .is_some_and(|cell| cell.verdict.leaks())
        })
        .cloned()
        .collect()
}

/// How many of a relation's cells have each verdict that matters.
pub fn verdict_counts(incident: &Incident) -> (usize, usize) {
    let cells = incident.cells.values().flat_map(|row| row.values());
    cells.fold((0, 0), |(leaks, open), cell| {
        (
            leaks + usize::from(cell.verdict.leaks()),
            open + usize::from(cell.verdict == Verdict::Undecided),
        )
    })
}

/// How many rows the present screen lists.
pub fn len(model: &Model) -> usize {
    let filter = filter_of(model);
    let incident = model.incident();
    let of = |count: fn(&Incident, &str) -> usize| incident.map_or(0, |i| count(i, filter));
    match &model.screen {
        Screen::Home(_) => home(model).len(),
        Screen::Map(_) => model
            .case
            .as_ref()
            .map_or(0, |case| steps(case, filter).len()),
        Screen::Findings(_) => of(|i, f| findings(i, f).len()),
        Screen::Matrix(_) => of(|i, f| relations(i, f).len()),
        Screen::Causes(_) => RootCause::ALL.len(),
        Screen::Timeline(_) => of(|i, f| timeline(i, f).len()),
        Screen::Plans(_) => of(|i, f| plans(i, f).len()),
        Screen::Jobs(_) => model.jobs.len() + model.finished.len(),
        Screen::Finding { .. } | Screen::Plan { .. } | Screen::Help { .. } => 0,
    }
}

/// The filter of the present screen, empty when it has none.
pub fn filter_of(model: &Model) -> &str {
    model
        .screen
        .list()
        .map_or("", |list: &ListView| list.filter.as_str())
}

/// Whether a row stays under a filter: contains it, case apart; a leading
/// `!` inverts.
pub fn matches(filter: &str, text: &str) -> bool {
    if filter.is_empty() {
        return true;
    }
    let text = text.to_lowercase();
    match filter.strip_prefix('!') {
        Some("") => true,
        Some(unwanted) => !text.contains(&unwanted.to_lowercase()),
        None => text.contains(&filter.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_narrows_and_inverts() {
        assert!(matches("cust", "public.Customers"));
        assert!(!matches("!cust", "public.customers"));
        assert!(matches("!", "anything"));
        assert!(matches("", "anything"));
    }
}
