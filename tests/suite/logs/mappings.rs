//! The same findings through an engine: one stream is rendered as files and
//! scanned, the same rows stand in tables of `ClickHouse` as their owners
//! shape them, and what is found is the same.

use super::wheels::{PASSWORD, USER, Wheel, fixture};
use firsthour::drill::corpus::options::{Ids, Options};
use firsthour::drill::corpus::{self, truth::Truth};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// All that a corpus lies in.
pub const WINDOW: &str = "2020-01-01T00:00:00Z..2040-01-01T00:00:00Z";

/// Runs the program in a folder.
pub fn firsthour(folder: &Path, args: &[&str], password: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_firsthour"))
        .args(args)
        .current_dir(folder)
        .env("FIRSTHOUR_HOME", folder)
        .env("CLICKHOUSE_USER", USER)
        .env("CLICKHOUSE_PASSWORD", password)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What it told besides the answer.
pub fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The findings of an answer without where they are written; the coverage.
fn findings(output: &Output) -> (Vec<Value>, Value) {
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let coverage = lines.pop().unwrap_or_else(|| panic!("{}", told(output)));
    for line in &mut lines {
        // R10 names the file, and the time of the last record on a line of many.
        let hidden: &[&str] = if line["rule"] == "R10" {
            &["places", "evidence", "first", "last"]
        } else {
            &["places"]
        };
        for name in hidden {
            if let Some(trail) = line.get_mut("trail").and_then(Value::as_object_mut) {
                trail.remove(*name);
            }
            if let Some(object) = line.as_object_mut() {
                object.remove(*name);
            }
        }
    }
    (lines, coverage)
}

fn known(release: &str) -> [&str; 9] {
    [
        "--json",
        "--users",
        "users.csv",
        "--customers",
        "customers.csv",
        "--routes",
        "routes.json",
        "--release-at",
        release,
    ]
}

fn release(truth: &Truth) -> String {
    chrono::DateTime::from_timestamp_nanos(truth.release).to_rfc3339()
}

/// A mapping of ours whose `from` is a file here instead of a bucket.
fn in_place(folder: &Path, name: &str, file: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join(format!("src/investigate/logs/mappings/{name}.toml"));
    let path_of_logs = folder.join("logs").join(file);
    let from = format!(
        "from = \"file('{}', 'LineAsString', 'line String')\"",
        path_of_logs.display()
    );
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| {
        if line.starts_with("from = ") {
            &from
        } else {
            line
        }
    });
    let text: Vec<&str> = lines.collect();
    fs::write(folder.join(format!("{name}.toml")), text.join("\n")).unwrap();
}

/// By rendering, the file of it, and the mapping of the table that holds it.
const TABLES: [(&str, &str, &str); 5] = [
    ("supabase-new", "edge-new.ndjson", "supabase"),
    ("otlp", "otlp.ndjson", "otel"),
    ("alb", "alb.log", "alb.toml"),
    ("cloudfront", "cloudfront.log", "cloudfront.toml"),
    ("pino", "pino.ndjson", "own.toml"),
];

#[test]
fn tables_as_their_owners_shape_them_tell_what_the_files_tell() {
    for (seed, ids, later) in [
        (51, Ids::Numbers, 0),
        (52, Ids::Prefixed, 7),
        (53, Ids::Uuids, 31),
    ] {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        let mut options = Options {
            requests: 5_000,
            people: 120,
            ids,
            ..Options::default()
        };
        options.release += later * 3_600_000_000_000;
        let names = TABLES.map(|(name, _, _)| name);
        let truth = corpus::write(folder, seed, &options, &names).unwrap();
        let release = release(&truth);
        let of = |sql: &str, file: &str| fixture(sql, &folder.join("logs").join(file));
        let setup = [
            of("supabase.sql", "edge-new.ndjson"),
            of("otel.sql", "otlp.ndjson"),
            of("own.sql", "pino.ndjson"),
        ];
        let Some((_wheel, url)) = Wheel::clickhouse(folder, &setup.concat()) else {
            return;
        };
        in_place(folder, "alb", "alb.log");
        in_place(folder, "cloudfront", "cloudfront.log");
        fs::write(folder.join("own.toml"), fixture("own.toml", folder)).unwrap();
        for (_, file, mapping) in TABLES {
            let file = format!("logs/{file}");
            let scan = ["check", "logs", &file];
            let scanned = firsthour(folder, &[&scan[..], &known(&release)].concat(), PASSWORD);
            let ask = engine(&url, mapping);
            let asked = firsthour(
                folder,
                &[&ask[..], &["--yes"], &known(&release)].concat(),
                PASSWORD,
            );
            let ((by_scan, coverage), (by_engine, theirs)) = (findings(&scanned), findings(&asked));
            assert!(!by_scan.is_empty(), "{seed} {mapping}: {by_scan:#?}");
            assert_eq!(by_scan, by_engine, "{seed} {mapping}");
            assert_eq!(
                coverage["looked_at"], theirs["looked_at"],
                "{seed} {mapping}"
            );
            let gaps = theirs["could_not"].to_string();
            assert!(gaps.contains("R5"), "what can't be seen is told: {gaps}");
        }
    }
}

/// The words of a question to the engine, but for the yes.
pub fn engine<'a>(url: &'a str, mapping: &'a str) -> [&'a str; 10] {
    [
        "check",
        "logs",
        "--engine",
        "clickhouse",
        "--mapping",
        mapping,
        "--url",
        url,
        "--window",
        WINDOW,
    ]
}

#[test]
fn the_engine_finds_what_the_scan_finds_and_asks_first() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let options = Options {
        requests: 6_000,
        ..Options::default()
    };
    let truth = corpus::write(folder, 41, &options, &["nginx"]).unwrap();
    let release = release(&truth);
    let known = known(&release);
    let scan = ["check", "logs", "logs", "--emit-events", "events.ndjson"];
    let scanned = firsthour(folder, &[&scan[..], &known].concat(), PASSWORD);
    let setup = fixture("events.sql", &folder.join("events.ndjson"));
    let Some((_wheel, url)) = Wheel::clickhouse(folder, &setup) else {
        return;
    };
    let mut yes = [&engine(&url, "events")[..], &known].concat();
    let unasked = firsthour(folder, &yes, PASSWORD);
    let before = told(&unasked);
    assert_eq!(unasked.status.code(), Some(3), "{before}");
    assert!(unasked.stdout.is_empty());
    for part in [
        "WITH raw AS (",
        "-- Q1: ",
        "-- Q3: ",
        "GROUP BY ev_kind, ev_who",
        "LIMIT 400001",
        "rows in 1 part, at most",
        "readonly=1; at most 60 s and 100 GiB",
        "nobody is there to say yes",
        "--yes",
    ] {
        assert!(before.contains(part), "{part}: {before}");
    }
    assert!(!before.contains("row in 0"), "nothing was asked: {before}");
    yes.push("--yes");
    let asked = firsthour(folder, &yes, PASSWORD);
    let during = told(&asked);
    let ((by_scan, coverage), (by_engine, theirs)) = (findings(&scanned), findings(&asked));
    assert!(!by_scan.is_empty());
    assert_eq!(by_scan, by_engine);
    assert_eq!(coverage["looked_at"], theirs["looked_at"]);
    assert!(
        during.contains("tenant is empty in 100 % before the release"),
        "{during}"
    );
    let gaps = theirs["could_not"].to_string();
    assert!(
        gaps.contains("column tenant") && gaps.contains("by --customers alone"),
        "a mapped column that is empty is a gap that says what it costs: {gaps}"
    );
}

#[test]
fn queries_are_shown_and_nothing_is_sent() {
    let home = tempfile::tempdir().unwrap();
    for (engine, mapping) in [
        ("clickhouse", "otel"),
        ("clickhouse", "alb"),
        ("clickhouse", "cloudfront"),
        ("supabase", "supabase"),
        ("trino", "events"),
        ("bigquery", "events"),
        ("duckdb", "events"),
    ] {
        let args = [
            "check",
            "logs",
            "--engine",
            engine,
            "--mapping",
            mapping,
            "--window",
            "2026-03-10T07:00:00Z..2026-03-10T09:00:00Z",
            "--show-queries",
        ];
        let output = firsthour(home.path(), &args, PASSWORD);
        let text = String::from_utf8_lossy(&output.stdout);
        let code = output.status.code();
        assert_eq!(code, Some(0), "{engine} {mapping}: {}", told(&output));
        for question in ["probe", "Q1", "Q2", "Q3", "Q4r", "Q5", "Q6", "Q8", "Q9"] {
            let title = format!("-- {question}: ");
            assert!(text.contains(&title), "{engine} {question}");
        }
        let (queries, limits) = (
            text.matches("-- ").count(),
            text.matches("\nLIMIT ").count(),
        );
        assert_eq!(queries, limits, "each has a limit: {engine}");
        assert!(!text.to_lowercase().contains("count(*)"), "{engine}");
    }
}
