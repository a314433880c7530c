//! Logs that are followed by the program itself, in a terminal and in a pipe.

use super::answer::{GIVEN, leak};
use crate::support::cli::{clean_env, firsthour};
use crate::support::play::WAIT;
use crate::support::pty::{self, Key, SMALL};
use serde_json::Value;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

/// The arguments that name files in a folder, with the files' paths.
fn words(folder: &Path, args: &[&str]) -> Vec<String> {
    let word = |word: &&str| match word.strip_prefix('@') {
        Some(name) => folder.join(name).display().to_string(),
        None => (*word).to_owned(),
    };
    args.iter().map(word).collect()
}

fn add(path: &Path, text: &str) {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_finding_is_told_while_its_log_is_written_and_put_aside() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let all = fs::read_to_string(home.path().join("a.log")).unwrap();
    let lines: Vec<&str> = all.split_inclusive('\n').collect();
    let logs = home.path().join("logs");
    fs::create_dir(&logs).unwrap();
    fs::remove_file(home.path().join("a.log")).unwrap();
    let log = logs.join("a.log");
    add(&log, &lines[..2].concat());
    let args = [&["check", "logs", "@logs", "--follow"][..], &GIVEN[..]].concat();
    let args = words(home.path(), &args);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut pty = pty::spawn(&args, SMALL, &clean_env(home.path()));
    pty.wait_for("following 1 stream; Ctrl-C ends it", WAIT);
    pty.wait_for("following 1 stream  ", WAIT);
    add(&log, &lines[2..30].concat());
    pty.wait_for("new  critical", WAIT);
    pty.wait_for("mallory", WAIT);
    fs::rename(&log, logs.join("a.log.1")).unwrap();
    add(&log, &lines[30..].concat());
    pty.wait_for("most: user mallory 40 requests", WAIT);
    pty.key(Key::Ctrl('c'));
    pty.wait_for("the whole answer:", WAIT);
    assert_eq!(pty.exit(WAIT).exit_code(), 1);
    let said = String::from_utf8_lossy(pty.raw()).into_owned();
    let answer = said.split("the whole answer:").nth(1).unwrap();
    for part in ["R1", "user mallory", "2 files,", "40 events", "a.log.1:"] {
        assert!(answer.contains(part), "{part} in {answer}");
    }
}

#[test]
fn standard_input_is_followed_to_its_end() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let all = fs::read_to_string(home.path().join("a.log")).unwrap();
    let args = [
        &["check", "logs", "-", "--follow", "--json"][..],
        &GIVEN[..],
    ]
    .concat();
    let args = words(home.path(), &args);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let said = firsthour(home.path(), &args).stdin(&all).go();
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    let lines: Vec<Value> = said
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let live: Vec<&Value> = lines.iter().filter(|line| line["live"] == "new").collect();
    assert!(
        live.iter().any(|line| line["rule"] == "R1"),
        "{}",
        said.stdout
    );
    let last = lines.last().unwrap();
    assert_eq!(last["kind"], "coverage");
    assert_eq!(last["pieces"][0]["events"], 40);
}

#[test]
fn what_can_not_be_followed_is_said() {
    let home = tempfile::tempdir().unwrap();
    let said = firsthour(home.path(), &["check", "logs", "s3://b/p", "--follow"]).go();
    assert_eq!(said.code, Some(3));
    assert!(
        said.stderr.contains("leave --follow out"),
        "{}",
        said.stderr
    );
}
