//! The rows each screen lists, in the order shown: derived from the model at
//! every draw, so a cursor can never point at something that is not there.

mod blast;
pub mod scan;

pub use blast::{blast, blast_of};

use super::filter::Filter;
use super::model::{Case, Model};
use super::screen::{ListView, Screen};
use crate::domain::entry::Entry;
use crate::domain::exposure::{Cell, RelationShape, Verdict};
use crate::domain::finding::{Confidence, Finding, RootCause, Severity};
use crate::domain::fix::Fix;
use crate::domain::incident::{Incident, PlanRecord, Raised};
use crate::domain::playbook::{Phase, Step};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
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
    let mut filter = Filter::new(filter_of(model));
    let known = model
        .home
        .iter()
        .enumerate()
        .filter(|(_, row)| filter.keeps(&[&row.id, &row.codename, &row.title]));
    known
        .map(|(at, _)| HomeItem::Incident(at))
        .chain([HomeItem::Live, HomeItem::Drill, HomeItem::Doctor])
        .collect()
}

/// Every step with its phase, in document order.
pub fn steps<'a>(case: &'a Case, filter: &str) -> Vec<(&'a Phase, &'a Step)> {
    let mut filter = Filter::new(filter);
    case.playbook
        .steps()
        .filter(|(phase, step)| filter.keeps(&[&phase.id, &step.id, &step.title]))
        .collect()
}

/// Findings: standing first, then by severity and confidence.
pub fn findings<'a>(incident: &'a Incident, filter: &str) -> Vec<&'a Raised> {
    let mut rows: Vec<&Raised> = fitting_findings(incident, filter).collect();
    rows.sort_by_cached_key(|raised| {
        (
            raised.cleared.is_some(),
            Reverse(raised.finding.severity),
            Reverse(raised.finding.confidence),
            raised.seq,
        )
    });
    rows
}

/// Findings that left a trail in logs, in the order of [`findings`]; those that
/// are parts of another's story come after all that lead one.
pub fn trails<'a>(incident: &'a Incident, filter: &str) -> Vec<&'a Raised> {
    let mut rows = findings(incident, filter);
    rows.retain(|raised| raised.finding.trail.is_some());
    rows.sort_by_key(|raised| (raised.cleared.is_some(), !raised.finding.leads()));
    rows
}

fn fitting_findings<'a>(
    incident: &'a Incident,
    filter: &str,
) -> impl Iterator<Item = &'a Raised> + use<'a> {
    let mut filter = Filter::new(filter);
    incident.findings.iter().filter(move |raised| {
        let f = &raised.finding;
        filter.keeps(&[
            &f.check,
            f.severity.word(),
            f.confidence.word(),
            &f.subject.name,
            &f.title,
        ])
    })
}

/// Relations with at least one probed cell, by schema: schemas and, in them,
/// relations stand widest blast radius first.
pub fn relations<'a>(incident: &'a Incident, filter: &str) -> Vec<&'a str> {
    let mut rows: Vec<(&str, _)> = fitting_relations(incident, filter)
        .map(|(name, cells)| {
            let worst = cells.values().map(|cell| cell.verdict).max();
            let leaking = cells.values().filter(|cell| incident.leaks(cell)).count();
            let shape = incident.relations.get(name);
            let sensitive = shape.is_some_and(RelationShape::sensitive);
            let rows = shape.and_then(|shape| shape.rows);
            (
                name,
                Reverse((sensitive && leaking > 0, leaking, worst, sensitive, rows)),
            )
        })
        .collect();
    rows.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(b.0)));
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in &rows {
        let next = places.len();
        places.entry(schema(name)).or_insert(next);
    }
    rows.sort_by_key(|(name, _)| places.get(schema(name)));
    rows.into_iter().map(|(name, _)| name).collect()
}

/// The schema of a `schema.relation`.
pub fn schema(relation: &str) -> &str {
    relation.split_once('.').map_or("", |(schema, _)| schema)
}

fn fitting_relations<'a>(
    incident: &'a Incident,
    filter: &str,
) -> impl Iterator<Item = (&'a str, &'a BTreeMap<String, Cell>)> + use<'a> {
    let mut filter = Filter::new(filter);
    incident
        .cells
        .iter()
        .map(|(name, cells)| (name.as_str(), cells))
        .filter(move |(name, _)| filter.keeps(&[name]))
}

/// The cell under the matrix cursor.
pub fn cell_at<'a>(incident: &'a Incident, relation: &str, column: usize) -> Option<&'a Cell> {
    let principal = incident.principals.get(column)?;
    incident.cells.get(relation)?.get(principal)
}

/// The statements that a screen has to hand, one a line: those that show the
/// cell it points at, or the drafted fix of its finding.
pub fn script(incident: &Incident, screen: &Screen) -> Option<String> {
    let cell = match screen {
        Screen::Matrix(view) => {
            let relations = relations(incident, &view.list.filter);
            cell_at(incident, relations.get(view.list.cursor)?, view.column)?
        }
        Screen::Cell {
            relation, column, ..
        } => cell_at(incident, relation, *column)?,
        Screen::Finding { key, .. } => {
            let mut raised = incident.findings.iter();
            let finding = &raised.find(|raised| raised.finding.key() == *key)?.finding;
            return Some(finding.fix.as_ref()?.script(&finding.check));
        }
        _ => return None,
    };
    let acting = incident.acting.get(&cell.principal)?;
    Some(cell.script(acting)?.join("\n"))
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
    fitting_entries(incident, filter).collect()
}

fn fitting_entries<'a>(
    incident: &'a Incident,
    filter: &str,
) -> impl Iterator<Item = &'a Arc<Entry>> + use<'a> {
    let mut filter = Filter::new(filter);
    incident
        .timeline
        .iter()
        .rev()
        .filter(move |entry| filter.keeps(&[entry.fact.kind(), &entry.sum]))
}

/// Plans: standing containments first, then newest first.
pub fn plans<'a>(incident: &'a Incident, filter: &str) -> Vec<&'a PlanRecord> {
    let mut filter = Filter::new(filter);
    let mut rows: Vec<&PlanRecord> = incident
        .plans
        .iter()
        .filter(|record| filter.keeps(&[&record.plan.action, &record.plan.subject.name]))
        .collect();
    rows.sort_by_key(|record| (!record.standing(), Reverse(record.seq)));
    rows
}

/// Relations that leak to a principal that is not a server-side login, with
/// those principals; widest first. What an action is offered for.
pub fn leaking(incident: &Incident) -> Vec<(String, Vec<String>)> {
    let held = held(incident);
    relations(incident, "")
        .into_iter()
        .filter(|name| offered(incident, &held, name))
        .map(|name| (name.to_owned(), leaking_principals(incident, name)))
        .collect()
}

/// Whether there is anything an action is offered for.
pub fn any_leak(incident: &Incident) -> bool {
    let held = held(incident);
    incident
        .cells
        .keys()
        .any(|name| offered(incident, &held, name))
}

/// The names that confirmed findings end in: a subject is a relation, or
/// something `on` one.
fn held(incident: &Incident) -> HashSet<&str> {
    incident
        .standing_findings()
        .filter(|raised| {
            raised.finding.confidence == Confidence::Confirmed
                && raised.finding.severity >= Severity::Medium
        })
        .flat_map(|raised| {
            let name = raised.finding.subject.name.as_str();
            let on = name.match_indices(' ').map(|(at, _)| &name[at + 1..]);
            std::iter::once(name).chain(on)
        })
        .collect()
}

/// Whether a relation leaks, by its cells or by a confirmed finding on it.
fn offered(incident: &Incident, held: &HashSet<&str>, name: &str) -> bool {
    let cells = incident.cells.get(name);
    cells.is_some_and(|cells| {
        cells.values().any(|cell| {
            incident.leaks(cell) || (held.contains(name) && incident.reads_too_much(cell))
        })
    })
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
                .is_some_and(|cell| incident.reads_too_much(cell))
        })
        .cloned()
        .collect()
}

/// How many of a relation's cells have each verdict that matters.
pub fn verdict_counts(incident: &Incident) -> (usize, usize) {
    let cells = incident.cells.values().flat_map(|row| row.values());
    cells.fold((0, 0), |(leaks, open), cell| {
        (
            leaks + usize::from(incident.leaks(cell)),
            open + usize::from(cell.verdict == Verdict::Undecided),
        )
    })
}

/// The check that left cells open because reading them runs functions with
/// effects, and how many.
pub fn unasked(model: &Model) -> Option<(&str, i64)> {
    let mut checks = model.incident()?.checks.iter();
    checks.find_map(|(check, run)| {
        let open = run.fields.get("unasked").copied().unwrap_or(0);
        (open > 0).then_some((check.as_str(), open))
    })
}

/// The standing finding on screen with its draft, if it has one.
pub fn drafted(model: &Model) -> Option<(&Finding, &Fix)> {
    let Screen::Finding { key, .. } = &model.screen else {
        return None;
    };
    let mut standing = model.incident()?.standing_findings();
    let raised = standing.find(|raised| raised.finding.key() == *key)?;
    Some((&raised.finding, raised.finding.fix.as_ref()?))
}

/// The finding with this key.
pub fn raised<'a>(model: &'a Model, key: &str) -> Option<&'a Raised> {
    let mut findings = model.incident()?.findings.iter();
    findings.find(|raised| raised.finding.key() == key)
}

/// The finding at hand, if logs tell of it: that of the screen, or under the
/// cursor.
pub fn placed(model: &Model) -> Option<&Raised> {
    let raised = match &model.screen {
        Screen::Finding { key, .. } | Screen::Lines { key, .. } => raised(model, key)?,
        Screen::Logs(list) => *trails(model.incident()?, &list.filter).get(list.cursor)?,
        _ => return None,
    };
    raised.finding.trail.is_some().then_some(raised)
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
        Screen::Findings(_) => of(|i, f| fitting_findings(i, f).count()),
        Screen::Matrix(_) => of(|i, f| fitting_relations(i, f).count()),
        Screen::Causes(_) => RootCause::ALL.len(),
        Screen::Timeline(_) => of(|i, f| fitting_entries(i, f).count()),
        Screen::Plans(_) => of(|i, f| plans(i, f).len()),
        Screen::Reads(_) => of(|i, f| blast(i, f).len()),
        Screen::Logs(_) => of(|i, f| trails(i, f).len()),
        Screen::Jobs(_) => model.jobs.len() + model.finished.len(),
        Screen::Finding { .. }
        | Screen::Cell { .. }
        | Screen::Lines { .. }
        | Screen::Read { .. }
        | Screen::Plan { .. }
        | Screen::Help { .. } => 0,
    }
}

/// Whether the present screen lists anything; cheaper than [`len`].
pub fn any(model: &Model) -> bool {
    let filter = filter_of(model);
    match (&model.screen, model.incident()) {
        (Screen::Findings(_), Some(i)) => fitting_findings(i, filter).next().is_some(),
        (Screen::Matrix(_), Some(i)) => fitting_relations(i, filter).next().is_some(),
        (Screen::Timeline(_), Some(i)) => fitting_entries(i, filter).next().is_some(),
        _ => len(model) > 0,
    }
}

/// The filter of the present screen, empty when it has none.
pub fn filter_of(model: &Model) -> &str {
    model
        .screen
        .list()
        .map_or("", |list: &ListView| list.filter.as_str())
}
