//! R5: a statement reads a tenant table without saying whose rows.
//!
//! Which tables are a tenant's is told by the statements themselves: others
//! read the same table by its tenant column. A statement that was bound
//! before the release and is not after it has lost its predicate, the
//! strongest sign. What row security binds is not in the statement: a plan
//! that filters by the tenant column rules the claim out, and without plans
//! it stays a suspicion.

use super::claim::{Case, Claim, Ground};
use crate::domain::finding::{Confidence, Evidence, RootCause, Severity, SubjectKind};
use crate::investigate::logs::event::{Class, Layer};
use crate::investigate::logs::gather::aggregates::{
    Access, AccessKey, Period, Statement, earliest,
};
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
    let (mut rows, mut bytes, mut first, mut last, mut most) = (0, 0, None, None, 0);
    let mut places = Vec::new();
    for (_, access) in fresh {
        rows += access.rows;
        bytes += access.bytes;
        first = earliest(first, access.first);
        last = access.last.max(last);
        most = access.max_rows.max(most);
        places.extend(access.largest.or(access.place));
    }
    places.sort_unstable();
    places.dedup();
    let bounded = statement.limit.is_some_and(|limit| limit < LARGE_LIMIT);
    let changed = case.tables.release.is_some();
    let severity = match (before.is_some(), bounded) {
        (true, false) => Severity::Critical,
        (true, true) => Severity::High,
        (false, false) if changed => Severity::High,
        (false, _) => Severity::Medium,
    };
    // More rows than the bound form ever gave: nothing else binds them.
    let proven = before.is_some_and(|(_, rows)| rows > 0 && most > rows.saturating_mul(2));
    let mut parties: BTreeSet<_> = fresh.iter().map(|(key, _)| &key.who).collect();
    let who = parties.pop_first().filter(|_| parties.is_empty()).cloned();
    Claim {
        rule: "R5",
        title: match before {
            Some(_) => format!("A statement on {table} lost its predicate on the tenant"),
            None => format!("A statement reads {table} whole, whosever rows they are"),
        },
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
        rows,
        bytes,
        first,
        last,
        places,
    }
}

fn evidence(statement: &Statement, before: Option<&Statement>, fresh: &Uses<'_>) -> Vec<Evidence> {
    let mut evidence = vec![Evidence::new("statement", &statement.text)];
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
mod tests {
    use super::*;
    use crate::investigate::logs::event::{Event, WhoKind};
    use crate::investigate::logs::format::parser::{Out, PlanSeen};
    use crate::investigate::logs::gather::Gather;
    use crate::investigate::logs::gather::timing::Timing;
    use crate::investigate::logs::intake::Intake;
    use crate::investigate::logs::known::Known;
    use std::sync::Arc;

    const RELEASE: i64 = 1_000_000_000_000;
    const BOUND: &str = "select * from customers where org_id = $1";
    const WIDE: &str = "select * from customers";

    struct Log(Intake);

    impl Log {
        fn new() -> Self {
            let timing = Timing {
                release: Some(RELEASE),
                ..Timing::default()
            };
            Self(Intake::new(Gather::new(timing), Arc::default()))
        }

        fn ran(mut self, after: bool, role: &str, statement: &str, rows: u64) -> Self {
            let at = RELEASE
                + if after {
                    60_000_000_000
                } else {
                    -60_000_000_000
                };
            self.0.event(&Event {
                at,
                layer: Layer::Sql,
                status: 200,
                db_role: role,
                statement,
                parameters: "$1 = '7'",
                rows: Some(rows),
                ..Event::EMPTY
            });
            self
        }

        fn judged(mut self) -> Vec<Claim> {
            let (tables, known) = (self.0.gather.tables(), Known::default());
            judge(&Case {
                tables: &tables,
                known: &known,
            })
        }
    }

    #[test]
    fn a_lost_predicate_is_the_gravest() {
        let log = Log::new()
            .ran(false, "app", BOUND, 10)
            .ran(true, "app", WIDE, 600);
        let claims = log.judged();
        assert_eq!(claims.len(), 1);
        let claim = &claims[0];
        assert_eq!(
            (claim.severity, claim.confidence),
            (Severity::Critical, Confidence::Confirmed)
        );
        assert_eq!(claim.rows, 600);
        assert_eq!(claim.who.as_ref().map(|who| who.kind), Some(WhoKind::Role));
        assert!(claim.title.contains("lost"), "{}", claim.title);
    }

    #[test]
    fn what_is_no_wide_read_is_not_accused() {
        let still = || {
            Log::new()
                .ran(false, "app", BOUND, 10)
                .ran(true, "app", BOUND, 10)
        };
        for (statement, role) in [
            ("select * from plans", "app"),
            ("select * from customers where id = $1", "app"),
            ("select * from customers where email = $1", "app"),
            (
                "select c.* from customers c join orgs o on o.id = c.org_id",
                "app",
            ),
            ("insert into customers (org_id) values ($1)", "app"),
        ] {
            let claims = still().ran(true, role, statement, 600).judged();
            assert!(claims.is_empty(), "{statement}: {claims:?}");
        }
        let dump = "COPY public.customers (id, org_id) TO stdout";
        let nightly = still()
            .ran(false, "owner", dump, 0)
            .ran(true, "owner", dump, 0);
        let claims: Vec<Claim> = nightly.judged();
        assert!(claims.is_empty(), "{claims:?}");
        let report = still()
            .ran(false, "admin", WIDE, 600)
            .ran(true, "admin", WIDE, 640);
        assert!(report.judged().is_empty());
    }

    #[test]
    fn a_report_by_somebody_else_or_of_another_size_is() {
        let still = || {
            Log::new()
                .ran(false, "app", BOUND, 10)
                .ran(true, "app", BOUND, 10)
        };
        let other = still()
            .ran(false, "admin", WIDE, 600)
            .ran(true, "app", WIDE, 600);
        assert_eq!(other.judged().len(), 1);
        let larger = still()
            .ran(false, "admin", WIDE, 60)
            .ran(true, "admin", WIDE, 600);
        assert_eq!(larger.judged().len(), 1);
        let copy = still()
            .ran(true, "app", "copy customers to stdout", 0)
            .judged();
        assert_eq!(copy[0].severity, Severity::High);
    }

    #[test]
    fn a_plan_that_filters_rules_it_out() {
        let mut log = Log::new()
            .ran(false, "app", BOUND, 10)
            .ran(true, "app", WIDE, 10);
        log.0.plan(&PlanSeen {
            statement: WIDE,
            columns: &["org_id".to_owned()],
            closed: false,
        });
        assert!(log.judged().is_empty());
    }
}
