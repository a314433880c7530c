//! Every check alone: one file of `tests/fixtures/checks` an id.
//!
//! A file opens with header lines and goes on in blocks:
//!
//! ```text
//! -- @finding: NAME    the subject as it is reported; one line each
//! -- @innocent: NAME   has no finding of medium or more under any id
//! -- @severity: WORD   of the worst finding, where it is not the page's
//! -- @from: MAJOR      skipped on an older server, and said so
//! -- @alone: SETTINGS  a server of its own, for roles and settings that belong
//!                      to the whole server; `name=value`, or nothing
//! -- @as: ROLE         the login that looks; the superuser otherwise
//! -- @blind: WHY       no finding can be had here: a gap that names each
//!                      @finding must be told instead
//! -- @safe             SQL of look-alikes, there from start to end
//! -- @plant            SQL that makes the leak
//! -- @cure             SQL that takes it away
//! ```
//!
//! `{db}` is the database's name: roles belong to the whole server, so a
//! fixture's own carry it. What is planted is absent before, found under its
//! id, and gone once cured. `FIRSTHOUR_CHECK=G12` runs the one fixture.

use super::fix::statements;
use super::{Answer, api_roles, check};
use crate::support::lab::{Lab, lab_alone, lab_blocking};
use firsthour::config::Env;
use firsthour::investigate::database::pages::{PAGES, Page};
use firsthour::investigate::database::rule_ids;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const BASE: &str = include_str!("../../fixtures/checks/base.sql");

/// Labs that are looked at side by side.
const LANES: usize = 2;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checks")
}

/// The ids there are fixtures for.
pub fn ids() -> Vec<String> {
    let files = std::fs::read_dir(folder()).expect("the folder of fixtures");
    let mut ids: Vec<String> = files
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".sql").map(str::to_owned))
        .filter(|id| id != "base")
        .collect();
    ids.sort();
    ids
}

/// One fixture, read.
#[derive(Debug)]
pub struct Fixture {
    page: &'static Page,
    text: String,
}

/// Makes the database a fixture asks for: with the settings of a server of
/// its own, if it wants one.
pub type Place<'a> = &'a dyn Fn(Option<&[&str]>) -> Lab;

/// The server all tests share, or one of its own.
fn shared(alone: Option<&[&str]>) -> Lab {
    alone.map_or_else(lab_blocking, lab_alone)
}

impl Fixture {
    /// Reads the file, for a database that is yet to be named.
    pub fn read(id: &str) -> Self {
        let page = PAGES.iter().find(|page| page.id == id);
        let page = page.unwrap_or_else(|| panic!("{id} has a fixture and no page"));
        let file = folder().join(format!("{id}.sql"));
        let text = std::fs::read_to_string(file).expect("a fixture");
        Self { page, text }
    }

    /// For a database of that name.
    #[must_use]
    pub fn named(mut self, database: &str) -> Self {
        self.text = self.text.replace("{db}", database);
        self
    }

    /// With another name for something of its own.
    #[must_use]
    pub fn renamed(mut self, name: &str, other: &str) -> Self {
        let mut text = String::with_capacity(self.text.len());
        let mut rest = self.text.as_str();
        while let Some(at) = rest.find(name) {
            let (before, after) = (&rest[..at], &rest[at + name.len()..]);
            let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            let whole = !part(before.chars().next_back()) && !part(after.chars().next());
            text.push_str(before);
            text.push_str(if whole { other } else { name });
            rest = after;
        }
        text.push_str(rest);
        self.text = text;
        self
    }

    pub fn id(&self) -> &'static str {
        self.page.id
    }

    /// The settings of the server of its own that it wants.
    pub fn alone(&self) -> Option<Vec<&str>> {
        let settings = self.header("alone").into_iter().next()?;
        Some(settings.split_whitespace().collect())
    }

    /// The first major version that it can be loaded on.
    pub fn from(&self) -> u32 {
        let from = self.header("from").first().map(|from| from.parse());
        from.map_or(0, |from| from.expect("a major version"))
    }

    pub fn header(&self, key: &str) -> Vec<&str> {
        let prefix = format!("-- @{key}:");
        let lines = self.text.lines().filter_map(|l| l.strip_prefix(&prefix));
        lines.map(str::trim).collect()
    }

    /// The SQL under a marker, up to the next.
    pub fn block(&self, marker: &str) -> String {
        let mut inside = false;
        let lines = self.text.lines().filter(|line| {
            if let Some(name) = line.strip_prefix("-- @") {
                inside = name.trim() == marker;
            }
            inside
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Below this a finding of the id may stand on something else: what it is
    /// about holds nothing sensitive.
    fn matters(&self, finding: &Value) -> bool {
        let floor = rank(self.page.severity.word()).min(rank("medium"));
        rank(finding["severity"].as_str().unwrap_or_default()) >= floor
    }
}

fn rank(word: &str) -> usize {
    const WORDS: [&str; 5] = ["info", "low", "medium", "high", "critical"];
    WORDS.iter().position(|w| *w == word).expect("a severity")
}

/// Findings of the id that stand.
fn standing<'a>(answer: &'a Answer, id: &str) -> Vec<&'a Value> {
    let found = answer.findings.iter().filter(|f| f["check"] == id);
    found
        .filter(|f| matches!(f["confidence"].as_str(), Some("confirmed" | "suspected")))
        .collect()
}

/// What is wrong with the answers to one fixture.
#[derive(Debug)]
pub struct Judge<'a> {
    fixture: &'a Fixture,
    pub wrong: Vec<String>,
}

impl<'a> Judge<'a> {
    pub const fn new(fixture: &'a Fixture) -> Self {
        let wrong = Vec::new();
        Self { fixture, wrong }
    }

    fn note(&mut self, wrong: &str) {
        self.wrong.push(format!("{} {wrong}", self.fixture.id()));
    }

    fn innocents(&mut self, answer: &Answer, when: &str) {
        self.innocents_beside(&[], answer, when);
    }

    /// No look-alike is accused, unless by the leaks of others.
    pub fn innocents_beside(&mut self, others: &[&str], answer: &Answer, when: &str) {
        for name in self.fixture.header("innocent") {
            for finding in answer.about(name) {
                let id = finding["check"].as_str().unwrap_or_default();
                if id == self.fixture.id() || !others.contains(&id) {
                    self.note(&format!("{when}: {name} accused: {finding:#}"));
                }
            }
        }
    }

    /// Nothing is told, of the leak or of what only looks like one.
    pub fn absent(&mut self, answer: &Answer, when: &str) {
        let named = self.fixture.header("finding");
        for finding in standing(answer, self.fixture.page.id) {
            let subject = finding["subject"]["name"].as_str().unwrap_or_default();
            if named.contains(&subject) || self.fixture.matters(finding) {
                self.note(&format!("{when}: told: {finding:#}"));
            }
        }
        self.innocents(answer, when);
    }

    /// The leak is told and nothing beside it.
    pub fn planted(&mut self, answer: &Answer) {
        self.named(answer);
        self.innocents(answer, "planted");
    }

    /// The leak is told, as bad as it is.
    pub fn named(&mut self, answer: &Answer) {
        let found = standing(answer, self.fixture.page.id);
        let named = self.fixture.header("finding");
        if named.is_empty() {
            self.note("names no @finding");
        }
        let own: Vec<&&Value> = found
            .iter()
            .filter(|f| named.iter().any(|name| f["subject"]["name"] == *name))
            .collect();
        for name in &named {
            if !own.iter().any(|f| f["subject"]["name"] == *name) {
                let all = &answer.findings;
                let told = &answer.coverage["could_not"];
                self.note(&format!("planted: {name} not found in {all:#?}, {told:#}"));
            }
        }
        let worst = own
            .iter()
            .filter_map(|f| f["severity"].as_str())
            .max_by_key(|word| rank(word));
        let severity = self.fixture.header("severity").first().copied();
        let severity = severity.unwrap_or(self.fixture.page.severity.word());
        if worst.is_some_and(|worst| worst != severity) {
            self.note(&format!("planted: {worst:?} instead of {severity}"));
        }
    }

    fn blind(&mut self, answer: &Answer) {
        let gaps = answer.coverage["could_not"].as_array().expect("gaps");
        for name in self.fixture.header("finding") {
            if !gaps.iter().any(|gap| gap.to_string().contains(name)) {
                self.note(&format!("no gap names {name}: {gaps:#?}"));
            }
        }
        self.absent(answer, "blind");
    }
}

/// The roles and tables that every fixture stands on.
pub fn ground(lab: &Lab) {
    api_roles(lab);
    lab.exec_blocking(&BASE.replace("{db}", &lab.database));
}

/// Plants and cures one leak; gives what went wrong.
pub fn walk(id: &str, place: Place<'_>) -> Vec<String> {
    let fixture = Fixture::read(id);
    let lab = place(fixture.alone().as_deref());
    let fixture = fixture.named(&lab.database);
    let (major, from) = (lab.major(), fixture.from());
    if major < from {
        eprintln!("SKIPPED: {id} needs Postgres {from}, this is {major}");
        return Vec::new();
    }
    ground(&lab);
    lab.exec_blocking(&format!("{};\nanalyze", fixture.block("safe")));
    let login = fixture.header("as").first().copied();
    let look = || check(&lab, login.unwrap_or("postgres"));
    let mut judge = Judge::new(&fixture);
    judge.absent(&look(), "before");
    lab.exec_blocking(&format!("{};\nanalyze", fixture.block("plant")));
    if fixture.header("blind").is_empty() {
        judge.planted(&look());
    } else {
        judge.blind(&look());
    }
    lab.exec_blocking(&fixture.block("cure"));
    judge.absent(&look(), "cured");
    judge.wrong
}

fn walk_here(id: &str) -> Vec<String> {
    walk(id, &shared)
}
/// Plants one leak and runs what is drafted for it; gives what went wrong.
fn mend(id: &str) -> Vec<String> {
    let fixture = Fixture::read(id);
    let lab = shared(fixture.alone().as_deref());
    let fixture = fixture.named(&lab.database);
    ground(&lab);
    lab.exec_blocking(&fixture.block("safe"));
    lab.exec_blocking(&fixture.block("plant"));
    lab.exec_blocking("analyze");
    let before = check(&lab, "postgres");
    let named = fixture.header("finding");
    let drafts = standing(&before, id).into_iter().filter(|finding| {
        let subject = finding["subject"]["name"].as_str();
        subject.is_some_and(|name| named.contains(&name)) && !finding["fix"].is_null()
    });
    let drafts: Vec<String> = drafts.map(statements).collect();
    assert!(!drafts.is_empty(), "{id} has no draft");
    lab.exec_blocking(&drafts.join(";\n"));
    let mut judge = Judge::new(&fixture);
    judge.absent(&check(&lab, "postgres"), "with its draft");
    if !judge.wrong.is_empty() {
        judge.wrong.push(drafts.join(";\n"));
    }
    judge.wrong
}

/// The ids of a family.
fn family(letter: char) -> Vec<String> {
    let env = Env::read();
    let only = env.get("FIRSTHOUR_CHECK");
    let mut ids = ids();
    ids.retain(|id| id.starts_with(letter) && only.is_none_or(|only| only == id));
    ids
}

/// Does this with each fixture, a few side by side; nothing may be wrong.
fn all(waiting: Vec<String>, with: fn(&str) -> Vec<String>) {
    let waiting = Mutex::new(waiting);
    let next = || waiting.lock().expect("the list").pop();
    let lane = || {
        let mut wrong = Vec::new();
        while let Some(id) = next() {
            wrong.extend(with(&id));
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES).map(|_| scope.spawn(lane)).collect();
        let ends = lanes.into_iter().map(|lane| lane.join().expect("a walk"));
        ends.flatten().collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn grants_roles_and_ownership() {
    all(family('G'), walk_here);
}

#[test]
fn policies() {
    all(family('P'), walk_here);
}

/// A person has to say what is meant, or it weighs too little for a draft.
const NO_DRAFT: [&str; 3] = ["P22", "P26", "P27"];

#[test]
fn what_is_drafted_for_an_open_policy_closes_it() {
    let mut ids = family('P');
    ids.retain(|id| !NO_DRAFT.contains(&id.as_str()));
    all(ids, mend);
}

#[test]
fn doors() {
    all(family('D'), walk_here);
}

#[test]
fn configuration_and_evidence() {
    all(family('C'), walk_here);
}

/// A leak that was seen and that no rule explains: a probe, not a rule.
const UNEXPLAINED: &str = "REACH";

/// Pages without a fixture, and why.
const NO_FIXTURE: [(&str, &str); 1] = [(
    "C04",
    "a server has one version: the tests beside the rule give it others",
)];

#[test]
fn each_page_has_its_fixture_or_a_reason_and_each_fixture_its_page() {
    let pages: Vec<&str> = PAGES.iter().map(|page| page.id).collect();
    let mut held = ids();
    held.extend(NO_FIXTURE.map(|(id, _)| id.to_owned()));
    held.sort();
    assert_eq!(pages, held);
}

#[test]
fn every_id_that_can_be_reported_has_its_page() {
    let mut missing = rule_ids();
    missing.retain(|id| *id != UNEXPLAINED);
    missing.retain(|id| !PAGES.iter().any(|page| page.id == *id));
    assert_eq!(missing, Vec::<&str>::new());
}
