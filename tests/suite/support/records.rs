//! One incident as it goes on: found, planned, about to be sent, contained.

use super::model::{Record, check_done, finding, mapped, plan, raise};
use firsthour::domain::action::Proof;
use firsthour::domain::check::Gap;
use firsthour::domain::fact::{
    Answered, Applied, Approved, DoneHow, Fact, Intended, Planned, Proved, StepDone, StepSkipped,
};
use firsthour::domain::failure::Failure;
use firsthour::domain::finding::{Confidence, Finding, Severity};
use firsthour::domain::reading::{Count, Doing, Horizon, Live, Read, Reads, Scan};
use firsthour::domain::stance::Mode;

/// A failure as an edge tells it.
pub fn failure() -> Failure {
    Failure::new(
        "database.reach could not run",
        "connection refused at 127.0.0.1:5432",
        "start the database, then press r",
    )
}

/// Findings of the reach check and the policy check.
pub fn findings() -> Vec<Finding> {
    use Confidence::{Confirmed, RuledOut, Suspected};
    use Severity::{Critical, High, Low, Medium};
    vec![
        finding("P01", "public.customers", Critical, Confirmed),
        finding("D01", "public.tenants", High, Confirmed),
        finding(
            "P05",
            "customers_update on public.customers",
            Medium,
            Suspected,
        ),
        finding("G06", "public.audit_log", Low, Suspected),
        finding("P11", "public.invoices", Medium, RuledOut),
    ]
}

/// An incident in which the leak was found and proven.
pub fn found() -> Record {
    let mut record = Record::opened("amber-heron", Mode::Drill);
    record.later(5).take("t1.orient").later(70);
    let answered = Fact::Answered(Answered {
        ask: "active".into(),
        answer: "yes".into(),
    });
    record.at("t1.orient", answered).later(2);
    let done = |how| Fact::StepDone(StepDone { how });
    record.at("t1.orient", done(DoneHow::Answered));
    record.take("t2.reach").later(20);
    record.at("t2.reach", mapped());
    let found = findings();
    raise(&mut record, "t2.reach", "database.reach", &found);
    let gaps = [Gap::new("public.archive", "the probe would cost too much")];
    record.later(3);
    record.at("t2.reach", check_done("database.catalogue", 4, &[], &[]));
    record.at("t2.reach", check_done("database.reach", 16, &gaps, &found));
    record.later(30).at("t2.reach", done(DoneHow::Tool));
    record.take("t2.logs").later(95);
    let reason = "the logs are kept by the host".into();
    record.at("t2.logs", Fact::StepSkipped(StepSkipped { reason }));
    record.take("t3.contain").later(41);
    record
}

/// What the statistics of the lab told: one wide read by the leaking role,
/// one through a function, the application's own, and a counter.
pub fn reads() -> Reads {
    let one = |relation: &str, role: &str, calls, rows, count| Read {
        relation: relation.into(),
        through: String::new(),
        role: role.into(),
        calls,
        rows,
        count,
        wide: false,
        tenants: None,
        statement: format!("select * from {relation} limit $1"),
        id: format!("{relation}{role}{rows}"),
        since: None,
    };
    let mut dump = one("public.customers", "authenticated", 1, 1240, Count::Certain);
    dump.wide = true;
    dump.tenants = Some(5);
    let mut packed = one("public.customers", "authenticated", 31, 31, Count::Packed);
    packed.through = "public.search_customers()".into();
    let pairs = [
        ("anonymous", "anon"),
        ("ghost", "authenticated"),
        ("member A", "authenticated"),
        ("member B", "authenticated"),
    ];
    let gap = "before Postgres 16 rows that a driver fetches in portions count as 0";
    Reads {
        read: vec![
            dump,
            packed,
            one(
                "public.invoices",
                "authenticated",
                412,
                3296,
                Count::OnAverage,
            ),
        ],
        scans: vec![Scan {
            relation: "public.audit_log".into(),
            rows: 48_200,
            last: None,
        }],
        live: vec![Live {
            login: "authenticator".into(),
            application: "PostgREST".into(),
            address: "10.0.0.7".into(),
            pid: 812,
            doing: Doing::Sending,
            relations: vec!["public.customers".into()],
            rows: None,
            seconds: 12,
            statement: "select * from public.customers".into(),
        }],
        horizon: Some(Horizon {
            statements: chrono::DateTime::from_timestamp(1_787_000_000, 0),
            tables: None,
            off: vec![Gap::new("reads in portions", gap)],
        }),
        roles: pairs.map(|(who, role)| (who.into(), role.into())).into(),
    }
}

/// The incident in which the leak was found, with the statistics looked at.
pub fn read() -> Record {
    let mut record = found();
    record.at("t2.reach", Fact::ReadsSeen(reads())).later(4);
    record
}

/// The same with a plan on screen.
pub fn planned() -> Record {
    let mut record = found();
    let plan = plan();
    let digest = plan.digest();
    record.at("t3.contain", Fact::Planned(Planned { digest, plan }));
    record.later(30);
    record
}

/// The same with the plan approved and about to be sent.
pub fn intended() -> Record {
    let mut record = planned();
    let digest = plan().digest();
    let typed = "lab".into();
    record.at(
        "t3.contain",
        Fact::Approved(Approved {
            plan: digest.clone(),
            typed,
        }),
    );
    let intended = Intended {
        plan: digest,
        action: "restrict.revoke".into(),
        target: "lab".into(),
    };
    record.at("t3.contain", Fact::Intended(intended)).later(1);
    record
}

/// The same with the containment applied and proven.
pub fn contained() -> Record {
    let mut record = intended();
    let digest = plan().digest();
    record.at(
        "t3.contain",
        Fact::Applied(Applied {
            plan: digest.clone(),
            ms: 12,
        }),
    );
    record.later(2);
    let proof = Proof {
        holds: Some(true),
        text: "ghost read public.customers again and got no row (foreign before)".into(),
        cells: Vec::new(),
    };
    record.at(
        "t3.contain",
        Fact::Proved(Proved {
            plan: digest,
            proof,
        }),
    );
    record.later(25);
    record
}
