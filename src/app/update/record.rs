//! Recorded entries come back from the disk: the fold, and the effects that
//! may only follow a recorded intent.

use super::append::append;
use super::{plans, rehearse, steps, watch};
use crate::app::effect::Effect;
use crate::app::model::{JobKind, JournalState, Model};
use crate::domain::entry::{Draft, Entry};
use crate::domain::fact::{CheckStarted, Fact, HeadNoted};
use crate::domain::failure::Failure;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Folds what is on disk and follows up on it.
pub fn recorded(model: &mut Model, entries: &[Arc<Entry>]) -> Vec<Effect> {
    // One answer for each order, whatever the journal wrote by itself.
    if let Some(case) = model.case.as_mut() {
        case.journal = match &case.journal {
            JournalState::Writing { orders } if *orders > 1 => {
                JournalState::Writing { orders: orders - 1 }
            }
            JournalState::Writing { .. } => JournalState::Safe,
            other => other.clone(),
        };
    }
    folded(model, entries)
}

/// Folds what a job had written while it runs: no order of ours was answered.
pub fn folded(model: &mut Model, entries: &[Arc<Entry>]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for entry in entries {
        if let Some(case) = model.case.as_mut() {
            case.incident.apply(entry);
        }
        effects.extend(follow_up(model, entry));
    }
    steps::drop_stale_prompt(model);
    effects
}

/// What one recorded entry sets off.
fn follow_up(model: &mut Model, entry: &Arc<Entry>) -> Vec<Effect> {
    match &entry.fact {
        Fact::StepStarted(_) => {
            steps::follow(model);
            Vec::new()
        }
        Fact::CheckStarted(started) => start_check(model, entry, started),
        Fact::RehearsalStarted(started) => rehearse::run(model, started),
        Fact::WatchStarted(_) => {
            watch::begun(model);
            Vec::new()
        }
        Fact::Degraded(degraded) => {
            let failure = Failure::new(
                "the deed was not started",
                degraded.reason.clone(),
                "make room on the disk; notes are still taken",
            );
            end_waiting(model, &failure, |kind| matches!(kind, JobKind::Apply(_)));
            model.fail(failure);
            Vec::new()
        }
        Fact::IncidentClosed(_) => {
            model.tell("the incident is closed; x exports the record");
            Vec::new()
        }
        Fact::Approved(approved) => plans::intend(model, &approved.plan, &entry.h),
        Fact::Intended(_) => plans::apply(model, entry),
        Fact::Applied(applied) => plans::prove_plan(model, &applied.plan),
        Fact::HeadNoted(head) => {
            model.tell(format!(
                "head {} at entry {}: paste it where others can see it",
                head.head.short(),
                head.seq
            ));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The order is on disk: now the check may run.
fn start_check(model: &mut Model, entry: &Entry, started: &CheckStarted) -> Vec<Effect> {
    let check = started.check.as_str();
    let job = model
        .jobs
        .iter()
        .find(|(_, job)| job.what == JobKind::Check(check.to_owned()))
        .map(|(id, _)| *id);
    let Some(job) = job else {
        return Vec::new();
    };
    let mut with = model
        .case
        .as_ref()
        .and_then(|case| case.playbook.step(entry.step.as_deref()?))
        .and_then(|step| step.checks.iter().find(|call| call.uses == check))
        .map_or_else(BTreeMap::new, |call| call.with.clone());
    // Only a person's recorded word allows this, never a playbook.
    with.insert("helpers".to_owned(), started.helpers.to_string());
    vec![Effect::RunCheck {
        job,
        check: check.to_owned(),
        with,
    }]
}

/// Lines did not reach the disk: nothing was folded, and nothing that waited
/// for them will start.
pub fn not_recorded(model: &mut Model, failure: Failure, lines: usize) -> Vec<Effect> {
    if let Some(case) = model.case.as_mut() {
        case.journal = JournalState::Blocked {
            why: failure.why.clone(),
        };
    }
    // A watch whose first line is lost has not begun.
    model.watch = model.watch.take().filter(|watch| watch.begun);
    end_waiting(model, &failure, |kind| {
        matches!(
            kind,
            JobKind::Check(_) | JobKind::Rehearse(_) | JobKind::Apply(_)
        )
    });
    model.fail(Failure {
        what: format!("{lines} lines are not on disk: {}", failure.what),
        ..failure
    });
    Vec::new()
}

/// Ends the jobs that wait for a line which will not come.
fn end_waiting(model: &mut Model, failure: &Failure, waits: fn(&JobKind) -> bool) {
    let waiting: Vec<_> = model
        .jobs
        .iter()
        .filter(|(_, job)| waits(&job.what))
        .map(|(id, _)| *id)
        .collect();
    for job in waiting {
        model.end_job(job, Some(failure.clone()));
    }
}

/// Writes the present head down, to be shared outside.
pub fn note_head(model: &mut Model) -> Vec<Effect> {
    let head = model.incident().and_then(|incident| {
        let last = incident.timeline.last()?;
        Some(HeadNoted {
            seq: last.seq,
            head: last.h.clone(),
        })
    });
    match head {
        Some(head) => append(model, vec![Draft::new(Fact::HeadNoted(head))]),
        None => Vec::new(),
    }
}
