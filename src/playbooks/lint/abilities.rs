//! Checks and actions: registered, and never the only way.

use super::super::diagnostic::{Code, Note};
use super::super::source::Span;
use super::super::suggest::hint;
use super::Lint;

pub fn registered(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    let checks: Vec<&str> = lint.abilities.checks.iter().map(|spec| spec.id).collect();
    let actions: Vec<&str> = lint.abilities.actions.iter().map(|spec| spec.id).collect();
    for (step, places) in lint.steps() {
        for (call, span) in step.checks.iter().zip(&places.checks) {
            known(&call.uses, "check", &checks, *span, notes);
        }
        for (call, span) in step.actions.iter().zip(&places.actions) {
            known(&call.uses, "action", &actions, *span, notes);
        }
    }
}

fn known(id: &str, what: &str, ids: &[&str], span: Span, notes: &mut Vec<Note>) {
    if !ids.contains(&id) {
        notes.push(
            Note::new(
                Code::UnknownAbility,
                span,
                format!("no {what} named `{id}` is registered"),
            )
            .label(hint(id, &format!("known {what}s"), ids))
            .help("for something this program cannot do yet, leave the fence out and write `hand`"),
        );
    }
}

pub fn by_hand(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    for (step, places) in lint.steps() {
        let first = places.checks.first().or(places.actions.first());
        if let (Some(span), true) = (first, step.hand.is_empty()) {
            let message = format!("step `{}` cannot be done by hand", step.id);
            let note = Note::new(Code::NoHand, *span, message);
            notes.push(note.help(
                "add a `hand` fence: where to click and what to paste when the connection is down",
            ));
        }
    }
}
