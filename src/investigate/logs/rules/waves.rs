//! Times in which sessions ran out: several routes refuse at once, for minutes,
//! while most of the time nothing does. Refusals of such times speak of tokens,
//! not of a guard, so R8 counts what lies outside of them.

use super::claim::Claim;
use super::index::Index;
use super::phrase::{fact, minute};
use super::span::SECOND;
use super::stats::{poisson_upper, real};
use crate::investigate::logs::event::Layer;
use crate::investigate::logs::gather::aggregates::{Minute, MinuteKey, Period};
use std::collections::{BTreeMap, BTreeSet};

/// Minutes that are looked at together; pieces overlap by half, so that no wave
/// falls between two.
const PIECE: i64 = 10;
const HALF: i64 = PIECE / 2;
/// Routes that refuse more than usual at once.
const ROUTES: usize = 3;
/// Refusals of a route within a piece that are no stray ones.
const REFUSED: u64 = 3;
/// log10 of a chance that is none.
const SURE: f64 = -4.0;
/// What takes more than one piece in so many is no wave: it lasts.
const LASTS: usize = 4;

/// Requests of a route after the release, and how many were refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub requests: u64,
    pub refused: u64,
}

impl Counts {
    const fn add(&mut self, minute: Minute) {
        self.requests += minute.requests;
        self.refused += minute.refused;
    }
}

/// Each route after the release, apart from waves.
#[derive(Debug, Default)]
pub struct Calm<'a> {
    routes: BTreeMap<&'a str, Counts>,
    /// The minutes of waves.
    waves: BTreeSet<i64>,
}

impl<'a> Calm<'a> {
    /// Finds the waves and counts the rest.
    pub fn of(index: &Index<'a>) -> Self {
        let minutes = || {
            let all = index.tables.minutes.iter();
            all.filter(|(key, _)| key.layer == Layer::Http)
        };
        let waves = waves(minutes());
        let mut routes: BTreeMap<&str, Counts> = BTreeMap::new();
        for (key, minute) in minutes() {
            if key.period == Period::After && !waves.contains(&key.minute) {
                routes.entry(&key.route).or_default().add(*minute);
            }
        }
        Self { routes, waves }
    }

    /// The counts of one route.
    pub fn of_route(&self, route: &str) -> Counts {
        self.routes.get(route).copied().unwrap_or_default()
    }

    /// Says what was left out of a claim.
    pub fn show(&self, claim: &mut Claim, refused: u64, counted: u64) {
        if let (Some(first), true) = (self.waves.first(), refused > counted) {
            let at = minute(first * 60 * SECOND);
            claim.evidence.push(fact(
                "of these, as when tokens run out",
                format!("{}, from {at} UTC on", refused - counted),
            ));
        }
    }
}

/// The minutes in which a route refused most, at most so many from the first
/// to the last: how often it refused in them, and which they are.
pub fn at_once(index: &Index<'_>, route: &str, period: Period, most: i64) -> (u64, i64, i64) {
    let mut minutes: Vec<(i64, u64)> = index
        .tables
        .minutes
        .iter()
        .filter(|(key, minute)| {
            key.layer == Layer::Http
                && key.period == period
                && key.route == route
                && minute.refused > 0
        })
        .map(|(key, minute)| (key.minute, minute.refused))
        .collect();
    minutes.sort_unstable();
    let (mut best, mut sum, mut from) = ((0, 0, 0), 0, 0);
    for (minute, refused) in &minutes {
        sum += refused;
        while minutes[from].0 + most <= *minute {
            sum -= minutes[from].1;
            from += 1;
        }
        if sum > best.0 {
            best = (sum, minutes[from].0, *minute);
        }
    }
    best
}

fn waves<'m>(minutes: impl Iterator<Item = (&'m MinuteKey, &'m Minute)>) -> BTreeSet<i64> {
    let mut before: BTreeMap<&str, Counts> = BTreeMap::new();
    let mut halves: BTreeMap<i64, BTreeMap<&str, Counts>> = BTreeMap::new();
    for (key, minute) in minutes {
        let counts = match key.period {
            Period::Before => before.entry(&key.route).or_default(),
            Period::Near => continue,
            Period::After => halves
                .entry(key.minute.div_euclid(HALF))
                .or_default()
                .entry(&key.route)
                .or_default(),
        };
        counts.add(*minute);
    }
    let rises = |route: &str, now: &Counts| {
        let was = before.get(route).copied().unwrap_or_default();
        let rate = (real(was.refused) + 0.5) / (real(was.requests) + 1.0);
        now.refused >= REFUSED && poisson_upper(real(now.refused), real(now.requests) * rate) < SURE
    };
    let is_wave = |start: i64| {
        let mut routes: BTreeMap<&str, Counts> = BTreeMap::new();
        for half in [start, start + 1] {
            for (route, counts) in halves.get(&half).into_iter().flatten() {
                let all = routes.entry(route).or_default();
                all.requests += counts.requests;
                all.refused += counts.refused;
            }
        }
        routes
            .iter()
            .filter(|(route, now)| rises(route, now))
            .count()
            >= ROUTES
    };
    let waves: BTreeSet<i64> = halves
        .keys()
        .copied()
        .filter(|half| is_wave(*half) || is_wave(half - 1))
        .collect();
    if waves.len() * LASTS > halves.len() {
        return BTreeSet::new();
    }
    waves
        .into_iter()
        .flat_map(|half| half * HALF..(half + 1) * HALF)
        .collect()
}
