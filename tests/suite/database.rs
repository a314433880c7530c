//! `check database` against real servers: leaks named and proven, look-alikes
//! left alone, the contract of its output.

mod attack;
mod contract;
mod corpus;
mod culprit;
mod drift;
mod each;
mod empty;
mod fix;
mod foreign;
mod hazard;
mod helpers;
mod indexes;
mod matrix;
mod nine;
mod pooled;
mod principals;
mod reads;
mod rehearse;
mod sampling;
mod settings;
mod supabase;
mod trace;
mod trouble;
mod versions;
mod watch;

use crate::support::lab::{Lab, block_on};
use firsthour::cli::check::{Args, Database, Source, run};
use firsthour::cli::world::World;
use firsthour::config::targets::Target;
use firsthour::config::{Env, Paths};
use firsthour::domain::check::CheckReport;
use firsthour::domain::exposure::Verdict;
use firsthour::investigate::check::{Quiet, Reach};
use firsthour::investigate::database::audit;
use serde_json::Value;
use std::path::Path;

/// What one run of `check database --json` printed.
#[derive(Debug)]
struct Answer {
    code: u8,
    findings: Vec<Value>,
    /// Who did read: reads, scans, what runs now, and the horizon.
    reads: Vec<Value>,
    coverage: Value,
    err: String,
}

/// Runs the command as a role of the lab.
fn check(lab: &Lab, role: &str) -> Answer {
    check_at(&lab.url(role))
}

/// Runs the command at an address.
fn check_at(url: &str) -> Answer {
    let (code, out, err) = command(url, true);
    let mut lines: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("one JSON object a line"))
        .collect();
    let coverage = lines.pop().expect("a last line");
    assert_eq!(coverage["kind"], "coverage");
    let (findings, reads): (Vec<Value>, Vec<Value>) = lines
        .into_iter()
        .partition(|line| line["kind"] == "finding");
    let kinds = ["read", "scanned", "live", "horizon"];
    assert!(
        reads
            .iter()
            .all(|line| kinds.contains(&line["kind"].as_str().unwrap_or_default()))
    );
    Answer {
        code,
        findings,
        reads,
        coverage,
        err,
    }
}

/// Runs the command with any address; gives its exit code and both outputs.
fn command(url: &str, json: bool) -> (u8, String, String) {
    asked(Database {
        place: Some(url.to_owned()),
        json,
        ..Database::default()
    })
}

/// Runs the command with these arguments and no settings.
fn asked(database: Database) -> (u8, String, String) {
    asked_under(&Paths::under(Path::new("/nonexistent")), database)
}

/// Runs the command on a target named `trial`, marked as staging or not.
fn on_trial(lab: &Lab, staging: bool, database: Database) -> (u8, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = Paths::under(folder.path());
    let text = format!(
        "[targets.trial]\nurl = \"{}\"\nstaging = {staging}\n",
        lab.url("postgres")
    );
    std::fs::create_dir_all(paths.config_file.parent().expect("a parent")).expect("a folder");
    std::fs::write(&paths.config_file, text).expect("a file");
    let place = Some("trial".to_owned());
    asked_under(&paths, Database { place, ..database })
}

fn asked_under(paths: &Paths, database: Database) -> (u8, String, String) {
    let env = Env::default();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut world = World {
        env: &env,
        paths,
        now: || chrono::DateTime::UNIX_EPOCH,
        out: &mut out,
        err: &mut err,
    };
    let args = Args {
        source: Source::Database(database),
    };
    let code = run(&args, &mut world).expect("an exit code");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (code, text(out), text(err))
}

/// The audit behind the command, as the superuser, with its cells.
fn audited(lab: &Lab, adjust: impl FnOnce(&mut Reach)) -> CheckReport {
    let (env, paths) = (Env::default(), Paths::under(Path::new("/nonexistent")));
    let url = lab.url("postgres");
    let target = Target::resolve(Some(&url), &env, &paths).expect("a target");
    let mut reach = Reach::new(target.settings);
    adjust(&mut reach);
    block_on(audit(&reach, &Quiet)).expect("a report")
}

/// What a principal was shown to read of a relation, and on what basis.
fn cell<'a>(report: &'a CheckReport, principal: &str, relation: &str) -> (Verdict, &'a str) {
    let mut cells = report.cells.iter();
    let found = cells.find(|cell| cell.principal == principal && cell.relation == relation);
    let cell = found.unwrap_or_else(|| {
        let of = |c: &&firsthour::domain::exposure::Cell| c.relation == relation;
        let asked: Vec<_> = report.cells.iter().filter(of).collect();
        panic!("no cell of {principal} on {relation} in {asked:#?}")
    });
    (cell.verdict, &cell.basis)
}

/// All gaps as one text.
fn gaps_of(report: &CheckReport) -> String {
    let gaps = report.coverage.could_not.iter();
    let lines: Vec<String> = gaps
        .map(|gap| format!("{}: {}", gap.what, gap.why))
        .collect();
    lines.join("\n")
}

impl Answer {
    /// Findings of medium or more that stand, about a name or a policy on it.
    fn about(&self, name: &str) -> Vec<&Value> {
        let on = format!(" on {name}");
        self.findings
            .iter()
            .filter(|f| matches!(f["severity"].as_str(), Some("critical" | "high" | "medium")))
            .filter(|f| matches!(f["confidence"].as_str(), Some("confirmed" | "suspected")))
            .filter(|f| {
                let subject = f["subject"]["name"].as_str().unwrap_or_default();
                subject == name || subject.ends_with(&on)
            })
            .collect()
    }

    fn confirmed(&self, name: &str) -> bool {
        self.about(name)
            .iter()
            .any(|f| f["confidence"] == "confirmed")
    }
}

/// The objects a fixture calls leaky or safe, by their names.
fn labelled(lab: &Lab, prefix: &str) -> Vec<String> {
    let sql = format!(
        "select n.nspname || '.' || x.name from (
           select relnamespace as ns, relname::text as name from pg_class where relkind in ('r', 'p', 'v', 'm')
           union all select pronamespace, proname::text from pg_proc) x
         join pg_namespace n on n.oid = x.ns where x.name like '{prefix}\\_%' order by 1"
    );
    lab.exec_blocking(&sql)
        .into_iter()
        .filter_map(|row| row.into_iter().next().flatten())
        .collect()
}

/// A schema as this server takes it. Before 15 a view knows no
/// `security_invoker` and reads with its owner's rights: what is safe by the
/// option alone is a leak there.
fn before_15(lab: &Lab, schema: &str) -> String {
    if lab.major() >= 15 {
        return schema.to_owned();
    }
    ["with (security_invoker = on)", "with (security_invoker)"]
        .iter()
        .fold(
            schema.replace("safe_invoker", "leak_invoker"),
            |sql, option| sql.replace(option, ""),
        )
}

/// Creates the roles of an API where they are missing; the server is shared.
fn api_roles(lab: &Lab) {
    lab.exec_blocking(
        // Tests run side by side, and an advisory lock holds in one database
        // alone: whoever comes second finds the role made.
        "do $$ declare made text; begin
           foreach made in array array['anon nologin', 'authenticated nologin', 'service_role nologin bypassrls'] loop
             begin execute 'create role ' || made;
             exception when duplicate_object or unique_violation then null; end;
           end loop;
         end $$",
    );
}
