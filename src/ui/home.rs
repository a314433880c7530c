//! The first screen: incidents to come back to, what can be started, and
//! what is ready.

use super::sheet::{self, Sheet, columns, height};
use super::style::Palette;
use super::text::{Row, clip};
use super::words::thousands;
use crate::app::model::{HomeRow, Model};
use crate::app::rows::{self, HomeItem};
use crate::app::screen::ListView;
use ratatui::layout::Rect;

/// A line of the screen.
enum Part {
    Blank,
    Heading(&'static str),
    Item(usize, HomeItem),
    Told(usize),
}

/// Draws the home screen.
pub fn draw(model: &Model, list: &ListView, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let wide = columns(area);
    let items = rows::home(model);
    let cursor = list.cursor.min(items.len().saturating_sub(1));
    let lines = lines(model, &items);
    let at_cursor = lines
        .iter()
        .position(|line| matches!(line, Part::Item(at, _) if *at == cursor))
        .unwrap_or(0);
    for (line, at) in sheet::window(at_cursor, lines.len(), height(area)).enumerate() {
        let row = match &lines[at] {
            Part::Blank => Row::new(),
            Part::Heading(text) => Row::of(text, palette.strong()),
            Part::Told(told) => {
                let text = clip(&model.doctor[*told], wide - sheet::MARK);
                Row::new().gap(sheet::MARK).put(&text, palette.plain())
            }
            Part::Item(_, item) => {
                let row = item_row(model, *item, palette, wide - sheet::MARK);
                sheet.listed(row, at == at_cursor, wide)
            }
        };
        sheet.row(area, line, row);
    }
}

fn lines(model: &Model, items: &[HomeItem]) -> Vec<Part> {
    let known = |item: &HomeItem| matches!(item, HomeItem::Incident(_));
    let mut lines = Vec::with_capacity(items.len() + model.doctor.len() + 6);
    let mut numbered = items.iter().copied().enumerate().peekable();
    if items.iter().any(known) {
        lines.push(Part::Heading("Come back to"));
        while let Some((at, item)) = numbered.next_if(|(_, item)| known(item)) {
            lines.push(Part::Item(at, item));
        }
        lines.push(Part::Blank);
    }
    lines.push(Part::Heading("Begin"));
    lines.extend(numbered.map(|(at, item)| Part::Item(at, item)));
    if !model.doctor.is_empty() {
        lines.push(Part::Blank);
        lines.push(Part::Heading("Ready and missing"));
        lines.extend((0..model.doctor.len()).map(Part::Told));
    }
    lines
}

fn item_row(model: &Model, item: HomeItem, palette: Palette, wide: usize) -> Row {
    let (name, text) = match item {
        HomeItem::Incident(at) => return incident(&model.home[at], palette, wide),
        HomeItem::Live => (
            "Live incident",
            "on the configured target; every action asks first",
        ),
        HomeItem::Drill => (
            "Drill",
            "a leaky lab on this machine; nothing real is touched",
        ),
        HomeItem::Doctor => (
            "Doctor",
            "what is ready and what is missing; changes nothing",
        ),
    };
    Row::new()
        .cell(name, 16, palette.strong())
        .put(&clip(text, wide.saturating_sub(16)), palette.plain())
}

fn incident(row: &HomeRow, palette: Palette, wide: usize) -> Row {
    let codename = (wide / 5).clamp(14, 28);
    let mode = row.mode.map_or("?", |mode| mode.word());
    let line = Row::new()
        .cell(&row.codename, codename - 1, palette.strong())
        .gap(1)
        .cell(mode, 6, palette.plain());
    if let Some(damage) = &row.damage {
        let room = wide.saturating_sub(line.used());
        let text = clip(&format!("for reading only: {damage}"), room);
        return line.put(&text, palette.bad());
    }
    let created = row.created.map_or_else(
        || "unknown".to_owned(),
        |at| at.format("%Y-%m-%d %H:%M").to_string(),
    );
    let (state, style) = if row.closed {
        ("closed".to_owned(), palette.dim())
    } else {
        (format!("open, {}", entries(row.entries)), palette.plain())
    };
    let line = line
        .cell(&created, 17, palette.dim())
        .gap(1)
        .cell(&state, 18, style)
        .gap(1);
    let room = wide.saturating_sub(line.used());
    line.put(&clip(&row.title, room), palette.dim())
}

fn entries(count: u64) -> String {
    match count {
        1 => "1 entry".to_owned(),
        n => format!("{} entries", thousands(n)),
    }
}
