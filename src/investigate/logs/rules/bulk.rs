//! R3: one principal took far more rows than is usual for a route and for it.

use super::claim::{Claim, Ground};
use super::enumeration::FAR;
use super::index::Index;
use super::oversize::{Route, by_route, routes};
use super::person::Person;
use super::phrase::{about, amount, fact, few, name, when};
use super::sizes::{MANY_ROWS, Sizes, TIMES};
use super::stats::{real, robust_z, whole};
use crate::domain::finding::{RootCause, Severity};
use crate::investigate::logs::event::WhoKind;
use crate::investigate::logs::gather::aggregates::{Access, Period};
use std::collections::{BTreeMap, BTreeSet};

/// What is compared for every principal.
struct Scale<'a> {
    index: &'a Index<'a>,
    sizes: Sizes<'a>,
    /// Routes that send too much to everybody: nobody is accused for them.
    spared: BTreeSet<Route<'a>>,
    /// The largest answers of each principal by route, without a release.
    largest: BTreeMap<Route<'a>, Vec<u64>>,
}

pub(super) fn judge(index: &Index<'_>) -> Vec<Claim> {
    let sizes = Sizes::of(index);
    let spared = routes(index, &sizes)
        .iter()
        .map(|route| (route.layer, route.route))
        .collect();
    let mut largest: BTreeMap<Route<'_>, Vec<u64>> = BTreeMap::new();
    if !index.span.has_before() {
        for person in index.ones() {
            for (route, access) in by_route(person, Period::After) {
                largest.entry(route).or_default().push(size(&access));
            }
        }
    }
    let scale = Scale {
        index,
        sizes,
        spared,
        largest,
    };
    index
        .ones()
        .filter_map(|person| one(&scale, person))
        .collect()
}

/// The largest answer: in rows where they are said, or else in bytes.
const fn size(access: &Access) -> u64 {
    if access.with_rows > 0 {
        access.max_rows
    } else {
        access.max_bytes
    }
}

/// Why a route's answers to one principal are out of the usual.
#[derive(Debug, Clone, Copy)]
struct Excess {
    /// The largest answer, or all together, in times of what is usual.
    times: f64,
    usual: u64,
    ground: Ground,
}

fn one(scale: &Scale<'_>, person: &Person<'_>) -> Option<Claim> {
    let past = by_route(person, Period::Before);
    let mut out: BTreeMap<Route<'_>, Excess> = BTreeMap::new();
    for (route, access) in by_route(person, Period::After) {
        if scale.spared.contains(&route) {
            continue;
        }
        let excess = if scale.index.span.has_before() {
            let at = past.binary_search_by_key(&route, |(route, _)| *route);
            let past = at.ok().map(|at| &*past[at].1);
            changed(scale, route, &access, past)
        } else {
            stands_out(scale, route, &access)
        };
        if let Some(excess) = excess {
            out.insert(route, excess);
        }
    }
    if out.is_empty() && scale.index.span.has_before() {
        let all = in_all(scale, person)?;
        return Some(claim(scale, person, &BTreeSet::new(), all));
    }
    let most = out
        .values()
        .copied()
        .max_by(|one, other| one.times.total_cmp(&other.times))?;
    let routes: BTreeSet<Route<'_>> = out.into_keys().collect();
    Some(claim(scale, person, &routes, most))
}

/// An answer far above the usual of the route, and above its own past.
fn changed(
    scale: &Scale<'_>,
    route: Route<'_>,
    access: &Access,
    past: Option<&Access>,
) -> Option<Excess> {
    let limit = scale.sizes.limit(route.0, route.1, MANY_ROWS);
    let says_rows = access.with_rows > 0;
    if !limit.passed(says_rows, access.max_rows, access.max_bytes) {
        return None;
    }
    // One answer of a large tenant is no bulk: in all it must be far more.
    let (total, least) = if says_rows {
        (access.rows, limit.rows)
    } else {
        (access.bytes, limit.bytes)
    };
    if total < least.saturating_mul(TIMES) {
        return None;
    }
    let mine = past.map_or(0, size);
    let now = size(access);
    if now < mine.saturating_mul(TIMES) {
        return None;
    }
    let usual = if says_rows {
        limit.usual.rows
    } else {
        limit.usual.bytes
    };
    Some(Excess {
        times: real(now) / real(usual.max(1)),
        usual,
        ground: Ground::Change,
    })
}

/// Without a release: an answer far above those that others got of the route,
/// which did not go on all the time the logs span.
fn stands_out(scale: &Scale<'_>, route: Route<'_>, access: &Access) -> Option<Excess> {
    let now = size(access);
    let least = if access.with_rows > 0 {
        MANY_ROWS
    } else {
        scale.sizes.limit(route.0, route.1, MANY_ROWS).bytes
    };
    if now < least {
        return None;
    }
    let mut others = scale.largest.get(&route)?.clone();
    others.swap_remove(others.iter().position(|other| *other == now)?);
    let second = others.iter().copied().max()?;
    if others.len() < 5 || now < second.saturating_mul(TIMES) {
        return None;
    }
    let span = &scale.index.span;
    let whole = span.last?.saturating_sub(span.first?);
    let its = access.last?.saturating_sub(access.first?);
    if robust_z(now, &others) <= FAR / 2.0 || i128::from(its) * 5 > i128::from(whole) * 3 {
        return None;
    }
    Some(Excess {
        times: real(now) / real(second.max(1)),
        usual: second,
        ground: Ground::Outlier,
    })
}

/// Many answers of usual size that together are far above its past and above
/// what others alike got.
fn in_all(scale: &Scale<'_>, person: &Person<'_>) -> Option<Excess> {
    let index = scale.index;
    let rows = |person: &Person<'_>, period| {
        person
            .volume(period, |key| {
                !scale.spared.contains(&(key.layer, key.route.as_str()))
            })
            .rows
    };
    let now = rows(person, Period::After);
    if now < MANY_ROWS * TIMES || person.who_kind() == WhoKind::Role {
        return None;
    }
    let others = index.cohort(person, |other| rows(other, Period::After));
    let (before, after) = (
        index.span.time_before().max(1),
        index.span.time_after().max(1),
    );
    // Twenty answers of a page are no habit yet.
    let past = real(rows(person, Period::Before).max(MANY_ROWS / 2));
    let usual = past * real(after.unsigned_abs()) / real(before.unsigned_abs());
    let far = robust_z(now, &others);
    // Where others differ much among themselves, one in twenty of them is the
    // measure.
    let high = real(now) >= real(TIMES) * upper(&others) && far > FAR / 2.0;
    if others.is_empty() || !(far > FAR || high) || real(now) < real(TIMES) * usual {
        return None;
    }
    Some(Excess {
        times: real(now) / usual,
        usual: whole(usual),
        ground: Ground::Change,
    })
}

/// What one in twenty exceeds.
fn upper(others: &[u64]) -> f64 {
    let mut sorted = others.to_vec();
    sorted.sort_unstable();
    real(sorted.get(sorted.len() * 19 / 20).copied().unwrap_or(0))
}

fn claim(
    scale: &Scale<'_>,
    person: &Person<'_>,
    routes: &BTreeSet<Route<'_>>,
    excess: Excess,
) -> Claim {
    let index = scale.index;
    let volume = person.volume(Period::After, |key| {
        let route = (key.layer, key.route.as_str());
        routes.contains(&route) || (routes.is_empty() && !scale.spared.contains(&route))
    });
    let says_rows = volume.with_rows > 0;
    let took = if says_rows {
        amount(volume.rows, true)
    } else {
        format!("{} (rows are not logged)", amount(volume.bytes, false))
    };
    let from = if routes.is_empty() {
        "over many answers".to_owned()
    } else {
        format!("from {}", few(routes.iter().map(|(_, route)| *route)))
    };
    let mut claim = about("R3", person, volume.clone());
    claim.title = format!(
        "{} took {took} {from}, {:.0} times the usual, {}",
        name(person),
        excess.times,
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = Severity::High;
    claim.ground = excess.ground;
    claim.causes = vec![RootCause::R1];
    claim
        .evidence
        .push(fact("usual at most", amount(excess.usual, says_rows)));
    if says_rows {
        claim
            .evidence
            .push(fact("largest answer", amount(volume.max_rows, true)));
    }
    let before = if says_rows {
        person.before.max_rows
    } else {
        person.before.max_bytes
    };
    if index.span.has_before() {
        claim.evidence.push(fact(
            "its own largest answer before",
            amount(before, says_rows),
        ));
    }
    claim.hint = "ask what it was for; until then take the right to export away".into();
    claim
}
