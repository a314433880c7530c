//! Walks through the shipped playbooks by what is recorded.

use super::today;
use crate::support::abilities::abilities;
use firsthour::domain::condition::Facts;
use firsthour::domain::finding::RootCause;
use firsthour::domain::playbook::{Destination, Playbook};
use firsthour::playbooks::{open, shipped};
use std::cell::Cell;

/// What a responder recorded: counts of the reach check, run by run, and
/// answers by id.
#[derive(Default)]
struct Recorded<'a> {
    foreign: Cell<Option<i64>>,
    answers: &'a [(&'a str, &'a str)],
}

impl Facts for Recorded<'_> {
    fn answer(&self, ask: &str) -> Option<String> {
        let found = self.answers.iter().find(|(id, _)| *id == ask)?;
        Some(found.1.to_owned())
    }

    fn check_field(&self, _: &str, _: &str) -> Option<i64> {
        self.foreign.get()
    }

    fn cause(&self, _: RootCause) -> Option<String> {
        None
    }

    fn findings(&self, _: &str) -> Option<i64> {
        None
    }
}

/// The ids walked, until the end or until more steps than there are.
fn walk(book: &Playbook, facts: &Recorded<'_>) -> Vec<String> {
    let mut walked = Vec::new();
    let mut at = book.first();
    while let Some(step) = at {
        walked.push(step.id.clone());
        if step
            .actions
            .iter()
            .any(|call| call.uses == "restrict.revoke")
        {
            facts.foreign.set(Some(0));
        }
        assert!(walked.len() <= book.steps().count(), "{walked:?}");
        at = match step.next.route(facts).to {
            Destination::Step(id) => book.step(&id),
            Destination::End => None,
        };
    }
    walked
}

fn book(name: &str) -> Playbook {
    let found = shipped().iter().find(|s| s.name == name).unwrap();
    open(&found.into(), &abilities(), today()).unwrap().0
}

#[test]
fn knowing_nothing_still_comes_to_the_end() {
    for shipped in shipped() {
        let walked = walk(&book(shipped.name), &Recorded::default());
        assert!(walked.len() > 10, "{walked:?}");
    }
}

#[test]
fn foreign_rows_lead_over_the_revoke_to_the_second_proof() {
    let facts = Recorded {
        foreign: Cell::new(Some(3)),
        ..Recorded::default()
    };
    let walked = walk(&book("data-leak"), &facts);
    let want = [
        "declare",
        "map-data",
        "prove-reach",
        "who-reads",
        "still-active",
        "save-evidence",
        "close-database",
        "prove-closed",
        "freeze-deploys",
    ];
    assert_eq!(walked[..want.len()], want);
}

#[test]
fn a_closed_and_past_leak_goes_straight_to_the_logs() {
    let facts = Recorded {
        foreign: Cell::new(Some(0)),
        answers: &[("active", "historical")],
    };
    let walked = walk(&book("data-leak"), &facts);
    assert_eq!(walked[3..5], ["still-active", "wide-reads"]);
}

#[test]
fn the_gate_opens_only_when_everything_passed() {
    let mut answers: Vec<(String, &str)> = (1..=7).map(|n| (format!("g{n}"), "pass")).collect();
    answers.push(("f8".to_owned(), "yes"));
    let after_gate = |answers: &[(String, &str)]| {
        let answers: Vec<(&str, &str)> = answers.iter().map(|(id, a)| (id.as_str(), *a)).collect();
        let facts = Recorded {
            foreign: Cell::new(None),
            answers: &answers,
        };
        let walked = walk(&book("data-leak"), &facts);
        let gate = walked.iter().position(|id| id == "g8-verdict").unwrap();
        walked[gate + 1].clone()
    };
    assert_eq!(after_gate(&answers), "p1-review");
    for at in 0..answers.len() {
        let mut failed = answers.clone();
        failed[at].1 = "fail";
        assert_eq!(after_gate(&failed), "p6-handover", "{at}");
        failed.remove(at);
        assert_eq!(after_gate(&failed), "p6-handover", "{at}");
    }
}

#[test]
fn a_key_in_use_is_cut_before_anything_else() {
    let facts = Recorded {
        foreign: Cell::new(None),
        answers: &[("in-use", "yes")],
    };
    let walked = walk(&book("leaked-credential"), &facts);
    assert_eq!(walked[3..6], ["used-now", "cut-now", "save-traces"]);
}

#[test]
fn a_cache_that_is_none_changes_the_playbook() {
    let facts = Recorded {
        foreign: Cell::new(Some(2)),
        answers: &[("mixed", "no"), ("cache-hit", "no")],
    };
    let walked = walk(&book("public-cache"), &facts);
    assert_eq!(walked.last().unwrap(), "change-playbook");
}
