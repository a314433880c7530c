//! R8: a route refuses far more since the release, or stops refusing. The
//! second is the leak; the first is often its noise.

use super::claim::{Claim, Ground};
use super::index::Index;
use super::person::Volume;
use super::phrase::{about_route, chance, fact, few, when};
use super::span::SECOND;
use super::stats::{discoveries, poisson_lower, poisson_upper, real, swing};
use super::waves::{Calm, Counts, at_once};
use crate::domain::finding::{RootCause, Severity};
use crate::investigate::logs::event::{Class, Layer, WhoKind};
use crate::investigate::logs::gather::aggregates::{Access, Period, earliest};
use ahash::RandomState;
use std::collections::{BTreeMap, HashMap};

/// Refusals that are more than a few.
const REFUSED: u64 = 10;
/// How many times the expected.
const TIMES: f64 = 5.0;
/// The share of false discoveries that is borne.
const FALSE: f64 = 0.001;
/// log10 of a chance that is none.
const SURE: f64 = -4.0;
/// Share of refusals that shows that a route refused, before it stopped.
const SHARE: f64 = 0.01;

/// One route on both sides of the release, of principals with a name alone:
/// bots without one are refused everywhere.
#[derive(Debug, Default)]
struct Sides {
    before: Access,
    after: Access,
}

pub(super) fn judge(index: &Index<'_>) -> Vec<Claim> {
    if !index.span.has_before() {
        return Vec::new();
    }
    let routes = sides(index);
    let calm = Calm::of(index);
    let tested: Vec<Tested<'_, '_>> = routes
        .iter()
        .map(|(route, sides)| {
            let (expected, log) = rise(index, route, sides, calm.of_route(route));
            Tested {
                route,
                sides,
                expected,
                log,
            }
        })
        .collect();
    let holds = discoveries(
        &tested.iter().map(|tested| tested.log).collect::<Vec<_>>(),
        FALSE,
    );
    let rising: Vec<_> = tested
        .iter()
        .zip(holds)
        .filter(|(tested, holds)| {
            let refused = calm.of_route(tested.route).refused;
            *holds && refused >= REFUSED && real(refused) >= TIMES * tested.expected
        })
        .map(|(tested, _)| tested)
        .collect();
    let asked = routes
        .values()
        .filter(|sides| sides.after.requests() >= REFUSED)
        .count();
    // Most routes at once are one fault of what all of them ask, not many.
    let mut claims: Vec<Claim> = if rising.len() >= 4 && rising.len() * 2 > asked {
        vec![everywhere(index, &rising, &calm, asked)]
    } else {
        rising
            .into_iter()
            .map(|tested| spike(index, tested, &calm))
            .collect()
    };
    claims.extend(
        routes
            .iter()
            .filter_map(|(route, sides)| vanished(index, route, sides, calm.of_route(route))),
    );
    claims
}

/// A route with what was to be expected of it.
struct Tested<'a, 's> {
    route: &'a str,
    sides: &'s Sides,
    expected: f64,
    log: f64,
}

fn sides<'a>(index: &Index<'a>) -> BTreeMap<&'a str, Sides> {
    let mut routes: HashMap<&str, Sides, RandomState> = HashMap::default();
    for (key, access) in &index.tables.access {
        let named = matches!(key.who.kind, WhoKind::User | WhoKind::Key);
        // Where no log names anybody, addresses are all there is; a route
        // that never answered is one that scanners make up.
        if key.layer != Layer::Http || !(named || key.who.kind == WhoKind::Address) {
            continue;
        }
        let sides = routes.entry(&key.route).or_default();
        match key.period {
            Period::Before => sides.before.merge(access),
            Period::Near => {}
            Period::After => sides.after.merge(access),
        }
    }
    routes.retain(|_, sides| sides.before.of(Class::Ok) + sides.after.of(Class::Ok) > 0);
    routes.into_iter().collect()
}

/// How many refusals were to be expected, and log10 of the chance of so many.
fn rise(index: &Index<'_>, route: &str, sides: &Sides, after: Counts) -> (f64, f64) {
    let before = &sides.before;
    let rate = (real(before.of(Class::Refused)) + 0.5) / (real(before.requests()) + 1.0);
    let expected = real(after.requests) * rate;
    let seen = real(after.refused);
    if seen <= expected {
        return (expected, 0.0);
    }
    let minutes: Vec<u64> = index
        .tables
        .minutes
        .iter()
        .filter(|(key, _)| key.period == Period::Before && key.route == route)
        .map(|(_, minute)| minute.refused)
        .collect();
    // Retries swing more than chance: as many independent events are fewer.
    let swing = swing(&minutes).max(1.0);
    (expected, poisson_upper(seen / swing, expected / swing))
}

fn volume(access: &Access) -> Volume {
    Volume {
        first: access.first,
        last: access.last,
        places: access.place.into_iter().collect(),
        ..Volume::default()
    }
}

fn spike(index: &Index<'_>, tested: &Tested<'_, '_>, calm: &Calm<'_>) -> Claim {
    let Tested { route, sides, .. } = tested;
    // Who was refused may go without a name where who is answered has one.
    let counted = calm.of_route(route);
    let refused = sides.after.of(Class::Refused).max(counted.refused);
    let mut claim = about_route("R8", route, refusing(index, &[route], &sides.after));
    claim.title = format!(
        "{route} refuses {refused} of {} requests since the release, about {:.0} were to be expected, {}",
        sides.after.requests().max(refused),
        tested.expected,
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = Severity::Medium;
    if is_burst(index, route, refused, tested.expected) {
        claim.severity = Severity::Low;
        claim.evidence.push(fact(
            "all at once",
            "within minutes, and over since: as when tokens run out",
        ));
    }
    claim.ground = Ground::Change;
    claim.causes = vec![RootCause::R1];
    claim
        .evidence
        .push(fact("refused before", sides.before.of(Class::Refused)));
    claim
        .evidence
        .push(fact("requests before", sides.before.requests()));
    claim.evidence.push(fact("chance", chance(tested.log)));
    calm.show(&mut claim, refused, counted.refused);
    claim.hint = "read what the release changed in the guard of this route".into();
    claim
}

/// Minutes that a wave lasts: tokens that ran out, a change of passwords.
const WAVE: i64 = 30;
/// Minutes in which sessions end at once.
const BURST: i64 = 15;

/// Whether nearly all of it lies within minutes, long after the release and
/// long before the end: what a guard refuses it goes on refusing.
fn is_burst(index: &Index<'_>, route: &str, refused: u64, expected: f64) -> bool {
    const MINUTE: i64 = 60 * SECOND;
    let (within, first, last) = at_once(index, route, Period::After, WAVE);
    let (Some(release), Some(end)) = (index.span.release.or(index.span.first), index.span.last)
    else {
        return false;
    };
    let rest = refused.saturating_sub(within);
    within >= REFUSED
        && (rest < REFUSED || real(rest) < TIMES * expected)
        && first * MINUTE - release > BURST * MINUTE
        && end - last * MINUTE > 2 * WAVE * MINUTE
}

/// Most routes refuse more, and go on to.
fn everywhere(
    index: &Index<'_>,
    rising: &[&Tested<'_, '_>],
    calm: &Calm<'_>,
    asked: usize,
) -> Claim {
    let mut after = Access::default();
    let mut expected = 0.0;
    for tested in rising {
        after.merge(&tested.sides.after);
        expected += tested.expected;
    }
    let names: Vec<&str> = rising.iter().map(|tested| tested.route).collect();
    let counted = names.iter().map(|route| calm.of_route(route).refused).sum();
    let refused = after.of(Class::Refused);
    let subject = format!("{} routes", names.len());
    let mut claim = about_route("R8", &subject, refusing(index, &names, &after));
    claim.title = format!(
        "{} of {asked} routes refuse far more since the release: {refused} of {} requests, about {expected:.0} were to be expected, {}",
        names.len(),
        after.requests(),
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = Severity::Medium;
    claim.ground = Ground::Change;
    claim.causes = vec![RootCause::R1];
    claim.evidence.push(fact("routes", few(names)));
    calm.show(&mut claim, refused, counted);
    claim.hint =
        "look at what all of them ask first: the session, the token's check, the middleware".into();
    claim
}

/// When these routes refused, to the minute; a place that shows one of them.
fn refusing(index: &Index<'_>, routes: &[&str], after: &Access) -> Volume {
    const MINUTE: i64 = 60 * SECOND;
    let minutes = index.tables.minutes.iter().filter(|(key, minute)| {
        key.layer == Layer::Http
            && key.period == Period::After
            && minute.refused > 0
            && routes.contains(&key.route.as_str())
    });
    let (mut first, mut last) = (None, None);
    for (key, _) in minutes {
        let start = key.minute * MINUTE;
        first = earliest(first, Some(start));
        last = last.max(Some(start + MINUTE - 1));
    }
    Volume {
        first: first.max(after.first),
        last: earliest(last, after.last),
        places: after.place.into_iter().collect(),
        ..Volume::default()
    }
}

/// Refusals that stopped while the requests went on.
fn vanished(index: &Index<'_>, route: &str, sides: &Sides, calm: Counts) -> Option<Claim> {
    let (before, after) = (&sides.before, &sides.after);
    // A guard refuses all the time: what came at once were tokens that ran out.
    let all = before.of(Class::Refused);
    let burst = Some(at_once(index, route, Period::Before, BURST).0);
    let is_long = index.span.time_before() > 4 * BURST * 60 * SECOND;
    let burst = burst.filter(|burst| is_long && *burst >= REFUSED && burst * 2 > all);
    let was = all.saturating_sub(burst.unwrap_or(0));
    let share = real(was) / real(before.requests().max(1));
    let expected = real(calm.requests) * share;
    let now = after.of(Class::Refused);
    let own = real(calm.refused);
    if was < REFUSED || share < SHARE || own * 10.0 > expected || after.of(Class::Ok) == 0 {
        return None;
    }
    let log = poisson_lower(own, expected);
    if log > SURE {
        return None;
    }
    let mut claim = about_route("R8", route, volume(after));
    claim.title = format!(
        "{route} stopped refusing with the release: {all} of {} before, {now} of {} since, {}",
        before.requests(),
        after.requests(),
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = Severity::High;
    claim.ground = Ground::Change;
    claim.causes = vec![RootCause::R1];
    claim.rows = after.rows;
    claim.bytes = after.bytes;
    claim.evidence.push(fact(
        "refusals to be expected since",
        format!("{expected:.0}"),
    ));
    claim.evidence.push(fact("chance", chance(log)));
    claim.hint = "the guard of this route is gone: restore it, then see who got in".into();
    Some(claim)
}
