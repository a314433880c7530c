//! How claims are worded: who, how many, since when, and whether it goes on.

use super::claim::{Claim, Ground};
use super::kinds;
use super::person::{Person, Volume};
use super::span::Span;
use crate::domain::finding::{Confidence, Evidence, Severity, SubjectKind};
use crate::domain::number::{bytes, thousands};
use crate::investigate::logs::event::{Stamp, WhoKind};
use chrono::DateTime;
use std::collections::BTreeSet;

/// Who it is: a person by name and role; anything else is said to be none.
pub fn name(person: &Person<'_>) -> String {
    let name = person.name();
    match person.who_kind() {
        WhoKind::User if person.role.is_empty() => name.to_owned(),
        WhoKind::User => format!("{name} ({})", person.role),
        WhoKind::Key => format!("the API key {name} (a key, not a person)"),
        WhoKind::Role => format!("the database role {name} (a role, not a person)"),
        WhoKind::Address => format!("the address {name} (an address, not a person)"),
        WhoKind::Nobody => "somebody the logs do not name".to_owned(),
    }
}

/// A number with its noun: `1 customer`, `41 customers`.
pub fn many(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {}", kinds::plural(noun))
    }
}

/// How much an answer held: rows where the logs say them, or else bytes.
pub fn amount(number: u64, says_rows: bool) -> String {
    if says_rows {
        format!("{} rows", thousands(number))
    } else {
        bytes(number)
    }
}

/// The noun for kinds of objects.
pub fn noun(kinds: &BTreeSet<String>) -> &str {
    match kinds.first() {
        Some(kind) if kinds.len() == 1 && !kind.is_empty() => kind,
        _ => "object",
    }
}

/// A time to the minute, UTC.
pub fn minute(at: Stamp) -> String {
    DateTime::from_timestamp_nanos(at)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}

/// Since when, and until when or whether it still goes on.
pub fn when(span: &Span, first: Option<Stamp>, last: Option<Stamp>) -> String {
    match (first, last) {
        (Some(first), Some(last)) if span.goes_on(Some(last)) => format!(
            "since {} UTC, still going on when the logs end",
            minute(first.min(last))
        ),
        (Some(first), Some(last)) => {
            format!("from {} to {} UTC", minute(first), minute(last))
        }
        _ => "at times the logs do not give".to_owned(),
    }
}

/// A claim about a principal over some routes; the rule fills in the rest.
pub fn about(rule: &'static str, person: &Person<'_>, volume: Volume) -> Claim {
    Claim {
        rule,
        title: String::new(),
        severity: Severity::High,
        confidence: Confidence::Suspected,
        ground: Ground::Change,
        subject: (SubjectKind::Principal, person.name().to_owned()),
        who: Some(person.who()),
        causes: Vec::new(),
        evidence: Vec::new(),
        hint: String::new(),
        tenants: 0,
        objects: 0,
        exact: true,
        rows: volume.rows,
        bytes: volume.bytes,
        first: volume.first,
        last: volume.last,
        places: volume.places,
    }
}

/// A claim about a route; nobody is accused.
pub fn about_route(rule: &'static str, route: &str, volume: Volume) -> Claim {
    let nobody = Person::default();
    let mut claim = about(rule, &nobody, volume);
    claim.subject = (SubjectKind::Route, route.to_owned());
    claim.who = None;
    claim
}

/// A chance as a power of ten.
pub fn chance(log: f64) -> String {
    if log.is_finite() {
        format!("10^{log:.1}")
    } else {
        "below 10^-300".to_owned()
    }
}

/// One supporting fact.
pub fn fact(what: &str, value: impl std::fmt::Display) -> Evidence {
    Evidence::new(what, &value.to_string())
}

/// A part of a whole in percent.
pub fn percent(part: f64, whole: f64) -> String {
    if whole <= 0.0 {
        return "none".to_owned();
    }
    let share = 100.0 * part / whole;
    if share > 0.0 && share < 1.0 {
        format!("{share:.2} %")
    } else {
        format!("{share:.0} %")
    }
}

/// The first few of some names, and how many more there are.
pub fn few<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 8;
    let names: Vec<&str> = names.into_iter().collect();
    let shown = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN {
        format!("{shown} and {} more", names.len() - SHOWN)
    } else {
        shown
    }
}
