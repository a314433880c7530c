//! R6: a role gets answers from a route that is not for it.

use super::claim::{Claim, Ground};
use super::index::Index;
use super::person::Volume;
use super::phrase::{about_route, fact, few, when};
use crate::domain::finding::{Confidence, RootCause, Severity};
use crate::investigate::logs::event::{Class, Layer, WhoKind};
use crate::investigate::logs::gather::aggregates::{Access, Period};
use ahash::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Answers after the release that are no accident.
const ANSWERS: u64 = 2;

/// What one role got of one route.
#[derive(Debug, Default)]
struct Use<'a> {
    before: Access,
    after: Access,
    /// As they came, some perhaps more than once.
    people: Vec<&'a str>,
}

pub(super) fn judge(index: &Index<'_>) -> Vec<Claim> {
    let mut uses: HashMap<(&str, &str), Use<'_>, RandomState> = HashMap::default();
    for person in index
        .ones()
        .filter(|person| person.who_kind() == WhoKind::User)
    {
        for (key, access) in &person.cells {
            if key.layer != Layer::Http || person.role.is_empty() {
                continue;
            }
            let entry = uses.entry((key.route.as_str(), person.role)).or_default();
            match key.period {
                Period::Before => entry.before.merge(access),
                Period::Near => {}
                Period::After => {
                    entry.after.merge(access);
                    if access.of(Class::Ok) > 0 {
                        entry.people.push(person.name());
                    }
                }
            }
        }
    }
    let uses: BTreeMap<(&str, &str), Use<'_>> = uses.into_iter().collect();
    let mut routes: BTreeMap<&str, Vec<(&str, Use<'_>)>> = BTreeMap::new();
    for ((route, role), used) in uses {
        if is_mismatch(index, route, role, &used) {
            routes.entry(route).or_default().push((role, used));
        }
    }
    routes
        .into_iter()
        .map(|(route, roles)| claim(index, route, &roles))
        .collect()
}

/// Against what the routes file says; or, without it, refused before and
/// answered after.
fn is_mismatch(index: &Index<'_>, route: &str, role: &str, used: &Use<'_>) -> bool {
    if used.after.of(Class::Ok) < ANSWERS {
        return false;
    }
    if let Some(declared) = index
        .known
        .routes
        .get(route)
        .filter(|route| !route.roles.is_empty())
    {
        let may = declared
            .roles
            .iter()
            .any(|listed| listed == "*" || listed.eq_ignore_ascii_case(role));
        return !may;
    }
    index.span.has_before() && used.before.of(Class::Ok) == 0 && used.before.of(Class::Refused) >= 1
}

fn claim(index: &Index<'_>, route: &str, roles: &[(&str, Use<'_>)]) -> Claim {
    let mut all = Access::default();
    let mut people: BTreeSet<&str> = BTreeSet::new();
    let (mut before, mut refused) = (0, 0);
    for (_, used) in roles {
        all.merge(&used.after);
        people.extend(&used.people);
        before += used.before.of(Class::Ok);
        refused += used.before.of(Class::Refused);
    }
    let declared = index
        .known
        .routes
        .get(route)
        .filter(|route| !route.roles.is_empty());
    let volume = Volume {
        rows: all.rows,
        bytes: all.bytes,
        first: all.first,
        last: all.last,
        places: [all.place, all.largest].into_iter().flatten().collect(),
        ..Volume::default()
    };
    let mut claim = about_route("R6", route, volume);
    let names = few(roles.iter().map(|(role, _)| *role));
    claim.title = format!(
        "{route} answered {} times to {}: the role {names} is not meant to use it, {}",
        all.of(Class::Ok),
        if people.len() == 1 {
            few(people.iter().copied())
        } else {
            format!("{} people", people.len())
        },
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = Severity::High;
    claim.ground = if declared.is_some() {
        Ground::Authorisation
    } else {
        Ground::Change
    };
    if declared.is_some() {
        claim.confidence = Confidence::Confirmed;
    }
    claim.causes = vec![RootCause::R1];
    claim.hint = "restore the role check of this route; until then refuse it at the edge".into();
    show(&mut claim, index, route, &people, (before, refused));
    // One person alone is named as the principal too.
    if let (1, Some(one)) = (people.len(), people.first())
        && let Some(person) = index.ones().find(|person| person.name() == *one)
    {
        claim.who = Some(person.who());
    }
    claim
}

fn show(
    claim: &mut Claim,
    index: &Index<'_>,
    route: &str,
    people: &BTreeSet<&str>,
    (before, refused): (u64, u64),
) {
    let declared = index
        .known
        .routes
        .get(route)
        .filter(|route| !route.roles.is_empty());
    claim
        .evidence
        .push(fact("who got answers", few(people.iter().copied())));
    if let Some(declared) = declared {
        let meant = few(declared.roles.iter().map(String::as_str));
        claim.evidence.push(fact("roles it is meant for", meant));
    }
    if index.span.has_before() {
        claim.evidence.push(fact(
            "these roles before the release",
            format!("{before} answered, {refused} refused"),
        ));
    }
}
