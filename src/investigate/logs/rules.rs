//! The rules of the log check: what in the tables speaks of a leak.
//!
//! To add one: a file in `rules/` and one row, in [`RULES`] for a function
//! from a [`Case`] to claims, in `PEOPLE` for one that needs the principals
//! brought together first. A rule reads tables alone.

mod bulk;
mod cached;
pub mod claim;
mod crossing;
mod direct;
mod enumeration;
pub mod fold;
mod index;
pub mod judge;
mod kinds;
mod mismatch;
mod office;
mod oversize;
mod person;
mod phrase;
mod refusals;
#[cfg(test)]
mod scene;
mod sizes;
mod span;
mod spilled;
mod stats;
mod tenants;
#[cfg(test)]
mod tests;
mod unexpected;
mod waves;
mod wide;

use claim::{Case, Claim};
use index::Index;

/// A rule as the registry knows it.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// `R1` to `R12`, as JSON has it.
    pub id: &'static str,
    pub title: &'static str,
    pub judge: fn(&Case<'_>) -> Vec<Claim>,
}

/// A rule that needs the principals brought together.
#[derive(Debug, Clone, Copy)]
struct Personal {
    judge: fn(&Index<'_>) -> Vec<Claim>,
}

/// The rules on tables.
pub const RULES: &[Rule] = &[
    Rule {
        id: "R5",
        title: "A statement reads a tenant table without its tenant",
        judge: wide::judge,
    },
    Rule {
        id: "R10",
        title: "The logs hold secrets or personal data",
        judge: spilled::judge,
    },
];

/// The rules on principals and routes, R1 to R4, R6 to R9, R11 and R12.
const PEOPLE: &[Personal] = &[
    Personal {
        judge: enumeration::judge,
    },
    Personal {
        judge: crossing::judge,
    },
    Personal { judge: bulk::judge },
    Personal {
        judge: oversize::judge,
    },
    Personal {
        judge: mismatch::judge,
    },
    Personal {
        judge: unexpected::judge,
    },
    Personal {
        judge: refusals::judge,
    },
    Personal {
        judge: cached::judge,
    },
    Personal {
        judge: cached::bypassed,
    },
    Personal {
        judge: direct::judge,
    },
];

/// What all rules say, the gravest first; of several claims about one story
/// the lesser ones come last and say what they are part of.
pub fn claims(case: &Case<'_>) -> Vec<Claim> {
    let index = Index::of(case);
    let mut claims: Vec<Claim> = RULES.iter().flat_map(|rule| (rule.judge)(case)).collect();
    claims.extend(PEOPLE.iter().flat_map(|rule| (rule.judge)(&index)));
    fold::fold(claims, &index)
}
