//! What must hold before a playbook may be run, one rule file a subject.
//!
//! To add a rule: write `fn(&Lint, &mut Vec<Note>)` in the file of its subject
//! (or a new one) and add it to [`RULES`].

mod abilities;
mod budgets;
mod conditions;
mod ids;
mod routes;
mod text;

use super::Abilities;
use super::diagnostic::Note;
use super::draft::{Draft, PhasePlaces, StepPlaces};
use crate::domain::playbook::{Phase, Step};
use chrono::NaiveDate;

/// What every rule looks at.
struct Lint<'a> {
    draft: &'a Draft,
    abilities: &'a Abilities,
    today: NaiveDate,
}

impl<'a> Lint<'a> {
    fn phases(&self) -> impl Iterator<Item = (&'a Phase, &'a PhasePlaces)> {
        let draft = self.draft;
        draft.playbook.phases.iter().zip(&draft.places.phases)
    }

    fn steps(&self) -> impl Iterator<Item = (&'a Step, &'a StepPlaces)> {
        self.phases()
            .flat_map(|(phase, places)| phase.steps.iter().zip(&places.steps))
    }
}

const RULES: &[fn(&Lint<'_>, &mut Vec<Note>)] = &[
    ids::unique_and_shaped,
    routes::known,
    routes::every_outcome,
    routes::reachable,
    routes::no_dead_end,
    abilities::registered,
    abilities::by_hand,
    conditions::comparisons,
    budgets::steps_fit,
    budgets::phases_add_up,
    text::instruction,
    text::fresh,
];

/// Runs every rule.
pub fn notes(draft: &Draft, abilities: &Abilities, today: NaiveDate) -> Vec<Note> {
    let lint = Lint {
        draft,
        abilities,
        today,
    };
    let mut notes = Vec::new();
    for rule in RULES {
        rule(&lint, &mut notes);
    }
    notes
}
