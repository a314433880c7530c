//! The adversary's corpus: many kinds of leak, each beside look-alikes that
//! are safe, all in one database, and what the audit says of them.
//!
//! Each file of `tests/fixtures/corpus` holds sections that open with header
//! lines:
//!
//! ```text
//! -- @kind: NAME       begins a section
//! -- @leak: TEXT       the leak in one line
//! -- @names: A | B     what must be named, all of it
//! -- @any-name         one of the names is enough
//! -- @by: P01 P11      the checks it may be reported by; the first is its own
//! -- @proven           must be confirmed on the live rows
//! -- @safe: A | B      has no finding of medium or more under any id
//! -- @from: MAJOR      left out on an older server
//! -- @missed: WHY      known: it is not named; fails once it is
//! -- @unproven: WHY    known: rows leak and none is shown; fails once one is
//! ```
//!
//! What is neither a name of a leak nor safe must draw nothing either.
//! `docs/corpus.md` is made from the outcome. `FIRSTHOUR_CORPUS=NAME` prints
//! what was found about that one kind, and compares nothing else. To add a kind: a
//! section in the fitting file, then `just readme`.

mod kinds;
mod outcome;
mod page;

use super::{Answer, api_roles, check};
use crate::support::lab::{Lab, lab_alone};
use firsthour::config::Env;
use kinds::{Corpus, Kind};
use outcome::Outcome;
use std::collections::BTreeSet;
use std::path::Path;

/// The major version that every kind can be loaded on.
const WHOLE_FROM: u32 = 15;

/// Everything that has a name a finding could be about.
const OBJECTS: &str = "
  select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
  union select n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  union select polname || ' on ' || n.nspname || '.' || c.relname from pg_policy
    join pg_class c on c.oid = polrelid join pg_namespace n on n.oid = c.relnamespace
  union select nspname from pg_namespace union select rolname from pg_roles union select pubname from pg_publication
  union select current_database() union select srvname from pg_foreign_server union select 'large object ' || oid from pg_largeobject_metadata";

fn load(corpus: &Corpus) -> (Lab, u32) {
    let lab = lab_alone(&["wal_level=logical"]);
    api_roles(&lab);
    let version = column(&lab, "show server_version_num");
    let major = version.first().and_then(|v| v.parse::<u32>().ok());
    let major = major.expect("a version") / 10_000;
    lab.exec_blocking(&corpus.base);
    for kind in corpus.kinds.iter().filter(|k| k.from <= major) {
        lab.exec_blocking(&kind.sql);
    }
    lab.exec_blocking("drop schema lab cascade; analyze");
    (lab, major)
}

fn column(lab: &Lab, sql: &str) -> Vec<String> {
    let rows = lab.exec_blocking(sql).into_iter();
    rows.filter_map(|row| row.into_iter().next().flatten())
        .collect()
}

/// Labels that are no object of the database would be kept by saying nothing.
fn without_object(lab: &Lab, corpus: &Corpus, major: u32) -> Vec<String> {
    let there: BTreeSet<String> = column(lab, OBJECTS).into_iter().collect();
    let kinds = corpus.kinds.iter().filter(|k| k.from <= major);
    let labels = kinds.flat_map(|k| k.names.iter().chain(&k.safe));
    labels
        .chain(&corpus.safe)
        .filter(|label| !there.contains(*label))
        .cloned()
        .collect()
}

/// One line for each expectation that was not met.
fn complaints(corpus: &Corpus, outcome: &Outcome, major: u32) -> Vec<String> {
    let kinds = corpus.kinds.iter().filter(|k| k.from <= major);
    let mut lines: Vec<String> = kinds.filter_map(|k| complaint(k, outcome)).collect();
    for alarm in &outcome.alarms {
        lines.push(format!("false alarm: {alarm}"));
    }
    lines
}

fn complaint(kind: &Kind, outcome: &Outcome) -> Option<String> {
    let (named, proven) = (outcome.named(kind), outcome.proven(kind));
    let about = match (named, &kind.missed) {
        (false, None) => "not named",
        (true, Some(_)) => "a known miss that is named now",
        _ if kind.missed.is_some() => return None,
        _ => match (proven, kind.proven, &kind.unproven) {
            (false, true, None) => "named, not proven",
            (true, _, Some(_)) => "a known want of proof that is proven now",
            _ => return None,
        },
    };
    let found = outcome.told(kind);
    Some(format!(
        "{}: {about}; by {:?} of {:?}, found {found:?}",
        kind.name, kind.by, kind.names
    ))
}

/// What the audit found of one kind, for whoever works on it.
fn show(answer: &Answer, kinds: &[Kind]) {
    let labels: Vec<&String> = kinds
        .iter()
        .flat_map(|k| k.names.iter().chain(&k.safe))
        .collect();
    for finding in &answer.findings {
        let subject = finding["subject"]["name"].as_str().unwrap_or_default();
        if labels.iter().any(|label| subject.ends_with(*label)) {
            eprintln!("{finding:#}");
        }
    }
}

#[test]
fn every_kind_is_named_and_no_look_alike_accused() {
    let env = Env::read();
    let mut corpus = Corpus::read();
    assert!(corpus.kinds.len() >= 60 && corpus.look_alikes() >= corpus.kinds.len());
    let (lab, major) = load(&corpus);
    let unknown = without_object(&lab, &corpus, major);
    assert!(unknown.is_empty(), "labels without an object: {unknown:#?}");
    let answer = check(&lab, "postgres");
    let outcome = Outcome::of(&corpus, &answer);
    let one = env.get("FIRSTHOUR_CORPUS");
    if let Some(name) = one {
        corpus.kinds.retain(|k| k.name == name);
        show(&answer, &corpus.kinds);
    }
    let complaints = complaints(&corpus, &outcome, major);
    let some = complaints.len();
    assert!(some == 0, "{some} complaints:\n{}", complaints.join("\n"));
    if one.is_some() || major < WHOLE_FROM {
        eprintln!("docs/corpus.md is not compared: Postgres {major}, {one:?}");
        return;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/corpus.md");
    let expected = page::page(&corpus, &outcome);
    if env.get("FIRSTHOUR_README") == Some("write") {
        std::fs::write(&file, &expected).expect("a page that can be written");
    }
    let shown = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        shown == expected,
        "docs/corpus.md does not say what the audit found; run `just readme`"
    );
}
