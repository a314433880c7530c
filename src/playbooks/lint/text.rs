//! Words and dates: every step says what to do, and somebody looked lately.

use super::super::diagnostic::{Code, Note};
use super::Lint;

pub fn instruction(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    for (step, places) in lint.steps() {
        let starts = step
            .prose
            .first()
            .is_some_and(|line| line.starts_with(|c: char| c.is_uppercase()));
        if !starts && !step.id.is_empty() {
            let message = format!("step `{}` does not begin with what to do", step.id);
            let span = places.prose.unwrap_or(places.id);
            let note = Note::new(Code::NoInstruction, span, message);
            notes.push(note.help("write a first sentence that says it: Open.., Ask.., Run.."));
        }
    }
}

pub fn fresh(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    let (playbook, Some(front)) = (&lint.draft.playbook, &lint.draft.places.front) else {
        return;
    };
    if let Some(span) = front.reviewed {
        if playbook.reviewed > lint.today {
            let note = Note::new(Code::Stale, span, "the review lies in the future");
            notes.push(note.help("write the day somebody really read it through"));
        } else if playbook.stale(lint.today) {
            let days = (lint.today - playbook.reviewed).num_days();
            let message = format!(
                "last reviewed {days} days ago, and {} are allowed",
                playbook.max_age_days
            );
            let note = Note::new(Code::Stale, span, message);
            notes.push(note.help("read it through, correct it, then set `reviewed` to that day"));
        }
    }
    if let (Some(span), Some(drilled)) = (front.drilled, playbook.drilled)
        && drilled > lint.today
    {
        let note = Note::new(Code::Stale, span, "the drill lies in the future");
        notes.push(note.help("write the day it was last walked in a drill, or take the line out"));
    }
}
