//! R1: one principal read many objects that are not its own, or went through
//! ids as nobody else does.

use super::claim::{Claim, Ground};
use super::index::Index;
use super::office::{grew, is_above, widened};
use super::person::{Person, Sight};
use super::phrase::{about, chance, fact, many, name, noun, percent, when};
use super::stats::{Walk, median, real, robust_z};
use crate::domain::finding::{Confidence, RootCause, Severity, SubjectKind};
use crate::investigate::logs::event::WhoKind;
use crate::investigate::logs::gather::aggregates::Period;
use std::collections::BTreeMap;

/// Foreign objects that are no accident any more.
const FOREIGN: u64 = 5;
/// Objects that are many where nothing says whose they are.
const MANY: u64 = 20;
const VERY_MANY: u64 = 100;
/// How far above others, see [`robust_z`].
pub(super) const FAR: f64 = 6.0;
/// log10 of a chance that is none.
pub(super) const NO_CHANCE: f64 = -6.0;

pub(super) fn judge(index: &Index<'_>) -> Vec<Claim> {
    let mut claims: Vec<Claim> = index
        .ones()
        .filter_map(|person| {
            foreign(index, person)
                .or_else(|| spread(index, person))
                .or_else(|| sweep(index, person))
        })
        .collect();
    claims.extend(crowds(index));
    claims
}

/// Objects of tenants that are not its own.
fn foreign(index: &Index<'_>, person: &Person<'_>) -> Option<Claim> {
    if !person.origin.is_fact() || (person.is_global && !person.is_habit) {
        return None;
    }
    let sees = &person.sees;
    let objects = match sees.foreign {
        Some(foreign) => foreign,
        // The logs name tenants, not whose each object is: all are counted.
        None if !sees.foreign_tenants.is_empty() => sees.objects,
        None => 0,
    };
    let tenants = sees.foreign_tenants.len() as u64;
    if objects < FOREIGN || tenants == 0 || (sees.foreign.is_none() && tenants < 3) {
        return None;
    }
    let mut claim = begun(index, person);
    let what = if sees.foreign.is_some() {
        format!(
            "{} of {} not its own",
            many(objects, noun(&sees.kinds)),
            many(tenants, "tenant")
        )
    } else {
        format!(
            "{}, of {} not its own and of others",
            many(objects, noun(&sees.kinds)),
            many(tenants, "tenant")
        )
    };
    claim.title = titled(index, person, &claim, &what);
    claim.severity = Severity::Critical;
    claim.confidence = Confidence::Confirmed;
    claim.ground = Ground::Authorisation;
    claim.objects = objects;
    claim.tenants = tenants;
    if person.is_habit {
        habitual(&mut claim, person);
    }
    let before = person.saw.foreign.unwrap_or(0);
    if index.span.has_before() {
        claim.evidence.push(fact(
            "before the release",
            format!(
                "{before} foreign objects of {} tenants",
                person.saw.foreign_tenants.len()
            ),
        ));
    }
    Some(claim)
}

/// What went on before the release too.
fn habitual(claim: &mut Claim, person: &Person<'_>) {
    claim.confidence = Confidence::Suspected;
    claim.title.push_str(", as it did before the release");
    claim.hint = "ask whether it is meant to read all tenants; if not, it began earlier".into();
    if person.is_lone {
        // The file says otherwise, and nobody of its role does it.
        claim.severity = Severity::High;
        claim.evidence.push(fact(
            "others of its role",
            "none reads what is not its own: an older hole rather than a duty",
        ));
    } else {
        // It may be meant to: no file says so, and none says otherwise.
        claim.severity = Severity::Low;
        claim.ground = Ground::Pattern;
    }
}

/// Many tenants where it had few before, its own not being known as a fact.
fn spread(index: &Index<'_>, person: &Person<'_>) -> Option<Claim> {
    let (saw, sees) = (&person.saw, &person.sees);
    let tenants = sees.tenants.len() as u64;
    if person.is_global || person.origin.is_fact() || sees.objects < MANY || tenants < 4 {
        return None;
    }
    let others = index.cohort(person, |other| other.sees.tenants.len() as u64);
    let middle = median(others.iter().map(|count| real(*count)).collect());
    if real(tenants) < 3.0 * middle {
        return None;
    }
    let had = saw.tenants.len() as u64;
    let far = robust_z(tenants, &others);
    let changed = index.span.has_before()
        && person.has_past()
        && tenants >= had + 3
        && (widened(had, person.before.ok, tenants)
            || grew(had, person.before.ok, tenants, person.after.ok) < NO_CHANCE);
    let stands_out = !others.is_empty() && far > FAR && !(person.has_past() && had * 2 >= tenants);
    if !(changed || stands_out) {
        return None;
    }
    let mut claim = begun(index, person);
    let objects = many(sees.objects, noun(&sees.kinds));
    let what = format!("{objects} of {}", many(tenants, "tenant"));
    claim.title = titled(index, person, &claim, &what);
    claim.severity = Severity::High;
    claim.ground = if changed {
        Ground::Change
    } else {
        Ground::Outlier
    };
    claim.objects = sees.objects;
    claim.tenants = tenants;
    claim.evidence.push(fact(
        "tenants before",
        if index.span.release.is_some() {
            had.to_string()
        } else {
            "not known: no release time".to_owned()
        },
    ));
    if !others.is_empty() {
        claim
            .evidence
            .push(fact("tenants of others alike, in the middle", middle));
    }
    Some(claim)
}

/// Many objects in order or at a pace of its own, where nobody says whose they
/// are or where it may see all of them.
fn sweep(index: &Index<'_>, person: &Person<'_>) -> Option<Claim> {
    let (saw, sees) = (&person.saw, &person.sees);
    if sees.objects < MANY || (index.tenants.are_known() && !person.is_global) {
        return None;
    }
    let walk = person.walk(Period::After, &sees.kinds);
    let roams = real(sees.objects) > 0.8 * real(person.after.ok.max(1))
        || sees.denied * 20 > sees.objects + sees.denied;
    if !(walk.is_walk() || (roams && sees.objects >= VERY_MANY)) {
        return None;
    }
    let others = index.cohort(person, |other| other.sees.objects);
    let far = robust_z(sees.objects, &others);
    if others.is_empty() || far <= FAR / 2.0 {
        return None;
    }
    let compares = index.span.has_before() && person.has_past();
    let rise = if compares {
        grew(saw.objects, saw_time(index), sees.objects, sees_time(index))
    } else {
        0.0
    };
    if compares && rise > NO_CHANCE || !compares && (far <= FAR || is_above(person.role)) {
        return None;
    }
    let mut claim = begun(index, person);
    let how = if walk.is_walk() {
        " in the order of their ids"
    } else {
        ""
    };
    let what = format!("{}{how}", many(sees.objects, noun(&sees.kinds)));
    claim.title = titled(index, person, &claim, &what);
    claim.severity = Severity::High;
    claim.ground = if compares {
        Ground::Change
    } else {
        Ground::Outlier
    };
    claim.objects = sees.objects;
    claim.tenants = sees.tenants.len() as u64;
    claim
        .evidence
        .push(fact("distance from others alike", format!("{far:.1}")));
    if compares {
        claim.evidence.push(fact("objects before", saw.objects));
        claim
            .evidence
            .push(fact("chance of the rise", chance(rise)));
    }
    Some(claim)
}

/// Minutes on each side of the release.
fn saw_time(index: &Index<'_>) -> u64 {
    minutes(index.span.time_before())
}

fn sees_time(index: &Index<'_>) -> u64 {
    minutes(index.span.time_after())
}

fn minutes(time: i64) -> u64 {
    u64::try_from(time / (60 * super::span::SECOND))
        .unwrap_or(0)
        .max(1)
}

/// What every claim of this rule shows.
fn begun(index: &Index<'_>, person: &Person<'_>) -> Claim {
    let sees = &person.sees;
    let mut claim = about("R1", person, person.volume_of(Period::After, &sees.kinds));
    claim.exact = sees.exact;
    set_times(&mut claim, sees);
    claim.causes = vec![RootCause::R1, RootCause::R4];
    claim.hint = "end this one's sessions, then make the route check whose object an id is".into();
    if person.who_kind() != WhoKind::User {
        claim.hint = "find out who used it, from the app's own logs of the same minutes".into();
    }
    let walk = person.walk(Period::After, &sees.kinds);
    show_walk(&mut claim, walk);
    if sees.denied > 0 {
        claim
            .evidence
            .push(fact("further ids refused or missing", sees.denied));
    }
    if let Some(all) = index.tenants.all() {
        claim.evidence.push(fact(
            "share of all customers",
            percent(real(sees.objects), real(all)),
        ));
    }
    claim
}

/// When the objects were read, where that is known better than by the routes,
/// which lead to its own objects too.
pub(super) fn set_times(claim: &mut Claim, sees: &Sight<'_>) {
    if let Some((first, last)) = sees.times {
        (claim.first, claim.last) = (Some(first), Some(last));
    }
}

fn show_walk(claim: &mut Claim, walk: Walk) {
    if walk.is_walk() {
        claim.evidence.push(fact(
            "went through ids in order",
            format!(
                "{} of {} steps up by 1 to 4, chance {}",
                walk.up,
                walk.steps,
                chance(walk.chance)
            ),
        ));
    }
}

fn titled(index: &Index<'_>, person: &Person<'_>, claim: &Claim, what: &str) -> String {
    format!(
        "{} read {what}, {}",
        name(person),
        when(&index.span, claim.first, claim.last)
    )
}

/// Without a release to compare with: a role most of whose members read what
/// is foreign has the right to, or a hole that is open to all of them.
fn crowds(index: &Index<'_>) -> Vec<Claim> {
    if index.span.has_before() {
        return Vec::new();
    }
    let mut roles: BTreeMap<&str, Vec<&Person<'_>>> = BTreeMap::new();
    for person in index.ones() {
        let strays = person.sees.foreign.unwrap_or(0) >= FOREIGN;
        if person.is_global && strays && person.origin.is_fact() && !is_above(person.role) {
            roles.entry(person.role).or_default().push(person);
        }
    }
    let mut claims = Vec::new();
    for (role, people) in roles {
        let all = index.members(WhoKind::User, role).len();
        let Some(one) = people.first() else { continue };
        let mut claim = about("R1", one, one.after.clone());
        claim.subject = (SubjectKind::Role, role.to_owned());
        claim.who = None;
        claim.severity = Severity::Medium;
        claim.ground = Ground::Pattern;
        claim.causes = vec![RootCause::R1];
        claim.title = format!(
            "{} of {all} with the role {role} read what is not their tenants': a right of the role, or a hole open to all of it",
            people.len()
        );
        claim.hint = "say when the suspected release went out with --release-at".into();
        claim.objects = people
            .iter()
            .map(|person| person.sees.foreign.unwrap_or(0))
            .max()
            .unwrap_or(0);
        claim
            .evidence
            .push(fact("objects", "the most that one of them read"));
        claims.push(claim);
    }
    claims
}
