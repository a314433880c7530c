//! R12: the database or its REST interface was read past the app.

use super::claim::{Claim, Ground};
use super::index::Index;
use super::person::Person;
use super::phrase::{about, fact, few, many, name, when};
use crate::domain::finding::{RootCause, Severity};
use crate::investigate::logs::event::{Layer, WhoKind};
use crate::investigate::logs::gather::aggregates::Period;
use std::collections::BTreeSet;

/// Tables read by one key that are many.
const TABLES: usize = 3;
/// Rows that are many.
const ROWS: u64 = 1_000;
/// Agents that people type into.
const BY_HAND: [&str; 8] = [
    "psql",
    "curl",
    "python",
    "pg_dump",
    "PostmanRuntime",
    "Wget",
    "DBeaver",
    "HTTPie",
];
/// Agents of browsers.
const BROWSER: &str = "Mozilla";

pub(super) fn judge(index: &Index<'_>) -> Vec<Claim> {
    index
        .ones()
        .filter_map(|person| rest(index, person).or_else(|| by_hand(index, person)))
        .collect()
}

/// The table of a route of the REST interface.
fn table(route: &str) -> Option<&str> {
    let (_, after) = route.split_once("/rest/v1/")?;
    let table = after.split('/').next()?;
    (!table.is_empty() && table != "rpc").then_some(table)
}

/// Many rows or many tables through the REST interface. Whoever signed in reads
/// tables there as a matter of course: what is much for a person, the rules
/// about people say.
fn rest(index: &Index<'_>, person: &Person<'_>) -> Option<Claim> {
    if person.who_kind() == WhoKind::User {
        return None;
    }
    let of = |period| {
        let tables: BTreeSet<&str> = person
            .cells
            .iter()
            .filter(|(key, access)| key.period == period && access.rows + access.bytes > 0)
            .filter_map(|(key, _)| table(&key.route))
            .collect();
        (
            tables,
            person.volume(period, |key| table(&key.route).is_some()),
        )
    };
    let ((were, past), (tables, volume)) = (of(Period::Before), of(Period::After));
    let new = tables.difference(&were).count();
    let many_tables = new >= TABLES && index.span.has_before();
    let many_rows = volume.rows >= ROWS
        && volume.rows >= past.rows.saturating_mul(5).max(ROWS)
        && volume.max_rows >= past.max_rows.saturating_mul(5).max(ROWS / 2);
    if person.is_global || !(many_tables || many_rows) {
        return None;
    }
    let mut claim = about("R12", person, volume.clone());
    claim.title = format!(
        "{} read {} through the database's REST interface, {}, {}",
        name(person),
        many(tables.len() as u64, "table"),
        many(volume.rows, "row"),
        when(&index.span, claim.first, claim.last)
    );
    claim.severity = Severity::High;
    claim.ground = if index.span.has_before() {
        Ground::Change
    } else {
        Ground::Pattern
    };
    claim.causes = vec![RootCause::R2];
    claim
        .evidence
        .push(fact("tables", few(tables.iter().copied())));
    claim
        .evidence
        .push(fact("rows before the release", past.rows));
    claim.hint = "check the row security of these tables for this role, then rotate the key".into();
    Some(claim)
}

/// A key or a role from where it did not come before: typed by hand, or the
/// service's key from a browser.
fn by_hand(index: &Index<'_>, person: &Person<'_>) -> Option<Claim> {
    if !matches!(person.who_kind(), WhoKind::Key | WhoKind::Role) {
        return None;
    }
    let before: BTreeSet<(&str, &str)> = origins(index, person, Period::Before)
        .map(|(agent, client, _)| (agent, client))
        .collect();
    let is_service = person.name().contains("service") || person.name().contains("secret");
    let odd: Vec<(&str, &str, u64)> = origins(index, person, Period::After)
        .filter(|(agent, client, _)| {
            let typed = BY_HAND.iter().any(|tool| agent.starts_with(tool));
            let browser = is_service && agent.starts_with(BROWSER);
            (typed || browser) && !before.contains(&(*agent, *client))
        })
        .collect();
    let requests: u64 = odd.iter().map(|(.., count)| count).sum();
    let compares = index.span.has_before();
    if odd.is_empty() || requests < 3 || !(compares || is_service) {
        return None;
    }
    // One agent at many addresses is named once.
    let agents: BTreeSet<&str> = odd.iter().map(|(agent, ..)| *agent).collect();
    let clients: BTreeSet<&str> = odd.iter().map(|(_, client, _)| *client).collect();
    let volume = person.volume(Period::After, |key| key.layer != Layer::Auth);
    let mut claim = about("R12", person, volume);
    claim.title = format!(
        "{} was used {requests} times by {}, {}",
        name(person),
        few(agents),
        if compares {
            "never so before the release"
        } else {
            "which is not the app"
        }
    );
    claim.severity = Severity::High;
    claim.ground = if compares {
        Ground::Change
    } else {
        Ground::Pattern
    };
    claim.causes = vec![RootCause::R5];
    claim.evidence.push(fact("from", few(clients)));
    claim.hint = "find out who holds this secret; rotate it if nobody can say".into();
    Some(claim)
}

fn origins<'a>(
    index: &Index<'a>,
    person: &Person<'_>,
    period: Period,
) -> impl Iterator<Item = (&'a str, &'a str, u64)> {
    let (kind, names) = (person.who_kind(), person.names.clone());
    index
        .tables
        .origins
        .iter()
        .filter(move |(key, _)| {
            key.period == period && key.who.kind == kind && names.contains(key.who.id.as_str())
        })
        .map(|(key, seen)| (key.agent.as_str(), key.client.as_str(), seen.requests))
}
