//! One incident as it goes on: found, planned, about to be sent, contained.

use super::model::{Record, check_done, finding, mapped, plan, raise};
use firsthour::domain::action::Proof;
use firsthour::domain::check::Gap;
use firsthour::domain::fact::{
    Answered, Applied, Approved, DoneHow, Fact, Intended, Planned, Proved, StepDone, StepSkipped,
};
use firsthour::domain::failure::Failure;
use firsthour::domain::finding::{Confidence, Finding, Severity};
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
