//! `firsthour merge`: counts of several machines are what one machine would
//! have counted, byte for byte.

use clap::Parser;
use firsthour::cli::world::World;
use firsthour::cli::{check, merge};
use firsthour::config::{Env, Paths};
use firsthour::domain::failure::Failure;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

#[derive(Debug, Parser)]
#[command(name = "firsthour")]
enum Line {
    Check(Box<check::Args>),
    Merge(merge::Args),
}

pub(super) struct Said {
    pub(super) code: Result<u8, Failure>,
    pub(super) out: String,
    pub(super) err: String,
}

/// Runs a command line in a folder; words that begin with `@` are files in it.
pub(super) fn run(folder: &Path, args: &[&str]) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut words = vec!["firsthour".to_owned()];
    words.extend(args.iter().map(|word| match word.strip_prefix('@') {
        Some(name) => folder.join(name).display().to_string(),
        None => (*word).to_owned(),
    }));
    let line = Line::try_parse_from(words).unwrap();
    let (env, paths) = (Env::of([("HOME", "/nowhere")]), Paths::under(folder));
    let mut world = World {
        env: &env,
        paths: &paths,
        now: firsthour::runtime::clock::now,
        out: &mut out,
        err: &mut err,
    };
    let code = match &line {
        Line::Check(args) => check::run(args, &mut world),
        Line::Merge(args) => merge::run(args, &mut world),
    };
    Said {
        code,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

/// An access log in which `mallory` walks through the customers of others
/// after 08:00.
fn access_log(hour: u32) -> String {
    let mut text = String::new();
    for minute in 0..60 {
        for second in [5, 35] {
            let id = hour * 60 + minute;
            let stamp = format!("10/Mar/2026:{hour:02}:{minute:02}:{second:02} +0000");
            text.push_str(&format!(
                "10.0.0.{} - ada [{stamp}] \"GET /api/customers/{} HTTP/1.1\" 200 {} \"-\" \"Mozilla/5.0\"\n",
                minute % 7, minute % 3, 400 + minute
            ));
            if hour < 8 {
                continue;
            }
            text.push_str(&format!(
                "10.9.9.9 - mallory [{stamp}] \"GET /api/customers/{id} HTTP/1.1\" {} 1417 \"-\" \"curl/8\"\n",
                if minute % 9 == 0_u32 { 403 } else { 200 }
            ));
        }
    }
    text
}

fn logs(folder: &Path) {
    for (name, hour) in [("a.log", 7), ("b.log", 8), ("c.log", 9)] {
        fs::write(folder.join(name), access_log(hour)).unwrap();
    }
    let mut customers = "id,org_id\n".to_owned();
    for id in 0..700 {
        customers.push_str(&format!("{id},o{}\n", id % 10));
    }
    fs::write(folder.join("customers.csv"), customers).unwrap();
    fs::write(
        folder.join("users.csv"),
        "id,role,org_id\nada,member,o0\nmallory,member,o1\n",
    )
    .unwrap();
}

const KNOWN: [&str; 4] = ["--users", "@users.csv", "--customers", "@customers.csv"];
const RELEASE: [&str; 2] = ["--release-at", "2026-03-10T08:00:00Z"];

fn scan(folder: &Path, files: &[&str], emit: &str) -> Said {
    let mut args = vec!["check", "logs", "--emit-aggregates", emit];
    args.extend(files.iter().chain(&KNOWN).chain(&RELEASE));
    run(folder, &args)
}

fn merged(folder: &Path, files: &[&str], emit: &str) -> Said {
    let mut args = vec!["merge", "--emit-aggregates", emit];
    args.extend(files.iter().chain(&KNOWN));
    run(folder, &args)
}

#[test]
fn parts_brought_together_are_the_whole() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    logs(folder);
    let whole = scan(folder, &["@a.log", "@b.log", "@c.log"], "@whole");
    assert_eq!(whole.code, Ok(1), "{}", whole.err);
    assert!(whole.out.contains("mallory"), "{}", whole.out);
    for (log, part) in [("@a.log", "@a"), ("@b.log", "@b"), ("@c.log", "@c")] {
        scan(folder, &[log], part).code.unwrap();
    }
    let at_once = merged(folder, &["@a", "@b", "@c"], "@at-once");
    assert_eq!((at_once.code, &at_once.out), (Ok(1), &whole.out));
    merged(folder, &["@b", "@c"], "@bc").code.unwrap();
    let in_steps = merged(folder, &["@a", "@bc"], "@in-steps");
    assert_eq!(in_steps.out, whole.out);
    let bytes = fs::read(folder.join("whole")).unwrap();
    assert!(bytes.len() > 10_000);
    for name in ["at-once", "in-steps"] {
        assert!(fs::read(folder.join(name)).unwrap() == bytes, "{name}");
    }
}

#[test]
fn the_file_is_its_owners_holds_no_line_and_replaces_nothing() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    logs(folder);
    scan(folder, &["@a.log"], "@a").code.unwrap();
    let mode = fs::metadata(folder.join("a")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(folder.join("a")).unwrap();
    assert!(!text.contains("Mozilla/5.0") && !text.contains("HTTP/1.1"));
    let again = scan(folder, &["@b.log"], "@a");
    assert_eq!(again.code, Ok(3));
    assert!(again.err.contains("kept"), "{}", again.err);
    assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), text);
}

#[test]
fn what_could_not_be_read_elsewhere_is_still_told() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    logs(folder);
    fs::write(folder.join("odd.bin"), "no log at all\n").unwrap();
    scan(folder, &["@odd.bin"], "@odd").code.unwrap();
    let said = merged(folder, &["@odd"], "@again");
    assert_eq!(said.code, Ok(2));
    assert!(said.out.contains("odd.bin"), "{}", said.out);
}

#[test]
fn what_could_not_be_opened_elsewhere_is_still_told() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    logs(folder);
    let first = scan(folder, &["@a.log", "@gone.log"], "@a");
    assert!(first.out.contains("gone.log"), "{}", first.out);
    let said = merged(folder, &["@a"], "@again");
    assert!(said.out.contains("gone.log"), "{}", said.out);
}

#[test]
fn parts_told_by_another_release_are_not_mixed() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    logs(folder);
    scan(folder, &["@a.log"], "@a").code.unwrap();
    let args = ["check", "logs", "@b.log", "--emit-aggregates", "@b"];
    run(folder, &args).code.unwrap();
    let said = merged(folder, &["@a", "@b"], "@both");
    assert_eq!(said.code, Ok(3));
    assert!(said.err.contains("no release"), "{}", said.err);
}
