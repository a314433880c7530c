//! Containment deeds: the plan and what came back. The recorded yes to a plan
//! is [`super::approval::Approval`].
//!
//! Nothing here undoes itself. An undo is another [`Plan`] with its own
//! approval, built from the statements recorded before the first one ran.

use super::digest::Digest;
use super::exposure::Cell;
use super::failure::Failure;
use super::finding::{Evidence, Subject};
use serde::{Deserialize, Serialize};

/// An action a playbook can offer, as its registry describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActionSpec {
    /// The stable id playbooks name, such as `restrict.revoke`.
    pub id: &'static str,
    pub title: &'static str,
    /// What it locks or interrupts, told in every plan.
    pub locks: &'static str,
}

/// One statement of a plan with the reason it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub sql: String,
    pub why: String,
}

/// The exact preview of an action, with the before-state and the way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub action: String,
    /// The named environment it would change.
    pub target: String,
    pub subject: Subject,
    /// What a person must type to approve it.
    pub confirm: String,
    pub statements: Vec<Statement>,
    /// Statements that restore the before-state.
    pub undo: Vec<Statement>,
    /// The before-state: shapes and grants, no values.
    pub before: Vec<Evidence>,
    /// The cells as probed before the change; the proof compares with these.
    pub cells: Vec<Cell>,
    /// Who loses access; of an undo, who gets it back.
    pub affects: Vec<String>,
    pub locks: String,
    /// How it will be shown that it took effect.
    pub proof: String,
    /// The containment this plan lifts, by its plan digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Digest>,
}

impl Plan {
    /// The digest an approval must name. Two plans with the same digest run
    /// the same statements against the same target.
    pub fn digest(&self) -> Digest {
        // Serialising plain strings cannot fail; an empty image would only
        // make approval impossible, never wrong.
        Digest::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// What came back from applying a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Every statement was acknowledged.
    Applied,
    /// Nothing was changed.
    Failed(Failure),
    /// The reply was lost: it may or may not have happened. Re-read, never
    /// blindly retry.
    Unknown(Failure),
}

/// The probe that shows whether an action took effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// `Some(true)` holds, `Some(false)` does not, `None` could not be shown.
    pub holds: Option<bool>,
    /// One sentence: what was probed and what it showed.
    pub text: String,
    pub cells: Vec<Cell>,
}
