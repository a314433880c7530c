//! R9: a private answer came from a shared cache.

use super::claim::{Claim, Ground};
use super::index::Index;
use super::person::Volume;
use super::phrase::{about_route, fact, many, percent, when};
use super::stats::real;
use crate::domain::finding::{Confidence, RootCause, Severity};
use crate::investigate::logs::event::{Class, Layer, WhoKind};
use crate::investigate::logs::gather::aggregates::{
    Access, Aggregates, Period, RouteKey, RouteUse,
};
use std::collections::BTreeSet;

/// Stored answers that are no accident.
const STORED: u64 = 3;
/// Answers that show whom a route serves.
const ENOUGH: u64 = 20;

/// How a route is known to be private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Private {
    Declared,
    /// Nearly all of its answers went to somebody signed in.
    ByUse,
}

pub(super) fn judge(index: &Index<'_>) -> Vec<Claim> {
    index
        .tables
        .routes
        .iter()
        .filter(|(key, used)| {
            key.layer == Layer::Http
                && key.period == Period::After
                && used.stored.max(used.shared) >= STORED
        })
        .filter_map(|(key, used)| one(index, key, used))
        .collect()
}

/// The use of the same route in another period.
fn in_period<'a>(index: &Index<'a>, key: &RouteKey, period: Period) -> Option<&'a RouteUse> {
    let key = RouteKey {
        period,
        ..key.clone()
    };
    index.tables.routes.get(&key)
}

fn private(index: &Index<'_>, key: &RouteKey, used: &RouteUse) -> Option<Private> {
    if let Some(declared) = index.known.routes.get(key.route.as_str())
        && let Some(private) = declared
            .private
            .or_else(|| (!declared.roles.is_empty()).then_some(true))
    {
        return private.then_some(Private::Declared);
    }
    if is_bundle(&key.route) {
        return None;
    }
    // Cached answers run no code, so no log names anybody for them: what was
    // before the release tells, or else the answers that were not cached.
    let before = in_period(index, key, Period::Before);
    let (named, ok) = match before {
        Some(before) if before.ok - before.stored.min(before.ok) >= ENOUGH => {
            (before.named, before.ok - before.stored)
        }
        _ => (used.named, used.ok - used.stored.min(used.ok)),
    };
    (ok >= ENOUGH && named * 10 >= ok * 9).then_some(Private::ByUse)
}

fn is_bundle(route: &str) -> bool {
    route.contains("/_next/") || route.ends_with("*.static")
}

fn one(index: &Index<'_>, key: &RouteKey, used: &RouteUse) -> Option<Claim> {
    let how = private(index, key, used)?;
    let before =
        in_period(index, key, Period::Before).map_or(0, |before| before.stored.max(before.shared));
    // As much before, by use alone: a shell that was always cached.
    if how == Private::ByUse && before * 2 >= used.stored.max(used.shared) {
        return None;
    }
    let served = used.stored.max(used.shared);
    let clients = used.stored_clients.count();
    let volume = Volume {
        bytes: used.stored_bytes,
        first: used.stored_first,
        last: used.stored_last,
        places: used.stored_place.into_iter().collect(),
        ..Volume::default()
    };
    let mut claim = about_route("R9", &key.route, volume);
    claim.title = format!(
        "{} is private and was served {served} times from a shared cache to {}, {}",
        key.route,
        many(clients, "client"),
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = match clients {
        0 | 1 => Severity::Medium,
        2..=9 => Severity::High,
        _ => Severity::Critical,
    };
    claim.ground = match how {
        Private::Declared => Ground::Authorisation,
        Private::ByUse => Ground::Change,
    };
    if how == Private::Declared && used.stored > 0 {
        claim.confidence = Confidence::Confirmed;
    }
    claim.causes = vec![RootCause::R6];
    claim.exact = used.stored_clients.is_exact();
    claim
        .evidence
        .push(fact("stored answers before the release", before));
    claim
        .evidence
        .push(fact("marked as fit for shared caches", used.shared));
    claim.evidence.push(fact(
        "private because",
        match how {
            Private::Declared => "the routes file says so".to_owned(),
            Private::ByUse => "its other answers went to people who were signed in".to_owned(),
        },
    ));
    claim.hint =
        "purge it from the cache, then answer with Cache-Control: private, no-store".into();
    Some(claim)
}

/// R11: a private route answered somebody who was not signed in, or a request
/// carried the mark of a framework bypass.
pub(super) fn bypassed(index: &Index<'_>) -> Vec<Claim> {
    let mut claims = Vec::new();
    let known = known_before(index);
    for (key, used) in &index.tables.routes {
        if key.layer != Layer::Http || key.period != Period::After {
            continue;
        }
        if used.marked > 0 {
            claims.push(marked(index, key, used));
        }
        claims.extend(nameless(index, key, used, &known));
    }
    claims
}

fn marked(index: &Index<'_>, key: &RouteKey, used: &RouteUse) -> Claim {
    let volume = Volume {
        places: used.marked_place.into_iter().collect(),
        ..Volume::default()
    };
    let mut claim = about_route("R11", &key.route, volume);
    claim.title = format!(
        "{} of {} came with the header x-middleware-subrequest from outside, {}",
        many(used.marked, "request"),
        key.route,
        if index.span.release.is_some() {
            "since the release"
        } else {
            "at times only the lines themselves give"
        }
    );
    claim.severity = Severity::High;
    claim.ground = Ground::Pattern;
    claim.causes = vec![RootCause::R1];
    claim.evidence.push(fact(
        "known fault",
        "CVE-2025-29927: mended in Next.js 12.3.5, 13.5.9, 14.2.25 and 15.2.3",
    ));
    claim.hint = "drop that header at the edge, then update Next.js".into();
    claim
}

/// Answers without a principal, and not from a cache, on a private route.
fn nameless(
    index: &Index<'_>,
    key: &RouteKey,
    used: &RouteUse,
    known: &BTreeSet<&str>,
) -> Option<Claim> {
    let how = private(index, key, used)?;
    let before = in_period(index, key, Period::Before);
    let without = |used: &RouteUse| {
        used.ok
            .saturating_sub(used.named)
            .saturating_sub(used.stored)
    };
    let now = without(used);
    let was = before.map_or(0, without);
    // A log that never names anybody says nothing about who was signed in.
    let names = used.named + before.map_or(0, |before| before.named);
    let speaks = names >= ENOUGH || (how == Private::Declared && names_people(index));
    if now < STORED || !speaks {
        return None;
    }
    let was_share = before.map_or(0.0, |before| real(was) / real(before.ok.max(1)));
    let share = real(now) / real(used.ok.max(1));
    // What the log failed to name before it fails to name after.
    if share < 5.0 * was_share || (how == Private::ByUse && !index.span.has_before()) {
        return None;
    }
    let (volume, clients, new) = by_nobody(index, key, known);
    let mut claim = about_route("R11", &key.route, volume);
    claim.title = format!(
        "{} is private and answered {} without anybody signed in, {}, {}",
        key.route,
        many(now, "request"),
        many(clients, "client"),
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = Severity::Critical;
    claim.ground = match how {
        Private::Declared => Ground::Authorisation,
        Private::ByUse => Ground::Change,
    };
    claim.causes = vec![RootCause::R1];
    claim.evidence.push(fact("such answers before", was));
    claim.evidence.push(fact(
        "share of all answers since",
        percent(real(now), real(used.ok)),
    ));
    if new < STORED {
        claim.severity = Severity::Low;
        claim.confidence = Confidence::Suspected;
        claim.ground = Ground::Pattern;
        claim.evidence.push(fact(
            "the same addresses",
            "got private answers without a name before the release too",
        ));
    }
    claim.hint = "refuse the route at the edge, then look at its guard and the middleware".into();
    Some(claim)
}

/// Whether most answers of routes that the file calls private name somebody:
/// then one of them without a name is out of the usual, however few there are.
fn names_people(index: &Index<'_>) -> bool {
    let (mut named, mut ok) = (0, 0);
    for (key, used) in &index.tables.routes {
        let declared = index.known.routes.get(key.route.as_str());
        if key.layer == Layer::Http && declared.is_some_and(|route| route.private == Some(true)) {
            named += used.named;
            ok += used.ok.saturating_sub(used.stored);
        }
    }
    named >= ENOUGH && named * 10 >= ok * 8
}

/// Addresses that got private answers without a name before the release: a
/// machine that does so by design, or a hole that is older.
fn known_before<'a>(index: &Index<'a>) -> BTreeSet<&'a str> {
    let private: BTreeSet<&str> = index
        .tables
        .routes
        .iter()
        .filter(|(key, used)| {
            key.layer == Layer::Http
                && key.period == Period::After
                && private(index, key, used).is_some()
        })
        .map(|(key, _)| key.route.as_str())
        .collect();
    let tables: &'a Aggregates = index.tables;
    tables
        .access
        .iter()
        .filter(|(key, counts)| {
            key.who.kind == WhoKind::Address
                && key.period == Period::Before
                && key.layer == Layer::Http
                && counts.of(Class::Ok) > 0
                && private.contains(key.route.as_str())
        })
        .map(|(key, _)| key.who.id.as_str())
        .collect()
}

/// What went out of a route to addresses alone, to how many, and the answers
/// to those that are not known.
fn by_nobody(index: &Index<'_>, key: &RouteKey, known: &BTreeSet<&str>) -> (Volume, u64, u64) {
    let mut all = Access::default();
    let (mut clients, mut new) = (0_u64, 0_u64);
    for (access, counts) in &index.tables.access {
        let nobody = matches!(access.who.kind, WhoKind::Address | WhoKind::Nobody);
        if nobody
            && access.period == Period::After
            && access.layer == key.layer
            && access.route == key.route
            && counts.of(Class::Ok) > 0
        {
            all.merge(counts);
            clients += 1;
            if access.who.kind != WhoKind::Address || !known.contains(access.who.id.as_str()) {
                new += counts.of(Class::Ok);
            }
        }
    }
    let volume = Volume {
        rows: all.rows,
        bytes: all.bytes,
        first: all.first,
        last: all.last,
        places: [all.place, all.largest].into_iter().flatten().collect(),
        ..Volume::default()
    };
    (volume, clients, new)
}
