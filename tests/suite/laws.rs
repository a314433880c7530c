//! The contracts of `update`, walked by keys: record first, proof after deed,
//! no yes without a person, nothing durable without the disk.

mod helpers;
mod rehearse;
mod watch;

use crate::support::desk::{Desk, Disk};
use firsthour::app::command::Command;
use firsthour::app::effect::Effect;
use firsthour::app::key::Key;
use firsthour::app::message::Message;
use firsthour::app::model::{JobKind, JournalState, Notice};
use firsthour::app::screen::{Overlay, Screen};
use firsthour::domain::action::{Outcome, Plan, Proof};
use firsthour::domain::check::{CheckReport, Coverage, Gap};
use firsthour::domain::exposure::{Cell, ColumnClass, RelationShape, Verdict};
use firsthour::domain::failure::Failure;
use firsthour::domain::finding::{
    Confidence, Evidence, Finding, RootCause, Severity, Subject, SubjectKind,
};
use firsthour::domain::incident::{PlanState, StepState};
use firsthour::domain::playbook::Playbook;
use firsthour::domain::reading::Reads;
use firsthour::domain::stance::{Mode, Stance};
use firsthour::playbooks;

const SMALL: &str = include_str!("../fixtures/small-playbook.md");

fn small() -> Playbook {
    let reading = playbooks::read(SMALL, "small-playbook.md");
    reading
        .playbook
        .unwrap_or_else(|| panic!("{:#?}", reading.diagnostics))
}

fn leak_report(check: &str, gaps: Vec<Gap>) -> CheckReport {
    let cell = |principal: &str, verdict| Cell {
        relation: "public.customers".into(),
        principal: principal.into(),
        verdict,
        rows: Some(40),
        bounded: false,
        basis: "SELECT ..".into(),
    };
    CheckReport {
        coverage: Coverage {
            check: check.into(),
            looked_at: 2,
            could_not: gaps,
        },
        findings: vec![Finding {
            check: "P01".into(),
            title: "Every row is readable".into(),
            severity: Severity::Critical,
            confidence: Confidence::Confirmed,
            subject: Subject::new(SubjectKind::Table, "public.customers"),
            principal: Some("ghost".into()),
            causes: vec![RootCause::R2],
            evidence: vec![Evidence::new("rows", "40")],
            hint: "Revoke the right to read.".into(),
            fix: None,
            trail: None,
        }],
        relations: vec![RelationShape {
            name: "public.customers".into(),
            kind: SubjectKind::Table,
            rows: Some(40),
            tenant_column: Some("org_id".into()),
            classes: vec![ColumnClass::Email],
        }],
        cells: vec![
            cell("ghost", Verdict::All),
            cell("service_role", Verdict::All),
        ],
        acting: Vec::new(),
        by_design: vec!["service_role".into()],
        fields: [("foreign".to_owned(), 1), ("undecided".to_owned(), 0)].into(),
        warnings: vec!["the login is a superuser".into()],
        reads: Reads::default(),
    }
}

fn plan() -> Plan {
    Plan {
        action: "restrict.revoke".into(),
        target: "lab".into(),
        subject: Subject::new(SubjectKind::Table, "public.customers"),
        confirm: "lab".into(),
        statements: Vec::new(),
        undo: Vec::new(),
        before: Vec::new(),
        cells: Vec::new(),
        affects: Vec::new(),
        locks: "no table lock".into(),
        proof: "the prober".into(),
        undoes: None,
    }
}

/// The job the last effect of a kind belongs to.
fn job(desk: &Desk, kind: &JobKind) -> firsthour::app::model::JobId {
    let found = desk.model.jobs.iter().find(|(_, job)| &job.what == kind);
    *found.expect("the job is registered").0
}

/// Opens, answers the first step, and brings the reach check's leak back.
fn with_leak(mode: Mode) -> Desk {
    let mut desk = Desk::open(small(), mode);
    desk.keys(&[
        Key::Enter,
        Key::Enter,
        Key::Char('1'),
        Key::Enter,
        Key::Enter,
    ]);
    let check = "database.reach".to_owned();
    assert!(
        matches!(desk.effects.last(), Some(Effect::RunCheck { check: c, .. }) if *c == check),
        "{:?}",
        desk.effects
    );
    let done = Message::CheckDone {
        job: job(&desk, &JobKind::Check(check.clone())),
        report: Box::new(leak_report(&check, Vec::new())),
        check,
        ms: 5,
    };
    desk.send(done);
    desk
}

fn with_plan(mode: Mode) -> Desk {
    let mut desk = with_leak(mode);
    desk.keys(&[Key::Enter, Key::Enter]);
    let answer = Message::PlanMade {
        job: job(&desk, &JobKind::Plan("restrict.revoke".into())),
        plan: Box::new(plan()),
    };
    desk.send(answer);
    assert!(matches!(desk.model.screen, Screen::Plan { .. }));
    desk
}

#[test]
fn a_check_starts_only_after_its_order_is_on_disk() {
    let mut desk = Desk::open(small(), Mode::Drill);
    desk.keys(&[Key::Enter, Key::Enter, Key::Char('1'), Key::Enter]);
    desk.broken = Some(Failure::new("disk", "the disk is full", "free space"));
    desk.keys(&[Key::Enter]);
    assert!(
        desk.effects
            .iter()
            .all(|e| !matches!(e, Effect::RunCheck { .. }))
    );
    assert!(
        desk.model.jobs.is_empty(),
        "nothing waits for a line that is not there"
    );
    assert!(matches!(
        desk.model.case.as_ref().unwrap().journal,
        JournalState::Blocked { .. }
    ));
    assert!(matches!(desk.model.notice, Some(Notice::Failed(_))));
}

#[test]
fn ten_keys_lead_to_the_first_proven_finding() {
    let desk = with_leak(Mode::Drill);
    let incident = desk.model.incident().unwrap();
    let standing: Vec<_> = incident.standing_findings().collect();
    assert_eq!(standing.len(), 1);
    assert_eq!(standing[0].finding.confidence, Confidence::Confirmed);
    assert_eq!(incident.cause_state(RootCause::R2), Confidence::Confirmed);
    desk.assert_resume_is_equal();
}

#[test]
fn a_deed_follows_approval_intent_and_disk_in_that_order() {
    let mut desk = with_plan(Mode::Drill);
    desk.keys(&[Key::Char('y')]);
    desk.line("wrong");
    assert!(matches!(
        &desk.model.overlay,
        Some(Overlay::Prompt(p)) if p.problem.is_some()
    ));
    assert!(!desk.kinds().contains(&"approve".to_owned()));
    desk.keys(&[Key::Esc, Key::Char('y')]);
    desk.line("lab");
    let kinds = desk.kinds();
    assert_eq!(
        kinds[kinds.len() - 3..],
        ["action.plan", "approve", "action.intent"]
    );
    let Some(Effect::Apply {
        approval,
        plan,
        job,
    }) = desk.effects.last().cloned()
    else {
        panic!("{:?}", desk.effects);
    };
    assert_eq!(approval.plan(), &plan.digest());
    desk.send(Message::ActionDone {
        job,
        plan: plan.digest(),
        outcome: Outcome::Applied,
        ms: 3,
    });
    let Some(Effect::Prove { job, digest, .. }) = desk.effects.last().cloned() else {
        panic!("{:?}", desk.effects);
    };
    let proof = Proof {
        holds: Some(true),
        text: "foreign -> none".into(),
        cells: Vec::new(),
    };
    desk.send(Message::Proved {
        job,
        plan: digest.clone(),
        proof,
    });
    let incident = desk.model.incident().unwrap();
    assert_eq!(incident.ledger().count(), 1);
    assert_eq!(incident.plan(&digest).unwrap().state, PlanState::Applied);
    desk.assert_resume_is_equal();
}

#[test]
fn no_key_alone_changes_the_world() {
    let mut desk = with_plan(Mode::Live);
    for code in 0x20_u8..0x7f {
        let mut tried = Desk {
            model: desk.model.clone(),
            disk: copy_of(&desk.disk),
            effects: Vec::new(),
            broken: None,
        };
        tried.keys(&[Key::Char(char::from(code))]);
        assert!(
            tried
                .effects
                .iter()
                .all(|e| !matches!(e, Effect::Apply { .. })),
            "{code} applied a plan"
        );
    }
    desk.keys(&[Key::Enter]);
    assert!(
        desk.effects
            .iter()
            .all(|e| !matches!(e, Effect::Apply { .. }))
    );
}

fn copy_of(disk: &Disk) -> Disk {
    let mut copy = Disk::new();
    copy.entries.clone_from(&disk.entries);
    copy
}

#[test]
fn without_a_person_a_live_plan_takes_its_digest() {
    let mut desk = with_plan(Mode::Live);
    desk.model.person = false;
    desk.keys(&[Key::Char('y')]);
    desk.line("lab");
    assert!(!desk.kinds().contains(&"approve".to_owned()));
    desk.keys(&[Key::Esc, Key::Char('y')]);
    desk.line(plan().digest().short());
    assert!(desk.kinds().contains(&"approve".to_owned()));
}

#[test]
fn a_lost_reply_is_unknown_and_stays_in_the_ledger() {
    let mut desk = with_plan(Mode::Drill);
    desk.keys(&[Key::Char('y')]);
    desk.line("lab");
    let digest = plan().digest();
    let outcome = Outcome::Unknown(Failure::new("apply", "the connection was lost", "verify"));
    let id = job(&desk, &JobKind::Apply(digest.clone()));
    desk.send(Message::ActionDone {
        job: id,
        plan: digest.clone(),
        outcome,
        ms: 1,
    });
    let incident = desk.model.incident().unwrap();
    assert!(matches!(
        incident.plan(&digest).unwrap().state,
        PlanState::Unknown { .. }
    ));
    assert_eq!(incident.ledger().count(), 1);
    desk.assert_resume_is_equal();
}

#[test]
fn a_read_only_stance_blocks_every_dangerous_row() {
    use firsthour::app::bindings::{Availability, BINDINGS, availability};
    let mut desk = with_plan(Mode::Live);
    desk.model.stance = Stance::ReadOnly;
    for binding in BINDINGS.iter().filter(|row| row.danger) {
        assert!(
            !matches!(availability(binding, &desk.model), Availability::Ready),
            "{} is offered",
            binding.name
        );
    }
}

#[test]
fn a_partial_look_is_unknown_not_clean() {
    let mut desk = Desk::open(small(), Mode::Drill);
    desk.keys(&[
        Key::Enter,
        Key::Enter,
        Key::Char('1'),
        Key::Enter,
        Key::Enter,
    ]);
    let check = "database.reach".to_owned();
    let mut report = leak_report(&check, vec![Gap::new("public.big", "timed out")]);
    report.findings.clear();
    report.cells.clear();
    report.fields = [("foreign".to_owned(), 0), ("undecided".to_owned(), 1)].into();
    let done = Message::CheckDone {
        job: job(&desk, &JobKind::Check(check.clone())),
        report: Box::new(report),
        check,
        ms: 5,
    };
    desk.send(done);
    desk.keys(&[Key::Enter]);
    let in_hand = desk.model.incident().unwrap().in_hand.clone();
    assert_eq!(
        in_hand.as_deref(),
        Some("by-hand"),
        "zero out of a partial look is not zero"
    );
}

#[test]
fn a_failed_check_is_recorded_and_offers_the_way_by_hand() {
    let mut desk = Desk::open(small(), Mode::Drill);
    desk.keys(&[
        Key::Enter,
        Key::Enter,
        Key::Char('1'),
        Key::Enter,
        Key::Enter,
    ]);
    let id = job(&desk, &JobKind::Check("database.reach".into()));
    let failure = Failure::new("no connection", "refused", "start the server");
    desk.send(Message::JobFailed { job: id, failure });
    assert_eq!(
        desk.kinds().last().map(String::as_str),
        Some("check.failed")
    );
    desk.keys(&[Key::Char('d')]);
    desk.line("counted by hand: 2 tenants");
    let incident = desk.model.incident().unwrap();
    assert!(matches!(
        incident.steps.get("prove"),
        Some(StepState::Done {
            how: firsthour::domain::fact::DoneHow::Manual
        })
    ));
    desk.assert_resume_is_equal();
}

#[test]
fn a_skip_needs_a_reason() {
    let mut desk = Desk::open(small(), Mode::Drill);
    desk.keys(&[Key::Enter, Key::Char('s'), Key::Enter]);
    assert!(matches!(&desk.model.overlay, Some(Overlay::Prompt(p)) if p.problem.is_some()));
    desk.line("another team has it");
    assert!(desk.kinds().contains(&"step.skip".to_owned()));
}

#[test]
fn closing_lists_what_is_open_and_blocks_recording() {
    let mut desk = with_plan(Mode::Drill);
    desk.send(Message::Do(Command::Close));
    desk.line("contained, fix follows");
    assert!(desk.model.incident().unwrap().closed.is_some());
    let before = desk.kinds().len();
    desk.send(Message::Do(Command::Note));
    assert!(desk.model.overlay.is_none());
    assert_eq!(desk.kinds().len(), before);
}
