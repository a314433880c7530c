//! A playbook as far as it could be read, with the place of every part.
//!
//! The lint works on this, so it can speak of a file that is half wrong. A
//! part that could not be read has no place (`None`) and is passed over, so
//! that one mistake is told once.

use super::expression::Compared;
use super::source::Span;
use crate::domain::playbook::Playbook;

/// The playbook with places; `places.phases[i].steps[j]` belongs to
/// `playbook.phases[i].steps[j]`, and so on down.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Parts that could not be read hold empty values.
    pub playbook: Playbook,
    /// Minutes for the first phases together.
    pub budget_minutes: u32,
    pub places: Places,
}

/// Places of the front matter and all phases.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// `None` when the front matter could not be read.
    pub front: Option<FrontPlaces>,
    pub phases: Vec<PhasePlaces>,
}

/// Places of the front matter's values.
#[derive(Debug, Clone, Default)]
pub struct FrontPlaces {
    pub id: Span,
    pub reviewed: Option<Span>,
    pub drilled: Option<Span>,
    pub budget: Option<Span>,
}

/// Places of a phase.
#[derive(Debug, Clone, Default)]
pub struct PhasePlaces {
    pub id: Span,
    pub budget: Option<Span>,
    pub steps: Vec<StepPlaces>,
}

/// Places of a step.
#[derive(Debug, Clone, Default)]
pub struct StepPlaces {
    pub id: Span,
    /// Where the first line of prose stands.
    pub prose: Option<Span>,
    pub budget: Option<Span>,
    /// The id of each question.
    pub asks: Vec<Span>,
    /// The name of each check.
    pub checks: Vec<Span>,
    /// The name of each action.
    pub actions: Vec<Span>,
    pub next: NextPlaces,
}

/// Places of a step's branches.
#[derive(Debug, Clone, Default)]
pub struct NextPlaces {
    /// The word `next`; `None` when the step has no such fence.
    pub fence: Option<Span>,
    /// Whether the fence was there but could not be read.
    pub unreadable: bool,
    pub rules: Vec<RulePlaces>,
    pub unknown: Option<Span>,
    pub otherwise: Option<Span>,
}

/// Places of one branch.
#[derive(Debug, Clone)]
pub struct RulePlaces {
    pub to: Span,
    /// Every comparison of the condition, placed in the file.
    pub compared: Vec<Compared>,
}
