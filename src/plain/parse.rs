//! One typed line becomes messages: a number, a word, or the answer to an
//! open question.

use crate::app::bindings::{self, Availability, BINDINGS, Binding};
use crate::app::command::Command;
use crate::app::key::Key;
use crate::app::message::Message;
use crate::app::model::Model;
use crate::app::screen::{Overlay, ScreenKind};

/// One numbered choice of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub number: usize,
    pub command: Command,
    pub name: &'static str,
    pub long: &'static str,
    /// Why it can't be done now.
    pub blocked: Option<String>,
}

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// Send these; when a question is open afterwards, answer it with `text`.
    Ask {
        messages: Vec<Message>,
        text: Option<String>,
    },
    /// The line was not understood; say this.
    NotUnderstood(String),
}

/// The verbs of the present screen, numbered from one.
pub fn choices(model: &Model) -> Vec<Choice> {
    BINDINGS
        .iter()
        .filter(|row| !row.moves() && !only_on_screen(row.command))
        .filter_map(|row| match bindings::availability(row, model) {
            Availability::Hidden => None,
            Availability::Ready => Some((row, None)),
            Availability::Blocked(why) => Some((row, Some(why))),
        })
        .enumerate()
        .map(|(at, (row, blocked))| Choice {
            number: at + 1,
            command: row.command,
            name: row.name,
            long: row.long,
            blocked,
        })
        .collect()
}

/// Verbs that make no sense on a line-by-line terminal.
const fn only_on_screen(command: Command) -> bool {
    matches!(
        command,
        Command::Palette | Command::Redraw | Command::Suspend
    )
}

/// Reads one line.
pub fn parse(line: &str, model: &Model) -> Parsed {
    let line = line.trim();
    if let Some(Overlay::Prompt(_)) = &model.overlay {
        return if line == "." {
            messages(vec![Message::Key(Key::Esc)])
        } else {
            messages(vec![Message::Text(line.to_owned())])
        };
    }
    if line.is_empty() {
        return messages(vec![Message::Key(Key::Enter)]);
    }
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let command = match by_word(word, model) {
        Ok(command) => command,
        Err(problem) => return Parsed::NotUnderstood(problem),
    };
    with_rest(command, rest, model)
}

fn messages(messages: Vec<Message>) -> Parsed {
    Parsed::Ask {
        messages,
        text: None,
    }
}

/// A row number, where the verb works on a row, moves the cursor first.
fn with_rest(command: Command, rest: &str, model: &Model) -> Parsed {
    let on_rows = matches!(
        command,
        Command::Open
            | Command::TakeStep
            | Command::JudgeCause
            | Command::Correct
            | Command::PlanAction
    );
    let (first, tail) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let listed = !matches!(
        model.screen.kind(),
        ScreenKind::Plan | ScreenKind::Finding | ScreenKind::Cell | ScreenKind::Help
    );
    if let (true, true, Ok(row)) = (on_rows, listed, first.parse::<usize>()) {
        let Some(row) = row.checked_sub(1) else {
            return Parsed::NotUnderstood("rows are counted from 1".to_owned());
        };
        let mut asked = vec![Message::Pick(row)];
        if command != Command::Open {
            asked.push(Message::Do(command));
        }
        return Parsed::Ask {
            messages: asked,
            text: (!tail.trim().is_empty()).then(|| tail.trim().to_owned()),
        };
    }
    Parsed::Ask {
        messages: vec![Message::Do(command)],
        text: (!rest.is_empty()).then(|| rest.to_owned()),
    }
}

/// The verb a number or a word stands for; an unambiguous beginning will do.
fn by_word(word: &str, model: &Model) -> Result<Command, String> {
    let menu = choices(model);
    if let Ok(number) = word.parse::<usize>() {
        return menu
            .iter()
            .find(|choice| choice.number == number)
            .map(|choice| choice.command)
            .ok_or_else(|| format!("there is no choice {number}; choose 1 to {}", menu.len()));
    }
    let word = word.to_lowercase();
    let known = |row: &&Binding| !row.moves() && !only_on_screen(row.command);
    if let Some(row) = BINDINGS.iter().filter(known).find(|row| row.name == word) {
        return Ok(row.command);
    }
    let begins: Vec<&str> = menu
        .iter()
        .map(|choice| choice.name)
        .filter(|name| name.starts_with(&word))
        .collect();
    match begins.as_slice() {
        [name] => Ok(menu
            .iter()
            .find(|choice| choice.name == *name)
            .map_or(Command::Help, |choice| choice.command)),
        [] => Err(format!("{word} is not a command; help lists them")),
        several => Err(format!("{word} could be {}", several.join(" or "))),
    }
}
