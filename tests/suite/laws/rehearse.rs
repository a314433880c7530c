//! A draft is tried only after its order is on disk, never on a live target,
//! and what was seen stands as long as the draft does.

use super::{job, leak_report, with_leak};
use crate::support::desk::Desk;
use firsthour::app::effect::Effect;
use firsthour::app::key::Key;
use firsthour::app::message::Message;
use firsthour::app::model::{JobKind, Notice};
use firsthour::domain::failure::Failure;
use firsthour::domain::fix::{Fix, Rehearsal};
use firsthour::domain::incident::Raised;
use firsthour::domain::stance::Mode;
use firsthour::plain;

const CHECK: &str = "database.reach";

/// A leak with this draft is found again, and its finding is on screen.
fn drafted(mode: Mode, statement: &str) -> Desk {
    let mut desk = with_leak(mode);
    found_with(&mut desk, statement);
    desk.keys(&[Key::Char('2'), Key::Enter]);
    desk
}

fn found_with(desk: &mut Desk, statement: &str) {
    desk.keys(&[Key::Char('1'), Key::Char('r')]);
    let mut report = leak_report(CHECK, Vec::new());
    report.findings[0].fix = Fix::new(vec![statement.into()], "nobody else needs it");
    let done = Message::CheckDone {
        job: job(desk, &JobKind::Check(CHECK.into())),
        report: Box::new(report),
        check: CHECK.into(),
        ms: 5,
    };
    desk.send(done);
}

fn raised(desk: &Desk) -> &Raised {
    &desk.model.incident().unwrap().findings[0]
}

fn tried(desk: &Desk) -> Vec<&Effect> {
    let of = |effect: &&Effect| matches!(effect, Effect::Rehearse { .. });
    desk.effects.iter().filter(of).collect()
}

fn seen(desk: &mut Desk, closes: u32) {
    let key = raised(desk).finding.key();
    let done = Message::Rehearsed {
        job: job(desk, &JobKind::Rehearse(key.clone())),
        finding: key,
        statements: raised(desk).finding.fix.clone().unwrap().statements,
        rehearsal: Rehearsal {
            on: "lab".into(),
            closes,
            of: 2,
            told: vec!["member A keeps its 12 rows of public.customers".into()],
            ..Rehearsal::default()
        },
    };
    desk.send(done);
}

#[test]
fn a_rehearsal_follows_its_recorded_order_and_stays_with_its_draft() {
    let mut desk = drafted(Mode::Drill, "DROP POLICY a ON t");
    desk.keys(&[Key::Char('r')]);
    assert_eq!(desk.kinds().last().unwrap(), "fix.rehearse");
    assert_eq!(tried(&desk).len(), 1);
    desk.keys(&[Key::Char('r')]);
    assert_eq!(tried(&desk).len(), 1, "one at a time");
    seen(&mut desk, 1);
    assert_eq!(desk.kinds().last().unwrap(), "fix.rehearsed");
    let known = raised(&desk).rehearsed.clone().unwrap();
    assert!(!known.closed(), "one of two cells is open");
    let page = plain::page(&desk.model).join("\n");
    assert!(
        page.contains("closes 1 of 2 leaking cells on lab"),
        "{page}"
    );
    found_with(&mut desk, "DROP POLICY a ON t");
    assert_eq!(raised(&desk).rehearsed, Some(known), "the same draft");
    found_with(&mut desk, "DROP POLICY b ON t");
    assert_eq!(raised(&desk).rehearsed, None, "another draft was not tried");
    desk.assert_resume_is_equal();
}

#[test]
fn no_draft_is_tried_on_a_live_target() {
    let mut desk = drafted(Mode::Live, "DROP POLICY a ON t");
    desk.keys(&[Key::Char('r')]);
    let told = desk.model.notice.clone();
    assert!(
        matches!(&told, Some(Notice::Told(text)) if text.contains("never tried on a live target")),
        "{told:?}"
    );
    assert!(tried(&desk).is_empty());
    assert!(!desk.kinds().contains(&"fix.rehearse".to_owned()));
}

#[test]
fn a_draft_without_its_order_on_disk_is_not_tried() {
    let mut desk = drafted(Mode::Drill, "DROP POLICY a ON t");
    desk.broken = Some(Failure::new("no", "the disk is full", "make room"));
    desk.keys(&[Key::Char('r')]);
    assert!(tried(&desk).is_empty());
    assert!(desk.model.jobs.is_empty(), "nothing waits for it");
}

#[test]
fn a_rehearsal_that_could_not_be_made_is_recorded() {
    let mut desk = drafted(Mode::Drill, "DROP POLICY a ON t");
    desk.keys(&[Key::Char('r')]);
    let key = raised(&desk).finding.key();
    let failed = Message::JobFailed {
        job: job(&desk, &JobKind::Rehearse(key)),
        failure: Failure::new("not rehearsed", "the reply was lost", "try again"),
    };
    desk.send(failed);
    assert_eq!(desk.kinds().last().unwrap(), "fix.failed");
    assert_eq!(raised(&desk).rehearsed, None);
}

#[test]
fn a_draft_goes_to_the_clipboard_and_is_not_run() {
    let mut desk = drafted(Mode::Live, "DROP POLICY a ON t");
    desk.keys(&[Key::Char('c')]);
    let Some(Effect::Copy(script)) = desk.effects.last() else {
        panic!("{:?}", desk.effects.last());
    };
    assert!(
        script.contains("BEGIN;") && script.contains("DROP POLICY a ON t;"),
        "{script}"
    );
    assert!(tried(&desk).is_empty());
    desk.keys(&[Key::Char('3'), Key::Char('2')]);
    let before = desk.effects.len();
    desk.keys(&[Key::Char('c')]);
    assert_eq!(desk.effects.len(), before, "the list has nothing to copy");
}
