//! A drill played by keys in a real terminal: from the first screen to a
//! confirmed finding, a containment that was approved, applied and proven, a
//! report, and a terminal as it was before.

use crate::support::cli::firsthour;
use crate::support::play::{TO_THE_PROOF, WAIT, incident, press, shell, whole_record};
use crate::support::pty::{Key, Pty, SMALL, Size};
use std::path::Path;

/// A wide terminal on a desk.
const WIDE: Size = Size {
    columns: 140,
    rows: 45,
};

/// Tells the terminal's modes, plays, tells the exit code and the modes.
const FRAMED: &str =
    r#"stty -g; "$firsthour" drill --seed 7 --no-fetch; echo "code $?"; stty -g; echo "end""#;

fn start(home: &Path, size: Size) -> Pty {
    let mut pty = shell(home, size, FRAMED);
    pty.wait_for("T+00:0", WAIT);
    assert!(pty.cells().alternate_screen());
    pty
}

/// Quits and looks at what is left on the person's own screen.
fn leave(pty: &mut Pty) {
    pty.key(Key::Char('q'));
    pty.wait_for("code 0", WAIT);
    pty.exit(WAIT);
    assert!(!pty.cells().alternate_screen(), "the screen is given back");
    assert!(!pty.cells().hide_cursor(), "the cursor is shown");
    assert!(!pty.cells().bracketed_paste(), "pasting is as it was");
    let raw = String::from_utf8_lossy(pty.raw()).into_owned();
    let before = raw.lines().next().unwrap().trim();
    let (_, after) = raw.rsplit_once("code 0").unwrap();
    let after = after.trim().lines().next().unwrap().trim();
    assert!(before.len() > 20, "{before}");
    assert_eq!(before, after, "the terminal's modes are as they were");
    for said in [
        "entries are on disk in",
        "1 containment stands until somebody lifts it",
        "Go on with:    firsthour resume inc-",
        "Check it with: firsthour verify inc-",
    ] {
        assert!(pty.screen().contains(said), "{said}:\n{}", pty.screen());
    }
}

#[test]
fn ten_keys_lead_to_a_confirmed_finding() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = start(home.path(), SMALL);
    press(&mut pty, &TO_THE_PROOF);
    press(&mut pty, &[(Key::Char('2'), "3 confirmed of 9")]);
    assert!(pty.screen().contains("> high     confirmed P06"));
    assert!(TO_THE_PROOF.len() < 10, "one more key shows the finding");
}

#[test]
fn a_leak_is_found_contained_and_reported_by_keys_alone() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = start(home.path(), SMALL);
    press(&mut pty, &TO_THE_PROOF);
    press(
        &mut pty,
        &[
            (Key::Char('2'), "> high     confirmed P06"),
            (Key::Enter, "proof       confirmed: it was seen to behave"),
            (Key::Char('3'), "3 cells leak of"),
            (Key::Char('p'), "Which containment for public.invoices?"),
            (Key::Enter, "REVOKE SELECT ON \"public\".\"invoices\""),
            (Key::Char('y'), "To approve, type the target's name: lab"),
        ],
    );
    pty.send(b"production");
    press(&mut pty, &[(Key::Enter, "nothing was approved")]);
    assert!(
        pty.screen().contains("> production"),
        "what was typed stays"
    );
    assert!(pty.screen().contains("not approved"));
    press(&mut pty, &[(Key::Ctrl('u'), "type the target's name")]);
    pty.send(b"lab\r");
    pty.wait_for("it holds: public.invoices: refused", WAIT);
    assert!(pty.screen().contains("state         applied"));
    press(
        &mut pty,
        &[
            (Key::Char('5'), "approve         plan"),
            (Key::Char('x'), "1 markdown"),
            (Key::Char('1'), "exported to"),
        ],
    );
    leave(&mut pty);
    let id = incident(home.path());
    let record = whole_record(home.path(), &id);
    assert_eq!(
        record.matches("\"kind\":\"approve\"").count(),
        1,
        "{record}"
    );
    let exports = home.path().join("incidents").join(id).join("exports");
    let reports: Vec<_> = std::fs::read_dir(exports).unwrap().collect();
    assert_eq!(reports.len(), 1, "one report was written");
}

#[test]
fn a_wide_terminal_shows_the_same_way() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = start(home.path(), WIDE);
    press(&mut pty, &TO_THE_PROOF);
    press(
        &mut pty,
        &[
            (Key::Char('3'), "3 cells leak of"),
            (Key::Char('p'), "Which containment for public.invoices?"),
            (Key::Enter, "not approved"),
            (Key::Char('y'), "To approve, type the target's name: lab"),
        ],
    );
    pty.send(b"lab\r");
    pty.wait_for("it holds: public.invoices: refused", WAIT);
    leave(&mut pty);
    whole_record(home.path(), &incident(home.path()));
}

#[test]
fn a_drafted_fix_is_tried_in_the_lab_by_one_key_and_recorded() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = start(home.path(), WIDE);
    press(&mut pty, &TO_THE_PROOF);
    press(
        &mut pty,
        &[
            (Key::Char('2'), "> high     confirmed P06"),
            (Key::Enter, "proof       confirmed: it was seen to behave"),
            (Key::Char('r'), "rehearsed, rolled back: closes"),
        ],
    );
    pty.key(Key::Char('q'));
    pty.wait_for("code 0", WAIT);
    pty.exit(WAIT);
    let id = incident(home.path());
    let record = whole_record(home.path(), &id);
    let order = record.find("\"kind\":\"fix.rehearse\"").unwrap();
    let seen = record.find("\"kind\":\"fix.rehearsed\"").unwrap();
    assert!(order < seen, "the order comes first");
    let report = firsthour(home.path(), &["export", &id, "--as", "markdown"]).go();
    for said in [
        "Rehearsed and rolled back",
        "leaking cells on lab",
        "keeps its",
    ] {
        assert!(report.stdout.contains(said), "{said}:\n{}", report.stdout);
    }
}
