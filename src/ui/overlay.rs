//! What lies over a screen: the command palette and the line prompt, both as
//! a drawer above the footer, so that the screen behind stays readable.

use super::sheet::{Sheet, at, bottom, columns, height};
use super::text::{Row, clip, shown, tail, width, wrap};
use crate::app::bindings::Availability;
use crate::app::model::Model;
use crate::app::palette::{self, Candidate};
use crate::app::screen::{Overlay, Prompt, Purpose};
use ratatui::layout::{Position, Rect};

/// Verbs shown at once.
const VERBS: usize = 10;

/// Draws the drawer and says where the text cursor stands.
pub fn draw(model: &Model, overlay: &Overlay, sheet: &mut Sheet<'_>, body: Rect) -> Position {
    match overlay {
        Overlay::Palette { query, cursor } => verbs(model, query, *cursor, sheet, body),
        Overlay::Prompt(prompt) => question(prompt, sheet, body),
    }
}

/// Clears the drawer's part of the body and sets it apart with a rule.
fn drawer(sheet: &mut Sheet<'_>, body: Rect, lines: usize) -> Rect {
    let (_, area) = bottom(body, lines + 1);
    sheet.clear(area);
    sheet.rule(area, 0);
    Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    }
}

/// What was typed, cut at the left when it is longer than the line, and the
/// column of the cursor.
fn typed(sheet: &mut Sheet<'_>, area: Rect, line: usize, mark: &str, text: &str) -> Position {
    let room = columns(area).saturating_sub(width(mark) + 1);
    let text = shown(text);
    let row = Row::of(mark, sheet.palette.accent()).put(tail(&text, room), sheet.palette.strong());
    let column = row.used();
    sheet.row(area, line, row);
    at(area, column, line)
}

fn verbs(model: &Model, query: &str, cursor: usize, sheet: &mut Sheet<'_>, body: Rect) -> Position {
    let found = palette::candidates(model, query);
    let lines = found.len().clamp(1, VERBS);
    let area = drawer(sheet, body, lines + 1);
    let (list, line) = bottom(area, 1);
    let palette = sheet.palette;
    if found.is_empty() {
        let text = "No command fits. Backspace takes a letter away.";
        sheet.row(list, 0, Row::of(text, palette.plain()));
    }
    let wide = columns(list);
    sheet.list(list, found.len(), cursor, |at| {
        verb(&found[at], palette, wide)
    });
    typed(sheet, line, 0, ": ", query)
}

fn verb(candidate: &Candidate, palette: super::style::Palette, wide: usize) -> Row {
    let binding = candidate.binding;
    let row = Row::new().cell(&binding.keys_text(), 13, palette.dim());
    let room = wide.saturating_sub(2 + 13 + 12);
    match &candidate.availability {
        Availability::Blocked(why) => row
            .cell(binding.name, 12, palette.dim())
            .put(&clip(&format!("not now: {why}"), room), palette.warn()),
        _ => row
            .cell(binding.name, 12, palette.strong())
            .put(&clip(binding.long, room), palette.plain()),
    }
}

fn question(prompt: &Prompt, sheet: &mut Sheet<'_>, body: Rect) -> Position {
    let palette = sheet.palette;
    let wide = usize::from(body.width).saturating_sub(2);
    let mut rows: Vec<Row> = wrap(&prompt.label, wide)
        .iter()
        .map(|line| Row::of(line, palette.strong()))
        .collect();
    rows.extend(choices(&prompt.choices, palette, wide));
    if let Some(problem) = &prompt.problem {
        let lines = wrap(&format!("Not taken: {problem}"), wide);
        rows.extend(lines.iter().map(|line| Row::of(line, palette.bad())));
    }
    let area = drawer(sheet, body, rows.len() + 1);
    let (above, line) = bottom(area, 1);
    // When the drawer is full, the question's end and the problem matter most.
    let hidden = rows.len().saturating_sub(height(above));
    sheet.rows(above, rows.into_iter().skip(hidden));
    let mark = match prompt.purpose {
        Purpose::Filter => "/ ",
        _ => "> ",
    };
    typed(sheet, line, 0, mark, &prompt.text)
}

/// Numbered choices side by side while they fit, else one below another.
fn choices(choices: &[String], palette: super::style::Palette, wide: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = Row::new();
    for (at, choice) in choices.iter().enumerate() {
        let number = format!("{} ", at + 1);
        let choice = clip(choice, wide.saturating_sub(number.len()));
        if row.used() > 0 && row.used() + number.len() + width(&choice) > wide {
            rows.push(std::mem::take(&mut row));
        }
        row = row
            .put(&number, palette.accent())
            .put(&choice, palette.plain())
            .gap(3);
    }
    if row.used() > 0 {
        rows.push(row);
    }
    rows
}
