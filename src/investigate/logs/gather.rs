//! Counts events into [`aggregates::Aggregates`]: the hot half of the scan.
//!
//! Texts are interned to small numbers, so that a count is two lookups of a
//! number. Everything is bounded: what does not fit is folded together and
//! said in `cut`. Maps are keyed by hashes with a random seed, since whoever
//! writes into a log could otherwise choose keys that collide.

pub mod aggregates;
mod batch;
pub mod distinct;
mod finish;
mod hot;
mod idset;
mod intern;
mod merge;
pub mod piece;
mod rare;
mod ration;
pub mod room;
pub mod row;
pub mod sane;
mod shelf;
pub mod size;
pub mod store;
pub mod text;
pub mod timing;

use super::event::{Class, Event, Layer, NO_TIME, Stamp, WhoKind};
use aggregates::{Minute, Period, Seen, Spill, SpillKey, Statement};
use ahash::RandomState;
use distinct::hash;
use hashbrown::HashMap;
use hot::{Cell, HotReach, HotRoutes};
use intern::Interner;
use room::{COPIES, NAME, ROUTE, Room, WHO};
use row::{Origin, Reached, Row};
use shelf::Shelves;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use timing::Timing;

/// Principals kept apart; later ones are counted together by kind.
const MOST_WHO: usize = 200_000;
/// Routes kept apart.
const MOST_ROUTES: usize = 10_000;
/// Roles, and kinds of objects, kept apart.
const MOST_WORDS: usize = 4_000;
/// Rows of Q1 kept apart.
const MOST_CELLS: usize = 400_000;
/// Rows of Q2 kept apart.
const MOST_REACH: usize = 200_000;
/// Minutes of routes kept apart.
const MOST_MINUTES: usize = 400_000;
/// Origins of keys and roles, deployments, homes.
const MOST_ROWS: usize = 50_000;
/// Tenants of their own that are kept of one person.
pub const HOMES: usize = 64;
/// Rows or bytes of one answer; more is no answer but a line that lies, and
/// sums of it would overflow.
pub const MOST_SIZE: u64 = 1 << 40;

/// Tenants told apart.
const MOST_TENANTS: usize = 400_000;
/// Events that wait to be counted together.
const BATCH: usize = 64;

/// What an event was about, found out once.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The number of its route.
    pub route: u32,
    /// The number of its kind.
    pub kind: u32,
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
    tenants: Interner,
    waiting: Vec<Row>,
    /// The number of nobody, once it has one.
    nobody: Option<u32>,
    cells: Shelves<Cell>,
    reach: Shelves<HotReach>,
    uses: Vec<HotRoutes>,
    minutes: HashMap<(u32, Period, i64), Minute, RandomState>,
    pub(super) statements: HashMap<String, Statement, RandomState>,
    origins: HashMap<Origin, Seen, RandomState>,
    /// Names of clients and of agents' families.
    sources: Interner,
    deployments: BTreeMap<String, Seen>,
    pub(super) spills: BTreeMap<SpillKey, Spill>,
    /// By principal, the numbers of its tenants.
    homes: Vec<Vec<u32>>,
    ids: usize,
    /// Ids beyond which sets become samples.
    most_ids: usize,
    steps: usize,
    most_steps: usize,
    /// What all workers of a scan may keep together.
    room: Arc<Room>,
    cut: BTreeSet<String>,
}

impl Gather {
    /// Nothing counted yet, and no other worker.
    pub fn new(timing: Timing) -> Self {
        Self::within(timing, Arc::default())
    }

    /// Nothing counted yet by this one of some workers.
    pub fn within(timing: Timing, room: Arc<Room>) -> Self {
        let mut words = Interner::default();
        words.add(0, "");
        Self {
            timing,
            whos: Interner::default(),
            routes: Interner::default(),
            words,
            tenants: Interner::default(),
            waiting: Vec::with_capacity(BATCH),
            nobody: None,
            cells: Shelves::default(),
            reach: Shelves::default(),
            uses: Vec::new(),
            minutes: HashMap::default(),
            statements: HashMap::default(),
            origins: HashMap::default(),
            sources: Interner::default(),
            deployments: BTreeMap::new(),
            spills: BTreeMap::new(),
            homes: Vec::new(),
            ids: 0,
            most_ids: room.ids(),
            steps: 0,
            most_steps: aggregates::WALK,
            room,
            cut: BTreeSet::new(),
        }
    }

    /// Counts one event; says whether its time lay within the window.
    pub fn count(&mut self, event: &Event<'_>, target: &Target<'_>) -> bool {
        if !self.timing.holds(event.at) {
            return false;
        }
        let period = self.timing.period(event.at);
        let class = Class::of_status(event.status);
        let (kind, id) = if target.is_static {
            (WhoKind::Nobody, "")
        } else {
            event.who()
        };
        let who = match self.nobody {
            Some(nobody) if kind == WhoKind::Nobody => nobody,
            _ => self.who(kind, id),
        };
        if kind == WhoKind::Nobody {
            self.nobody = Some(who);
        }
        let role = self.word(event.role);
        let mut row = Row::of(event, class, period, kind);
        row.rows = row.rows.min(MOST_SIZE);
        row.bytes = row.bytes.min(MOST_SIZE);
        row.cell = pack(who, target.route, role, period);
        row.route = target.route;
        if !target.object.is_empty() && kind != WhoKind::Nobody {
            let named = class == Class::Ok && !event.tenant.is_empty();
            row.reached = Some(Reached {
                key: pack(who, 0, target.kind, period),
                object: hash(target.object.as_bytes()),
                number: number(target.object).filter(|_| event.at != NO_TIME),
                tenant: named.then(|| self.tenant(event.tenant)).flatten(),
            });
        }
        self.rarely(event, who, kind, period);
        self.waiting.push(row);
        if self.waiting.len() >= BATCH {
            self.flush();
        }
        true
    }

    /// Whether an event of that time is counted at all.
    pub const fn holds(&self, at: Stamp) -> bool {
        self.timing.holds(at)
    }

    fn who(&mut self, kind: WhoKind, id: &str) -> u32 {
        let tag = kind as u8;
        if let Some(known) = self.whos.known(tag, id) {
            return known;
        }
        let weight = WHO + id.len() * COPIES;
        if self.whos.len() < MOST_WHO && self.room.person(weight) {
            return self.whos.add(tag, id);
        }
        self.cut("more principals than are kept apart: the rest is counted together");
        self.whos.number(tag, "(others)")
    }

    /// The number of a route, as a [`Target`] has it.
    pub fn route(&mut self, layer: Layer, route: &str) -> u32 {
        let tag = layer as u8;
        let number = match self.routes.known(tag, route) {
            Some(known) => known,
            None if self.routes.len() < MOST_ROUTES && self.room.named(ROUTE, route) => {
                self.routes.add(tag, route)
            }
            None => {
                self.cut("more routes than are kept apart: the rest is counted together");
                self.routes.number(tag, "(others)")
            }
        };
        if self.uses.len() <= number as usize {
            self.uses.resize_with(number as usize + 1, Default::default);
        }
        number
    }

    /// The number of a kind of objects, as a [`Target`] has it.
    pub fn word(&mut self, word: &str) -> u32 {
        if word.is_empty() {
            return 0;
        }
        match self.words.known(0, word) {
            Some(known) => known,
            None if self.words.len() < MOST_WORDS && self.room.named(NAME, word) => {
                self.words.add(0, word)
            }
            None => {
                self.cut("more roles and kinds than are kept apart: the rest is one");
                self.words.number(0, "(others)")
            }
        }
    }

    fn tenant(&mut self, tenant: &str) -> Option<u32> {
        match self.tenants.known(0, tenant) {
            Some(known) => Some(known),
            None if self.tenants.len() < MOST_TENANTS && self.room.named(NAME, tenant) => {
                Some(self.tenants.add(0, tenant))
            }
            None => {
                self.cut("more tenants than are kept apart");
                None
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

    /// Counts one read for each pair of a person and a number.
    fn counted(room: Room, reads: impl Iterator<Item = (String, u32)>) -> Gather {
        let mut gather = Gather::within(Timing::default(), Arc::new(room));
        for (user, number) in reads {
            let object = number.to_string();
            let event = Event {
                user: &user,
                status: 200,
                at: i64::from(number),
                ..Event::EMPTY
            };
            let target = Target {
                route: gather.route(Layer::Http, "GET /a"),
                kind: gather.word(&format!("k{}", number % 100)),
                object: &object,
                is_static: false,
            };
            gather.count(&event, &target);
        }
        gather.flush();
        gather
    }

    #[test]
    fn many_small_sets_are_not_looked_over_at_each_event() {
        let reads = (0..40_000_u32).map(|n| (format!("u{}", n % 20_000), n));
        // A worker of two hundred keeps ten thousand ids.
        let gather = counted(Room::of(200), reads);
        assert!(gather.ids > 10_000 && gather.ids <= gather.most_ids);
        assert!(gather.cut.iter().any(|cut| cut.contains("estimates")));
    }

    #[test]
    fn what_there_is_no_room_for_is_counted_together_and_told() {
        let reads = (0..300_000_u32).map(|n| (format!("u{}", n % 7), n));
        let few = counted(Room::default(), reads);
        assert!(few.cut.is_empty(), "{:?}", few.cut);
        let long = "x".repeat(64 << 10);
        let gather = counted(
            Room::default(),
            (0..4_000).map(|n| (format!("{long}{n}"), n)),
        );
        assert!(gather.whos.len() < 2_000, "{}", gather.whos.len());
        let told = |what: &str| gather.cut.iter().any(|cut| cut.contains(what));
        assert!(told("more principals"), "{:?}", gather.cut);
        let requests: u64 = gather
            .close()
            .access
            .values()
            .map(aggregates::Access::requests)
            .sum();
        assert_eq!(requests, 4_000);
    }

    #[test]
    fn keys_come_apart_as_they_were_packed() {
        let key = pack(199_999, 19_999, 3_999, Period::After);
        assert_eq!(unpack(key), (199_999, 19_999, 3_999, Period::After));
    }
}
