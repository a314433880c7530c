//! Minutes: steps fit their phase, first phases fill the playbook's budget.

use super::super::diagnostic::{Code, Note};
use super::Lint;

pub fn steps_fit(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    for (phase, places) in lint.phases() {
        let Some(span) = places.budget else {
            continue;
        };
        let sum = phase
            .steps
            .iter()
            .fold(0_u32, |sum, step| sum.saturating_add(step.budget_minutes));
        if sum > phase.budget_minutes {
            let message = format!(
                "the steps of phase {} take {sum} minutes, its budget is {}",
                phase.id, phase.budget_minutes
            );
            let note = Note::new(Code::StepBudget, span, message);
            notes.push(note.help("raise the phase's budget or shorten its steps"));
        }
    }
}

/// The phases from the first on must reach the playbook's budget exactly;
/// those after it run on their own time.
pub fn phases_add_up(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    let budget = lint.draft.budget_minutes;
    let span = lint.draft.places.front.as_ref().and_then(|f| f.budget);
    let Some(span) = span.filter(|_| lint.phases().all(|(_, p)| p.budget.is_some())) else {
        return;
    };
    let mut sum = 0_u32;
    let mut near = None;
    for (phase, _) in lint.phases() {
        sum = sum.saturating_add(phase.budget_minutes);
        if sum == budget {
            return;
        }
        if sum > budget {
            near = Some(&phase.id);
            break;
        }
    }
    let message = match near {
        Some(id) => format!("up to phase {id} the budgets make {sum} minutes, not {budget}"),
        None => format!("all phases together make {sum} minutes, not {budget}"),
    };
    let note = Note::new(Code::PhaseBudget, span, message);
    notes.push(note.help("the first phases must add up to exactly this; later ones come on top"));
}
