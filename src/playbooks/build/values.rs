//! Single values of the format: dates, budgets, owners.

use super::super::diagnostic::{Code, Note};
use super::super::source::Located;
use super::super::suggest::hint;
use crate::domain::playbook::{Destination, Next, Owner, Step};
use chrono::NaiveDate;

/// Longest budget or review time read, in minutes: thirty days.
const LONGEST_MINUTES: u32 = 30 * 24 * 60;

/// Reads a date such as `2026-11-23`.
pub fn date(text: &Located<String>, notes: &mut Vec<Note>) -> Option<NaiveDate> {
    let read = NaiveDate::parse_from_str(&text.value, "%Y-%m-%d").ok();
    if read.is_none() {
        let note = Note::new(Code::BadValue, text.span, "this is not a date");
        notes.push(note.help("write year, month and day, such as 2026-11-23"));
    }
    read
}

/// Reads `12m` or `2h` as minutes, from one minute to thirty days.
pub fn minutes(text: &Located<String>, notes: &mut Vec<Note>) -> Option<u32> {
    let split = text.value.len().saturating_sub(1);
    let read = text
        .value
        .split_at_checked(split)
        .and_then(|(digits, unit)| {
            let count: u32 = digits.parse().ok()?;
            match unit {
                "m" => Some(count),
                "h" => count.checked_mul(60),
                _ => None,
            }
        });
    let read = read.filter(|count| (1..=LONGEST_MINUTES).contains(count));
    if read.is_none() {
        let message = format!("`{}` is not a length of time", text.value);
        let note = Note::new(Code::BadValue, text.span, message);
        notes.push(note.help("write minutes or hours, such as 12m or 24h"));
    }
    read
}

/// Reads a role.
pub fn owner(text: &Located<String>, notes: &mut Vec<Note>) -> Option<Owner> {
    const OWNERS: [Owner; 4] = [
        Owner::Commander,
        Owner::Operator,
        Owner::Scribe,
        Owner::Comms,
    ];
    let read = OWNERS.into_iter().find(|owner| owner.word() == text.value);
    if read.is_none() {
        let words = OWNERS.map(Owner::word);
        let message = format!("`{}` is not a role", text.value);
        notes.push(
            Note::new(Code::BadValue, text.span, message)
                .label(hint(&text.value, "roles", &words))
                .help("commander decides, operator does, scribe records, comms speaks to people"),
        );
    }
    read
}

/// Reads a destination: a step id or `end`.
pub fn destination(word: &str) -> Destination {
    if word == "end" {
        Destination::End
    } else {
        Destination::Step(word.to_owned())
    }
}

/// A step with nothing in it yet.
pub fn empty_step(id: String, title: String, line: usize) -> Step {
    Step {
        id,
        title,
        goal: String::new(),
        owner: Owner::Operator,
        budget_minutes: 0,
        prose: Vec::new(),
        asks: Vec::new(),
        checks: Vec::new(),
        actions: Vec::new(),
        hand: Vec::new(),
        next: Next {
            rules: Vec::new(),
            unknown: None,
            otherwise: Destination::End,
        },
        line,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::source::Span;
    use super::*;

    fn read(text: &str) -> Option<u32> {
        let at = Located {
            value: text.to_owned(),
            span: Span::default(),
        };
        minutes(&at, &mut Vec::new())
    }

    #[test]
    fn budgets_are_minutes_or_hours() {
        assert_eq!(read("12m"), Some(12));
        assert_eq!(read("2h"), Some(120));
        for bad in [
            "",
            "m",
            "12",
            "0m",
            "-3m",
            "1.5h",
            "99999999h",
            "12é",
            "5 m",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
