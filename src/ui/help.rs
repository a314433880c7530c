//! Every key and what it does, read from the one table.

use super::sheet::{Sheet, columns};
use super::style::Palette;
use super::text::{Row, wrap};
use crate::app::bindings::{BINDINGS, Binding, Scope};
use crate::app::screen::ScreenKind;
use ratatui::layout::Rect;

/// Columns of the keys.
const KEYS: usize = 18;

/// Columns of the name.
const NAME: usize = 11;

/// Draws the help.
pub fn draw(scroll: usize, sheet: &mut Sheet<'_>, area: Rect) {
    let rows = rows(sheet.palette, columns(area));
    sheet.page(area, rows, scroll, "Down");
}

/// The table in groups: what works everywhere first, moving about last.
fn rows(palette: Palette, wide: usize) -> Vec<Row> {
    let mut groups: Vec<(String, Vec<&Binding>)> = Vec::new();
    for binding in BINDINGS {
        let title = group(binding);
        match groups.iter_mut().find(|(known, _)| *known == title) {
            Some((_, rows)) => rows.push(binding),
            None => groups.push((title, vec![binding])),
        }
    }
    let mut rows = Vec::new();
    for (title, bindings) in groups {
        if !rows.is_empty() {
            rows.push(Row::new());
        }
        rows.push(Row::of(&title, palette.strong()));
        for binding in bindings {
            rows.extend(verb(binding, palette, wide));
        }
    }
    rows
}

fn group(binding: &Binding) -> String {
    if binding.moves() {
        return "Moving about".to_owned();
    }
    match binding.scope {
        Scope::Everywhere => "Everywhere".to_owned(),
        Scope::On(screens) if screens.len() > 4 => "On lists".to_owned(),
        Scope::On(screens) => {
            let titles: Vec<&str> = screens.iter().copied().map(ScreenKind::title).collect();
            format!("On {}", titles.join(", "))
        }
    }
}

fn verb(binding: &Binding, palette: Palette, wide: usize) -> Vec<Row> {
    let room = wide.saturating_sub(2 + KEYS + NAME);
    let danger = if binding.danger {
        " (leads to a change)"
    } else {
        ""
    };
    let text = format!("{}{danger}", binding.long);
    wrap(&text, room)
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let row = Row::new().gap(2);
            let row = if at == 0 {
                row.cell(&binding.keys_text(), KEYS, palette.accent()).cell(
                    binding.name,
                    NAME,
                    palette.plain(),
                )
            } else {
                row.gap(KEYS + NAME)
            };
            row.put(line, palette.plain())
        })
        .collect()
}
