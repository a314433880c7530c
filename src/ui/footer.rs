//! The foot of every screen: what was last said, and the keys that work now.

use super::sheet::{Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip, width, wrap};
use crate::app::bindings::{self, Availability, BINDINGS, Binding};
use crate::app::command::Command;
use crate::app::model::{Model, Notice};
use crate::app::screen::Overlay;
use ratatui::layout::Rect;

/// The most lines a notice takes.
const NOTICE_LINES: usize = 3;

/// The last thing said, as lines; one blank line when there is nothing to
/// say, so that the screen does not jump.
pub fn notice(model: &Model, palette: Palette, columns: usize) -> Vec<Row> {
    let room = columns.saturating_sub(2);
    match &model.notice {
        None => vec![under_way(model, palette, room)],
        Some(Notice::Told(text)) => {
            let lines = wrap(text, room);
            let more = lines.len() > NOTICE_LINES;
            let mut rows: Vec<Row> = lines
                .iter()
                .take(NOTICE_LINES)
                .map(|line| Row::new().gap(1).put(line, palette.plain()))
                .collect();
            if more && let Some(last) = rows.pop() {
                rows.push(last.put("…", palette.plain()));
            }
            rows
        }
        Some(Notice::Failed(failure)) => {
            let part = |label: &str, text: &str, style| {
                let text = clip(text, room.saturating_sub(width(label)));
                Row::new()
                    .gap(1)
                    .put(label, palette.dim())
                    .put(&text, style)
            };
            vec![
                part("failed  ", &failure.what, palette.bad()),
                part("why     ", &failure.why, palette.plain()),
                part("next    ", &failure.hint, palette.strong()),
            ]
        }
    }
}

/// The job under way, if any: while something runs the screen says so.
fn under_way(model: &Model, palette: Palette, room: usize) -> Row {
    let Some(job) = model.jobs.values().next() else {
        return Row::new();
    };
    let far = match &job.progress {
        Some(progress) if progress.total > 0 => {
            format!(
                ": {} of {}, {}",
                progress.done, progress.total, progress.what
            )
        }
        Some(progress) => format!(": {}", progress.what),
        None => String::new(),
    };
    let text = format!("working  {}{far}", job.what.label());
    Row::new().gap(1).put(&clip(&text, room), palette.accent())
}

/// Draws the keys.
pub fn keys(model: &Model, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let hints = match &model.overlay {
        Some(Overlay::Palette { .. }) => {
            fixed(&[("Enter", "do it"), ("Up/Down", "choose"), ("Esc", "close")])
        }
        Some(Overlay::Prompt(prompt)) if !prompt.choices.is_empty() => fixed(&[
            ("1-9", "take one at once"),
            ("Enter", "take the typed word"),
            ("Esc", "leave without writing"),
        ]),
        Some(Overlay::Prompt(_)) => fixed(&[
            ("Enter", "take it"),
            ("Ctrl-U", "clear"),
            ("Esc", "leave without writing"),
        ]),
        None => fitting(model, columns(area).saturating_sub(2)),
    };
    let mut row = Row::new().gap(1);
    for (key, word) in hints {
        row = row
            .put(&key, palette.accent())
            .put(&format!(" {word}"), palette.plain())
            .gap(2);
    }
    sheet.row(area, 0, row);
}

fn fixed(hints: &[(&str, &str)]) -> Vec<(String, String)> {
    hints
        .iter()
        .map(|(key, word)| ((*key).to_owned(), (*word).to_owned()))
        .collect()
}

/// The keys of the present screen that fit, in the order of the table; the
/// way to all commands and to the help always keeps its place.
fn fitting(model: &Model, room: usize) -> Vec<(String, String)> {
    let ready: Vec<&Binding> = BINDINGS
        .iter()
        .filter(|row| !row.short.is_empty())
        .filter(|row| bindings::availability(row, model) == Availability::Ready)
        .collect();
    let always = |row: &&Binding| matches!(row.command, Command::Palette | Command::Help);
    let size = |row: &Binding| width(&key_of(row)) + 1 + width(row.short) + 2;
    let mut used: usize = ready
        .iter()
        .filter(|row| always(row))
        .map(|row| size(row))
        .sum();
    ready
        .iter()
        .filter(|row| {
            if always(row) {
                return true;
            }
            used += size(row);
            // The gap after the last hint may fall off the edge.
            used <= room + 2
        })
        .map(|row| (key_of(row), row.short.to_owned()))
        .collect()
}

/// The first key of a row: one is enough for the footer.
fn key_of(row: &Binding) -> String {
    row.keys.first().map_or_else(String::new, |key| key.name())
}
