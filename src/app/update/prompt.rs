//! Opening the line prompt. What becomes of the line is `ask`'s to say.

use crate::app::model::Model;
use crate::app::screen::{Overlay, Prompt, Purpose};
use crate::domain::playbook::Ask;

/// Opens a prompt for free text.
pub fn open(model: &mut Model, purpose: Purpose, label: &str) {
    with_choices(model, purpose, label, Vec::new());
}

/// Opens a prompt with numbered choices.
pub fn with_choices(model: &mut Model, purpose: Purpose, label: &str, choices: Vec<String>) {
    model.overlay = Some(Overlay::Prompt(Prompt {
        purpose,
        label: label.to_owned(),
        choices,
        text: String::new(),
        problem: None,
    }));
}

/// Puts a playbook question.
pub fn put(model: &mut Model, ask: &Ask) {
    let choices = ask.answers().into_iter().map(str::to_owned).collect();
    with_choices(
        model,
        Purpose::Answer {
            ask: ask.id.clone(),
        },
        &ask.text,
        choices,
    );
}

/// Shows why the line was not taken; what was typed stays.
pub fn refuse_line(model: &mut Model, problem: String) {
    if let Some(Overlay::Prompt(open)) = &mut model.overlay {
        open.problem = Some(problem);
    }
}
