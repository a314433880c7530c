//! Lines a person types: the keys of an open prompt, and what is done with
//! the line.

use super::append::append;
use super::prompt::{self, refuse_line};
use super::{aim, navigate, plans, steps};
use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::model::{JobKind, Model};
use crate::app::rows;
use crate::app::screen::{Overlay, Prompt, Purpose};
use crate::domain::entry::Draft;
use crate::domain::fact::{Answered, CauseJudged, Closed, Corrected, DoneHow, Fact, Noted};
use crate::domain::finding::{Confidence, RootCause};
use crate::domain::incident::StepState;

/// The longest line taken, in characters.
const LONGEST: usize = 2000;

/// The words a cause can be judged with.
const CAUSE_STATES: [Confidence; 4] = [
    Confidence::Suspected,
    Confidence::Confirmed,
    Confidence::RuledOut,
    Confidence::Unknown,
];

/// Opens the prompt of a command that takes one line.
pub fn open(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::Note => prompt::open(model, Purpose::Note, "Note (no customer values)"),
        Command::Observe => prompt::open(model, Purpose::Observe, "What was seen, and where?"),
        Command::Export => prompt::with_choices(
            model,
            Purpose::ExportFormat,
            "Export as",
            vec!["markdown".to_owned(), "jsonl".to_owned()],
        ),
        Command::Close => {
            let label = close_label(model);
            prompt::open(model, Purpose::CloseSentence, &label);
        }
        _ => {}
    }
    Vec::new()
}

fn close_label(model: &Model) -> String {
    let Some(case) = &model.case else {
        return String::new();
    };
    let open = open_steps(model).len();
    let standing = case.incident.ledger().count();
    format!(
        "Close: {open} steps open, {standing} containments standing. State the outcome in one sentence"
    )
}

fn open_steps(model: &Model) -> Vec<String> {
    let Some(case) = &model.case else {
        return Vec::new();
    };
    case.playbook
        .steps()
        .filter(|(_, step)| {
            let state = case.incident.steps.get(&step.id);
            matches!(state, None | Some(StepState::InHand { .. }))
        })
        .map(|(_, step)| step.id.clone())
        .collect()
}

/// Asks whether functions may run whose effects nothing takes back.
pub fn allow_helpers(model: &mut Model) -> Vec<Effect> {
    let asked = rows::unasked(model).map(|(check, open)| (check.to_owned(), open));
    if let Some((check, open)) = asked {
        let label = format!("{open} cells run functions whose effects stay. Run them?");
        let choices = vec!["no".to_owned(), "yes".to_owned()];
        prompt::with_choices(model, Purpose::AllowHelpers { check }, &label, choices);
    }
    Vec::new()
}

/// Asks where the cause under the cursor stands.
pub fn judge(model: &mut Model) -> Vec<Effect> {
    let cursor = model.screen.list().map_or(0, |list| list.cursor);
    if let Some(cause) = RootCause::ALL.get(cursor).copied() {
        let choices = CAUSE_STATES
            .iter()
            .map(|state| state.word().to_owned())
            .collect();
        let label = format!("{} {}", cause.id(), cause.title());
        prompt::with_choices(model, Purpose::CauseState { cause }, &label, choices);
    }
    Vec::new()
}

/// Asks for a correction of the entry under the cursor.
pub fn correct(model: &mut Model) -> Vec<Effect> {
    let found = model.incident().and_then(|incident| {
        let list = model.screen.list()?;
        let rows = rows::timeline(incident, &list.filter);
        rows.get(list.cursor)
            .map(|entry| (entry.seq, entry.h.clone()))
    });
    if let Some((seq, entry)) = found {
        let label = format!("What is right instead of entry {seq}?");
        prompt::open(model, Purpose::Correct { entry }, &label);
    }
    Vec::new()
}

/// Asks for a filter, with the present one to start from.
pub fn filter(model: &mut Model) -> Vec<Effect> {
    let text = rows::filter_of(model).to_owned();
    prompt::open(model, Purpose::Filter, "Filter (a leading ! inverts)");
    if let Some(Overlay::Prompt(open)) = &mut model.overlay {
        open.text = text;
    }
    Vec::new()
}

/// A key while a prompt is open.
pub fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(Overlay::Prompt(open)) = &mut model.overlay else {
        return Vec::new();
    };
    open.problem = None;
    match key {
        Key::Esc => {
            model.overlay = None;
            return Vec::new();
        }
        Key::Enter => {
            let text = open.text.clone();
            return submit(model, &text);
        }
        Key::Backspace => {
            open.text.pop();
        }
        Key::Ctrl('u') => open.text.clear(),
        Key::Char(c) => {
            let picks = !open.choices.is_empty() && open.text.is_empty() && c.is_ascii_digit();
            if picks {
                return submit(model, &c.to_string());
            }
            if open.text.chars().count() < LONGEST {
                open.text.push(c);
            }
        }
        _ => {}
    }
    follow_filter(model);
    Vec::new()
}

/// The list narrows while the filter is typed.
fn follow_filter(model: &mut Model) {
    if let Some(Overlay::Prompt(open)) = &model.overlay
        && open.purpose == Purpose::Filter
    {
        let text = open.text.clone();
        set_filter(model, text);
    }
}

fn set_filter(model: &mut Model, text: String) {
    if let Some(list) = model.screen.list_mut() {
        list.filter = text;
    }
    navigate::clamp(model);
}

/// Pasted text is typed where a line is open. Its line breaks are blanks: what
/// was copied somewhere else must not send a line or press a key.
pub fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    let typed = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    match &mut model.overlay {
        Some(Overlay::Prompt(open)) => {
            open.problem = None;
            let room = LONGEST.saturating_sub(open.text.chars().count());
            open.text.extend(typed.take(room));
            follow_filter(model);
        }
        Some(Overlay::Palette { query, cursor }) => {
            let room = LONGEST.saturating_sub(query.chars().count());
            query.extend(typed.take(room));
            *cursor = 0;
        }
        None => model.tell("nothing is open to paste into; n opens a note"),
    }
    Vec::new()
}

/// A whole line, given in plain form.
pub fn typed_line(model: &mut Model, text: &str) -> Vec<Effect> {
    match &mut model.overlay {
        Some(Overlay::Prompt(_)) => submit(model, text.trim()),
        Some(Overlay::Palette { query, .. }) => {
            query.push_str(text.trim());
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn submit(model: &mut Model, text: &str) -> Vec<Effect> {
    let Some(Overlay::Prompt(open)) = model.overlay.clone() else {
        return Vec::new();
    };
    let text: String = text.chars().take(LONGEST).collect();
    let text = match choose(&open, &text) {
        Ok(text) => text,
        Err(problem) => {
            refuse_line(model, problem);
            return Vec::new();
        }
    };
    if text.is_empty() && needs_text(&open.purpose) {
        refuse_line(model, "write at least one word, or press Esc".to_owned());
        return Vec::new();
    }
    if let Purpose::Approve { plan } = &open.purpose {
        return plans::approve_typed(model, plan, &text);
    }
    model.overlay = None;
    used(model, open.purpose, text)
}

const fn needs_text(purpose: &Purpose) -> bool {
    !matches!(purpose, Purpose::HandNote { .. } | Purpose::Filter)
}

/// A digit or an unambiguous beginning picks a choice.
fn choose(open: &Prompt, text: &str) -> Result<String, String> {
    if open.choices.is_empty() {
        return Ok(text.to_owned());
    }
    if let (Purpose::Contain { .. }, "", Some(first)) = (&open.purpose, text, open.choices.first())
    {
        return Ok(first.clone());
    }
    if let Ok(number) = text.parse::<usize>() {
        let choice = number.checked_sub(1).and_then(|at| open.choices.get(at));
        return choice
            .cloned()
            .ok_or_else(|| format!("choose 1 to {}", open.choices.len()));
    }
    let word = text.to_lowercase();
    let exact = open.choices.iter().find(|choice| **choice == word);
    let begins: Vec<&String> = open
        .choices
        .iter()
        .filter(|choice| !word.is_empty() && choice.starts_with(&word))
        .collect();
    match (exact, begins.as_slice()) {
        (Some(choice), _) => Ok(choice.clone()),
        (None, [choice]) => Ok((*choice).clone()),
        _ => Err(format!("choose one of: {}", open.choices.join(", "))),
    }
}

fn used(model: &mut Model, purpose: Purpose, text: String) -> Vec<Effect> {
    let step = model
        .incident()
        .and_then(|incident| incident.in_hand.clone());
    let here = |fact: Fact| Draft::new(fact).at_step(step.as_deref());
    match purpose {
        Purpose::Answer { ask } => append(
            model,
            vec![here(Fact::Answered(Answered { ask, answer: text }))],
        ),
        Purpose::AllowHelpers { check } if text == "yes" => steps::start(model, check, true),
        Purpose::Note => append(model, vec![here(Fact::Noted(Noted { text }))]),
        Purpose::Observe => append(model, vec![here(Fact::Observed(Noted { text }))]),
        Purpose::SkipReason { step } => steps::skipped(model, &step, text),
        Purpose::HandNote { .. } => done_by_hand(model, text, &here),
        Purpose::CauseState { cause } => {
            let state = CAUSE_STATES.into_iter().find(|state| state.word() == text);
            if let Some(state) = state {
                let label = format!("{} {}: why?", cause.id(), state.word());
                prompt::open(model, Purpose::CauseReason { cause, state }, &label);
            }
            Vec::new()
        }
        Purpose::CauseReason { cause, state } => {
            let fact = Fact::CauseJudged(CauseJudged {
                cause,
                state,
                reason: text,
            });
            append(model, vec![here(fact)])
        }
        Purpose::Correct { entry } => {
            let draft = here(Fact::Corrected(Corrected { text })).answering(&entry);
            append(model, vec![draft])
        }
        Purpose::RefuseReason { plan } => plans::refused(model, plan, text),
        Purpose::CloseSentence => close(model, text),
        Purpose::ExportFormat => {
            let job = model.start_job(JobKind::Export(text.clone()));
            vec![Effect::Export { job, format: text }]
        }
        Purpose::Filter => {
            set_filter(model, text);
            Vec::new()
        }
        Purpose::Contain { aim: at } => aim::chosen(model, at, &text),
        Purpose::Approve { .. } | Purpose::AllowHelpers { .. } => Vec::new(),
    }
}

fn done_by_hand(model: &mut Model, text: String, here: &dyn Fn(Fact) -> Draft) -> Vec<Effect> {
    let mut effects = Vec::new();
    if !text.is_empty() {
        let draft = here(Fact::Observed(Noted { text }));
        effects.extend(append(model, vec![draft]));
    }
    effects.extend(steps::finish(model, Some(DoneHow::Manual)));
    effects
}

fn close(model: &mut Model, sentence: String) -> Vec<Effect> {
    let standing = model.incident().map_or_else(Vec::new, |incident| {
        incident
            .ledger()
            .map(|record| format!("{} {}", record.plan.action, record.plan.subject.name))
            .collect()
    });
    let open_steps = open_steps(model);
    append(
        model,
        vec![Draft::new(Fact::IncidentClosed(Closed {
            sentence,
            open_steps,
            standing,
        }))],
    )
}
