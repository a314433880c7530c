//! The logs on the screen, walked by keys from the step that scans them to the
//! line a finding points at and back, over the check itself.

use super::answer::leak;
use crate::support::desk::Desk;
use crate::support::screen::{drawn, words};
use chrono::DateTime;
use firsthour::app::effect::Effect;
use firsthour::app::key::Key;
use firsthour::app::message::Message;
use firsthour::app::model::JobId;
use firsthour::app::screen::{LinesSeen, Screen};
use firsthour::domain::check::CheckReport;
use firsthour::domain::picture::LogPicture;
use firsthour::domain::reading::Exhibit;
use firsthour::domain::stance::{Mode, Stance};
use firsthour::domain::trail::LogPlace;
use firsthour::investigate::check::{Keeping, LogReach, Reach, Sink};
use firsthour::investigate::logs::{lines, source};
use firsthour::playbooks;
use firsthour::providers::postgres::{ConnectSettings, Host};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// The small playbook, whose check looks at logs here.
fn desk() -> Desk {
    let text = include_str!("../../fixtures/small-playbook.md")
        .replace(
            "check(database.reach).foreign",
            "check(logs.reads).confirmed",
        )
        .replace("database.reach", "logs.reads");
    let reading = playbooks::read(&text, "small-playbook.md");
    let mut desk = Desk::open(reading.playbook.unwrap(), Mode::Drill);
    let found = firsthour::investigate::find("logs.reads").unwrap();
    desk.model.abilities.checks.push(*found.spec());
    desk
}

#[derive(Default)]
struct Seen(Mutex<Vec<LogPicture>>);

impl Sink for Seen {
    fn progress(&self, _: usize, _: usize, _: &str) {}
    fn warn(&self, _: &str) {}
    fn picture(&self, picture: LogPicture) {
        self.0.lock().unwrap().push(picture);
    }
    fn keep(&self, _: Exhibit) -> Keeping<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// What the check says of a folder's log, and every picture on the way.
fn checked(folder: &Path) -> (CheckReport, Vec<LogPicture>) {
    let nowhere = Host::Socket("/nowhere".into());
    let mut reach = Reach::new(ConnectSettings::new(nowhere, "app", "reader"));
    reach.logs = Some(LogReach {
        paths: vec![folder.join("a.log")],
        release_at: DateTime::parse_from_rfc3339("2026-03-10T07:59:00Z")
            .ok()
            .map(Into::into),
        users: Some(folder.join("users.csv")),
        customers: Some(folder.join("customers.csv")),
        routes: Some(folder.join("routes.json")),
        zone: None,
        now: None,
    });
    let check = firsthour::investigate::find("logs.reads").unwrap();
    let seen = Seen::default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let report = runtime.block_on(check.run(&reach, &seen)).unwrap();
    (report, seen.0.into_inner().unwrap())
}

fn job(desk: &Desk) -> JobId {
    *desk.model.jobs.keys().next().unwrap()
}

fn shown(desk: &Desk) -> String {
    words(&drawn(&desk.model, 100, 40)).join("\n")
}

#[track_caller]
fn shows(desk: &Desk, what: &str) {
    let shown = shown(desk);
    assert!(shown.contains(what), "{what} in\n{shown}");
}

/// Answers the order to read lines as the runtime does.
fn answer(desk: &mut Desk, folder: &Path) {
    let asked = desk.effects.pop();
    let Some(Effect::ReadLines { job, place, since }) = asked else {
        panic!("no lines were asked for: {asked:?}");
    };
    let (pieces, _) = source::pieces(&[folder.join("a.log")]);
    desk.send(
        match lines::read(&pieces, &place, Some(since), &AtomicBool::new(false)) {
            Ok(lines) => Message::LinesRead {
                job,
                lines: Box::new(lines),
            },
            Err(failure) => Message::JobFailed { job, failure },
        },
    );
}

/// Takes the step with the check and scans: pictures, then the report.
fn scanned(desk: &mut Desk, folder: &Path) {
    desk.keys(&[Key::Down, Key::Char('t'), Key::Char('9')]);
    shows(desk, "No logs were scanned in this incident yet.");
    shows(desk, "fills this list.");
    let lines = firsthour::plain::page(&desk.model).join("\n");
    assert!(lines.contains("fills this list."), "{lines}");
    desk.keys(&[Key::Char('1'), Key::Char('r'), Key::Char('9')]);
    let job = job(desk);
    let (mut report, pictures) = checked(folder);
    let trail = report.findings[0].trail.as_mut().unwrap();
    let second = LogPlace {
        offset: trail.places[0].offset * 2,
        ..trail.places[0].clone()
    };
    // Of one route in one file there is one place; the next line is another.
    trail.places = vec![trail.places[0].clone(), second];
    let mut growing = pictures[0].clone();
    (growing.bytes, growing.total, growing.over) = (10, 5_000, false);
    desk.send(Message::LogsSeen {
        job,
        picture: Box::new(growing),
    });
    shows(desk, "reading 10 B of 5.0 kB");
    shows(desk, "The findings stand here once everything is read.");
    desk.send(Message::LogsSeen {
        job,
        picture: Box::new(pictures.last().unwrap().clone()),
    });
    shows(desk, "user mallory");
    desk.send(Message::CheckDone {
        job,
        check: "logs.reads".into(),
        report: Box::new(report),
        ms: 5,
    });
}

#[test]
fn a_finding_of_the_logs_is_followed_to_its_lines_and_back() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let mut desk = desk();
    scanned(&mut desk, home.path());
    shows(&desk, "R1");
    shows(&desk, "mallory");
    desk.keys(&[Key::Enter]);
    shows(&desk, "Trail in the logs");
    let before = desk.disk.entries.len();
    desk.keys(&[Key::Char('l')]);
    shows(&desk, "Reading the lines");
    answer(&mut desk, home.path());
    shows(&desk, "place 1 of ");
    shows(&desk, "> 10.9.9.9 - mallory [10/Mar/2026:08:");
    desk.keys(&[Key::Right]);
    answer(&mut desk, home.path());
    shows(&desk, "place 2 of ");
    desk.keys(&[Key::Esc]);
    shows(&desk, "Trail in the logs");
    desk.keys(&[Key::Esc, Key::Char('l')]);
    answer(&mut desk, home.path());
    shows(&desk, "place 1 of ");
    desk.keys(&[Key::Esc]);
    assert!(matches!(desk.model.screen, Screen::Logs(_)));
    assert_eq!(desk.disk.entries.len(), before, "lines were recorded");
    assert!(desk.model.jobs.is_empty() && desk.model.finished.len() == 1);
    desk.assert_resume_is_equal();
}

#[test]
fn a_file_that_is_gone_by_then_is_said_on_its_own_screen() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let mut desk = desk();
    scanned(&mut desk, home.path());
    std::fs::remove_file(home.path().join("a.log")).unwrap();
    desk.keys(&[Key::Char('l')]);
    answer(&mut desk, home.path());
    shows(&desk, "there is no such file where the logs are");
    assert!(matches!(
        &desk.model.screen,
        Screen::Lines {
            seen: LinesSeen::Failed(_),
            ..
        }
    ));
    assert!(desk.model.notice.is_none() && desk.model.jobs.is_empty());
}

#[test]
fn another_incident_begins_without_the_picture_of_the_last() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let mut desk = desk();
    scanned(&mut desk, home.path());
    assert!(desk.model.logs.is_some());
    let case = desk.model.case.clone().unwrap();
    desk.send(Message::Opened {
        job: JobId(99),
        stance: Stance::Drill,
        case: Box::new(case),
    });
    assert!(desk.model.logs.is_none());
    desk.keys(&[Key::Char('9')]);
    shows(&desk, "As recorded at ");
    shows(&desk, "40 events read, everything was looked at.");
    shows(&desk, "mallory");
}
