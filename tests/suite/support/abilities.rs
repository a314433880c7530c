//! The checks and actions a playbook may name: those the program registers,
//! so that no test passes on a name the program has lost.

use firsthour::playbooks::Abilities;
use firsthour::runtime::setup::Setup;

/// What a session hands to the lint.
pub fn abilities() -> Abilities {
    Setup::playbook_abilities()
}
