//! The rules of the log check: what in the tables speaks of a leak.
//!
//! To add one: a file in `rules/` with a function from a [`Case`] to claims,
//! and one row in [`RULES`]. A rule reads tables alone.

pub mod claim;
mod enumeration;
pub mod judge;
mod spilled;

use claim::{Case, Claim};

/// A rule as the registry knows it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// `R1` to `R12`, as JSON has it.
    pub id: &'static str,
    pub title: &'static str,
    pub judge: fn(&Case<'_>) -> Vec<Claim>,
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule {
        id: "R1",
        title: "One principal read many foreign objects",
        judge: enumeration::judge,
    },
    Rule {
        id: "R10",
        title: "The logs hold secrets or personal data",
        judge: spilled::judge,
    },
];

/// What all rules say, the gravest first.
pub fn claims(case: &Case<'_>) -> Vec<Claim> {
    let mut claims: Vec<Claim> = RULES.iter().flat_map(|rule| (rule.judge)(case)).collect();
    claims.sort_by(|one, other| {
        other
            .rank()
            .cmp(&one.rank())
            .then_with(|| (one.rule, &one.subject).cmp(&(other.rule, &other.subject)))
    });
    claims
}
