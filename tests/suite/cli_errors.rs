//! What goes wrong at the edges of the program is told in three lines (what,
//! why, next), with an exit code, and loses nothing.

use crate::support::cli::{Ran, clean_env, firsthour};
use crate::support::lab::lab_blocking;
use crate::support::play::{PROGRAM, WAIT, incident, whole_record};
use crate::support::pty::{self, Key, SMALL};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Three lines, exit code 3, no panic and no secret. A warning about the way
/// a password was given may stand before them.
fn assert_told(ran: &Ran, why: &str) {
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let warned = |line: &&str| line.starts_with("firsthour: the password on");
    let lines: Vec<&str> = ran.stderr.lines().skip_while(warned).collect();
    assert_eq!(lines.len(), 3, "{ran:?}");
    assert!(lines[0].starts_with("firsthour: "), "{ran:?}");
    assert!(lines[1].starts_with("  why:  "), "{ran:?}");
    assert!(lines[2].starts_with("  next: "), "{ran:?}");
    assert!(lines[2].len() > 20, "a next step: {ran:?}");
    assert!(ran.stderr.contains(why), "{why}: {ran:?}");
    assert!(!ran.stderr.contains("hunter2"), "{ran:?}");
}

#[test]
fn a_database_that_can_not_be_looked_at_is_told_in_three_lines() {
    let home = tempfile::tempdir().unwrap();
    let lab = lab_blocking();
    let (nobody, lost) = (
        lab.url("nobody"),
        lab.url("postgres").replace(&lab.database, "lost"),
    );
    for (place, why) in [
        ("postgres://ada:hunter2@127.0.0.1:1/x", "nothing listens"),
        ("postgres://ada:hunter2@/x y?port=nine", ""),
        ("postgres://ada:hunter2@no-such-host.invalid/x", ""),
        (nobody.as_str(), "nobody"),
        (lost.as_str(), "lost"),
    ] {
        let ran = firsthour(home.path(), &["check", "database", place]).go();
        assert_told(&ran, why);
    }
    let ran = firsthour(home.path(), &["check", "database", "--target", "nowhere"]).go();
    assert_told(&ran, "nowhere");
}

#[test]
fn indexes_are_refused_where_they_can_not_be_looked_at_or_built() {
    let home = tempfile::tempdir().unwrap();
    let lab = lab_blocking();
    let dead = "postgres://ada:hunter2@127.0.0.1:1/x";
    let ran = firsthour(home.path(), &["check", "database", dead, "--indexes"]).go();
    assert_told(&ran, "nothing listens");
    let live = lab.url("postgres");
    let build = ["check", "database", &live, "--indexes", "--rehearse"];
    assert_told(
        &firsthour(home.path(), &build).go(),
        "not marked as staging",
    );
    for other in [["--matrix", "csv"], ["--compare", "x"], ["--save", "x"]] {
        let args = [&["check", "database", &live, "--indexes"][..], &other[..]].concat();
        let ran = firsthour(home.path(), &args).go();
        assert!(ran.code == Some(3) && ran.stdout.is_empty(), "{ran:?}");
        assert!(ran.stderr.contains("cannot be used with"), "{ran:?}");
    }
}

#[test]
fn a_wrong_name_of_anything_is_told_in_three_lines() {
    let home = tempfile::tempdir().unwrap();
    for args in [
        ["resume", "no-such-incident"],
        ["review", "no-such-incident"],
        ["export", "no-such-incident"],
        ["start", "no-such-playbook"],
        ["drill", "no-such-leak"],
    ] {
        let ran = firsthour(home.path(), &args).go();
        assert_told(&ran, "no-such-");
    }
    let ran = firsthour(home.path(), &["resume"]).go();
    assert_told(&ran, "");
}

/// A short drill's home.
fn drilled() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let ran = firsthour(
        home.path(),
        &["drill", "--seed", "7", "--plain", "--no-fetch"],
    )
    .stdin("note one\nnote two\nnote three\n")
    .go();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    home
}

fn segment(home: &Path) -> PathBuf {
    let writers = home.join("incidents").join(incident(home)).join("writers");
    let writer = std::fs::read_dir(writers).unwrap().next().unwrap();
    writer.unwrap().path().join("000001.jsonl")
}

fn cut_in_half(file: &Path) {
    let bytes = std::fs::read(file).unwrap();
    std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
}

#[test]
fn a_record_cut_in_half_is_told_read_and_gone_on_with() {
    let home = drilled();
    let id = incident(home.path());
    cut_in_half(&segment(home.path()));
    let verified = firsthour(home.path(), &["verify", &id]).go();
    assert_eq!(verified.code, Some(2), "{verified:?}");
    let review = firsthour(home.path(), &["review", &id, "--plain"]).go();
    assert_eq!(review.code, Some(0), "{review:?}");
    assert!(review.stdout.contains("Warning:"), "{review:?}");
    let resumed = firsthour(home.path(), &["resume", &id, "--plain", "--no-fetch"]).go();
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
    whole_record(home.path(), &id);
}

#[test]
fn a_folder_without_its_head_file_is_refused_with_a_reason() {
    let home = drilled();
    let id = incident(home.path());
    let folder = home.path().join("incidents").join(&id);
    cut_in_half(&folder.join("INCIDENT.json"));
    let folder = folder.to_str().unwrap();
    let verified = firsthour(home.path(), &["verify", folder]).go();
    assert!(matches!(verified.code, Some(1..=4)), "{verified:?}");
    for verb in ["resume", "review"] {
        assert_told(&firsthour(home.path(), &[verb, folder, "--plain"]).go(), "");
    }
}

#[test]
fn arguments_that_are_not_text_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let bad = OsStr::from_bytes(b"\xff\xfe\x1b[2J");
    for args in [
        vec![bad],
        vec![OsStr::new("resume"), bad],
        vec![OsStr::new("verify"), bad],
        vec![OsStr::new("start"), OsStr::new("--target"), bad],
        vec![OsStr::new("playbook"), OsStr::new("lint"), bad],
    ] {
        let ended = Command::new(PROGRAM)
            .args(&args)
            .env_clear()
            .envs(clean_env(home.path()))
            .env("FIRSTHOUR_ODD", bad)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(matches!(ended.status.code(), Some(3 | 4)), "{ended:?}");
        assert!(!ended.stderr.contains(&0x1b), "{ended:?}");
    }
}

#[test]
fn a_dumb_terminal_gets_lines() {
    let home = tempfile::tempdir().unwrap();
    let mut env = clean_env(home.path());
    env.push(("TERM".to_owned(), "dumb".to_owned()));
    let mut pty = pty::spawn(&[], SMALL, &env);
    pty.wait_for("Choices (type the number or the word):", WAIT);
    assert!(!pty.cells().alternate_screen());
    pty.send(b"quit");
    pty.key(Key::Enter);
    assert_eq!(pty.exit(WAIT).exit_code(), 0);
    assert!(!pty.raw().contains(&0x1b), "no sequence was sent");
}

#[test]
fn a_reader_that_leaves_early_is_told_and_nothing_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let mut child = Command::new(PROGRAM)
        .args(["drill", "--seed", "7", "--plain", "--no-fetch"])
        .env_clear()
        .envs(clean_env(home.path()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("recorded 0 ") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "it ended early");
    }
    drop(out);
    let mut input = child.stdin.take().unwrap();
    // It may be gone already, which closes the pipe.
    drop(input.write_all(b"note said to nobody\n"));
    drop(input);
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    let code = child.wait().unwrap().code();
    let ran = Ran {
        stdout: String::new(),
        stderr,
        code,
    };
    assert_told(&ran, "the output can't be written");
    whole_record(home.path(), &incident(home.path()));
}
