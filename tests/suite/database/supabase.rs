//! A Supabase-shaped schema: leaks beside safe look-alikes.

use super::{api_roles, before_15, check, labelled};
use crate::support::lab::lab_blocking;

/// Leaks and look-alikes with their rows, for the roles of an API.
pub const SCHEMA: &str = include_str!("../../fixtures/supabase.sql");

#[test]
pub fn every_leak_is_named_and_every_look_alike_left_alone() {
    let lab = lab_blocking();
    api_roles(&lab);
    lab.exec_blocking(&before_15(&lab, SCHEMA));
    let answer = check(&lab, "postgres");
    let missed: Vec<String> = labelled(&lab, "leak")
        .into_iter()
        .filter(|name| answer.about(name).is_empty())
        .collect();
    let accused: Vec<_> = labelled(&lab, "safe")
        .into_iter()
        .flat_map(|name| answer.about(&name).into_iter().cloned().collect::<Vec<_>>())
        .collect();
    let unproven: Vec<String> = labelled(&lab, "leak")
        .into_iter()
        .filter(|name| !answer.confirmed(name))
        .collect();
    assert!(missed.is_empty(), "missed {missed:#?}");
    assert!(accused.is_empty(), "accused {accused:#?}");
    // No read can show these: a user nobody has, a function that is never
    // called.
    let unshown = ["public.leak_literal", "public.leak_search"];
    assert_eq!(unproven, unshown);
    assert_eq!(answer.code, 1);
}
