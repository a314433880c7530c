//! What a playbook may name. The registries live in other rooms; their specs
//! are handed in, so this room needs to know none of them.

use crate::domain::action::ActionSpec;
use crate::domain::check::CheckSpec;

/// What a playbook may name: the registered checks and actions.
#[derive(Debug, Clone, Default)]
pub struct Abilities {
    pub checks: Vec<CheckSpec>,
    pub actions: Vec<ActionSpec>,
}
