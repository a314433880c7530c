//! A whole drill by lines: find, prove, revoke, verify, undo, export, resume.
//! The same door a person on a serial line uses.

use crate::support::cli::{Ran, firsthour};
use std::path::Path;

/// Up to the proof, then the plan and its approval.
const CONTAIN: &str = "go\ngo\nstaff\ngo\ngo\ngo\ngo\ngo\nplan\napprove lab\n";

fn drill(home: &Path, args: &[&str], script: &str) -> Ran {
    let all: Vec<&str> = ["drill", "--plain", "--no-fetch"]
        .iter()
        .chain(args)
        .copied()
        .collect();
    let ran = firsthour(home, &all).stdin(script).go();
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    ran
}

/// The id a drill says to go on with.
fn id(ran: &Ran) -> String {
    let line = ran
        .stdout
        .lines()
        .find_map(|line| line.trim().strip_prefix("Go on with:"))
        .unwrap_or_else(|| panic!("{}", ran.stdout));
    line.split_whitespace().last().unwrap().to_owned()
}

#[test]
fn a_drill_is_played_to_the_end_from_a_script() {
    let home = tempfile::tempdir().unwrap();
    let ran = drill(home.path(), &["--seed", "7"], CONTAIN);
    for said in [
        "journal: recorded",
        "check.start [prove-reach] database.reach",
        "high confirmed",
        "Plan | DRILL",
        "REVOKE SELECT ON",
        "approve [",
        "action.intent [",
        "action.done [",
        "probe [",
        "applied, verified",
        "The input ended.",
        "1 containment stands",
    ] {
        assert!(
            ran.stdout.contains(said),
            "{said} is missing:\n{}",
            ran.stdout
        );
    }
    let order = ["approve [", "action.intent [", "action.done [", "probe ["];
    let places: Vec<usize> = order
        .iter()
        .map(|said| ran.stdout.find(said).unwrap())
        .collect();
    assert!(places.is_sorted(), "the deed came before its record");
    let id = id(&ran);
    let verified = firsthour(home.path(), &["verify", &id]).go();
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    assert!(verified.stdout.contains("unsigned"), "{}", verified.stdout);
    report_says(home.path(), &id);
}

fn report_says(home: &Path, id: &str) {
    let report = firsthour(home, &["export", id, "--as", "markdown"]).go();
    assert_eq!(report.code, Some(0), "{}", report.stderr);
    for said in [
        "DRILL",
        "confirmed",
        "restrict.revoke",
        "not looked at",
        "unsigned",
    ] {
        let lower = report.stdout.to_lowercase();
        assert!(
            lower.contains(&said.to_lowercase()),
            "{said} is missing:\n{}",
            report.stdout
        );
    }
    // The lab is full of addresses; none may reach a report or a record.
    assert!(!report.stdout.contains("@example."), "{}", report.stdout);
    let lines = firsthour(home, &["export", id, "--as", "jsonl"]).go();
    assert!(lines.stdout.lines().count() > 30);
    assert!(!lines.stdout.contains("@example."));
}

/// From the proof by Enter to the step that asks whether it is going on.
#[test]
fn who_did_read_is_found_by_walking_on() {
    let home = tempfile::tempdir().unwrap();
    let proof = "go\ngo\nstaff\ngo\ngo\ngo\ngo\ngo\n";
    let on = "go\ngo\nany-login\ngo\ngo\nreads\n";
    let ran = drill(home.path(), &["--seed", "7"], &format!("{proof}{on}"));
    assert!(
        ran.stdout
            .contains("check.start [still-active] database.reads"),
        "{}",
        ran.stdout
    );
    let read = ran.stdout.lines().find(|line| {
        line.contains("authenticated")
            && line.contains("public.invoices")
            && line.contains("WIDE 6000 rows in 1 call")
    });
    let read = read.unwrap_or_else(|| panic!("{}", ran.stdout));
    assert!(read.to_lowercase().contains("read"), "{read}");
    let report = firsthour(home.path(), &["export", &id(&ran), "--as", "markdown"]).go();
    assert!(
        report.stdout.contains("wide: 6000 rows in 1 call"),
        "{}",
        report.stdout
    );
}

#[test]
fn a_resumed_drill_finds_its_containment_still_standing() {
    let home = tempfile::tempdir().unwrap();
    let first = drill(home.path(), &["--seed", "7"], CONTAIN);
    let id = id(&first);
    let second = firsthour(home.path(), &["resume", &id, "--plain"])
        .stdin("plans\nopen 1\nundo\napprove lab\n")
        .go();
    assert_eq!(second.code, Some(0), "{}\n{}", second.stdout, second.stderr);
    for said in [
        "incident.resume",
        "the lab was rebuilt from its seed",
        "probe [",
        "applied, verified",
        "GRANT SELECT ON",
    ] {
        assert!(
            second.stdout.contains(said),
            "{said} is missing:\n{}",
            second.stdout
        );
    }
    assert!(
        !second.stdout.contains("containment stands"),
        "the undo lifted it"
    );
    let verified = firsthour(home.path(), &["verify", &id]).go();
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
}

#[test]
fn what_cannot_be_opened_ends_with_a_reason_and_takes_no_line() {
    let home = tempfile::tempdir().unwrap();
    let ran = firsthour(home.path(), &["drill", "--plain", "no-such-leak"])
        .stdin("go\n")
        .go();
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    assert!(ran.stderr.contains("next:"), "{}", ran.stderr);
    assert!(!ran.stdout.contains("> go"), "{}", ran.stdout);
}

#[test]
fn a_live_incident_opens_with_its_database_dead() {
    let home = tempfile::tempdir().unwrap();
    let ran = firsthour(
        home.path(),
        &[
            "start",
            "--plain",
            "--target",
            "postgres://nobody@127.0.0.1:1/x",
        ],
    )
    .stdin("go\nnote the pager rang\ngo\nstaff\ngo\ngo\ndone\nlooked in the console\n")
    .go();
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    for said in [
        "LIVE",
        "Warning:",
        "check.failed",
        "by hand",
        "done by hand (manual)",
    ] {
        assert!(
            ran.stdout.contains(said),
            "{said} is missing:\n{}",
            ran.stdout
        );
    }
}

#[test]
fn a_live_incident_is_not_resumed_on_another_database() {
    let home = tempfile::tempdir().unwrap();
    let target = "postgres://nobody@127.0.0.1:1/orders";
    let first = firsthour(home.path(), &["start", "--plain", "--target", target])
        .stdin("note opened\n")
        .go();
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let id = id(&first);
    let resume = |target: &str| {
        firsthour(home.path(), &["resume", &id, "--plain", "--target", target])
            .stdin("note back\n")
            .go()
            .stdout
    };
    let other = resume("postgres://nobody@127.0.0.1:1/customers");
    assert!(other.contains("was opened on orders@127.0.0.1"), "{other}");
    let same = resume(target);
    assert!(!same.contains("was opened on"), "{same}");
    assert!(same.contains("does not answer now"), "{same}");
}

#[test]
fn an_edited_playbook_shows_drift() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("ours.md");
    let source = include_str!("../fixtures/small-playbook.md");
    std::fs::write(&file, source).unwrap();
    let path = file.to_string_lossy().into_owned();
    let first = drill(home.path(), &["--playbook", &path], "go\n");
    std::fs::write(&file, source.replace("Write down who", "Say who")).unwrap();
    let second = firsthour(home.path(), &["resume", &id(&first), "--plain"]).go();
    assert!(
        second
            .stdout
            .contains("has changed since this incident opened"),
        "{}",
        second.stdout
    );
    assert!(
        second.stdout.contains("Write down who"),
        "the pinned copy is used"
    );
}

#[test]
fn nothing_typed_can_put_a_customer_value_on_disk() {
    let home = tempfile::tempdir().unwrap();
    let script = "note call ada@example.com, card 4242 4242 4242 4242, key sk_live_abcdef123456\n";
    let ran = drill(home.path(), &["--seed", "3"], script);
    let lines = firsthour(home.path(), &["export", &id(&ran), "--as", "jsonl"]).go();
    for secret in ["ada@example.com", "4242", "sk_live_abcdef"] {
        assert!(!lines.stdout.contains(secret), "{secret} is on disk");
    }
    assert!(lines.stdout.contains("[e-mail]") && lines.stdout.contains("[card number]"));
}
