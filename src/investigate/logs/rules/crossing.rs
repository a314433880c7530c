//! R2: one principal reads other tenants since the release.

use super::claim::{Claim, Ground};
use super::enumeration::{FAR, NO_CHANCE, set_times};
use super::index::Index;
use super::office::{grew, widened};
use super::person::Person;
use super::phrase::{about, chance, fact, few, many, name, noun, when};
use super::stats::robust_z;
use crate::domain::finding::{Confidence, RootCause, Severity};
use crate::investigate::logs::event::WhoKind;
use crate::investigate::logs::gather::aggregates::Period;
use std::collections::HashMap;

/// More tenants than before, so many at least.
const MORE: u64 = 3;

pub(super) fn judge(index: &Index<'_>) -> Vec<Claim> {
    if !index.span.has_before() {
        return Vec::new();
    }
    let roles = roles(index);
    index
        .ones()
        .filter(|person| !person.is_global && !is_of_all(&roles, person))
        .filter_map(|person| one(index, person))
        .collect()
}

/// Of each role, how many did something since the release, and of how many
/// the tenants rose.
type Roles<'a> = HashMap<(WhoKind, &'a str), (usize, usize)>;

fn roles<'a>(index: &Index<'a>) -> Roles<'a> {
    let mut roles = Roles::new();
    for person in index.ones().filter(|person| person.after.requests > 0) {
        let (all, rising) = roles.entry((person.who_kind(), person.role)).or_default();
        *all += 1;
        *rising += usize::from(rises(person));
    }
    roles
}

/// Tenants before and after: those of others, where its own are a fact.
fn counts(person: &Person<'_>) -> (u64, u64) {
    let (saw, sees) = (&person.saw, &person.sees);
    if person.origin.is_fact() {
        (
            saw.foreign_tenants.len() as u64,
            sees.foreign_tenants.len() as u64,
        )
    } else {
        (saw.tenants.len() as u64, sees.tenants.len() as u64)
    }
}

fn rises(person: &Person<'_>) -> bool {
    let (had, has) = counts(person);
    has >= had + MORE.max(3 * (had + 1))
}

/// Whether most of its role do the same since: then it is no matter of one.
fn is_of_all(roles: &Roles<'_>, person: &Person<'_>) -> bool {
    if person.origin.is_fact() {
        return false;
    }
    let role = roles.get(&(person.who_kind(), person.role));
    let (mut others, mut so) = role.copied().unwrap_or_default();
    if person.after.requests > 0 {
        others -= 1;
        so -= usize::from(rises(person));
    }
    others >= 4 && so * 2 >= others
}

fn one(index: &Index<'_>, person: &Person<'_>) -> Option<Claim> {
    let (had, has) = counts(person);
    if !rises(person) {
        return None;
    }
    let rise = grew(had, person.before.ok, has, person.after.ok);
    let others = index.cohort(person, |other| counts(other).1);
    let far = robust_z(has, &others);
    let known = person.origin.is_fact();
    // Somebody without a past is compared with others alone.
    let changed =
        widened(had, person.before.ok, has) || (person.before.ok >= 5 && rise < NO_CHANCE);
    if !(known || changed || (!others.is_empty() && far > FAR)) {
        return None;
    }
    let sees = &person.sees;
    let mut claim = about("R2", person, person.volume_of(Period::After, &sees.kinds));
    set_times(&mut claim, sees);
    let objects = sees.foreign.filter(|_| known).unwrap_or(sees.objects);
    let whose = if known { "not its own" } else { "in all" };
    claim.title = format!(
        "{} reads {} {whose} since the release, {had} before: {}, {}",
        name(person),
        many(has, "tenant"),
        many(objects, noun(&sees.kinds)),
        when(&index.span, claim.first, claim.last)
    );
    claim.exact = sees.exact;
    claim.objects = objects;
    claim.tenants = has;
    claim.causes = vec![RootCause::R1, RootCause::R4];
    claim.hint = "see what the release changed in how these routes choose tenants".into();
    if known {
        claim.confidence = Confidence::Confirmed;
        claim.ground = Ground::Authorisation;
        claim
            .evidence
            .push(fact("its own tenants", few(person.own.iter().copied())));
    }
    claim.evidence.push(fact(
        "requests answered before and after",
        format!("{} and {}", person.before.ok, person.after.ok),
    ));
    if rise < 0.0 {
        claim
            .evidence
            .push(fact("chance of the rise", chance(rise)));
    }
    if !others.is_empty() {
        claim
            .evidence
            .push(fact("distance from others alike", format!("{far:.1}")));
    }
    claim.severity = if known && objects >= 5 {
        Severity::Critical
    } else {
        Severity::High
    };
    Some(claim)
}
