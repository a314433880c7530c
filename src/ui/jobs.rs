//! Work under way and work that ended.

use super::page::Page;
use super::sheet::{self, Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip};
use super::words::{span, thousands};
use crate::app::model::{FinishedJob, Job, Model, Progress};
use crate::app::screen::ListView;
use ratatui::layout::Rect;

/// Draws the jobs screen: what runs first, then what ended, newest first.
pub fn draw(model: &Model, list: &ListView, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let running: Vec<&Job> = model.jobs.values().collect();
    let count = running.len() + model.finished.len();
    let (head, rest) = sheet::top(area, 2);
    let text = match running.len() {
        0 => "Nothing is under way.".to_owned(),
        1 => "1 job is under way.".to_owned(),
        n => format!("{n} jobs are under way."),
    };
    sheet.row(head, 0, Row::of(&text, palette.strong()));
    if count == 0 {
        return;
    }
    let (body, foot) = sheet::detail(rest);
    let wide = columns(area);
    sheet.list(body, count, list.cursor, |at| match running.get(at) {
        Some(job) => under_way(model, job, palette, wide),
        None => ended(&model.finished[at - running.len()], palette, wide),
    });
    let cursor = list.cursor.min(count - 1);
    let page = match running.get(cursor) {
        Some(job) => progress(model, job, palette, wide),
        None => detail(&model.finished[cursor - running.len()], palette, wide),
    };
    sheet.rule(foot, 0);
    let (_, foot) = sheet::top(foot, 1);
    sheet.page(foot, page.rows, list.detail, "Tab");
}

fn progress(model: &Model, job: &Job, palette: Palette, wide: usize) -> Page {
    let mut page = Page::new(palette, wide);
    page.text(&job.what.label(), palette.strong());
    let time = span((model.now - job.since).num_seconds());
    page.term("for", 8, &time, palette.plain());
    if let Some(progress) = &job.progress {
        page.term("done", 8, &done(progress), palette.plain());
        page.term("at", 8, &progress.what, palette.plain());
    }
    page
}

fn done(progress: &Progress) -> String {
    match progress.total {
        0 => thousands(progress.done),
        total => format!("{} of {}", thousands(progress.done), thousands(total)),
    }
}

fn under_way(model: &Model, job: &Job, palette: Palette, wide: usize) -> Row {
    let label = (wide / 3).clamp(20, 40);
    let row = Row::new()
        .cell("running", 10, palette.accent())
        .right(
            &span((model.now - job.since).num_seconds()),
            8,
            palette.plain(),
        )
        .gap(2)
        .cell(&job.what.label(), label, palette.strong())
        .gap(1);
    let Some(progress) = &job.progress else {
        return row;
    };
    let room = wide.saturating_sub(row.used() + sheet::MARK);
    row.put(
        &clip(&format!("{}  {}", done(progress), progress.what), room),
        palette.plain(),
    )
}

fn ended(job: &FinishedJob, palette: Palette, wide: usize) -> Row {
    let (word, style) = match job.failure {
        None => ("done", palette.good()),
        Some(_) => ("failed", palette.bad()),
    };
    let label = (wide / 3).clamp(20, 40);
    let row = Row::new()
        .cell(word, 10, style)
        .right(
            &span((job.ended - job.since).num_seconds()),
            8,
            palette.dim(),
        )
        .gap(2)
        .cell(&job.label, label, palette.plain())
        .gap(1);
    let Some(failure) = &job.failure else {
        return row;
    };
    let room = wide.saturating_sub(row.used() + sheet::MARK);
    row.put(&clip(&failure.what, room), palette.plain())
}

fn detail(job: &FinishedJob, palette: Palette, wide: usize) -> Page {
    let mut page = Page::new(palette, wide);
    page.text(&job.label, palette.strong());
    match &job.failure {
        None => page.indented("ended well", palette.good()),
        Some(failure) => {
            page.term("failed", 8, &failure.what, palette.bad());
            page.term("why", 8, &failure.why, palette.plain());
            page.term("next", 8, &failure.hint, palette.strong());
        }
    }
    page
}
