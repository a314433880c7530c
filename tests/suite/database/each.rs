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
fn ids() -> Vec<String> {
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
struct Fixture {
    page: &'static Page,
    text: String,
}

impl Fixture {
    /// Reads the file and makes the database it asks for.
    fn read(id: &str) -> (Self, Lab) {
        let page = PAGES.iter().find(|page| page.id == id);
        let page = page.unwrap_or_else(|| panic!("{id} has a fixture and no page"));
        let file = folder().join(format!("{id}.sql"));
        let text = std::fs::read_to_string(file).expect("a fixture");
        let mut fixture = Self { page, text };
        let settings: Option<Vec<&str>> = fixture
            .header("alone")
            .first()
            .map(|settings| settings.split_whitespace().collect());
        let lab = settings.map_or_else(lab_blocking, |settings| lab_alone(&settings));
        fixture.text = fixture.text.replace("{db}", &lab.database);
        (fixture, lab)
    }

    fn header(&self, key: &str) -> Vec<&str> {
        let prefix = format!("-- @{key}:");
        let lines = self.text.lines().filter_map(|l| l.strip_prefix(&prefix));
        lines.map(str::trim).collect()
    }

    /// The SQL under a marker, up to the next.
    fn block(&self, marker: &str) -> String {
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
struct Judge<'a> {
    fixture: &'a Fixture,
    wrong: Vec<String>,
}

impl Judge<'_> {
    fn innocents(&mut self, answer: &Answer, when: &str) {
        for name in self.fixture.header("innocent") {
            for finding in answer.about(name) {
                self.wrong
                    .push(format!("{when}: {name} accused: {finding:#}"));
            }
        }
    }

    fn absent(&mut self, answer: &Answer, when: &str) {
        let named = self.fixture.header("finding");
        for finding in standing(answer, self.fixture.page.id) {
            let subject = finding["subject"]["name"].as_str().unwrap_or_default();
            if named.contains(&subject) || self.fixture.matters(finding) {
                self.wrong.push(format!("{when}: told: {finding:#}"));
            }
        }
        self.innocents(answer, when);
    }

    fn planted(&mut self, answer: &Answer) {
        let found = standing(answer, self.fixture.page.id);
        let named = self.fixture.header("finding");
        if named.is_empty() {
            self.wrong.push("names no @finding".to_owned());
        }
        let own: Vec<&&Value> = found
            .iter()
            .filter(|f| named.iter().any(|name| f["subject"]["name"] == *name))
            .collect();
        for name in &named {
            if !own.iter().any(|f| f["subject"]["name"] == *name) {
                let all = &answer.findings;
                let told = &answer.coverage["could_not"];
                self.wrong
                    .push(format!("planted: {name} not found in {all:#?}, {told:#}"));
            }
        }
        let worst = own
            .iter()
            .filter_map(|f| f["severity"].as_str())
            .max_by_key(|word| rank(word));
        let severity = self.fixture.header("severity").first().copied();
        let severity = severity.unwrap_or(self.fixture.page.severity.word());
        if worst.is_some_and(|worst| worst != severity) {
            self.wrong
                .push(format!("planted: {worst:?} instead of {severity}"));
        }
        self.innocents(answer, "planted");
    }

    fn blind(&mut self, answer: &Answer) {
        let gaps = answer.coverage["could_not"].as_array().expect("gaps");
        for name in self.fixture.header("finding") {
            if !gaps.iter().any(|gap| gap.to_string().contains(name)) {
                self.wrong.push(format!("no gap names {name}: {gaps:#?}"));
            }
        }
        self.absent(answer, "blind");
    }
}

/// Plants and cures one leak; gives what went wrong.
fn walk(id: &str) -> Vec<String> {
    let (fixture, lab) = Fixture::read(id);
    let major = lab.exec_blocking("show server_version_num");
    let major: u32 = major[0][0].as_deref().expect("a version")[..2]
        .parse()
        .expect("a number");
    let from = fixture.header("from").first().map(|from| from.parse());
    let from: u32 = from.map_or(0, |from| from.expect("a major version"));
    if major < from {
        eprintln!("SKIPPED: {id} needs Postgres {from}, this is {major}");
        return Vec::new();
    }
    api_roles(&lab);
    lab.exec_blocking(&BASE.replace("{db}", &lab.database));
    lab.exec_blocking(&format!("{};\nanalyze", fixture.block("safe")));
    let login = fixture.header("as").first().copied();
    let look = || check(&lab, login.unwrap_or("postgres"));
    let mut judge = Judge {
        fixture: &fixture,
        wrong: Vec::new(),
    };
    judge.absent(&look(), "before");
    lab.exec_blocking(&format!("{};\nanalyze", fixture.block("plant")));
    if fixture.header("blind").is_empty() {
        judge.planted(&look());
    } else {
        judge.blind(&look());
    }
    lab.exec_blocking(&fixture.block("cure"));
    judge.absent(&look(), "cured");
    let wrong = judge.wrong.into_iter();
    wrong.map(|wrong| format!("{id} {wrong}")).collect()
}

/// Walks every fixture of a family, a few side by side.
fn family(letter: char) {
    let env = Env::read();
    let only = env.get("FIRSTHOUR_CHECK");
    let mut waiting = ids();
    waiting.retain(|id| id.starts_with(letter) && only.is_none_or(|only| only == id));
    let waiting = Mutex::new(waiting);
    let next = || waiting.lock().expect("the list").pop();
    let lane = || {
        let mut wrong = Vec::new();
        while let Some(id) = next() {
            wrong.extend(walk(&id));
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
    family('G');
}

#[test]
fn policies() {
    family('P');
}

#[test]
fn doors() {
    family('D');
}

#[test]
fn configuration_and_evidence() {
    family('C');
}

/// Ids that rules report under and that have no page yet. Take yours out.
const NO_PAGE_YET: &str = "P01 P02 P03 P04 P05 P06 P07 P08 P09";

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
    missing.retain(|id| *id != UNEXPLAINED && !NO_PAGE_YET.contains(id));
    missing.retain(|id| !PAGES.iter().any(|page| page.id == *id));
    assert_eq!(missing, Vec::<&str>::new());
}
