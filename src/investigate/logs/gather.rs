//! Counts events into [`aggregates::Aggregates`]: the hot half of the scan.
//!
//! Texts are interned to small numbers, so that a count is two lookups of a
//! number. Everything is bounded: what does not fit is folded together and
//! said in `cut`. Maps are keyed by hashes with a random seed, since whoever
//! writes into a log could otherwise choose keys that collide.

pub mod aggregates;
pub mod distinct;
mod finish;
mod hot;
mod idset;
mod intern;
mod merge;
pub mod piece;
mod rare;
mod ration;
pub mod size;
pub mod store;
pub mod timing;

use super::event::{Class, Event, Layer, NO_TIME, Stamp, WhoKind};
use aggregates::{Minute, OriginKey, Period, Seen, Spill, SpillKey, Statement};
use ahash::RandomState;
use distinct::hash;
use hashbrown::HashMap;
use hot::{Cell, HotReach, HotRoutes};
use intern::Interner;
use std::collections::{BTreeMap, BTreeSet};
use timing::Timing;

/// Principals kept apart; later ones are counted together by kind.
const MOST_WHO: usize = 200_000;
/// Routes kept apart.
const MOST_ROUTES: usize = 10_000;
/// Roles, and kinds of objects, kept apart.
const MOST_WORDS: usize = 4_000;
/// Rows of Q1 kept apart.
const MOST_CELLS: usize = 400_000;
/// Hashes of object ids kept in all sets together.
const MOST_IDS: usize = 2_000_000;
/// Steps of walks kept in all rows together.
const MOST_STEPS: usize = 2_000_000;
/// Minutes of routes kept apart.
const MOST_MINUTES: usize = 400_000;
/// Origins of keys and roles, deployments, homes.
const MOST_ROWS: usize = 50_000;
/// Tenants of their own that are kept of one person.
pub const HOMES: usize = 64;
/// Rows or bytes of one answer; more is no answer but a line that lies, and
/// sums of it would overflow.
pub const MOST_SIZE: u64 = 1 << 40;

/// What an event was about, found out once.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Method and template, or the shape of the statement.
    pub route: &'a str,
    pub kind: &'a str,
    pub object: &'a str,
    /// A file that holds nobody's data: who fetched it is not kept.
    pub is_static: bool,
}

/// Counts of one worker.
#[derive(Debug)]
pub struct Gather {
    timing: Timing,
    whos: Interner,
    routes: Interner,
    words: Interner,
    cells: HashMap<u64, Cell, RandomState>,
    reach: HashMap<u64, HotReach, RandomState>,
    uses: Vec<HotRoutes>,
    minutes: HashMap<(u32, Period, i64), Minute, RandomState>,
    pub(super) statements: HashMap<String, Statement, RandomState>,
    origins: BTreeMap<OriginKey, Seen>,
    deployments: BTreeMap<String, Seen>,
    pub(super) spills: BTreeMap<SpillKey, Spill>,
    homes: BTreeMap<u32, BTreeSet<String>>,
    ids: usize,
    steps: usize,
    most_steps: usize,
    cut: BTreeSet<String>,
}

impl Gather {
    /// Nothing counted yet.
    pub fn new(timing: Timing) -> Self {
        let mut words = Interner::default();
        words.add(0, "");
        Self {
            timing,
            whos: Interner::default(),
            routes: Interner::default(),
            words,
            cells: HashMap::default(),
            reach: HashMap::default(),
            uses: Vec::new(),
            minutes: HashMap::default(),
            statements: HashMap::default(),
            origins: BTreeMap::new(),
            deployments: BTreeMap::new(),
            spills: BTreeMap::new(),
            homes: BTreeMap::new(),
            ids: 0,
            steps: 0,
            most_steps: aggregates::WALK,
            cut: BTreeSet::new(),
        }
    }

    /// Counts one event; says whether its time lay within the window.
    pub fn count(&mut self, event: &Event<'_>, target: &Target<'_>) -> bool {
        if !self.timing.holds(event.at) {
            return false;
        }
        let sized = |size: Option<u64>| size.is_some_and(|size| size > MOST_SIZE);
        let event = if sized(event.rows) || sized(event.bytes) {
            &Event {
                rows: event.rows.map(|rows| rows.min(MOST_SIZE)),
                bytes: event.bytes.map(|bytes| bytes.min(MOST_SIZE)),
                ..*event
            }
        } else {
            event
        };
        let period = self.timing.period(event.at);
        let class = Class::of_status(event.status);
        let (kind, id) = if target.is_static {
            (WhoKind::Nobody, "")
        } else {
            event.who()
        };
        let who = self.who(kind, id);
        let route = self.route(event.layer, target.route);
        let role = self.word(event.role);
        self.cell(event, class, [who, route, role], period);
        self.uses[route as usize][period as usize].add(event, class, kind);
        self.minute(event.at, class, route, period);
        if !target.object.is_empty() && kind != WhoKind::Nobody {
            self.reached(event, class, who, target, period);
        }
        self.rarely(event, who, kind, id, period);
        true
    }

    fn who(&mut self, kind: WhoKind, id: &str) -> u32 {
        let tag = kind as u8;
        if let Some(known) = self.whos.known(tag, id) {
            return known;
        }
        if self.whos.len() < MOST_WHO {
            return self.whos.add(tag, id);
        }
        self.cut(&format!(
            "more than {MOST_WHO} principals: the rest is counted together"
        ));
        self.whos.number(tag, "(others)")
    }

    fn route(&mut self, layer: Layer, route: &str) -> u32 {
        let tag = layer as u8;
        let number = match self.routes.known(tag, route) {
            Some(known) => known,
            None if self.routes.len() < MOST_ROUTES => self.routes.add(tag, route),
            None => {
                self.cut(&format!(
                    "more than {MOST_ROUTES} routes: the rest is counted together"
                ));
                self.routes.number(tag, "(others)")
            }
        };
        if self.uses.len() <= number as usize {
            self.uses.resize_with(number as usize + 1, Default::default);
        }
        number
    }

    fn word(&mut self, word: &str) -> u32 {
        if word.is_empty() {
            return 0;
        }
        match self.words.known(0, word) {
            Some(known) => known,
            None if self.words.len() < MOST_WORDS => self.words.add(0, word),
            None => {
                self.cut(&format!(
                    "more than {MOST_WORDS} roles and kinds: the rest is one"
                ));
                self.words.number(0, "(others)")
            }
        }
    }

    fn cell(
        &mut self,
        event: &Event<'_>,
        class: Class,
        [who, route, role]: [u32; 3],
        period: Period,
    ) {
        let mut key = pack(who, route, role, period);
        if self.cells.len() >= MOST_CELLS && !self.cells.contains_key(&key) {
            self.cut(&format!(
                "more than {MOST_CELLS} pairs of principal and route: the rest is counted by route"
            ));
            let others = self.whos.number(WhoKind::Nobody as u8, "(others)");
            key = pack(others, route, 0, period);
        }
        self.cells.entry(key).or_default().add(event, class);
    }

    /// Counts the minute at hand; a minute that is over is put away.
    fn minute(&mut self, at: Stamp, class: Class, route: u32, period: Period) {
        if at == NO_TIME {
            return;
        }
        let number = at.div_euclid(60_000_000_000);
        let hot = &mut self.uses[route as usize][period as usize].minute;
        if !matches!(hot, Some((open, _)) if *open == number) {
            let over = hot.replace((number, Minute::default()));
            self.put_away(route, period, over);
        }
        if let Some((_, minute)) = &mut self.uses[route as usize][period as usize].minute {
            minute.requests += 1;
            minute.ok += u64::from(class == Class::Ok);
            minute.refused += u64::from(class == Class::Refused);
        }
    }

    fn put_away(&mut self, route: u32, period: Period, over: Option<(i64, Minute)>) {
        let Some((number, counts)) = over else { return };
        let key = (route, period, number);
        if self.minutes.len() >= MOST_MINUTES && !self.minutes.contains_key(&key) {
            self.cut("more minutes of routes than are kept: refusals of the rest are not weighed");
            return;
        }
        let minute = self.minutes.entry(key).or_default();
        minute.requests += counts.requests;
        minute.ok += counts.ok;
        minute.refused += counts.refused;
    }

    fn reached(
        &mut self,
        event: &Event<'_>,
        class: Class,
        who: u32,
        target: &Target<'_>,
        period: Period,
    ) {
        let kind = self.word(target.kind);
        let reach = self.reach.entry(pack(who, 0, kind, period)).or_default();
        let id = hash(target.object.as_bytes());
        match class {
            Class::Ok => {
                self.ids += usize::from(reach.objects.insert(id));
                if !event.tenant.is_empty() && !reach.tenants.contains(event.tenant) {
                    if reach.tenants.len() < aggregates::TENANTS {
                        reach.tenants.insert(event.tenant.to_owned());
                    } else {
                        self.cut
                            .insert("more tenants than are kept apart".to_owned());
                    }
                }
            }
            Class::Refused | Class::Missing => {
                self.ids += usize::from(reach.denied.insert(id));
            }
            Class::Other => {}
        }
        if event.at != NO_TIME
            && let Some(number) = number(target.object)
        {
            self.steps += 1;
            if reach.step(event.at, number, self.most_steps) {
                self.steps -= reach.prune(self.most_steps);
            }
        }
        if self.ids > MOST_IDS || self.steps > MOST_STEPS {
            self.shrink();
        }
    }

    /// Makes room: the largest sets become samples.
    fn shrink(&mut self) {
        while self.steps > MOST_STEPS / 2 && self.most_steps > 32 {
            // Fewer of the latest steps tell a walk as well.
            self.most_steps /= 2;
            for reach in self.reach.values_mut() {
                self.steps -= reach.prune(self.most_steps);
            }
        }
        if self.ids <= MOST_IDS {
            return;
        }
        self.cut("too many different ids: the largest counts of objects are estimates");
        let mut most = distinct::KEPT;
        while self.ids > MOST_IDS / 2 && most > 512 {
            most /= 2;
            self.ids = 0;
            for reach in self.reach.values_mut() {
                reach.objects.tighten(most);
                reach.denied.tighten(most);
                self.ids += reach.objects.kept() + reach.denied.kept();
            }
        }
    }

    pub(super) fn cut(&mut self, what: &str) {
        if !self.cut.contains(what) {
            self.cut.insert(what.to_owned());
        }
    }
}

/// A plain decimal number of at most eighteen digits.
fn number(text: &str) -> Option<u64> {
    let digits = text.as_bytes();
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u64::from(digit - b'0'))
    })
}

/// Four small numbers as one key: 28, 20, 12 and 2 bits.
fn pack(who: u32, route: u32, word: u32, period: Period) -> u64 {
    (u64::from(who) << 34)
        | (u64::from(route & 0xF_FFFF) << 14)
        | (u64::from(word & 0xFFF) << 2)
        | period as u64
}

/// The reverse of [`pack`].
fn unpack(key: u64) -> (u32, u32, u32, Period) {
    let part = |shift: u32, mask: u64| u32::try_from((key >> shift) & mask).unwrap_or(0);
    let period = match key & 3 {
        0 => Period::Before,
        1 => Period::Near,
        _ => Period::After,
    };
    (
        part(34, 0xFFF_FFFF),
        part(14, 0xF_FFFF),
        part(2, 0xFFF),
        period,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_apart_as_they_were_packed() {
        let key = pack(199_999, 19_999, 3_999, Period::After);
        assert_eq!(unpack(key), (199_999, 19_999, 3_999, Period::After));
    }
}
