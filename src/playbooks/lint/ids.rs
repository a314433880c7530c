//! Ids: one shape, and each only once.

use super::super::diagnostic::{Code, Note};
use super::super::source::Span;
use super::Lint;
use std::collections::BTreeSet;

/// Longest id, in characters.
const LONGEST: usize = 40;

pub fn unique_and_shaped(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    if let Some(front) = &lint.draft.places.front {
        shaped(&lint.draft.playbook.id, "playbook", front.id, notes);
    }
    let mut phases = BTreeSet::new();
    for (phase, places) in lint.phases() {
        if !phase_shaped(&phase.id) {
            let message = format!("`{}` is not a phase id", phase.id);
            let note = Note::new(Code::BadId, places.id, message);
            notes.push(note.help("write a capital letter and, if wanted, a number, such as T1"));
        }
        unique(&phase.id, "phase", places.id, &mut phases, notes);
    }
    let (mut steps, mut asks) = (BTreeSet::new(), BTreeSet::new());
    for (step, places) in lint.steps() {
        if step.id == "end" {
            let note = Note::new(Code::BadId, places.id, "`end` is where a playbook stops");
            notes.push(note.help("give the step another id"));
        }
        shaped(&step.id, "step", places.id, notes);
        unique(&step.id, "step", places.id, &mut steps, notes);
        for (ask, place) in step.asks.iter().zip(&places.asks) {
            shaped(&ask.id, "question", *place, notes);
            unique(&ask.id, "question", *place, &mut asks, notes);
        }
    }
}

fn unique<'a>(
    id: &'a str,
    what: &str,
    span: Span,
    seen: &mut BTreeSet<&'a str>,
    notes: &mut Vec<Note>,
) {
    if !seen.insert(id) {
        let message = format!("the {what} id `{id}` stands in this playbook twice");
        let note = Note::new(Code::DuplicateId, span, message);
        notes.push(note.help("answers and ticks are kept by id; give this one its own"));
    }
}

fn shaped(id: &str, what: &str, span: Span, notes: &mut Vec<Note>) {
    // An id that is not there was told when its heading was read.
    if !id.is_empty() && !slug(id) {
        let message = format!("`{id}` is not an id for a {what}");
        let note = Note::new(Code::BadId, span, message);
        notes.push(note.help(format!(
            "use lower-case words joined by hyphens, at most {LONGEST} characters, such as read-logs"
        )));
    }
}

/// `read-logs`: starts with a letter, words of letters and digits.
fn slug(id: &str) -> bool {
    id.len() <= LONGEST
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.split('-').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// `T1`: one capital letter, then digits.
fn phase_shaped(id: &str) -> bool {
    let mut chars = id.chars();
    chars.next().is_some_and(|c| c.is_ascii_uppercase())
        && id.len() <= 4
        && chars.all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_plain() {
        for good in ["a", "read-logs", "t7b", "a-1"] {
            assert!(slug(good), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "a--b",
            "A",
            "1a",
            "a_b",
            "ä",
            &"x".repeat(41),
        ] {
            assert!(!slug(bad), "{bad}");
        }
        assert!(phase_shaped("T1") && phase_shaped("R") && !phase_shaped("t1"));
    }
}
