//! `firsthour export` on a real folder: found, rendered, recorded.

use chrono::{DateTime, Utc};
use clap::Parser;
use firsthour::cli::world::World;
use firsthour::cli::{completions, export};
use firsthour::config::{Env, Paths};
use firsthour::domain::digest::Digest;
use firsthour::domain::entry::{Actor, Draft};
use firsthour::domain::fact::{Fact, Noted, Opened, PlaybookPin};
use firsthour::domain::failure::Failure;
use firsthour::domain::stance::Mode;
use firsthour::journal::{Journal, Meta, read, verify};
use std::path::{Path, PathBuf};

#[derive(Debug, Parser)]
#[command(name = "firsthour")]
enum Line {
    Export(export::Args),
    Completions(completions::Args),
    Man(completions::ManArgs),
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_787_392_800, 0).unwrap()
}

fn actor() -> Actor {
    let env = Env::of([("USER", "ada")]);
    firsthour::runtime::actor::actor(&env, "cli")
}

/// An incident with two entries; the journal is still open.
fn incident(home: &Path) -> Journal {
    let source = "# Not a playbook";
    let playbook = PlaybookPin {
        id: "data-leak".to_owned(),
        title: "Customer data leak".to_owned(),
        sha256: Digest::of(source.as_bytes()),
        origin: String::new(),
    };
    let meta = Meta {
        id: "inc-20260822-k7f3".to_owned(),
        title: "Invoices".to_owned(),
        codename: "amber-otter".to_owned(),
        created: now(),
        mode: Mode::Drill,
        playbook: playbook.clone(),
        target: "lab".to_owned(),
    };
    let incidents = Paths::under(home).incidents;
    let mut journal = Journal::create(&incidents, &meta, source, actor(), now()).unwrap();
    let opened = Fact::IncidentOpened(Opened {
        title: meta.title,
        codename: meta.codename,
        mode: meta.mode,
        playbook,
        target: meta.target,
        seed: Some(7),
        leak: None,
        budget_minutes: 60,
    });
    let noted = Fact::Noted(Noted {
        text: "a | b <i>".to_owned(),
    });
    journal
        .append(now(), &[Draft::new(opened), Draft::new(noted)])
        .unwrap();
    journal
}

struct Said {
    code: Result<u8, Failure>,
    out: String,
    err: String,
}

fn run(home: &Path, args: &[&str]) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let line = Line::try_parse_from([&["firsthour"], args].concat()).unwrap();
    let env = Env::of([("USER", "ada")]);
    let paths = Paths::under(home);
    let mut world = World {
        env: &env,
        paths: &paths,
        now,
        out: &mut out,
        err: &mut err,
    };
    let command = <Line as clap::CommandFactory>::command();
    let code = match line {
        Line::Export(args) => export::run(&args, &mut world),
        Line::Completions(args) => completions::run(&args, command, &mut world),
        Line::Man(args) => completions::run_man(&args, command, &mut world),
    };
    Said {
        code,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

fn recorded(folder: &Path) -> Vec<String> {
    let record = read(folder).unwrap();
    let kinds = record.entries.iter().map(|e| e.fact.kind().to_owned());
    kinds.collect()
}

fn lines_on_disk(folder: &Path) -> String {
    let writers = std::fs::read_dir(folder.join("writers")).unwrap();
    let dirs: Vec<PathBuf> = writers.map(|d| d.unwrap().path()).collect();
    assert_eq!(dirs.len(), 1, "one writer");
    std::fs::read_to_string(dirs[0].join("000001.jsonl")).unwrap()
}

#[test]
fn exported_lines_are_the_recorded_bytes_and_the_export_is_recorded() {
    let home = tempfile::tempdir().unwrap();
    let folder = incident(home.path()).folder().to_owned();
    let before = lines_on_disk(&folder);
    let said = run(home.path(), &["export", "amber-otter", "--as", "jsonl"]);
    assert_eq!(said.code, Ok(0), "{}", said.err);
    assert_eq!(said.out, before);
    assert!(said.err.contains("the export was recorded"), "{}", said.err);
    assert_eq!(recorded(&folder).last().unwrap(), "evidence.export");
    assert!(verify(&folder).faults.is_empty());
}

#[test]
fn a_report_goes_into_a_new_file_and_never_over_an_old_one() {
    let home = tempfile::tempdir().unwrap();
    drop(incident(home.path()));
    let file = home.path().join("report.md");
    let path = file.to_str().unwrap();
    let args = ["export", "inc-2026", "--as", "markdown", "--out", path];
    assert_eq!(run(home.path(), &args).code, Ok(0));
    let report = std::fs::read_to_string(&file).unwrap();
    assert!(report.contains("# DRILL: Invoices") && report.contains("a \\| b \\<i\\>"));
    assert!(report.contains("| holds |"), "{report}");
    std::fs::write(&file, "what people wrote").unwrap();
    let refused = run(home.path(), &args).code.unwrap_err();
    assert!(refused.hint.contains("not taken"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "what people wrote");
}

#[test]
fn an_open_incident_is_exported_and_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let journal = incident(home.path());
    let said = run(home.path(), &["export", "amber-otter"]);
    assert_eq!(said.code, Ok(0));
    assert!(said.err.contains("was not recorded"), "{}", said.err);
    assert_eq!(recorded(journal.folder()).len(), 2);
}

#[test]
fn an_unknown_incident_gets_the_list_of_what_exists() {
    let home = tempfile::tempdir().unwrap();
    let none = run(home.path(), &["export", "zebra"]).code.unwrap_err();
    assert_eq!(none.why, "there is no incident yet");
    drop(incident(home.path()));
    let some = run(home.path(), &["export", "zebra"]).code.unwrap_err();
    assert!(some.why.contains("inc-20260822-k7f3 (amber-otter)"));
    let gone = run(home.path(), &["export", "./gone"]).code.unwrap_err();
    assert!(gone.hint.contains("INCIDENT.json"));
}

#[test]
fn completions_and_the_manual_name_every_subcommand() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let script = run(home.path(), &["completions", shell]).out;
        assert!(script.contains("export"), "{shell}");
    }
    let page = run(home.path(), &["man"]).out;
    assert!(page.starts_with(".ie") || page.contains(".TH firsthour"));
    assert!(page.contains("export"));
}
