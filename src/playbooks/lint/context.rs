//! What every rule of the lint looks at: the draft with its places, what is
//! registered, and the day.

use super::super::abilities::Abilities;
use super::super::draft::{Draft, PhasePlaces, StepPlaces};
use crate::domain::playbook::{Phase, Step};
use chrono::NaiveDate;

/// What every rule looks at.
pub struct Lint<'a> {
    pub draft: &'a Draft,
    pub abilities: &'a Abilities,
    /// The day reviews and drills are held against.
    pub today: NaiveDate,
}

impl<'a> Lint<'a> {
    /// Every phase with its places, in document order.
    pub fn phases(&self) -> impl Iterator<Item = (&'a Phase, &'a PhasePlaces)> {
        let draft = self.draft;
        draft.playbook.phases.iter().zip(&draft.places.phases)
    }

    /// Every step with its places, in document order.
    pub fn steps(&self) -> impl Iterator<Item = (&'a Step, &'a StepPlaces)> {
        self.phases()
            .flat_map(|(phase, places)| phase.steps.iter().zip(&places.steps))
    }
}
