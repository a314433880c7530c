//! Shapes other people write: odd names, definer chains, volatile helpers,
//! staff gates, shared templates, invitations, user-scoped tables.

use super::{api_roles, check, labelled};
use crate::support::lab::lab_blocking;

/// Leaks and look-alikes with their rows, for the roles of an API.
pub const SCHEMA: &str = include_str!("../../fixtures/foreign.sql");

#[test]
pub fn odd_leaks_are_named_and_odd_look_alikes_left_alone() {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(SCHEMA);
    let answer = check(&lab, "postgres");
    let missed: Vec<String> = labelled(&lab, "leak")
        .into_iter()
        .filter(|name| answer.about(name).is_empty())
        .collect();
    let accused: Vec<String> = labelled(&lab, "safe")
        .into_iter()
        .flat_map(|name| {
            answer
                .about(&name)
                .into_iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(missed.is_empty(), "missed {missed:#?}");
    assert!(accused.is_empty(), "accused {accused:#?}");
}
