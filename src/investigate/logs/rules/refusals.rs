//! R8: a route refuses far more since the release, or stops refusing. The
//! second is the leak; the first is often its noise.

use super::claim::{Claim, Ground};
use super::index::Index;
use super::person::Volume;
use super::phrase::{about_route, chance, fact, when};
use super::stats::{discoveries, poisson_lower, poisson_upper, real, swing};
use crate::domain::finding::{RootCause, Severity};
use crate::investigate::logs::event::{Class, Layer, WhoKind};
use crate::investigate::logs::gather::aggregates::{Access, Period};
use ahash::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Refusals that are more than a few.
const REFUSED: u64 = 10;
/// How many times the expected.
const TIMES: f64 = 5.0;
/// The share of false discoveries that is borne.
const FALSE: f64 = 0.001;
/// Minutes that are looked at together for a wave, and routes that refuse in
/// one.
const PIECE: i64 = 10;
const WAVE: usize = 4;
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
    let calm = calm(index);
    let after = |route: &str| calm.get(route).copied().unwrap_or_default();
    let tested: Vec<(&str, &Sides, f64, f64)> = routes
        .iter()
        .map(|(route, sides)| {
            let (expected, log) = rise(index, route, sides, after(route));
            (*route, sides, expected, log)
        })
        .collect();
    let holds = discoveries(
        &tested.iter().map(|(.., log)| *log).collect::<Vec<_>>(),
        FALSE,
    );
    let rising: Vec<_> = tested
        .iter()
        .zip(holds)
        .filter(|((_, sides, expected, _), holds)| {
            let refused = sides.after.of(Class::Refused);
            *holds && refused >= REFUSED && real(refused) >= TIMES * expected
        })
        .map(|(tested, _)| tested)
        .collect();
    // A wave over most routes is tokens that ran out, no matter of a route.
    let asked = routes
        .values()
        .filter(|sides| sides.after.requests() >= REFUSED)
        .count();
    let is_wave = rising.len() >= 4 && rising.len() * 2 > asked;
    let mut claims: Vec<Claim> = if is_wave {
        Vec::new()
    } else {
        rising
            .into_iter()
            .map(|(route, sides, expected, log)| spike(index, route, sides, *expected, *log))
            .collect()
    };
    claims.extend(
        routes
            .iter()
            .filter_map(|(route, sides)| vanished(index, route, sides, after(route))),
    );
    claims
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

/// Requests and refusals of each route after the release, apart from times in
/// which sessions ran out: then routes of all kinds refuse at once.
fn calm<'a>(index: &Index<'a>) -> BTreeMap<&'a str, (u64, u64)> {
    #[derive(Default)]
    struct Piece<'a> {
        requests: u64,
        refused: u64,
        routes: BTreeSet<&'a str>,
    }
    let minutes = || {
        let all = index.tables.minutes.iter();
        all.filter(|(key, _)| key.layer == Layer::Http)
    };
    let (mut requests, mut refused) = (0, 0);
    let mut pieces: BTreeMap<i64, Piece<'_>> = BTreeMap::new();
    for (key, minute) in minutes() {
        if key.period == Period::Before {
            requests += minute.requests;
            refused += minute.refused;
        } else if key.period == Period::After {
            let piece = pieces.entry(key.minute.div_euclid(PIECE)).or_default();
            piece.requests += minute.requests;
            piece.refused += minute.refused;
            if minute.refused > 0 {
                piece.routes.insert(&key.route);
            }
        }
    }
    let usual = (real(refused) + 0.5) / (real(requests) + 1.0);
    let is_wave = |minute: i64| {
        pieces.get(&minute.div_euclid(PIECE)).is_some_and(|piece| {
            let share = real(piece.refused) / real(piece.requests.max(1));
            piece.routes.len() >= WAVE && share > 3.0 * usual
        })
    };
    let mut routes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (key, minute) in minutes() {
        if key.period == Period::After && !is_wave(key.minute) {
            let counts = routes.entry(&key.route).or_default();
            counts.0 += minute.requests;
            counts.1 += minute.refused;
        }
    }
    routes
}

/// How many refusals were to be expected, and log10 of the chance of so many.
fn rise(index: &Index<'_>, route: &str, sides: &Sides, after: (u64, u64)) -> (f64, f64) {
    let before = &sides.before;
    let rate = (real(before.of(Class::Refused)) + 0.5) / (real(before.requests()) + 1.0);
    let expected = real(after.0) * rate;
    let seen = real(after.1);
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

fn spike(index: &Index<'_>, route: &str, sides: &Sides, expected: f64, log: f64) -> Claim {
    let refused = sides.after.of(Class::Refused);
    let mut claim = about_route("R8", route, volume(&sides.after));
    claim.title = format!(
        "{route} refuses {refused} of {} requests since the release, about {expected:.0} were to be expected, {}",
        sides.after.requests(),
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = Severity::Medium;
    claim.ground = Ground::Change;
    claim.causes = vec![RootCause::R1];
    claim
        .evidence
        .push(fact("refused before", sides.before.of(Class::Refused)));
    claim
        .evidence
        .push(fact("requests before", sides.before.requests()));
    claim.evidence.push(fact("chance", chance(log)));
    claim.hint = "read what the release changed in the guard of this route".into();
    claim
}

/// Refusals that stopped while the requests went on.
fn vanished(index: &Index<'_>, route: &str, sides: &Sides, calm: (u64, u64)) -> Option<Claim> {
    let (before, after) = (&sides.before, &sides.after);
    let was = before.of(Class::Refused);
    let share = real(was) / real(before.requests().max(1));
    let expected = real(calm.0) * share;
    let now = after.of(Class::Refused);
    let own = real(calm.1);
    if was < REFUSED || share < SHARE || own * 10.0 > expected || after.of(Class::Ok) == 0 {
        return None;
    }
    let log = poisson_lower(own, expected);
    if log > SURE {
        return None;
    }
    let mut claim = about_route("R8", route, volume(after));
    claim.title = format!(
        "{route} stopped refusing with the release: {was} of {} before, {now} of {} since, {}",
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
