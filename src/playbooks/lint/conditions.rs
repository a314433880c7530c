//! Conditions: what they look up exists, and what they compare can be equal.

use super::super::diagnostic::{Code, Note};
use super::super::source::Span;
use super::super::suggest::{hint, nearest};
use super::Lint;
use crate::domain::condition::{Comparison, Term};
use crate::domain::playbook::Ask;

/// The words `cause(R1)` can be; a cause that is unknown equals nothing.
const CAUSE_WORDS: [&str; 3] = ["suspected", "confirmed", "ruled_out"];

/// The words `findings(..)` counts.
const FINDING_WORDS: [&str; 2] = ["suspected", "confirmed"];

pub fn comparisons(lint: &Lint<'_>, notes: &mut Vec<Note>) {
    let asks: Vec<&Ask> = lint.steps().flat_map(|(step, _)| &step.asks).collect();
    for (_, places) in lint.steps() {
        for compared in places.next.rules.iter().flat_map(|rule| &rule.compared) {
            let sides = [&compared.left, &compared.right];
            let sound = sides.iter().all(|side| exists(lint, &asks, side, notes));
            if sound {
                judge(&asks, &compared.left, compared.how, &compared.right, notes);
            }
        }
    }
}

/// Whether a term names something there is; notes it otherwise.
fn exists(lint: &Lint<'_>, asks: &[&Ask], side: &(Term, Span), notes: &mut Vec<Note>) -> bool {
    let (term, span) = side;
    let note = match term {
        Term::Answer(id) if asks.iter().all(|ask| ask.id != *id) => {
            let known: Vec<&str> = asks.iter().map(|ask| ask.id.as_str()).collect();
            let note = Note::new(
                Code::UnknownQuestion,
                *span,
                format!("no `ask` in this playbook has the id `{id}`"),
            );
            match nearest(id, known.iter().copied()) {
                Some(_) => note.label(hint(id, "", &known)),
                None => note.help("add an `ask` fence with this id to a step before"),
            }
        }
        Term::CheckField { check, field } => {
            let Some(spec) = lint.abilities.checks.iter().find(|spec| spec.id == check) else {
                let known: Vec<&str> = lint.abilities.checks.iter().map(|s| s.id).collect();
                let message = format!("no check named `{check}` is registered");
                let note = Note::new(Code::UnknownAbility, *span, message);
                notes.push(note.label(hint(check, "known checks", &known)));
                return false;
            };
            if spec.fields.contains(&field.as_str()) {
                return true;
            }
            let message = format!("the check `{check}` reports no count named `{field}`");
            let note = Note::new(Code::UnknownField, *span, message);
            note.label(hint(field, "it reports", spec.fields))
        }
        Term::Findings(word) if !FINDING_WORDS.contains(&word.as_str()) => {
            let message = format!("findings are not counted as `{word}`");
            let note = Note::new(Code::NeverHolds, *span, message);
            note.label(hint(word, "they are counted as", &FINDING_WORDS))
        }
        _ => return true,
    };
    notes.push(note);
    false
}

/// The words a term can be, if it is a word that is looked up.
fn words<'a>(asks: &[&'a Ask], term: &Term) -> Option<Vec<&'a str>> {
    match term {
        Term::Answer(id) => {
            let ask = asks.iter().find(|ask| ask.id == *id)?;
            Some(
                ask.answers()
                    .into_iter()
                    .filter(|w| *w != "unknown")
                    .collect(),
            )
        }
        Term::Cause(_) => Some(CAUSE_WORDS.to_vec()),
        _ => None,
    }
}

const fn counts(term: &Term) -> bool {
    matches!(
        term,
        Term::CheckField { .. } | Term::Findings(_) | Term::Number(_)
    )
}

const fn literal(term: &Term) -> bool {
    matches!(term, Term::Word(_) | Term::Number(_))
}

fn judge(
    asks: &[&Ask],
    left: &(Term, Span),
    how: Comparison,
    right: &(Term, Span),
    notes: &mut Vec<Note>,
) {
    let whole = Span::new(left.1.start, right.1.end);
    let mut never = |span: Span, message: String, label: String| {
        notes.push(Note::new(Code::NeverHolds, span, message).label(label));
    };
    if literal(&left.0) && literal(&right.0) {
        let message = "both sides are fixed, so nothing is asked".to_owned();
        return never(
            whole,
            message,
            "name an answer, a check or a cause".to_owned(),
        );
    }
    if counts(&left.0) != counts(&right.0) {
        let message = "a word and a number are never equal".to_owned();
        return never(
            whole,
            message,
            "compare answers and causes with words, counts with numbers".to_owned(),
        );
    }
    if counts(&left.0) {
        return;
    }
    if !matches!(how, Comparison::Equal | Comparison::NotEqual) {
        let message = "words have no order".to_owned();
        return never(whole, message, "use == or !=".to_owned());
    }
    for (term, other) in [(left, right), (right, left)] {
        let (Some(known), Term::Word(word)) = (words(asks, &term.0), &other.0) else {
            continue;
        };
        if word == "unknown" {
            let message = "what is unknown equals nothing".to_owned();
            never(
                other.1,
                message,
                "use the `- unknown: STEP` branch".to_owned(),
            );
        } else if !known.contains(&word.as_str()) {
            let message = format!("this is never `{word}`");
            never(other.1, message, hint(word, "it can be", &known));
        }
    }
}
