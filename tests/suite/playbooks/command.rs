//! `firsthour playbook` as a person runs it.

use super::GOOD;
use crate::support::abilities::abilities;
use chrono::{DateTime, Utc};
use clap::Parser;
use firsthour::cli::playbook;
use firsthour::cli::world::World;
use firsthour::config::{Env, Paths};
use firsthour::domain::failure::Failure;
use std::path::Path;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    args: playbook::Args,
}

fn now() -> DateTime<Utc> {
    "2026-11-23T03:00:00Z".parse().unwrap()
}

/// Runs one command line; returns the exit code, output and error output.
fn run(words: &[&str]) -> (Result<u8, Failure>, String, String) {
    let line = Line::parse_from(std::iter::once(&"playbook").chain(words));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let paths = Paths {
        incidents: "none".into(),
        cache: "none".into(),
        config_file: "none".into(),
    };
    let mut world = World {
        env: &Env::default(),
        paths: &paths,
        now,
        out: &mut out,
        err: &mut err,
    };
    let code = playbook::run(&line.args, &abilities(), &mut world);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (code, text(out), text(err))
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn lint_without_names_looks_at_all_that_ship() {
    let (code, out, _) = run(&["lint"]);
    assert_eq!(code, Ok(0));
    assert_eq!(out, "3 playbooks, 0 errors, 0 warnings\n");
}

#[test]
fn lint_tells_mistakes_as_text_and_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "bad.md");
    std::fs::write(&file, GOOD.replacen("goal:", "gaol:", 1)).unwrap();
    let (code, out, _) = run(&["lint", &file]);
    assert_eq!(code, Ok(1));
    assert!(out.contains("bad.md:16:1\n"), "{out}");
    assert!(
        out.contains("16 | gaol: It was looked at.\n   | ^^^^ did you mean `goal`?"),
        "{out}"
    );
    assert!(out.ends_with("1 playbook, 1 error, 0 warnings\n"), "{out}");
    let (code, out, _) = run(&["lint", "--json", &file]);
    assert_eq!(code, Ok(1));
    let lines: Vec<serde_json::Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1);
    let key = lines.iter().find(|l| l["code"] == "FH003").unwrap();
    assert_eq!((&key["line"], &key["column"]), (&16.into(), &1.into()));
    assert_eq!(key["level"], "error");
}

#[test]
fn warnings_alone_do_not_fail() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "old.md");
    std::fs::write(&file, GOOD.replacen("2026-11-01", "2026-01-01", 1)).unwrap();
    let (code, out, _) = run(&["lint", &file]);
    assert_eq!(code, Ok(0));
    assert!(out.contains("warning[FH033]"), "{out}");
    let (code, _, err) = run(&["print", &file]);
    assert_eq!(code, Ok(0));
    assert!(err.contains("warning[FH033]"), "{err}");
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (binary, big) = (path(folder.path(), "b.md"), path(folder.path(), "big.md"));
    std::fs::write(&binary, b"---\nformat: \xff\xfe\n").unwrap();
    std::fs::write(&big, vec![b'x'; (1 << 20) + 1]).unwrap();
    let (code, out, err) = run(&["lint", &binary, &big, "data-laek", "data-leak", "."]);
    assert_eq!(code, Ok(3));
    assert!(err.contains("line 2 is not UTF-8"), "{err}");
    assert!(err.contains("larger than 1 MiB"), "{err}");
    assert!(err.contains("did you mean `data-leak`?"), "{err}");
    assert_eq!(err.matches("next: ").count(), 4, "{err}");
    assert_eq!(out, "5 playbooks, 0 errors, 0 warnings\n");
}

#[test]
fn a_playbook_with_a_mistake_is_not_shown_but_explained() {
    let folder = tempfile::tempdir().unwrap();
    let file = path(folder.path(), "bad.md");
    std::fs::write(&file, GOOD.replacen("to: close-it", "to: closeit", 1)).unwrap();
    let failure = run(&["show", &file]).0.unwrap_err();
    assert!(
        failure.why.contains("there is no step `closeit`"),
        "{failure:?}"
    );
    assert!(failure.hint.contains("playbook lint"), "{failure:?}");
}

#[test]
fn show_print_list_and_schema_write_to_the_output() {
    let (code, out, _) = run(&["show", "data-leak", "prove-reach"]);
    assert_eq!(code, Ok(0));
    assert!(out.starts_with("prove-reach: "), "{out}");
    let failure = run(&["show", "data-leak", "nope"]).0.unwrap_err();
    assert!(failure.hint.contains("prove-reach"));
    assert!(run(&["show", "public-cache"]).1.contains("T3 "));
    assert!(run(&["print"]).1.contains("[ ] "));
    assert_eq!(run(&["list"]).1.lines().count(), 3);
    assert!(run(&["schema"]).1.starts_with("{\n"));
}

#[test]
fn new_writes_a_clean_playbook_and_never_replaces_one() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().to_str().unwrap();
    let (code, out, _) = run(&["new", "night-shift", "--folder", into]);
    assert_eq!(code, Ok(0));
    assert!(out.contains("playbook lint"), "{out}");
    let file = path(folder.path(), "night-shift.md");
    assert_eq!(run(&["lint", &file]).0, Ok(0));
    let before = std::fs::read(&file).unwrap();
    let failure = run(&["new", "night-shift", "--folder", into])
        .0
        .unwrap_err();
    assert!(failure.hint.contains("another id"), "{failure:?}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    let failure = run(&["new", "../Night", "--folder", into]).0.unwrap_err();
    assert!(failure.why.contains("not an id"), "{failure:?}");
}
