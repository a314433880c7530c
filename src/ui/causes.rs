//! The six root causes: where each stands, and what speaks for or against it.

use super::page::Page;
use super::sheet::{self, Sheet, columns};
use super::style::Palette;
use super::text::Row;
use crate::app::rows::{self, CauseRow};
use crate::app::screen::ListView;
use crate::domain::finding::Confidence;
use crate::domain::incident::{Incident, Raised};
use ratatui::layout::Rect;

/// The column values start in.
const TERM: usize = 14;

/// The widest the column of causes gets.
const TITLE: usize = 60;

/// Findings named for one cause; the findings screen has them all.
const NAMED: usize = 20;

/// Draws the board.
pub fn draw(incident: &Incident, list: &ListView, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let causes = rows::causes(incident);
    let (head, rest) = sheet::top(area, 1);
    let (board, foot) = sheet::top(rest, causes.len() + 1);
    let wide = columns(area);
    let title = wide.saturating_sub(sheet::MARK + 4 + 11 + 17).min(TITLE);
    let row = Row::new()
        .gap(sheet::MARK + 4)
        .cell("cause", title, palette.dim())
        .cell("state", 11, palette.dim())
        .put("findings", palette.dim());
    sheet.row(head, 0, row);
    sheet.list(board, causes.len(), list.cursor, |at| {
        cause(&causes[at], palette, title)
    });
    if let Some(row) = causes.get(list.cursor.min(causes.len() - 1)) {
        let page = detail(row, palette, wide);
        sheet.page(foot, page.rows, list.detail, "Tab");
    }
}

fn cause(row: &CauseRow<'_>, palette: Palette, title: usize) -> Row {
    let (pro, contra) = sides(row);
    Row::new()
        .cell(row.cause.id(), 4, palette.strong())
        .cell(row.cause.title(), title - 1, palette.plain())
        .gap(1)
        .cell(row.state.word(), 11, palette.confidence(row.state))
        .put(
            &format!("{} for, {} against", pro.len(), contra.len()),
            palette.dim(),
        )
}

/// Findings that speak for a cause, and those that speak against it.
fn sides<'a>(row: &CauseRow<'a>) -> (Vec<&'a Raised>, Vec<&'a Raised>) {
    let undecided = |raised: &&&Raised| raised.finding.confidence != Confidence::Unknown;
    row.held_by
        .iter()
        .filter(undecided)
        .partition(|raised| raised.finding.confidence != Confidence::RuledOut)
}

fn detail(row: &CauseRow<'_>, palette: Palette, wide: usize) -> Page {
    let mut page = Page::new(palette, wide);
    page.heading(&format!("{} {}", row.cause.id(), row.cause.title()));
    page.term(
        "state",
        TERM,
        row.state.word(),
        palette.confidence(row.state),
    );
    if let Some(reason) = row.reason {
        page.term("judged", TERM, reason, palette.plain());
    }
    page.term(
        "confirmed if",
        TERM,
        row.cause.confirmed_by(),
        palette.plain(),
    );
    let (pro, contra) = sides(row);
    named(&mut page, "for", &pro);
    named(&mut page, "against", &contra);
    if pro.is_empty() && contra.is_empty() {
        page.term("findings", TERM, "none names this cause", palette.dim());
    }
    page
}

fn named(page: &mut Page, side: &str, findings: &[&Raised]) {
    let palette = page.palette;
    for (at, raised) in findings.iter().take(NAMED).enumerate() {
        let term = if at == 0 { side } else { "" };
        let finding = &raised.finding;
        let text = format!(
            "{} {} {}",
            finding.confidence.word(),
            finding.check,
            finding.subject.name
        );
        page.term(term, TERM, &text, palette.plain());
    }
    if findings.len() > NAMED {
        let text = format!("and {} more", findings.len() - NAMED);
        page.term("", TERM, &text, palette.dim());
    }
}
