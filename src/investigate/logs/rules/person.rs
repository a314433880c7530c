//! One principal with everything the tables have of it, whichever of its
//! names a log used.

use super::kinds;
use super::stats::Walk;
use crate::investigate::logs::event::{Class, Layer, Place, Stamp, WhoKind};
use crate::investigate::logs::gather::aggregates::{
    Access, AccessKey, Period, Reach, Who, earliest,
};
use crate::investigate::logs::known::User;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

/// How many layers there are.
const LAYERS: usize = Layer::Console as usize + 1;
/// Places a claim shows of one principal.
const PLACES: usize = 4;

/// How a principal's own tenants are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// The users file says them.
    File,
    /// The logs say them beside each request.
    Log,
    /// They are those it read before the release.
    Past,
    #[default]
    Unknown,
}

impl Origin {
    /// Whether the tenants are a fact and no conclusion.
    pub const fn is_fact(self) -> bool {
        matches!(self, Self::File | Self::Log)
    }
}

/// What went out to a principal in one period.
#[derive(Debug, Clone, Default)]
pub struct Sight<'a> {
    /// Different objects.
    pub objects: u64,
    /// Different objects that were refused or missing.
    pub denied: u64,
    /// Whether the counts are no estimates.
    pub exact: bool,
    pub tenants: BTreeSet<&'a str>,
    /// Objects of tenants that are not its own, where each object's is known.
    pub foreign: Option<u64>,
    pub foreign_tenants: BTreeSet<&'a str>,
    /// When what went out did, to the second: what is foreign, where that is
    /// known, or else all.
    pub times: Option<(Stamp, Stamp)>,
    /// The kinds of those objects, or of all where that is not known.
    pub kinds: BTreeSet<String>,
}

/// Counts over some routes. What the app and its database both logged is one
/// reading: of such layers the one that counted more is taken, never the sum.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Volume {
    pub requests: u64,
    pub ok: u64,
    pub refused: u64,
    pub missing: u64,
    pub rows: u64,
    pub max_rows: u64,
    pub with_rows: u64,
    pub bytes: u64,
    pub max_bytes: u64,
    pub first: Option<Stamp>,
    pub last: Option<Stamp>,
    pub places: Vec<Place>,
}

/// What was reached of one kind in one period: a row of the tables, or several
/// put together.
#[derive(Debug)]
pub enum Part<'a> {
    One(&'a Reach),
    Several(Box<Reach>),
}

impl Part<'_> {
    fn and(self, other: &Reach) -> Self {
        let mut all = match self {
            Self::One(reach) => Box::new(reach.clone()),
            Self::Several(all) => all,
        };
        all.merge(other);
        Self::Several(all)
    }
}

impl Deref for Part<'_> {
    type Target = Reach;

    fn deref(&self) -> &Reach {
        match self {
            Self::One(reach) => reach,
            Self::Several(all) => all,
        }
    }
}

/// A principal.
#[derive(Debug, Default)]
pub struct Person<'a> {
    /// The first name the logs used; see [`Person::name`].
    pub names: BTreeSet<&'a str>,
    pub kind: Option<WhoKind>,
    pub user: Option<&'a User>,
    pub role: &'a str,
    pub cells: Vec<(&'a AccessKey, &'a Access)>,
    /// By kind of object and period.
    pub reach: BTreeMap<String, [Option<Part<'a>>; 3]>,
    /// Tenants named beside what was reached.
    pub said: Vec<(Period, &'a BTreeSet<String>)>,
    pub homes: BTreeSet<&'a str>,
    pub own: BTreeSet<&'a str>,
    pub origin: Origin,
    /// Whether it reads what belongs to others by its office.
    pub is_global: bool,
    /// Whether only its own conduct before the release says so.
    pub is_habit: bool,
    /// Whether the users file binds it to tenants, and of the many with its
    /// role it alone has that habit.
    pub is_lone: bool,
    pub before: Volume,
    pub after: Volume,
    /// What went out to it before the release, and after it.
    pub saw: Sight<'a>,
    pub sees: Sight<'a>,
}

impl<'a> Person<'a> {
    /// The name shown: the users file's, or else the first of the logs'.
    pub fn name(&self) -> &'a str {
        match self.user {
            Some(user) => &user.id,
            None => self.names.first().copied().unwrap_or("?"),
        }
    }

    /// What kind of name that is.
    pub fn who_kind(&self) -> WhoKind {
        self.kind.unwrap_or(WhoKind::Nobody)
    }

    /// Name and kind, as tables have them.
    pub fn who(&self) -> Who {
        Who {
            kind: self.who_kind(),
            id: self.name().into(),
        }
    }

    /// Whether it can be accused: a principal of its own that has a name.
    pub fn is_one(&self) -> bool {
        self.who_kind() != WhoKind::Nobody && self.name() != "(others)" && !self.name().is_empty()
    }

    /// Adds what was reached under one of its names; `kind` is the one word
    /// for its kind.
    pub fn add_reach(&mut self, kind: &str, period: Period, reach: &'a Reach) {
        self.said.push((period, &reach.tenants));
        if !self.reach.contains_key(kind) {
            self.reach.insert(kind.to_owned(), <[_; 3]>::default());
        }
        let Some(periods) = self.reach.get_mut(kind) else {
            return;
        };
        let slot = &mut periods[period as usize];
        *slot = Some(match slot.take() {
            None => Part::One(reach),
            Some(mine) => mine.and(reach),
        });
    }

    /// Counts of a period over the routes asked for.
    pub fn volume(&self, period: Period, asked: impl Fn(&AccessKey) -> bool) -> Volume {
        let mut layers: [Option<Volume>; LAYERS] = <[_; LAYERS]>::default();
        for (key, access) in &self.cells {
            if key.period == period && key.layer != Layer::Auth && asked(key) {
                layers[key.layer as usize]
                    .get_or_insert_default()
                    .add(access);
            }
        }
        layers
            .into_iter()
            .flatten()
            .reduce(Volume::larger)
            .unwrap_or_default()
    }

    /// Counts over the routes that lead to these kinds: those with an id of
    /// theirs; where there are none, those named after them; or else all.
    pub fn volume_of(&self, period: Period, wanted: &BTreeSet<String>) -> Volume {
        let by_id = self.volume(period, |key| {
            if key.layer == Layer::Sql {
                wanted.contains(&kinds::by_name(key.layer, &key.route))
            } else {
                kinds::by_id(&key.route).is_some_and(|kind| wanted.contains(&kind))
            }
        });
        if by_id.ok > 0 {
            return by_id;
        }
        let by_name = self.volume(period, |key| {
            wanted.contains(&kinds::by_name(key.layer, &key.route))
        });
        if by_name.ok > 0 {
            return by_name;
        }
        self.volume(period, |_| true)
    }

    /// The steps between the numeric ids it read of a kind in a period.
    pub fn walk(&self, period: Period, wanted: &BTreeSet<String>) -> Walk {
        let mut best = Walk::default();
        for kind in wanted {
            if let Some(reach) = self.reach_of(kind, period) {
                let walk = Walk::of(reach.walk.iter().map(|(_, id)| *id));
                if walk.up > best.up {
                    best = walk;
                }
            }
        }
        best
    }

    /// What it reached of one kind.
    pub fn reach_of(&self, kind: &str, period: Period) -> Option<&Reach> {
        self.reach.get(kind)?[period as usize].as_deref()
    }

    /// Everything it reached in a period, kind by kind.
    pub fn reached(&self, period: Period) -> impl Iterator<Item = (&str, &Reach)> {
        self.reach.iter().filter_map(move |(kind, reach)| {
            Some((kind.as_str(), reach[period as usize].as_deref()?))
        })
    }

    /// Tenants the logs name beside what it reached.
    pub fn tenants_said(&self, period: Period) -> impl Iterator<Item = &'a str> {
        self.said
            .iter()
            .filter(move |(its, _)| *its == period)
            .flat_map(|(_, tenants)| tenants.iter().map(String::as_str))
    }

    /// Whether anything of it lies before the release.
    pub const fn has_past(&self) -> bool {
        self.before.requests > 0
    }
}

impl Volume {
    fn add(&mut self, access: &Access) {
        self.requests += access.requests();
        self.ok += access.of(Class::Ok);
        self.refused += access.of(Class::Refused);
        self.missing += access.of(Class::Missing);
        self.rows += access.rows;
        self.max_rows = self.max_rows.max(access.max_rows);
        self.with_rows += access.with_rows;
        self.bytes += access.bytes;
        self.max_bytes = self.max_bytes.max(access.max_bytes);
        self.first = earliest(self.first, access.first);
        self.last = self.last.max(access.last);
        let shown = [access.place, access.largest];
        self.show(shown.into_iter().flatten());
    }

    fn show(&mut self, places: impl IntoIterator<Item = Place>) {
        for place in places {
            if let Err(at) = self.places.binary_search(&place)
                && at < PLACES
            {
                self.places.insert(at, place);
                self.places.truncate(PLACES);
            }
        }
    }

    /// The larger of each count: the same reading seen in two layers.
    fn larger(mut self, other: Self) -> Self {
        self.requests = self.requests.max(other.requests);
        self.ok = self.ok.max(other.ok);
        self.refused = self.refused.max(other.refused);
        self.missing = self.missing.max(other.missing);
        self.rows = self.rows.max(other.rows);
        self.max_rows = self.max_rows.max(other.max_rows);
        self.with_rows = self.with_rows.max(other.with_rows);
        self.bytes = self.bytes.max(other.bytes);
        self.max_bytes = self.max_bytes.max(other.max_bytes);
        self.first = earliest(self.first, other.first);
        self.last = self.last.max(other.last);
        self.show(other.places);
        self
    }
}
