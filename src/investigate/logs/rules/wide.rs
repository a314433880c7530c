//! R5: a statement reads a tenant table without saying whose rows.
//!
//! Which tables are a tenant's is told by the statements themselves: others
//! read the same table by its tenant column. A statement that was bound
//! before the release and is not after it has lost its predicate, the
//! strongest sign. What row security binds is not in the statement: a plan
//! that filters by the tenant column rules the claim out, and without plans
//! it stays a suspicion.

use super::claim::{Case, Claim, Ground};
use super::phrase::{many, when};
use super::span::Span;
use crate::domain::finding::{Confidence, Evidence, RootCause, Severity, SubjectKind};
use crate::investigate::logs::event::{Class, Layer, Place, WhoKind};
use crate::investigate::logs::gather::aggregates::{Access, AccessKey, Period, Statement, Who};
use crate::investigate::logs::sql::counted::CLOSED;
use crate::investigate::logs::sql::names::{folded, is_key, is_tenant};
use std::collections::{BTreeMap, BTreeSet};

/// From this on a limit bounds little.
const LARGE_LIMIT: u64 = 1_000;
/// So many times more rows than before are another volume.
const VOLUME: u64 = 5;

type Uses<'a> = Vec<(&'a AccessKey, &'a Access)>;

pub(super) fn judge(case: &Case<'_>) -> Vec<Claim> {
    let statements = &case.tables.statements;
    let tenant_tables = tenant_tables(statements.values());
    if tenant_tables.is_empty() {
        return Vec::new();
    }
    let mut uses: BTreeMap<&str, Uses<'_>> = BTreeMap::new();
    for (key, access) in &case.tables.access {
        if key.layer == Layer::Sql && access.of(Class::Ok) > 0 {
            uses.entry(&key.route).or_default().push((key, access));
        }
    }
    statements
        .iter()
        .filter_map(|(label, statement)| {
            let table = wide(statement, &tenant_tables)?;
            let fresh = fresh(uses.get(label.as_str())?);
            if fresh.is_empty() {
                return None;
            }
            let lost = lost(statement, statements, &uses);
            Some(claim(case, label, statement, table, lost, &fresh))
        })
        .collect()
}

/// Tables that some statement reads alone and by a tenant column.
fn tenant_tables<'a>(statements: impl Iterator<Item = &'a Statement>) -> BTreeSet<&'a str> {
    statements
        .filter(|statement| !statement.unread && statement.verb != "insert")
        .filter(|statement| statement.bound.iter().any(|column| is_tenant(column)))
        .filter_map(|statement| match statement.tables.as_slice() {
            [table] => Some(table.as_str()),
            _ => None,
        })
        .collect()
}

/// The tenant table that a statement reads without binding whose rows.
fn wide<'a>(statement: &'a Statement, tenant_tables: &BTreeSet<&str>) -> Option<&'a str> {
    let reads = matches!(statement.verb.as_str(), "select" | "copy" | "declare");
    if !reads || statement.unread {
        return None;
    }
    let table = statement
        .tables
        .iter()
        .find(|table| tenant_tables.contains(table.as_str()))?;
    let is_bound = statement.equals.iter().any(|column| is_tenant(column))
        || statement
            .bound
            .iter()
            .any(|column| is_lookup(column, statement));
    let is_filtered = statement
        .filtered
        .iter()
        .any(|column| is_tenant(column) || column == CLOSED);
    (!is_bound && !is_filtered).then_some(table)
}

/// Columns of which a value names one row, or the rows of one thing.
fn is_lookup(column: &str, statement: &Statement) -> bool {
    const SINGLE: [&str; 7] = [
        "email",
        "slug",
        "token",
        "username",
        "handle",
        "subdomain",
        "domain",
    ];
    let plain = folded(column);
    SINGLE.contains(&plain.as_str())
        || plain.ends_with("id")
        || plain.ends_with("uuid")
        || statement.tables.iter().any(|table| is_key(column, table))
}

/// Uses after the release by whoever did not do it before as widely: by the
/// app's role where it is known, or else by name.
fn fresh<'a>(uses: &Uses<'a>) -> Uses<'a> {
    let party = |key: &AccessKey| {
        if key.role.is_empty() {
            format!("{:?} {}", key.who.kind, key.who.id)
        } else {
            format!("role {}", key.role)
        }
    };
    let mut before: BTreeMap<String, u64> = BTreeMap::new();
    for (key, access) in uses.iter().filter(|(key, _)| key.period == Period::Before) {
        let rows = before.entry(party(key)).or_default();
        *rows = access.max_rows.max(*rows);
    }
    uses.iter()
        .filter(|(key, access)| {
            key.period == Period::After
                && before
                    .get(&party(key))
                    .is_none_or(|rows| *rows > 0 && access.max_rows > rows.saturating_mul(VOLUME))
        })
        .copied()
        .collect()
}

/// The statement of before the release that is the same but for a predicate
/// on the tenant, and has gone since.
fn lost<'a>(
    wide: &Statement,
    statements: &'a BTreeMap<String, Statement>,
    uses: &BTreeMap<&str, Uses<'_>>,
) -> Option<(&'a Statement, u64)> {
    statements.iter().find_map(|(label, other)| {
        let same = other.verb == wide.verb
            && other.tables == wide.tables
            && select_list(&other.text) == select_list(&wide.text)
            && other.equals.iter().any(|column| is_tenant(column));
        let uses = uses.get(label.as_str()).filter(|_| same)?;
        let of = |period: Period| uses.iter().filter(move |(key, _)| key.period == period);
        let was = of(Period::Before).count() > 0;
        let is = of(Period::After).count() > 0;
        let most = of(Period::Before).map(|(_, access)| access.max_rows).max();
        (was && !is).then_some((other, most.unwrap_or(0)))
    })
}

fn select_list(text: &str) -> &str {
    text.split_once(" from ").map_or(text, |(list, _)| list)
}

fn claim(
    case: &Case<'_>,
    label: &str,
    statement: &Statement,
    table: &str,
    before: Option<(&Statement, u64)>,
    fresh: &Uses<'_>,
) -> Claim {
    let (all, places) = summed(fresh);
    let bounded = statement.limit.is_some_and(|limit| limit < LARGE_LIMIT);
    let changed = case.tables.release.is_some();
    let severity = match (before.is_some(), bounded) {
        (true, false) => Severity::Critical,
        (true, true) => Severity::High,
        (false, false) if changed => Severity::High,
        (false, _) => Severity::Medium,
    };
    // More rows than the bound form ever gave: nothing else binds them.
    let proven = before.is_some_and(|(_, rows)| rows > 0 && all.max_rows > rows.saturating_mul(2));
    let mut parties: BTreeSet<_> = fresh.iter().map(|(key, _)| &key.who).collect();
    let who = parties.pop_first().filter(|_| parties.is_empty()).cloned();
    Claim {
        rule: "R5",
        title: format!(
            "{}: {} by {}, {}, {}",
            match before {
                Some(_) => format!("A statement on {table} lost its predicate on the tenant"),
                None => format!("A statement reads {table} whole, whosever rows they are"),
            },
            many(all.of(Class::Ok), "run"),
            by(fresh),
            match all.rows {
                0 => "rows not logged".to_owned(),
                some => many(some, "row"),
            },
            when(&Span::of(case.tables), all.first, all.last)
        ),
        severity,
        confidence: if proven {
            Confidence::Confirmed
        } else {
            Confidence::Suspected
        },
        ground: if changed {
            Ground::Change
        } else {
            Ground::Pattern
        },
        subject: (SubjectKind::Route, label.to_owned()),
        who,
        causes: vec![RootCause::R1, RootCause::R2],
        evidence: evidence(statement, before.map(|(known, _)| known), fresh),
        hint: format!(
            "bind {table} by its tenant again; look whether row security holds for it, since a statement does not show that"
        ),
        tenants: 0,
        objects: 0,
        exact: true,
        rows: all.rows,
        bytes: all.bytes,
        first: all.first,
        last: all.last,
        places,
    }
}

/// All uses as one, and where each shows.
fn summed(fresh: &Uses<'_>) -> (Access, Vec<Place>) {
    let mut all = Access::default();
    let mut places = BTreeSet::new();
    for (_, access) in fresh {
        all.merge(access);
        places.extend(access.largest.or(access.place));
    }
    (all, places.into_iter().collect())
}

/// Who ran it: one by name, more by their number.
fn by(fresh: &Uses<'_>) -> String {
    let who: BTreeSet<&Who> = fresh.iter().map(|(key, _)| &key.who).collect();
    let kind = |kind: WhoKind| who.iter().filter(|who| who.kind == kind).count() as u64;
    match who.first() {
        Some(one) if who.len() == 1 => match one.kind {
            WhoKind::Role => format!("the database role {} (a role, not a person)", one.id),
            WhoKind::Address => format!("the address {} (an address, not a person)", one.id),
            WhoKind::Nobody => "somebody the logs do not name".to_owned(),
            WhoKind::User | WhoKind::Key => one.id.as_str().to_owned(),
        },
        _ if kind(WhoKind::User) == who.len() as u64 => format!("{} people", who.len()),
        _ => many(who.len() as u64, "principal"),
    }
}

fn evidence(statement: &Statement, before: Option<&Statement>, fresh: &Uses<'_>) -> Vec<Evidence> {
    let mut evidence = vec![
        Evidence::new("statement", &statement.text),
        Evidence::new(
            "tenants",
            "not told: a statement does not say whose rows went out",
        ),
    ];
    if let Some(before) = before {
        evidence.push(Evidence::new("before the release", &before.text));
    }
    let runs: u64 = fresh.iter().map(|(_, access)| access.of(Class::Ok)).sum();
    evidence.push(Evidence::new("runs", &runs.to_string()));
    let limit = match (statement.has_limit, statement.limit) {
        (false, _) => "none".to_owned(),
        (true, None) => "a parameter".to_owned(),
        (true, Some(limit)) => limit.to_string(),
    };
    evidence.push(Evidence::new("limit", &limit));
    let plans = match statement.plans {
        0 => "none logged: whether row security filters is not told".to_owned(),
        some => format!("{some} logged, none filters by a tenant"),
    };
    evidence.push(Evidence::new("plans", &plans));
    evidence
}

#[cfg(test)]
mod tests;
