//! Asks the log check about one rendering of a corpus.

use super::expect::is_visible;
use firsthour::domain::finding::{Finding, Severity, SubjectKind};
use firsthour::drill::corpus;
use firsthour::drill::corpus::render::Rendering;
use firsthour::drill::corpus::stream::Corpus;
use firsthour::drill::corpus::truth::{Account, Planted};
use firsthour::investigate::logs::gather::aggregates::Aggregates;
use firsthour::investigate::logs::known::{Known, read};
use firsthour::investigate::logs::rules::claim::Case;
use firsthour::investigate::logs::rules::{claims, judge};
use firsthour::investigate::logs::scan::{Asked, Progress, scan};
use firsthour::investigate::logs::source;
use std::collections::BTreeSet;

/// What the check said.
#[derive(Debug)]
pub struct Answer {
    pub findings: Vec<Finding>,
    pub tables: Aggregates,
}

/// Writes a rendering to a folder of its own and checks it with every file
/// that helps.
pub fn ask(corpus: &Corpus, rendering: &Rendering) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(rendering.file);
    let mut out = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    (rendering.write)(corpus, &mut out).unwrap();
    drop(out);
    corpus::beside(folder.path(), corpus).unwrap();
    let mut known = Known::default();
    read::users(&folder.path().join("users.csv"), &mut known).unwrap();
    read::customers(&folder.path().join("customers.csv"), &mut known).unwrap();
    read::routes(&folder.path().join("routes.json"), &mut known).unwrap();
    let (pieces, failed) = source::pieces(&[path]);
    assert!(failed.is_empty(), "{failed:?}");
    let mut asked = Asked::default();
    asked.timing.release = Some(corpus.options.release);
    let tables = scan(&pieces, &asked, &Progress::default());
    let case = Case {
        tables: &tables,
        known: &known,
    };
    let findings = claims(&case)
        .into_iter()
        .map(|claim| judge::finding(claim, &tables))
        .collect();
    Answer { findings, tables }
}

impl Answer {
    /// Whether the input was read whole, by the format it is of.
    pub fn unread(&self, rendering: &Rendering) -> Vec<String> {
        let mut faults = Vec::new();
        for piece in &self.tables.pieces {
            if piece.format != rendering.format {
                faults.push(format!("taken for {:?}", piece.format));
            }
            if piece.unparsed > 0 || piece.broken.is_some() {
                faults.push(format!(
                    "{} records unread, at {:?}, {:?}",
                    piece.unparsed, piece.unparsed_at, piece.broken
                ));
            }
        }
        faults
    }

    /// The findings that speak of a leak.
    pub fn of(&self, planted: &Planted, rendering: &Rendering) -> Vec<&Finding> {
        let is_rule = |rule: &str| planted.rule == rule || planted.also.contains(&rule);
        self.findings
            .iter()
            .filter(|finding| is_rule(rule(finding)))
            .filter(|finding| speaks_of(finding, planted, rendering))
            .collect()
    }

    /// Accusations, medium or worse, of somebody who planted nothing.
    pub fn accused(&self, corpus: &Corpus, rendering: &Rendering) -> Vec<String> {
        let mut guilty = BTreeSet::new();
        for planted in &corpus.truth.planted {
            if let Some(account) = &planted.actor {
                guilty.extend(names(account));
                if !rendering.person {
                    guilty.insert(account.address.as_str());
                }
            }
            guilty.extend(planted.address.as_deref());
        }
        let planted = &corpus.truth.planted;
        self.findings
            .iter()
            .filter(|finding| finding.severity >= Severity::Medium)
            .filter(|finding| match finding.subject.kind {
                SubjectKind::Principal => !guilty.contains(finding.subject.name.as_str()),
                _ => !planted.iter().any(|planted| {
                    is_visible(planted.plant, rendering)
                        && (planted.rule == rule(finding) || planted.also.contains(&rule(finding)))
                        && speaks_of(finding, planted, rendering)
                }),
            })
            .map(|finding| {
                format!(
                    "accuses {} by {}: {}",
                    finding.subject.name,
                    rule(finding),
                    finding.title
                )
            })
            .collect()
    }
}

/// The rule behind a finding.
pub fn rule(finding: &Finding) -> &str {
    finding
        .trail
        .as_ref()
        .map_or("", |trail| trail.rule.as_str())
}

fn names(account: &Account) -> [&str; 3] {
    [&account.id, &account.uuid, &account.email]
}

fn speaks_of(finding: &Finding, planted: &Planted, rendering: &Rendering) -> bool {
    let name = finding.subject.name.as_str();
    match finding.subject.kind {
        SubjectKind::Principal => {
            let is_account = planted.actor.as_ref().is_some_and(|account| {
                names(account).contains(&name) || (!rendering.person && account.address == name)
            });
            is_account || planted.address.as_deref() == Some(name)
        }
        SubjectKind::Route => planted
            .route
            .as_deref()
            .is_some_and(|route| super::expect::route(route, rendering, name)),
        SubjectKind::Log => planted.rule == "R10",
        _ => false,
    }
}
