//! The checks and actions a playbook may name, as registered today.

use firsthour::domain::action::ActionSpec;
use firsthour::domain::check::CheckSpec;
use firsthour::playbooks::Abilities;

const fn check(id: &'static str, fields: &'static [&'static str]) -> CheckSpec {
    CheckSpec {
        id,
        title: "",
        reads: "",
        fields,
    }
}

/// The three database checks and the one action.
pub fn abilities() -> Abilities {
    Abilities {
        checks: vec![
            check("database.catalogue", &["relations", "sensitive"]),
            check("database.policies", &["confirmed", "suspected"]),
            check(
                "database.reach",
                &["foreign", "undecided", "cells", "principals"],
            ),
        ],
        actions: vec![ActionSpec {
            id: "restrict.revoke",
            title: "",
            locks: "",
        }],
    }
}
