//! Branches: every outcome leads somewhere, and everywhere leads to the end.

use super::super::diagnostic::{Code, Note};
use super::super::draft::StepPlaces;
use super::super::source::Span;
use super::super::suggest::hint;
use super::Lint;
use crate::domain::playbook::{Destination, Step};
use std::collections::{BTreeMap, BTreeSet};

/// Every destination of a step; places are missing for an implied one.
fn exits<'a>(step: &'a Step, places: &StepPlaces) -> Vec<(&'a Destination, Option<Span>)> {
    let rules = step.next.rules.iter().map(|rule| &rule.to);
    let at = places.next.rules.iter().map(|rule| Some(rule.to));
    rules
        .zip(at)
        .chain(
            step.next
                .unknown
                .as_ref()
                .map(|to| (to, places.next.unknown)),
        )
        .chain([(&step.next.otherwise, places.next.otherwise)])
        .collect()
}

pub fn known(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    let ids: Vec<&str> = lint.steps().map(|(step, _)| step.id.as_str()).collect();
    for (step, places) in lint.steps() {
        for (to, span) in exits(step, places) {
            if let (Destination::Step(id), Some(span)) = (to, span)
                && !ids.contains(&id.as_str())
            {
                let known: Vec<&str> = ids.iter().copied().chain(["end"]).collect();
                notes.push(
                    Note::new(Code::UnknownStep, span, format!("there is no step `{id}`"))
                        .label(
                            match super::super::suggest::nearest(id, known.iter().copied()) {
                                Some(_) => hint(id, "", &known),
                                None => String::new(),
                            },
                        )
                        .help("a destination is the id after a `###`, or `end`"),
                );
            }
        }
    }
}

/// A fence with a condition needs both other ways out; one without needs its
/// `else`.
pub fn every_outcome(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    for (step, places) in lint.steps() {
        let next = &places.next;
        let Some(fence) = next.fence.filter(|_| !next.unreadable) else {
            continue;
        };
        let lacking: &[(&str, bool)] = &[
            (
                "unknown",
                next.unknown.is_none() && !step.next.rules.is_empty(),
            ),
            ("else", next.otherwise.is_none()),
        ];
        for (word, _) in lacking.iter().filter(|(_, lacks)| *lacks) {
            let what = match *word {
                "unknown" => "when the answer is not known",
                _ => "when no condition holds",
            };
            let message = format!("step `{}` leads nowhere {what}", step.id);
            let note = Note::new(Code::Unrouted, fence, message);
            notes.push(note.help(format!("add a line `- {word}: STEP`")));
        }
    }
}

/// The steps that each step leads to, by position.
fn edges(lint: &Lint<'_>) -> Vec<(Vec<usize>, bool)> {
    let at: BTreeMap<&str, usize> = lint
        .steps()
        .enumerate()
        .map(|(i, (step, _))| (step.id.as_str(), i))
        .collect();
    lint.steps()
        .map(|(step, places)| {
            // What could not be read may lead anywhere; it is not judged.
            let mut ends = places.next.unreadable;
            let mut to = Vec::new();
            for (destination, _) in exits(step, places) {
                match destination {
                    Destination::End => ends = true,
                    Destination::Step(id) => match at.get(id.as_str()) {
                        Some(index) => to.push(*index),
                        None => ends = true,
                    },
                }
            }
            (to, ends)
        })
        .collect()
}

pub fn reachable(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    let edges = edges(lint);
    if lint.steps().any(|(_, places)| places.next.unreadable) {
        return;
    }
    let mut seen = BTreeSet::new();
    let mut open = if edges.is_empty() { vec![] } else { vec![0] };
    while let Some(index) = open.pop() {
        if seen.insert(index) {
            open.extend(&edges[index].0);
        }
    }
    for (index, (step, places)) in lint.steps().enumerate() {
        if !seen.contains(&index) {
            let message = format!("no way leads to step `{}`", step.id);
            let note = Note::new(Code::Unreachable, places.id, message);
            notes.push(note.help("name it in a `next` above, or take it out"));
        }
    }
}

pub fn no_dead_end(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    let edges = edges(lint);
    let mut ends: Vec<bool> = edges.iter().map(|(_, ends)| *ends).collect();
    // Walk backwards from the end until nothing new is found.
    loop {
        let found: Vec<usize> = (0..ends.len())
            .filter(|i| !ends[*i] && edges[*i].0.iter().any(|to| ends[*to]))
            .collect();
        if found.is_empty() {
            break;
        }
        for index in found {
            ends[index] = true;
        }
    }
    for ((step, places), ends) in lint.steps().zip(ends) {
        if !ends {
            let message = format!("from step `{}` the end is never reached", step.id);
            let note = Note::new(Code::DeadEnd, places.id, message);
            notes.push(note.help("its branches go round in a circle; let one lead on"));
        }
    }
}
