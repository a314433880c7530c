//! The playbooks that come with the program.

use super::{mistakes, printed, today};
use crate::support::abilities::abilities;
use firsthour::domain::playbook::{Destination, Playbook};
use firsthour::playbooks::{open, shipped};
use std::collections::BTreeSet;

fn all() -> Vec<Playbook> {
    shipped()
        .iter()
        .map(|s| open(&s.into(), &abilities(), today()).unwrap().0)
        .collect()
}

fn data_leak() -> Playbook {
    all().remove(0)
}

#[test]
fn all_are_clean_to_the_last_warning() {
    for shipped in shipped() {
        let found = mistakes(shipped.source);
        assert!(found.is_empty(), "{}\n{}", shipped.name, printed(&found));
    }
}

#[test]
fn names_are_ids_and_pins_are_hashes() {
    for (shipped, book) in shipped().iter().zip(all()) {
        assert_eq!(shipped.name, book.id);
        assert_eq!(book.source, shipped.source);
        let hash = firsthour::domain::digest::Digest::of(shipped.source.as_bytes());
        assert_eq!(book.sha256, hash);
    }
}

#[test]
fn every_step_is_walked_by_some_answers() {
    for book in all() {
        let mut seen = BTreeSet::new();
        let mut open = vec![book.first().unwrap()];
        while let Some(step) = open.pop() {
            if !seen.insert(&step.id) {
                continue;
            }
            let next = &step.next;
            let ways = next.rules.iter().map(|r| &r.to);
            for way in ways.chain(&next.unknown).chain([&next.otherwise]) {
                if let Destination::Step(id) = way {
                    open.push(book.step(id).unwrap());
                }
            }
        }
        assert_eq!(seen.len(), book.steps().count(), "{}", book.id);
    }
}

#[test]
fn the_hour_is_an_hour_and_holds_every_item() {
    let book = data_leak();
    let hour = |id: &str| id.starts_with('T');
    let minutes: u32 = book
        .phases
        .iter()
        .filter(|p| hour(&p.id))
        .map(|p| p.budget_minutes)
        .sum();
    assert_eq!(minutes, 60);
    let ids: Vec<_> = book.phases.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(
        ids,
        ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "R", "F", "G", "P"]
    );
    for (prefix, count) in [("judge-r", 6), ("f", 8), ("g", 8), ("p", 6)] {
        for n in 1..=count {
            let start = format!("{prefix}{n}");
            assert!(
                book.steps().any(|(_, s)| s.id.starts_with(&start)),
                "{start}"
            );
        }
    }
}

#[test]
fn the_proof_comes_no_later_than_the_third_step() {
    let book = data_leak();
    let at = book
        .steps()
        .position(|(_, s)| s.checks.iter().any(|c| c.uses == "database.reach"));
    assert!(at.unwrap() < 3);
}

#[test]
fn steps_are_short_enough_for_a_tired_person() {
    for book in all() {
        for (_, step) in book.steps() {
            assert!(step.prose.len() <= 8, "{}", step.id);
            let long = step.prose.iter().find(|line| line.len() > 160);
            assert_eq!(long, None, "{}", step.id);
        }
    }
}
