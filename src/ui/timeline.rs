//! The record, newest first, with the entry under the cursor in full.

use super::list::position;
use super::page::Page;
use super::sheet::{self, Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip};
use super::words::{counted, moment, since_start, thousands};
use crate::app::rows;
use crate::app::screen::ListView;
use crate::domain::entry::Entry;
use crate::domain::fact::Fact;
use crate::domain::incident::Incident;
use ratatui::layout::Rect;

/// The column values of the detail start in.
const TERM: usize = 10;

/// Columns before the summary: entry number, time, kind.
const BEFORE: usize = 7 + 2 + 13 + 16;

/// Draws the timeline.
pub fn draw(incident: &Incident, list: &ListView, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let entries = rows::timeline(incident, &list.filter);
    let (head, rest) = sheet::top(area, 2);
    if entries.is_empty() {
        let text = if incident.timeline.is_empty() {
            "Nothing is recorded yet.".to_owned()
        } else {
            let all = match incident.timeline.len() {
                1 => "1 entry".to_owned(),
                n => format!("{} entries", thousands(n as u64)),
            };
            format!("{all}, none fits the filter {}; / changes it", list.filter)
        };
        sheet.row(head, 0, Row::of(&text, palette.plain()));
        return;
    }
    let wide = columns(area);
    sheet.row(
        head,
        0,
        position(list, entries.len(), incident.timeline.len(), palette),
    );
    let titles = Row::new()
        .gap(sheet::MARK)
        .right("entry", 7, palette.dim())
        .gap(2)
        .cell("when", 13, palette.dim())
        .cell("kind", 16, palette.dim())
        .put("what", palette.dim());
    sheet.row(head, 1, titles);
    let (body, foot) = sheet::detail(rest);
    sheet.list(body, entries.len(), list.cursor, |at| {
        entry(incident, entries[at], palette, wide)
    });
    sheet.rule(foot, 0);
    let (_, foot) = sheet::top(foot, 1);
    if let Some(entry) = entries.get(list.cursor.min(entries.len() - 1)) {
        let page = detail(entry, palette, wide);
        sheet.page(foot, page.rows, list.detail, "Tab");
    }
}

fn entry(incident: &Incident, entry: &Entry, palette: Palette, wide: usize) -> Row {
    let room = wide.saturating_sub(sheet::MARK + BEFORE);
    let style = match &entry.fact {
        Fact::ActionUnknown(_)
        | Fact::ActionFailed(_)
        | Fact::CheckFailed(_)
        | Fact::Degraded(_) => palette.bad(),
        Fact::Intended(_) | Fact::Applied(_) | Fact::Approved(_) => palette.strong(),
        _ => palette.plain(),
    };
    Row::new()
        .right(&entry.seq.to_string(), 7, palette.dim())
        .gap(2)
        .cell(&since_start(incident, entry.ts), 12, palette.plain())
        .gap(1)
        .cell(entry.fact.kind(), 15, palette.dim())
        .gap(1)
        .put(&clip(&entry.sum, room), style)
}

fn detail(entry: &Entry, palette: Palette, wide: usize) -> Page {
    let mut page = Page::new(palette, wide);
    page.text(&entry.sum, palette.strong());
    let who = format!(
        "{}, by {} through {}",
        moment(entry.ts),
        entry.act.id,
        entry.act.via
    );
    page.term("when", TERM, &who, palette.plain());
    if let Some(at) = entry.at {
        page.term("happened", TERM, &moment(at), palette.plain());
    }
    let step = entry.step.as_deref().unwrap_or("none");
    page.term("step", TERM, step, palette.plain());
    let hash = match &entry.re {
        Some(re) => format!("{}, answers {}", entry.h.short(), re.short()),
        None => entry.h.short().to_owned(),
    };
    page.term("digest", TERM, &hash, palette.plain());
    for evidence in &entry.ev {
        let text = format!(
            "{} ({}, {})",
            evidence.what,
            counted(usize::try_from(evidence.n).unwrap_or(usize::MAX), "byte"),
            evidence.h.short()
        );
        page.term("evidence", TERM, &text, palette.plain());
    }
    page
}
