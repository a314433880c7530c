//! What one audit said of the corpus: findings by kind, false alarms, and the
//! score of each check.

use super::super::Answer;
use super::kinds::{Corpus, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// A finding of medium or more that stands.
#[derive(Debug)]
struct Told {
    check: String,
    subject: String,
    confirmed: bool,
}

/// What counts for and against one check.
#[derive(Debug, Default)]
pub struct Score {
    /// Names of leaks whose own check this is.
    pub leaks: usize,
    /// Of these, named by any of the checks that may.
    pub named: usize,
    /// Of these, named by this very check.
    pub itself: usize,
    /// Findings of this check about something that leaks.
    pub right: usize,
    /// Findings of this check about something that does not.
    pub wrong: usize,
}

/// All of it.
#[derive(Debug)]
pub struct Outcome {
    told: Vec<Told>,
    /// Findings about what does not leak, as text.
    pub alarms: Vec<String>,
    pub scores: BTreeMap<String, Score>,
}

fn is_about(subject: &str, name: &str) -> bool {
    let before = subject.strip_suffix(name);
    before.is_some_and(|rest| rest.is_empty() || rest.ends_with(" on "))
}

impl Outcome {
    pub fn of(corpus: &Corpus, answer: &Answer) -> Self {
        let told: Vec<Told> = answer.findings.iter().filter_map(Told::read).collect();
        let mut outcome = Self {
            told,
            alarms: Vec::new(),
            scores: BTreeMap::new(),
        };
        outcome.weigh(corpus);
        for kind in &corpus.kinds {
            let own = kind.by.first().cloned().unwrap_or_default();
            let named = kind.names.iter().filter(|n| outcome.names(kind, n)).count();
            let by_own = |name: &&String| {
                let mut told = outcome.told.iter();
                told.any(|t| t.check == own && is_about(&t.subject, name))
            };
            let itself = kind.names.iter().filter(by_own).count();
            let score = outcome.scores.entry(own.clone()).or_default();
            // One of several names is all that is asked for.
            let all = if kind.any_name { 1 } else { kind.names.len() };
            score.leaks += all;
            score.named += named.min(all);
            score.itself += itself.min(all);
        }
        outcome
    }

    /// Tells findings about leaks from false alarms.
    fn weigh(&mut self, corpus: &Corpus) {
        let safe: BTreeSet<&String> = corpus.kinds.iter().flat_map(|k| &k.safe).collect();
        let named: Vec<&String> = corpus.kinds.iter().flat_map(|k| &k.names).collect();
        for told in &self.told {
            let score = self.scores.entry(told.check.clone()).or_default();
            let leaky = named.iter().any(|name| is_about(&told.subject, name));
            if leaky && !safe.contains(&told.subject) {
                score.right += 1;
            } else {
                score.wrong += 1;
                self.alarms.push(format!("{} {}", told.check, told.subject));
            }
        }
    }

    fn names(&self, kind: &Kind, name: &str) -> bool {
        let mut about = self.told.iter().filter(|t| is_about(&t.subject, name));
        about.any(|t| kind.by.contains(&t.check))
    }

    /// Whether every name, or one where that is enough, is reported by a check
    /// that may.
    pub fn named(&self, kind: &Kind) -> bool {
        let mut names = kind.names.iter();
        if kind.any_name {
            names.any(|name| self.names(kind, name))
        } else {
            names.all(|name| self.names(kind, name))
        }
    }

    /// Whether one name at least is confirmed.
    pub fn proven(&self, kind: &Kind) -> bool {
        let mut about = self.about(kind);
        about.any(|t| t.confirmed)
    }

    fn about<'a>(&'a self, kind: &'a Kind) -> impl Iterator<Item = &'a Told> {
        let about = |t: &&Told| kind.names.iter().any(|name| is_about(&t.subject, name));
        self.told.iter().filter(about)
    }

    /// The checks that reported a kind.
    pub fn checks<'a>(&'a self, kind: &'a Kind) -> BTreeSet<&'a str> {
        self.about(kind).map(|t| t.check.as_str()).collect()
    }

    /// Its findings as text, for a failed test.
    pub fn told(&self, kind: &Kind) -> Vec<String> {
        let text = |t: &Told| format!("{} {} {}", t.check, t.subject, t.confirmed);
        self.about(kind).map(text).collect()
    }
}

impl Told {
    fn read(finding: &serde_json::Value) -> Option<Self> {
        let (severity, confidence) = (&finding["severity"], &finding["confidence"]);
        let weighs = matches!(severity.as_str(), Some("critical" | "high" | "medium"));
        let stands = matches!(confidence.as_str(), Some("confirmed" | "suspected"));
        (weighs && stands).then(|| Self {
            check: finding["check"].as_str().unwrap_or_default().to_owned(),
            subject: finding["subject"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            confirmed: confidence == "confirmed",
        })
    }
}
