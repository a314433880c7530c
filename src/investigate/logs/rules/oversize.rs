//! R4: a route answers with far more since the release, whoever asks. That is
//! one defect of the route; who got the answers is a recipient, not a culprit.

use super::claim::{Claim, Ground};
use super::index::Index;
use super::person::Person;
use super::phrase::{about_route, amount, fact, few, when};
use super::sizes::{ENOUGH, Limit, MANY_ROWS, Sizes};
use super::stats::quantile;
use crate::domain::finding::{RootCause, Severity};
use crate::investigate::logs::event::{Layer, WhoKind};
use crate::investigate::logs::gather::aggregates::{Access, AccessKey, Period, RouteKey};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

/// Principals that got large answers, so that it is the route.
const SEVERAL: usize = 3;
/// Rows of an answer below which it is not called large.
const LEAST: u64 = 200;

/// A route that answers too much.
#[derive(Debug)]
pub(super) struct Oversize<'a> {
    pub(super) layer: Layer,
    pub(super) route: &'a str,
    limit: Limit,
    people: BTreeSet<&'a str>,
    kind: WhoKind,
}

/// A route in one layer.
pub(super) type Route<'a> = (Layer, &'a str);

/// Counts of one route: a row of the tables, or several put together.
#[derive(Debug)]
pub(super) enum Counts<'a> {
    One(&'a Access),
    Several(Box<Access>),
}

impl Deref for Counts<'_> {
    type Target = Access;

    fn deref(&self) -> &Access {
        match self {
            Self::One(access) => access,
            Self::Several(all) => all,
        }
    }
}

/// The largest answers and sums one principal got from each route, in the
/// order of routes.
pub(super) fn by_route<'a>(person: &Person<'a>, period: Period) -> Vec<(Route<'a>, Counts<'a>)> {
    let of_period =
        |key: &&(&AccessKey, &Access)| key.0.period == period && key.0.layer != Layer::Auth;
    let mut routes: Vec<(Route<'_>, Counts<'_>)> = Vec::with_capacity(person.cells.len());
    for (key, access) in person.cells.iter().filter(of_period) {
        routes.push(((key.layer, key.route.as_str()), Counts::One(access)));
    }
    // Rows of one name and role are in that order already.
    if !routes.is_sorted_by(|(one, _), (other, _)| one < other) {
        routes.sort_by_key(|(route, _)| *route);
        routes.dedup_by(|(one, access), (other, all)| {
            if one != other {
                return false;
            }
            let mut sum = match all {
                Counts::One(one) => Box::new((*one).clone()),
                Counts::Several(sum) => std::mem::take(sum),
            };
            sum.merge(access);
            *all = Counts::Several(sum);
            true
        });
    }
    routes
}

/// Every such route.
pub(super) fn routes<'a>(index: &'a Index<'a>, sizes: &Sizes<'_>) -> Vec<Oversize<'a>> {
    if !index.span.has_before() {
        return Vec::new();
    }
    let mut found: BTreeMap<(Layer, &str), Oversize<'_>> = BTreeMap::new();
    for person in index.ones() {
        for ((layer, route), access) in by_route(person, Period::After) {
            let mut limit = sizes.limit(layer, route, LEAST);
            if !limit.own {
                limit = sizes.limit(layer, route, MANY_ROWS);
            }
            let large = limit.passed(access.with_rows > 0, access.max_rows, access.max_bytes);
            if !large || !(limit.own || is_new(index, layer, route)) {
                continue;
            }
            let entry = found.entry((layer, route)).or_insert_with(|| Oversize {
                layer,
                route,
                limit,
                people: BTreeSet::new(),
                kind: person.who_kind(),
            });
            entry.people.insert(person.name());
            entry.kind = entry.kind.min(person.who_kind());
        }
    }
    found
        .into_values()
        .filter(|route| route.people.len() >= SEVERAL || is_shared(index, route))
        .filter(|route| is_common(index, route))
        .collect()
}

/// Whether nobody used a route before: what it sends is by its making, as
/// where a statement lost its limit and so became another one.
fn is_new(index: &Index<'_>, layer: Layer, route: &str) -> bool {
    let key = RouteKey {
        layer,
        route: route.into(),
        period: Period::Before,
    };
    !index.tables.routes.contains_key(&key)
}

/// A statement that only roles run is run for many people at once.
fn is_shared(index: &Index<'_>, route: &Oversize<'_>) -> bool {
    let key = RouteKey {
        layer: route.layer,
        route: route.route.into(),
        period: Period::After,
    };
    route.layer == Layer::Sql
        && route.kind == WhoKind::Role
        && index
            .tables
            .routes
            .get(&key)
            .is_some_and(|used| used.ok >= ENOUGH)
}

/// Whether large answers are more than a rare exception of the route.
fn is_common(index: &Index<'_>, route: &Oversize<'_>) -> bool {
    let key = RouteKey {
        layer: route.layer,
        route: route.route.into(),
        period: Period::After,
    };
    let Some(used) = index.tables.routes.get(&key) else {
        return false;
    };
    if used.rows.is_empty() {
        quantile(&used.bytes, 0.98) >= route.limit.bytes
    } else {
        quantile(&used.rows, 0.98) >= route.limit.rows
    }
}

pub(super) fn judge(index: &Index<'_>) -> Vec<Claim> {
    let sizes = Sizes::of(index);
    let routes = routes(index, &sizes);
    let of_people: BTreeSet<&str> = routes
        .iter()
        .filter(|route| route.layer != Layer::Sql)
        .flat_map(|route| route.people.iter().copied())
        .collect();
    routes
        .iter()
        .map(|route| claim(index, route, &of_people))
        .collect()
}

fn claim(index: &Index<'_>, over: &Oversize<'_>, recipients: &BTreeSet<&str>) -> Claim {
    let mut all = Access::default();
    for (key, access) in &index.tables.access {
        if key.period == Period::After && key.layer == over.layer && key.route == over.route {
            all.merge(access);
        }
    }
    let volume = super::person::Volume {
        rows: all.rows,
        bytes: all.bytes,
        first: all.first,
        last: all.last,
        places: [all.largest, all.place].into_iter().flatten().collect(),
        ..super::person::Volume::default()
    };
    let mut claim = about_route("R4", over.route, volume);
    let when = when(&index.span, claim.first, claim.last);
    (claim.title, claim.severity) = told(over, &all, &when);
    claim.ground = Ground::Change;
    claim.causes = vec![RootCause::R1, RootCause::R3];
    claim
        .evidence
        .push(fact("who got them", few(over.people.iter().copied())));
    claim.evidence.push(fact(
        "these people",
        "recipients of what the route sends, not accused",
    ));
    let same = over.layer == Layer::Sql && over.people.iter().any(|one| recipients.contains(one));
    if same {
        claim.evidence.push(fact(
            "the same people",
            "got large answers from the app's routes too",
        ));
    }
    claim.hint =
        "restore the limit or the tenant filter of this route; ask recipients to delete copies"
            .into();
    claim
}

/// How much it sends to whom, and how bad that is.
fn told(over: &Oversize<'_>, all: &Access, when: &str) -> (String, Severity) {
    let says_rows = all.with_rows > 0;
    let (usual, now) = if says_rows {
        (over.limit.usual.rows, all.max_rows)
    } else {
        (over.limit.usual.bytes, all.max_bytes)
    };
    let (usual, now) = (amount(usual, says_rows), amount(now, says_rows));
    let who = match over.kind {
        WhoKind::User | WhoKind::Key => format!("{} principals", over.people.len()),
        WhoKind::Role => "a database role, not a person,".to_owned(),
        _ => format!("{} addresses, not persons,", over.people.len()),
    };
    let route = over.route;
    if over.limit.own {
        let title = format!(
            "{route} answers with up to {now} since the release, at most about {usual} before; {who} got such answers, {when}"
        );
        return (title, Severity::High);
    }
    // It may be meant to: what it replaced is not known here.
    let title = format!(
        "{route} is new since the release and answers with up to {now}, others before with at most about {usual}; {who} got such answers, {when}"
    );
    (title, Severity::Medium)
}
