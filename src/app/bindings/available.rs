//! When each verb can be done, and the reason when it can't.

use super::binding::Availability::{self, Blocked, Hidden, Ready};
use crate::app::model::{JournalState, Model};
use crate::app::rows;
use crate::app::screen::Screen;
use crate::domain::incident::PlanState;

pub const fn always(_: &Model) -> Availability {
    Ready
}

pub fn has_list(model: &Model) -> Availability {
    if model.screen.list().is_some() {
        Ready
    } else {
        Hidden
    }
}

pub fn has_rows(model: &Model) -> Availability {
    if rows::any(model) {
        Ready
    } else {
        Blocked("the list is empty".to_owned())
    }
}

pub const fn has_case(model: &Model) -> Availability {
    if model.case.is_some() { Ready } else { Hidden }
}

pub fn can_go_back(model: &Model) -> Availability {
    if model.trail.is_empty() {
        Hidden
    } else {
        Ready
    }
}

pub fn idle_home(model: &Model) -> Availability {
    if model.jobs.is_empty() {
        Ready
    } else {
        Blocked("work is under way; see jobs".to_owned())
    }
}

/// Whether entries can be written.
pub fn can_record(model: &Model) -> Availability {
    let Some(case) = &model.case else {
        return Hidden;
    };
    match &case.journal {
        JournalState::Blocked { why } => Blocked(format!("the journal can't write: {why}")),
        JournalState::ReadOnly { why } => Blocked(why.clone()),
        _ if case.incident.closed.is_some() => Blocked("the incident is closed".to_owned()),
        _ => Ready,
    }
}

/// What comes next is known only once the last line is on disk: a key pressed
/// twice must not begin a step or run a check twice.
pub fn can_go_on(model: &Model) -> Availability {
    match can_record(model) {
        Ready if !model.jobs.is_empty() => Blocked("work is under way".to_owned()),
        Ready if model.busy() => Blocked("the last line is on its way to the disk".to_owned()),
        other => other,
    }
}

pub fn in_hand(model: &Model) -> Availability {
    match can_record(model) {
        Ready if model.step_in_hand().is_none() => Blocked("no step is in hand".to_owned()),
        other => other,
    }
}

pub fn can_take(model: &Model) -> Availability {
    match can_record(model) {
        Ready if rows::len(model) == 0 => Blocked("the list is empty".to_owned()),
        other => other,
    }
}

pub fn can_answer(model: &Model) -> Availability {
    match in_hand(model) {
        Ready
            if model
                .step_in_hand()
                .is_some_and(|step| step.asks.is_empty()) =>
        {
            Hidden
        }
        other => other,
    }
}

pub fn can_run(model: &Model) -> Availability {
    match in_hand(model) {
        Ready
            if model
                .step_in_hand()
                .is_some_and(|step| step.checks.is_empty()) =>
        {
            Hidden
        }
        Ready if !model.jobs.is_empty() => Blocked("work is under way".to_owned()),
        other => other,
    }
}

/// Whether a check left cells open for want of a person's word.
pub fn can_allow(model: &Model) -> Availability {
    match can_record(model) {
        Ready if rows::unasked(model).is_none() => Hidden,
        Ready if !model.jobs.is_empty() => Blocked("work is under way".to_owned()),
        other => other,
    }
}

pub fn can_plan(model: &Model) -> Availability {
    match can_record(model) {
        Ready => {}
        other => return other,
    }
    let Some(incident) = model.incident() else {
        return Hidden;
    };
    if !model.jobs.is_empty() {
        return Blocked("work is under way".to_owned());
    }
    if matches!(model.screen, Screen::Map(_)) && !rows::any_leak(incident) {
        return Blocked("no leak is proven yet; run the reach check first".to_owned());
    }
    if let Screen::Finding { key, .. } = &model.screen
        && incident
            .findings
            .iter()
            .any(|raised| raised.finding.trail.is_some() && raised.finding.key() == *key)
    {
        // What logs tell is about people and routes: no right of the database
        // to take away.
        return Hidden;
    }
    Ready
}

/// Whether the draft on screen may be tried where the incident runs.
pub fn can_rehearse(model: &Model) -> Availability {
    let practice = model.case.as_ref().is_some_and(|case| case.practice);
    match can_record(model) {
        Ready if rows::drafted(model).is_none() => Hidden,
        Ready if !practice => Blocked(
            "a fix is never tried on a live target; mark a staging one with staging = true"
                .to_owned(),
        ),
        Ready if model.busy() => Blocked("work is under way".to_owned()),
        other => other,
    }
}

/// Whether the statistics are watched and no look is under way.
pub fn can_look(model: &Model) -> Availability {
    match (&model.watch, can_record(model)) {
        (Some(watch), _) if watch.asking() => Blocked("a look is under way".to_owned()),
        (Some(_), _) => Ready,
        (None, Ready) => Hidden,
        (None, other) => other,
    }
}

/// Whether the finding at hand names places of logs; on the lines themselves,
/// whether it names another.
pub fn can_open_lines(model: &Model) -> Availability {
    let raised = rows::placed(model);
    let Some(trail) = raised.and_then(|raised| raised.finding.trail.as_ref()) else {
        return Hidden;
    };
    match (&model.screen, trail.places.len()) {
        (Screen::Lines { .. }, 0 | 1) => Hidden,
        (_, 0) => Blocked("the logs gave no place for it".to_owned()),
        _ => Ready,
    }
}

pub fn can_copy(model: &Model) -> Availability {
    match model
        .incident()
        .map(|incident| rows::script(incident, &model.screen))
    {
        Some(Some(_)) => Ready,
        Some(None) if matches!(model.screen, Screen::Finding { .. }) => Hidden,
        Some(None) => Blocked("no look decided this cell".to_owned()),
        None => Hidden,
    }
}

fn plan_state(model: &Model) -> Option<&PlanState> {
    let Screen::Plan { digest, .. } = &model.screen else {
        return None;
    };
    Some(&model.incident()?.plan(digest)?.state)
}

pub fn can_approve(model: &Model) -> Availability {
    match (can_record(model), plan_state(model)) {
        (Ready, Some(PlanState::Shown)) => Ready,
        (Ready, Some(_)) => Hidden,
        (other, _) => other,
    }
}

pub fn can_prove(model: &Model) -> Availability {
    match (can_record(model), plan_state(model)) {
        (Ready, Some(PlanState::Applied | PlanState::Unknown { .. })) => Ready,
        (Ready, _) => Hidden,
        (other, _) => other,
    }
}

pub fn can_undo(model: &Model) -> Availability {
    let Screen::Plan { digest, .. } = &model.screen else {
        return Hidden;
    };
    let Some(record) = model.incident().and_then(|incident| incident.plan(digest)) else {
        return Hidden;
    };
    match can_record(model) {
        Ready if record.standing() && !model.jobs.is_empty() => {
            Blocked("work is under way".to_owned())
        }
        Ready if record.standing() => Ready,
        Ready => Hidden,
        other => other,
    }
}
