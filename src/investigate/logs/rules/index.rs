//! The tables brought together by principal: names of one person joined, each
//! one's own tenants found out, what is foreign to it counted.
//!
//! Built once; every rule about people reads it.

use super::claim::Case;
use super::kinds;
use super::person::{Origin, Person, Sight};
use super::span::Span;
use super::tenants::Tenants;
use crate::investigate::logs::event::{Stamp, WhoKind};
use crate::investigate::logs::gather::aggregates::{Aggregates, Period, Reach, Who};
use crate::investigate::logs::known::Known;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Everything the rules about people read.
#[derive(Debug)]
pub struct Index<'a> {
    pub tables: &'a Aggregates,
    pub known: &'a Known,
    pub span: Span,
    pub tenants: Tenants<'a>,
    pub people: Vec<Person<'a>>,
    /// Those of one kind and role who did something after the release.
    cohorts: HashMap<(WhoKind, &'a str), Vec<usize>>,
}

/// Others of the same role that are enough to compare with.
const COHORT: usize = 5;

impl<'a> Index<'a> {
    /// Reads the tables once.
    pub fn of(case: &Case<'a>) -> Self {
        let (tables, known) = (case.tables, case.known);
        let mut people = gathered(tables, known);
        for person in &mut people {
            role(person);
            person.before = person.volume(Period::Before, |_| true);
            person.after = person.volume(Period::After, |_| true);
        }
        let tenants = Tenants::of(known, &people);
        for person in &mut people {
            own(person, &tenants);
            if person.origin == Origin::Unknown {
                person.saw = sight(person, Period::Before, &tenants);
                past(person);
            }
            if person.origin != Origin::Unknown {
                person.saw = sight(person, Period::Before, &tenants);
            }
            person.sees = sight(person, Period::After, &tenants);
        }
        let mut cohorts: HashMap<(WhoKind, &str), Vec<usize>> = HashMap::new();
        for (at, person) in people.iter().enumerate() {
            if person.after.requests > 0 && person.is_one() {
                let key = (person.who_kind(), person.role);
                cohorts.entry(key).or_default().push(at);
            }
        }
        let span = Span::of(tables);
        super::office::mark(&mut people, span.has_before());
        Self {
            tables,
            known,
            span,
            tenants,
            people,
            cohorts,
        }
    }

    /// What others like this one did: those of its kind and role, or all of
    /// its kind where those are too few; nothing where even they are.
    pub fn cohort(&self, person: &Person<'_>, what: impl Fn(&Person<'_>) -> u64) -> Vec<u64> {
        let kind = person.who_kind();
        let others = |role: Option<&str>| -> Vec<u64> {
            self.cohorts
                .iter()
                .filter(|((its, named), _)| *its == kind && role.is_none_or(|role| role == *named))
                .flat_map(|(_, members)| members)
                .filter_map(|at| self.people.get(*at))
                .filter(|other| !std::ptr::eq(*other, person))
                .map(&what)
                .collect()
        };
        let peers = others(Some(person.role));
        if peers.len() >= COHORT {
            return peers;
        }
        let all = others(None);
        if all.len() >= COHORT { all } else { Vec::new() }
    }

    /// The members of a role that did something after the release.
    pub fn members(&self, kind: WhoKind, role: &str) -> Vec<&Person<'a>> {
        self.cohorts
            .get(&(kind, role))
            .into_iter()
            .flatten()
            .filter_map(|at| self.people.get(*at))
            .collect()
    }

    /// Those of whom something can be said.
    pub fn ones(&self) -> impl Iterator<Item = &Person<'a>> {
        self.people.iter().filter(|person| person.is_one())
    }
}

/// One entry a principal, under whichever names.
fn gathered<'a>(tables: &'a Aggregates, known: &'a Known) -> Vec<Person<'a>> {
    let mut people = People {
        known,
        numbers: HashMap::new(),
        all: Vec::new(),
        last: None,
    };
    for (key, access) in &tables.access {
        people.of(&key.who).cells.push((key, access));
    }
    let mut words: BTreeMap<&str, String> = BTreeMap::new();
    for (key, reach) in &tables.reach {
        let kind = words
            .entry(&key.kind)
            .or_insert_with(|| kinds::kind(&key.kind));
        people.of(&key.who).add_reach(kind, key.period, reach);
    }
    for (who, homes) in &tables.homes {
        let person = people.of(who);
        person.homes.extend(homes.iter().map(String::as_str));
    }
    people.all
}

struct People<'a> {
    known: &'a Known,
    numbers: HashMap<(WhoKind, String), usize>,
    all: Vec<Person<'a>>,
    /// Who was asked for last: the rows of one come one after the other.
    last: Option<(&'a Who, usize)>,
}

impl<'a> People<'a> {
    fn of(&mut self, who: &'a Who) -> &mut Person<'a> {
        if let Some((last, at)) = self.last
            && last == who
        {
            return &mut self.all[at];
        }
        let user = match who.kind {
            WhoKind::User => self.known.user(&who.id),
            _ => None,
        };
        let name = match (user, who.kind) {
            (Some(user), _) => user.id.clone(),
            (None, WhoKind::User) => who.id.to_lowercase(),
            (None, _) => who.id.as_str().to_owned(),
        };
        let at = *self
            .numbers
            .entry((who.kind, name))
            .or_insert(self.all.len());
        if at == self.all.len() {
            self.all.push(Person {
                kind: Some(who.kind),
                user,
                ..Person::default()
            });
        }
        self.last = Some((who, at));
        let person = &mut self.all[at];
        person.names.insert(&who.id);
        person
    }
}

/// The users file's role, or the one most of its requests were made under.
fn role(person: &mut Person<'_>) {
    if let Some(user) = person.user.filter(|user| !user.role.is_empty()) {
        person.role = &user.role;
        return;
    }
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (key, access) in &person.cells {
        if !key.role.is_empty() {
            *counts.entry(&key.role).or_default() += access.requests();
        }
    }
    person.role = counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map_or("", |(role, _)| role);
}

/// Whose data a principal may see, as far as that is known.
fn own<'a>(person: &mut Person<'a>, tenants: &Tenants<'a>) {
    if let Some(user) = person.user
        && tenants.file_speaks
        && !user.tenants.is_empty()
    {
        person.own = user.tenants.iter().map(String::as_str).collect();
        person.origin = Origin::File;
    } else if !person.homes.is_empty() && tenants.homes_speak {
        person.own = person.homes.clone();
        person.origin = Origin::Log;
    }
}

/// Where nothing says whose data it may see, that is what it saw before.
fn past(person: &mut Person<'_>) {
    if person.saw.objects > 0 && !person.saw.tenants.is_empty() {
        person.own = person.saw.tenants.clone();
        person.origin = Origin::Past;
    }
}

/// What went out to a principal in a period.
fn sight<'a>(person: &Person<'a>, period: Period, tenants: &Tenants<'a>) -> Sight<'a> {
    let mut sight = Sight {
        exact: true,
        ..Sight::default()
    };
    let mut kinds_of_foreign = BTreeSet::new();
    let (mut all, mut foreign_times) = (None, None);
    for (kind, reach) in person.reached(period) {
        for (_, times) in reach.objects.times() {
            widen(&mut all, times);
        }
        sight.objects += reach.objects.count();
        sight.denied += reach.denied.count();
        sight.exact &= reach.objects.is_exact();
        if tenants.maps(kind) {
            let foreign = by_map(&mut sight, reach, tenants, &person.own, &mut foreign_times);
            if foreign > 0 {
                kinds_of_foreign.insert(kind.to_owned());
            }
            if person.origin != Origin::Unknown {
                *sight.foreign.get_or_insert(0) += foreign;
            }
        }
        if reach.objects.count() > 0 {
            sight.kinds.insert(kind.to_owned());
        }
    }
    if tenants.log_speaks {
        for tenant in person.tenants_said(period) {
            sight.tenants.insert(tenant);
        }
    }
    if person.origin != Origin::Unknown {
        sight.foreign_tenants = sight.tenants.difference(&person.own).copied().collect();
    }
    if !kinds_of_foreign.is_empty() {
        sight.kinds = kinds_of_foreign;
    }
    sight.times = foreign_times.or(all).filter(|_| sight.exact);
    sight
}

fn widen(times: &mut Option<(Stamp, Stamp)>, more: Option<(Stamp, Stamp)>) {
    *times = match (*times, more) {
        (Some((first, last)), Some(more)) => Some((first.min(more.0), last.max(more.1))),
        (known, more) => known.or(more),
    };
}

/// How many objects of a set belong to others, by the map of customers.
fn by_map<'a>(
    sight: &mut Sight<'a>,
    reach: &Reach,
    tenants: &Tenants<'a>,
    own: &BTreeSet<&str>,
    when: &mut Option<(Stamp, Stamp)>,
) -> u64 {
    let mut foreign = 0_u64;
    for (id, times) in reach.objects.times() {
        if let Some(tenant) = tenants.of_object(id) {
            if !own.contains(tenant) {
                foreign += 1;
                widen(when, times);
            }
            if !sight.tenants.contains(tenant) {
                sight.tenants.insert(tenant);
            }
        }
    }
    let kept = (reach.objects.kept() as u64).max(1);
    if reach.objects.is_exact() {
        foreign
    } else {
        let all = u128::from(reach.objects.count());
        u64::try_from(u128::from(foreign) * all / u128::from(kept)).unwrap_or(u64::MAX)
    }
}
