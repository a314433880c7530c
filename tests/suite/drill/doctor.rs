//! `firsthour doctor`: factual, and it changes nothing.

use crate::support::lab::cache;
use clap::Parser;
use firsthour::cli::doctor::{Args, run};
use firsthour::cli::world::World;
use firsthour::config::{Env, Paths};
use std::path::Path;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

fn doctor(home: &Path, env: &Env, json: bool) -> (u8, String) {
    let flags = if json {
        vec!["doctor", "--json"]
    } else {
        vec!["doctor"]
    };
    let mut out = Vec::new();
    let mut world = World {
        env,
        paths: &Paths::under(home),
        now: || chrono::DateTime::UNIX_EPOCH,
        out: &mut out,
        err: &mut std::io::sink(),
    };
    let code = run(&Line::parse_from(flags).args, &mut world).expect("a report");
    (code, String::from_utf8(out).expect("text"))
}

#[test]
fn a_report_changes_nothing_and_names_every_candidate() {
    let root = tempfile::tempdir_in(cache()).unwrap();
    let home = root.path().join("home");
    let env = Env::of([("PATH", "/usr/bin:/bin")]);
    let (code, text) = doctor(&home, &env, true);
    assert!(!home.exists());
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["ready"], code == 0);
    let items = report["items"].as_array().unwrap();
    let texts: Vec<&str> = items
        .iter()
        .filter(|item| item["name"] == "postgres")
        .filter_map(|item| item["text"].as_str())
        .collect();
    assert!(
        texts[0].starts_with("passed over: not fetched yet"),
        "{texts:?}"
    );
}

#[test]
fn a_wrong_named_folder_is_missing_with_the_next_step() {
    let root = tempfile::tempdir_in(cache()).unwrap();
    let named = root.path().to_str().unwrap();
    let env = Env::of([("FIRSTHOUR_PG_BIN", named)]);
    let (code, text) = doctor(root.path(), &env, false);
    assert_eq!(code, 1);
    assert!(text.contains("has no postgres"), "{text}");
    assert!(
        text.contains("next: correct or unset FIRSTHOUR_PG_BIN"),
        "{text}"
    );
}

#[test]
fn a_broken_configuration_is_told_and_is_no_obstacle() {
    let root = tempfile::tempdir_in(cache()).unwrap();
    std::fs::write(root.path().join("firsthour.toml"), "targets = [").unwrap();
    let (_, text) = doctor(root.path(), &Env::of([]), false);
    let line = text.lines().find(|line| line.contains("config")).unwrap();
    assert!(line.starts_with("note"), "{line}");
}
