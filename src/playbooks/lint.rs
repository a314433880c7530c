//! What must hold before a playbook may be run, one rule file a subject.
//!
//! To add a rule: write `fn(&Lint, &mut Vec<Note>)` in the file of its subject
//! (or a new one) and add it to [`RULES`].

mod abilities;
mod budgets;
mod conditions;
mod context;
mod ids;
mod routes;
mod text;

use super::abilities::Abilities;
use super::diagnostic::Note;
use super::draft::Draft;
use chrono::NaiveDate;
use context::Lint;

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
