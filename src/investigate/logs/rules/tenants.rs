//! Whose data an object is: by the customers file, or by what the logs say
//! beside each request; and whether the words of the files and of the logs for
//! a tenant are the same words at all.

use super::kinds;
use super::person::Person;
use crate::investigate::logs::gather::aggregates::Period;
use crate::investigate::logs::known::Known;
use std::collections::{BTreeMap, BTreeSet};

/// Ids of a kind that are enough to see that they are those of the file.
const ENOUGH: u64 = 20;

/// What is known of tenants.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one answer each, asked by name"
)]
pub struct Tenants<'a> {
    known: &'a Known,
    /// Kinds whose ids the customers file lists.
    mapped: BTreeSet<String>,
    /// Ids of those kinds in the logs, and how many the file has.
    pub ids: u64,
    pub found: u64,
    /// The logs' own words for tenants are used.
    pub log_speaks: bool,
    /// The users file speaks of the same tenants as the data does.
    pub file_speaks: bool,
    /// So does what the logs say of each one's own.
    pub homes_speak: bool,
    /// The logs name tenants in words of their own, which no file uses.
    pub other_words: bool,
}

#[derive(Debug, Default)]
struct Kind {
    ids: u64,
    found: u64,
    is_numeric: bool,
}

impl<'a> Tenants<'a> {
    /// Looks at what the people of the logs reached.
    pub fn of(known: &'a Known, people: &[Person<'a>]) -> Self {
        let mut seen: BTreeMap<&str, Kind> = BTreeMap::new();
        let mut said: BTreeSet<&str> = BTreeSet::new();
        let mut homes: BTreeSet<&str> = BTreeSet::new();
        for person in people {
            homes.extend(&person.homes);
            for period in [Period::Before, Period::Near, Period::After] {
                for (kind, reach) in person.reached(period) {
                    let kind = seen.entry(kind).or_default();
                    kind.is_numeric |= !reach.walk.is_empty();
                    said.extend(reach.tenants.iter().map(String::as_str));
                    if known.has_customers() {
                        kind.ids += reach.objects.kept() as u64;
                        let found = reach
                            .objects
                            .ids()
                            .filter(|id| known.tenant_of(*id).is_some());
                        kind.found += found.count() as u64;
                    }
                }
            }
        }
        let mapped = mapped(&seen);
        let of_mapped = || seen.iter().filter(|(kind, _)| mapped.contains(**kind));
        let (ids, found) = of_mapped().fold((0, 0), |(ids, found), (_, kind)| {
            (ids + kind.ids, found + kind.found)
        });
        let listed: BTreeSet<&str> = known.tenants().collect();
        let is_mapped = found > 0;
        let log_speaks = !said.is_empty() && (!is_mapped || overlaps(&said, &listed));
        let data = if is_mapped { &listed } else { &said };
        let owned: BTreeSet<&str> = known
            .users()
            .flat_map(|user| user.tenants.iter().map(String::as_str))
            .collect();
        Self {
            known,
            ids,
            found,
            log_speaks,
            file_speaks: overlaps(&owned, data),
            homes_speak: overlaps(&homes, data),
            other_words: !data.is_empty()
                && ((!owned.is_empty() && !overlaps(&owned, data))
                    || (is_mapped && !said.is_empty() && !log_speaks)),
            mapped: mapped.clone(),
        }
    }

    /// Whether ids of that kind are looked up in the customers file.
    pub fn maps(&self, kind: &str) -> bool {
        self.found > 0 && self.mapped.contains(kind)
    }

    /// The tenant of an object by the customers file.
    pub fn of_object(&self, id: u64) -> Option<&'a str> {
        self.known.tenant_of(id)
    }

    /// Whether the tenant of what went out can be told at all.
    pub const fn are_known(&self) -> bool {
        self.found > 0 || self.log_speaks
    }

    /// Customers of the file, where reads are told by it.
    pub fn all(&self) -> Option<u64> {
        (self.found > 0).then(|| self.known.customers() as u64)
    }
}

/// The kinds whose ids are those of the file: those that go by a customer's
/// name, or whose ids are nearly all found. Numbers prove little, since
/// invoices are numbered too, so they count only where no kind has the name.
fn mapped(seen: &BTreeMap<&str, Kind>) -> BTreeSet<String> {
    let named = seen
        .iter()
        .any(|(kind, counts)| kinds::is_customers(kind) && counts.found > 0);
    seen.iter()
        .filter(|(kind, counts)| {
            if kinds::is_customers(kind) {
                return counts.found > 0;
            }
            let nearly_all = counts.found * 10 >= counts.ids * 9;
            let proves = !counts.is_numeric || !named || kind.is_empty();
            counts.found > 0 && nearly_all && proves && (counts.ids >= ENOUGH || kind.is_empty())
        })
        .map(|(kind, _)| (*kind).to_owned())
        .collect()
}

/// Whether two lists are of the same words: a fifth of the shorter in common.
fn overlaps(one: &BTreeSet<&str>, other: &BTreeSet<&str>) -> bool {
    let common = one.intersection(other).count();
    common > 0 && common * 5 >= one.len().min(other.len())
}
