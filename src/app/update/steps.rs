//! The step in hand: what comes next in it, and where it leads.

use super::append::append;
use super::prompt;
use crate::app::effect::Effect;
use crate::app::model::{Case, JobKind, Model};
use crate::app::rows;
use crate::app::screen::{Prompt, Purpose, Screen};
use crate::domain::entry::Draft;
use crate::domain::fact::{CheckStarted, DoneHow, Fact, StepDone, StepSkipped, StepStarted};
use crate::domain::incident::{PlanState, StepState};
use crate::domain::playbook::{Ask, Destination, Step};

/// What a step still wants, in the order it is offered: first facts, then
/// judgement, then deeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wants {
    /// A check that has not run since the step was taken.
    Check(String),
    /// A check that was tried and could not run.
    CheckAgain(String),
    Answer(Ask),
    /// An action without a plan since the step was taken.
    Plan(String),
    /// Something only a person can do elsewhere.
    Hand,
    Nothing,
}

/// Says what the step in hand still wants.
pub fn wants(model: &Model) -> Option<Wants> {
    let case = model.case.as_ref()?;
    let step = model.step_in_hand()?;
    let since = taken_at(case, step);
    for call in &step.checks {
        let known = model
            .abilities
            .checks
            .iter()
            .any(|spec| spec.id == call.uses);
        let ran = case
            .incident
            .checks
            .get(&call.uses)
            .is_some_and(|run| run.seq > since);
        if known && !ran {
            return Some(if case.incident.failed_checks.contains_key(&call.uses) {
                Wants::CheckAgain(call.uses.clone())
            } else {
                Wants::Check(call.uses.clone())
            });
        }
    }
    if let Some(ask) = unanswered(case, step) {
        return Some(Wants::Answer(ask.clone()));
    }
    for call in &step.actions {
        let planned = case
            .incident
            .plans
            .iter()
            .any(|record| record.plan.action == call.uses && settled(&record.state));
        if !planned && rows::any_leak(&case.incident) {
            return Some(Wants::Plan(call.uses.clone()));
        }
    }
    let by_tool = !step.checks.is_empty() || !step.asks.is_empty() || !step.actions.is_empty();
    Some(if by_tool { Wants::Nothing } else { Wants::Hand })
}

fn settled(state: &PlanState) -> bool {
    !matches!(state, PlanState::Shown | PlanState::Approved)
}

fn unanswered<'a>(case: &Case, step: &'a Step) -> Option<&'a Ask> {
    step.asks
        .iter()
        .find(|ask| !case.incident.answers.contains_key(&ask.id))
}

fn taken_at(case: &Case, step: &Step) -> u64 {
    match case.incident.steps.get(&step.id) {
        Some(StepState::InHand { seq, .. }) => *seq,
        _ => 0,
    }
}

/// Enter on the map: the next thing, whatever it is.
pub fn go_on(model: &mut Model) -> Vec<Effect> {
    match wants(model) {
        None => begin(model),
        Some(Wants::Check(_)) => run_check(model),
        Some(Wants::CheckAgain(check)) => {
            model.tell(format!(
                "{check} could not run: r runs it again, d records the way by hand, s skips"
            ));
            Vec::new()
        }
        Some(Wants::Answer(ask)) => {
            prompt::put(model, &ask);
            Vec::new()
        }
        Some(Wants::Plan(_)) => super::aim::plan(model),
        Some(Wants::Hand) => by_hand(model),
        Some(Wants::Nothing) => finish(model, None),
    }
}

/// No step in hand: take the first one, or the one under the cursor.
fn begin(model: &mut Model) -> Vec<Effect> {
    let untouched = model
        .incident()
        .is_some_and(|incident| incident.steps.is_empty());
    let first = model
        .case
        .as_ref()
        .and_then(|case| case.playbook.first())
        .map(|step| step.id.clone());
    match first {
        Some(id) if untouched => start_step(model, &id, "the playbook begins here"),
        _ => take(model),
    }
}

/// Takes the step under the cursor in hand.
pub fn take(model: &mut Model) -> Vec<Effect> {
    let id = model.case.as_ref().and_then(|case| {
        let list = model.screen.list()?;
        let steps = rows::steps(case, &list.filter);
        steps.get(list.cursor).map(|(_, step)| step.id.clone())
    });
    match id {
        Some(id) => start_step(model, &id, "taken by hand"),
        None => Vec::new(),
    }
}

fn start_step(model: &mut Model, id: &str, because: &str) -> Vec<Effect> {
    let draft = model
        .case
        .as_ref()
        .and_then(|case| case.playbook.step(id))
        .map(|step| started(step, because));
    match draft {
        Some(draft) => append(model, vec![draft]),
        None => Vec::new(),
    }
}

fn started(step: &Step, because: &str) -> Draft {
    Draft::new(Fact::StepStarted(StepStarted {
        title: step.title.clone(),
        budget_minutes: step.budget_minutes,
        because: because.to_owned(),
    }))
    .at_step(Some(&step.id))
}

/// Opens the next question of the step, or its first one again.
pub fn answer(model: &mut Model) -> Vec<Effect> {
    let ask = model.case.as_ref().and_then(|case| {
        let step = model.step_in_hand()?;
        unanswered(case, step)
            .or_else(|| step.asks.first())
            .cloned()
    });
    if let Some(ask) = ask {
        prompt::put(model, &ask);
    }
    Vec::new()
}

/// Runs the step's next check; the order is written down first.
pub fn run_check(model: &mut Model) -> Vec<Effect> {
    let wanted = match wants(model) {
        Some(Wants::Check(check) | Wants::CheckAgain(check)) => Some(check),
        _ => model
            .step_in_hand()
            .and_then(|step| step.checks.first())
            .map(|call| call.uses.clone()),
    };
    let helpers = model.incident().is_some_and(|incident| incident.helpers);
    match wanted {
        Some(check) => start(model, check, helpers),
        None => Vec::new(),
    }
}

/// Writes the order to run a check; it runs once that is on disk. `helpers`
/// says that a person lets it run functions with effects.
pub fn start(model: &mut Model, check: String, helpers: bool) -> Vec<Effect> {
    let Some(spec) = model.abilities.checks.iter().find(|spec| spec.id == check) else {
        model.tell(format!(
            "{check} is not built in; do it by hand and press d"
        ));
        return Vec::new();
    };
    let reads = spec.reads.to_owned();
    let target = model
        .case
        .as_ref()
        .map(|case| case.target.clone())
        .unwrap_or_default();
    model.start_job(JobKind::Check(check.clone()));
    let draft = Draft::new(Fact::CheckStarted(CheckStarted {
        check,
        target,
        reads,
        helpers,
    }));
    let step = model.step_in_hand().map(|step| step.id.clone());
    append(model, vec![draft.at_step(step.as_deref())])
}

/// Asks for one line about what was done elsewhere.
pub fn by_hand(model: &mut Model) -> Vec<Effect> {
    if let Some(step) = model.step_in_hand().map(|step| step.id.clone()) {
        prompt::open(
            model,
            Purpose::HandNote { step },
            "Done by hand. What did you see or do? (Enter alone is fine)",
        );
    }
    Vec::new()
}

/// Asks why the step is skipped.
pub fn skip(model: &mut Model) -> Vec<Effect> {
    if let Some(step) = model.step_in_hand().map(|step| step.id.clone()) {
        prompt::open(
            model,
            Purpose::SkipReason { step },
            "Why is this step skipped?",
        );
    }
    Vec::new()
}

/// Records the skip and goes where the playbook leads.
pub fn skipped(model: &mut Model, step: &str, reason: String) -> Vec<Effect> {
    let draft = Draft::new(Fact::StepSkipped(StepSkipped { reason })).at_step(Some(step));
    leave(model, step, draft)
}

/// Ends the step in hand. `by_hand` overrides what the record would say.
pub fn finish(model: &mut Model, by_hand: Option<DoneHow>) -> Vec<Effect> {
    let Some(step) = model.step_in_hand().cloned() else {
        return Vec::new();
    };
    let how = by_hand.unwrap_or_else(|| how_done(model, &step));
    let draft = Draft::new(Fact::StepDone(StepDone { how })).at_step(Some(&step.id));
    leave(model, &step.id, draft)
}

fn how_done(model: &Model, step: &Step) -> DoneHow {
    let Some(case) = &model.case else {
        return DoneHow::Manual;
    };
    let since = taken_at(case, step);
    let checked = step.checks.iter().any(|call| {
        let run = case.incident.checks.get(&call.uses);
        run.is_some_and(|run| run.seq > since)
    });
    let acted = step.actions.iter().any(|call| {
        let mut plans = case.incident.plans.iter();
        plans.any(|record| {
            record.plan.action == call.uses && matches!(record.state, PlanState::Applied)
        })
    });
    if checked || acted {
        DoneHow::Tool
    } else if step.asks.is_empty() {
        DoneHow::Manual
    } else {
        DoneHow::Answered
    }
}

/// Writes the end of a step and the start of the next in one go.
fn leave(model: &mut Model, id: &str, ending: Draft) -> Vec<Effect> {
    let mut drafts = vec![ending];
    let next = model.case.as_ref().and_then(|case| {
        let routed = case.playbook.step(id)?.next.route(&case.incident);
        match routed.to {
            Destination::Step(next) => case
                .playbook
                .step(&next)
                .map(|step| started(step, &routed.because)),
            Destination::End => None,
        }
    });
    match next {
        Some(draft) => drafts.push(draft),
        None => {
            model.tell("the playbook ends here; close the incident with C when nothing is open");
        }
    }
    append(model, drafts)
}

/// Follows the step in hand with the map's cursor.
pub fn follow(model: &mut Model) {
    if matches!(model.screen, Screen::Map(_)) {
        model.screen = Screen::Map(super::navigate::in_hand_view(model));
    }
}

/// Makes sure a prompt of a step that is gone does not stay open.
pub fn drop_stale_prompt(model: &mut Model) {
    use crate::app::screen::Overlay;
    let in_hand = model
        .incident()
        .and_then(|incident| incident.in_hand.clone());
    if let Some(Overlay::Prompt(Prompt {
        purpose: Purpose::HandNote { step } | Purpose::SkipReason { step },
        ..
    })) = &model.overlay
        && in_hand.as_deref() != Some(step.as_str())
    {
        model.overlay = None;
    }
}
