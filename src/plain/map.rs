//! The playbook as lines: the step in hand and what comes next.

use super::line::{clock, indented, safe};
use crate::app::model::{Case, Model};
use crate::app::update::{Wants, wants};
use crate::domain::incident::StepState;
use crate::domain::playbook::Step;

/// The map screen: progress, warnings, the step in hand, what Enter does.
pub fn map(model: &Model, case: &Case) -> Vec<String> {
    let mut lines = Vec::new();
    let total = case.playbook.steps().count();
    let ended = case
        .incident
        .steps
        .values()
        .filter(|state| !matches!(state, StepState::InHand { .. }))
        .count();
    lines.push(safe(&format!(
        "{}: {ended} of {total} steps ended",
        case.playbook.title
    )));
    lines.extend(
        case.warnings
            .iter()
            .map(|warning| format!("Warning: {}", safe(warning))),
    );
    match model.step_in_hand() {
        Some(step) => lines.extend(step_lines(model, case, step)),
        None => lines.push("No step is in hand.".to_owned()),
    }
    lines.push(format!("Next: {}", next(model)));
    lines
}

fn step_lines(model: &Model, case: &Case, step: &Step) -> Vec<String> {
    let spent = match case.incident.steps.get(&step.id) {
        Some(StepState::InHand { since, .. }) => (model.now - *since).num_seconds(),
        _ => 0,
    };
    let mut lines = vec![
        safe(&format!("Step {}: {}", step.id, step.title)),
        indented(&format!("goal: {}", step.goal)),
        indented(&format!(
            "owner: {}; time {} of {:02}:00",
            step.owner.word(),
            clock(spent),
            step.budget_minutes
        )),
    ];
    lines.extend(step.prose.iter().map(|line| indented(line)));
    for ask in &step.asks {
        let answer = case
            .incident
            .answers
            .get(&ask.id)
            .map_or("open", String::as_str);
        lines.push(indented(&format!(
            "question {}: {} ({answer})",
            ask.id, ask.text
        )));
    }
    for call in &step.checks {
        lines.push(indented(&format!(
            "check {}: {}",
            call.uses,
            check_state(case, &call.uses)
        )));
    }
    for call in &step.actions {
        lines.push(indented(&format!("action {}", call.uses)));
    }
    if !step.hand.is_empty() {
        lines.push(indented("by hand:"));
        lines.extend(step.hand.iter().map(|line| format!("  {}", indented(line))));
    }
    lines
}

fn check_state(case: &Case, check: &str) -> String {
    if let Some(failure) = case.incident.failed_checks.get(check) {
        return format!("could not run: {}", failure.why);
    }
    match case.incident.checks.get(check) {
        None => "has not run".to_owned(),
        Some(run) => {
            let counts: Vec<String> = run
                .fields
                .iter()
                .map(|(field, n)| format!("{field} {n}"))
                .collect();
            let gaps = run.coverage.could_not.len();
            format!("{}; {gaps} not looked at", counts.join(", "))
        }
    }
}

fn next(model: &Model) -> String {
    match wants(model) {
        None => "go takes the next step in hand".to_owned(),
        Some(Wants::Check(check)) => format!("go runs {check} (reads only)"),
        Some(Wants::CheckAgain(check)) => {
            format!("run tries {check} again; done records the way by hand")
        }
        Some(Wants::Answer(ask)) => format!("go asks {}", safe(&ask.id)),
        Some(Wants::Plan(action)) => {
            format!("go plans {action}; nothing changes before you approve")
        }
        Some(Wants::Hand) => "do it by hand, then go records it as manual".to_owned(),
        Some(Wants::Nothing) => "go ends this step and takes the next".to_owned(),
    }
}
