//! Who reads what belongs to others by office: superadmins, global support,
//! syncs. Their reading is told only when it changes.
//!
//! A name alone is weak, so conduct comes first: who read foreign data before
//! the release as much as after it, or whose role did.

use super::person::{Origin, Person};
use super::stats::{poisson_upper, real};
use crate::investigate::logs::event::WhoKind;
use std::collections::{BTreeMap, BTreeSet};

/// Words in the names of roles that stand above tenants.
const ABOVE: [&str; 12] = [
    "superadmin",
    "super_admin",
    "super-admin",
    "superuser",
    "root",
    "platform",
    "global",
    "system",
    "service",
    "billing",
    "sync",
    "staff",
];

/// People of a role that show what it is for.
const ROLE: u64 = 5;
/// Foreign tenants that show an office when read before the release.
const OFFICE: usize = 3;

/// Whether a role's name says that it stands above tenants.
pub fn is_above(role: &str) -> bool {
    let role = role.to_lowercase();
    ABOVE.iter().any(|word| role.contains(word))
}

/// Whether so much more than before, for as many more requests, is no chance.
pub fn grew(before: u64, asked_before: u64, after: u64, asked_after: u64) -> f64 {
    let rate = (real(before) + 0.5) / (real(asked_before) + 1.0);
    let expected = real(asked_after) * rate;
    if real(after) < 3.0 * expected {
        return 0.0;
    }
    poisson_upper(real(after), expected)
}

/// Whether somebody's circle of tenants was settled before, each of them asked
/// for several times, and is wider now.
pub const fn widened(had: u64, asked_before: u64, has: u64) -> bool {
    let known = if had == 0 { 1 } else { had };
    asked_before >= 8 * known && has >= had + 3
}

/// Marks the people of such offices.
pub fn mark(people: &mut [Person<'_>], has_before: bool) {
    let by_conduct: Vec<bool> = people.iter().map(did_before).collect();
    let mut roles: BTreeMap<(WhoKind, &str), (u64, u64)> = BTreeMap::new();
    for (person, did) in people.iter().zip(&by_conduct) {
        if person.has_past() && person.saw.objects > 0 {
            let (all, doing) = roles.entry((person.who_kind(), person.role)).or_default();
            *all += 1;
            *doing += u64::from(*did);
        }
    }
    let named = |wanted: fn(u64, u64) -> bool| -> BTreeSet<(WhoKind, String)> {
        roles
            .iter()
            .filter(|((_, role), (all, doing))| !role.is_empty() && wanted(*all, *doing))
            .map(|((kind, role), _)| (*kind, (*role).to_owned()))
            .collect()
    };
    let offices = named(|all, doing| doing >= 2 && doing * 2 >= all);
    // Several of a role may share a duty that no file names; one cannot.
    let lone = named(|all, doing| doing == 1 && all >= ROLE);
    let crowds = if has_before {
        BTreeSet::new()
    } else {
        crowds(people)
    };
    for (person, did) in people.iter_mut().zip(by_conduct) {
        let key = (person.who_kind(), person.role.to_owned());
        let by_file = ["*", "all", "any"]
            .iter()
            .any(|all| person.own.contains(all));
        let by_name = is_above(person.role) && person.after.ok > 0 && !steps_out(person);
        let by_office = by_file || by_name || offices.contains(&key) || crowds.contains(&key);
        person.is_global = did || by_office;
        person.is_habit = did && !by_office;
        person.is_lone = person.is_habit && person.origin == Origin::File && lone.contains(&key);
    }
}

/// A name does not cover what its bearer did not do before.
fn steps_out(person: &Person<'_>) -> bool {
    person.before.ok >= 20
        && person.saw.objects >= 5
        && person.saw.foreign_tenants.is_empty()
        && person.origin.is_fact()
}

/// Whether it read foreign data before as much as after.
fn did_before(person: &Person<'_>) -> bool {
    let (before, after) = (&person.saw, &person.sees);
    if !person.origin.is_fact() || before.foreign_tenants.len() < OFFICE {
        return false;
    }
    let (was, is) = (
        before
            .foreign
            .unwrap_or(before.foreign_tenants.len() as u64),
        after.foreign.unwrap_or(after.foreign_tenants.len() as u64),
    );
    grew(was, person.before.ok, is, person.after.ok) > -6.0
}

/// Without a release to compare with, roles most of whose members read what is
/// foreign: an office, or a hole open to all of them.
fn crowds(people: &[Person<'_>]) -> BTreeSet<(WhoKind, String)> {
    let mut roles: BTreeMap<(WhoKind, &str), (u64, u64)> = BTreeMap::new();
    for person in people.iter().filter(|person| person.is_one()) {
        if person.sees.objects > 0 && person.origin.is_fact() {
            let (all, doing) = roles.entry((person.who_kind(), person.role)).or_default();
            *all += 1;
            *doing += u64::from(person.sees.foreign_tenants.len() >= OFFICE);
        }
    }
    roles
        .into_iter()
        .filter(|((_, role), (all, doing))| !role.is_empty() && *doing >= 2 && doing * 2 >= *all)
        .map(|((kind, role), _)| (kind, role.to_owned()))
        .collect()
}
