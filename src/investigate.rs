//! Everything that only reads: what is exposed, to whom, since when.
//!
//! Each kind of source has a registry file here and a folder of the same
//! name; a check is added to its registry. This file lists them all.

pub mod check;
pub mod database;
pub mod logs;
pub mod page;
pub mod pages;

use crate::domain::check::CheckSpec;
use check::Check;

/// Every check a playbook can name.
pub fn checks() -> impl Iterator<Item = &'static dyn Check> {
    database::CHECKS
        .iter()
        .copied()
        .chain(logs::check::CHECKS.iter().copied())
}

/// What every check is, for playbooks and screens.
pub fn specs() -> Vec<CheckSpec> {
    checks().map(|check| *check.spec()).collect()
}

/// The check of that id.
pub fn find(id: &str) -> Option<&'static dyn Check> {
    checks().find(|check| check.spec().id == id)
}
