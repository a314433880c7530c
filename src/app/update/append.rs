//! The one door through which lines leave for the disk.

use crate::app::effect::Effect;
use crate::app::model::{JournalState, Model};
use crate::domain::entry::Draft;

/// Orders lines to be written and marks the journal as busy. Returns nothing
/// to do when there is nothing to say.
pub fn append(model: &mut Model, drafts: Vec<Draft>) -> Vec<Effect> {
    let Some(case) = model.case.as_mut().filter(|_| !drafts.is_empty()) else {
        return Vec::new();
    };
    case.journal = match &case.journal {
        JournalState::Safe => JournalState::Writing { orders: 1 },
        JournalState::Writing { orders } => JournalState::Writing { orders: orders + 1 },
        // Nothing may be said to be under way that can't reach the disk.
        JournalState::Blocked { .. } | JournalState::ReadOnly { .. } => return Vec::new(),
    };
    vec![Effect::Append(drafts)]
}

/// Like [`append`], with every line tied to the step in hand.
pub fn append_here(model: &mut Model, drafts: Vec<Draft>) -> Vec<Effect> {
    let step = model
        .incident()
        .and_then(|incident| incident.in_hand.clone());
    let drafts = drafts
        .into_iter()
        .map(|draft| draft.at_step(step.as_deref()))
        .collect();
    append(model, drafts)
}
