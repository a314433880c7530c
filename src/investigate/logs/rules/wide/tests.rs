//! Statements with and without their tenant, on both sides of a release.

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
