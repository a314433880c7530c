//! Hostile text from a person, a playbook and a database, through the real
//! program to the bytes a terminal gets.

use crate::support::cli::{clean_env, firsthour};
use crate::support::hostile::corpus;
use crate::support::lab::{Lab, block_on, leaky};
use crate::support::play::{WAIT, drill, incident, press, whole_record};
use crate::support::pty::{self, Key, Pty, SMALL};
use crate::support::wire::{assert_draws_only, assert_plain};
use firsthour::drill::shapes::by_seed;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Names of the corpus as a database takes them: at most 63 bytes, no NUL.
fn names() -> BTreeSet<String> {
    let cut = |text: String| {
        let text = text.replace('\0', "");
        let end = (0..=text.len().min(63))
            .rev()
            .find(|at| text.is_char_boundary(*at));
        text[..end.unwrap_or(0)].to_owned()
    };
    let names: BTreeSet<String> = corpus().into_iter().map(cut).collect();
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A leaking lab with a table and a policy for many hostile names, readable
/// by strangers, with a hostile column and a hostile comment.
fn hostile_lab() -> Lab {
    let (lab, _) = block_on(leaky(by_seed(7).id));
    let mut sql = String::new();
    for (at, name) in names().iter().enumerate() {
        // Every third would do for the screens; these are the ones that drive.
        if at % 3 > 0 && !name.chars().any(char::is_control) {
            continue;
        }
        let (table, policy) = (
            quoted(&format!("t{name}").chars().take(15).collect::<String>()),
            quoted(name),
        );
        let table = if at % 2 == 0 { policy.clone() } else { table };
        write!(
            sql,
            "create table if not exists public.{table} (id int, org_id uuid, email text, {policy} int);\n\
             alter table public.{table} enable row level security;\n\
             grant select on public.{table} to anon, authenticated;\n\
             drop policy if exists {policy} on public.{table};\n\
             create policy {policy} on public.{table} for select using (true);\n\
             insert into public.{table} (id, org_id) values (1, gen_random_uuid());\n"
        )
        .unwrap();
    }
    lab.exec_blocking(&sql);
    lab
}

/// Walks a list to its end and opens rows on the way.
fn walk(pty: &mut Pty, screen: char, title: &str) {
    press(pty, &[(Key::Char(screen), title)]);
    for _ in 0..12 {
        for key in [Key::PageDown, Key::Tab, Key::Down] {
            pty.key(key);
        }
    }
    for key in [Key::Char('G'), Key::Char('g'), Key::Char('k')] {
        pty.key(key);
    }
    pty.settle(std::time::Duration::from_millis(100));
}

#[test]
fn names_of_a_database_never_drive_the_terminal() {
    let lab = hostile_lab();
    let home = tempfile::tempdir().unwrap();
    let args = ["start", "--target", &lab.url("postgres")];
    let mut pty = pty::spawn(&args, SMALL, &clean_env(home.path()));
    pty.wait_for("T+00:0", WAIT);
    press(
        &mut pty,
        &[
            (Key::Enter, "step declare"),
            (Key::Enter, "Esc leave without writing"),
            (Key::Char('2'), "= staff"),
            (Key::Enter, "step map-data"),
            (Key::Enter, "database.catalogue: 0 findings"),
            (Key::Enter, "Enter ends this step"),
            (Key::Enter, "step prove-reach"),
            (Key::Enter, "Enter ends this step"),
        ],
    );
    walk(&mut pty, '2', "of");
    for _ in 0..6 {
        pty.key(Key::Down);
        press(&mut pty, &[(Key::Enter, "Evidence")]);
        pty.key(Key::PageDown);
        press(&mut pty, &[(Key::Escape, "severity proof")]);
    }
    walk(&mut pty, '3', "cells leak");
    walk(&mut pty, '5', "check.done");
    press(&mut pty, &[(Key::Char('3'), "cells leak")]);
    // A plan for a name that was spelled out is refused, not guessed.
    press(&mut pty, &[(Key::Char('/'), "Filter")]);
    pty.send(b"reverse");
    press(
        &mut pty,
        &[
            (Key::Enter, "Esc back"),
            (Key::Char('p'), "Which containment"),
            (Key::Enter, "no plan was made"),
        ],
    );
    press(
        &mut pty,
        &[(Key::Char('/'), "Filter"), (Key::Ctrl('u'), ">")],
    );
    pty.send(b"invoices");
    press(&mut pty, &[(Key::Enter, "> public.invoices")]);
    press(
        &mut pty,
        &[
            (Key::Char('p'), "Which containment"),
            (Key::Enter, "What it changes"),
        ],
    );
    pty.key(Key::Char('q'));
    assert_eq!(pty.exit(WAIT).exit_code(), 0);
    assert_draws_only(pty.raw());
    let raw = String::from_utf8_lossy(pty.raw()).into_owned();
    assert!(raw.contains("^["), "the names were shown");
    everything_said_is_plain(home.path(), &lab);
}

/// The same names by every other door.
fn everything_said_is_plain(home: &std::path::Path, lab: &Lab) {
    let id = incident(home);
    let url = lab.url("postgres");
    for args in [
        vec!["verify", &id],
        vec!["export", &id, "--as", "markdown"],
        vec!["export", &id, "--as", "jsonl"],
        vec!["check", "database", &url],
        vec!["check", "database", &url, "--json"],
        vec!["review", &id, "--plain"],
    ] {
        let ran = firsthour(home, &args)
            .stdin("findings\nopen 2\nexposure\ntimeline\nplans\nopen 1\n")
            .within(WAIT)
            .go();
        assert!(matches!(ran.code, Some(0..=2)), "{args:?}: {ran:?}");
        assert_plain(&ran.stdout);
        assert_plain(&ran.stderr);
    }
}

#[test]
fn what_a_person_pastes_never_drives_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = drill(home.path(), SMALL);
    for (at, text) in corpus().iter().enumerate().step_by(4) {
        press(&mut pty, &[(Key::Char('n'), "Note (no customer values)")]);
        // The end of a paste inside of a paste is the end of it, anywhere.
        let text: String = text.replace("\u{1b}[201~", "").chars().take(1000).collect();
        pty.send(format!("\u{1b}[200~{text} no. {at}\u{1b}[201~").as_bytes());
        pty.wait_for(&format!("no. {at}"), WAIT);
        pty.key(Key::Enter);
        pty.wait_gone("Note (no customer values)", WAIT);
        pty.wait_for("journal recorded", WAIT);
    }
    walk(&mut pty, '5', "note");
    pty.key(Key::Char('q'));
    assert_eq!(pty.exit(WAIT).exit_code(), 0);
    assert_draws_only(pty.raw());
    let record = whole_record(home.path(), &incident(home.path()));
    assert_plain(&record);
}

#[test]
fn a_paste_presses_no_key() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = drill(home.path(), SMALL);
    pty.send(b"\x1b[200~q\rD\ry\rlab\r\x1b[201~");
    pty.wait_for("nothing is open to paste into", WAIT);
    press(&mut pty, &[(Key::Char('n'), "Note (no customer values)")]);
    pty.send(b"\x1b[200~one\rtwo\nthree\x1b[201~");
    pty.wait_for("> one two three", WAIT);
    pty.key(Key::Escape);
    pty.wait_gone("Note (no customer values)", WAIT);
    pty.key(Key::Char('q'));
    assert_eq!(pty.exit(WAIT).exit_code(), 0);
    let record = whole_record(home.path(), &incident(home.path()));
    assert_eq!(record.lines().count(), 1, "{record}");
}

#[test]
fn a_line_on_standard_input_never_drives_the_output() {
    let home = tempfile::tempdir().unwrap();
    let mut lines = String::new();
    for text in corpus() {
        lines.push_str(&format!("note {}\n{text}\n", text.replace('\n', " ")));
    }
    let ran = firsthour(home.path(), &["start", "--plain", "--title", "\u{1b}[2Jx"])
        .stdin(&lines)
        .within(WAIT)
        .go();
    assert!(matches!(ran.code, Some(0 | 3)), "{ran:?}");
    assert_plain(&ran.stdout);
    assert_plain(&ran.stderr);
}

#[test]
fn a_hostile_playbook_is_refused_or_shown_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let good = include_str!("../fixtures/small-playbook.md");
    let title = good
        .lines()
        .find_map(|line| line.strip_prefix("title: "))
        .unwrap();
    for text in [
        "\u{1b}]0;owned\u{7}",
        "\u{9b}2J",
        "a\u{202e}b",
        "bell\u{7}",
        "\u{1b}[2J",
    ] {
        let file = home.path().join("book.md");
        let body = good
            .replace(title, &format!("{title} {text}"))
            .replace("\n### ", &format!("\n{text} prose\n\n### "));
        std::fs::write(&file, format!("{body}\n{text} the end\n")).unwrap();
        let file = file.to_str().unwrap();
        for args in [
            vec!["playbook", "lint", file],
            vec!["playbook", "lint", "--json", file],
            vec!["playbook", "show", file],
            vec!["playbook", "print", file],
            vec!["start", "--plain", file],
        ] {
            let ran = firsthour(home.path(), &args).stdin("go\n").go();
            assert!(matches!(ran.code, Some(0..=3)), "{args:?} {ran:?}");
            assert_plain(&ran.stdout);
            assert_plain(&ran.stderr);
        }
    }
}

#[test]
fn hostile_arguments_are_told_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let evil = "\u{1b}]0;owned\u{7}\u{202e}\u{9b}2J";
    for args in [
        vec![evil],
        vec!["verify", evil],
        vec!["verify", "x", "--since", evil],
        vec!["export", evil],
        vec!["export", "x", "--as", evil],
        vec!["resume", evil],
        vec!["start", "--plain", evil],
        vec!["drill", "--plain", evil],
        vec!["drill", "--seed", evil],
        vec!["check", "database", evil],
        vec!["check", "database", "--target", evil],
        vec!["playbook", "lint", evil],
        vec!["playbook", "new", evil],
    ] {
        let ran = firsthour(home.path(), &args).go();
        assert!(matches!(ran.code, Some(1..=4)), "{args:?} {ran:?}");
        assert!(!ran.stderr.is_empty() || !ran.stdout.is_empty(), "{args:?}");
        assert_plain(&ran.stdout);
        assert_plain(&ran.stderr);
    }
}
