//! One line of who could read and who did, in full: every statement, how sure
//! each count is, how it grew, and where the proof of the cell is.

use super::blast::{could, told};
use super::page::Page;
use super::sheet::{Sheet, columns};
use crate::app::model::Model;
use crate::app::rows;
use crate::domain::incident::Incident;
use crate::domain::incident::blast::Blast;
use ratatui::layout::Rect;

/// Draws the page of one line.
pub fn draw(
    model: &Model,
    incident: &Incident,
    (of, by): (&str, &str),
    scroll: usize,
    sheet: &mut Sheet<'_>,
    area: Rect,
) {
    let mut page = Page::new(sheet.palette, columns(area));
    match rows::blast_of(incident, of, by) {
        Some(row) => {
            told(&mut page, model, incident, &row, usize::MAX);
            findings(&mut page, incident, of);
            proofs(&mut page, incident, &row);
        }
        None => page.text("Nothing is known of it any more.", sheet.palette.plain()),
    }
    sheet.page(area, page.rows, scroll, "Down");
}

/// What stands against the relation.
fn findings(page: &mut Page, incident: &Incident, of: &str) {
    let palette = page.palette;
    let on = incident.standing_findings().filter(|raised| {
        let name = raised.finding.subject.name.as_str();
        !of.is_empty() && (name == of || name.ends_with(&format!(" on {of}")))
    });
    let lines: Vec<String> = on
        .map(|raised| {
            let f = &raised.finding;
            let (severity, confidence) = (f.severity.word(), f.confidence.word());
            format!("{severity} {confidence} {}: {}", f.check, f.title)
        })
        .collect();
    if !lines.is_empty() {
        page.heading("Findings on it: 2 lists them");
    }
    for line in lines {
        page.indented(&line, palette.plain());
    }
}

/// The statement that shows each cell, as a principal and rolled back.
fn proofs(page: &mut Page, incident: &Incident, row: &Blast<'_>) {
    let palette = page.palette;
    let cells = incident.cells.get(row.relation);
    for principal in &row.principals {
        let Some(cell) = cells.and_then(|cells| cells.get(*principal)) else {
            continue;
        };
        page.heading(&format!("{principal}: {}", could(cell)));
        let acting = incident.acting.get(*principal);
        match acting.and_then(|acting| cell.script(acting)) {
            Some(script) => {
                for line in &script {
                    page.text(line, palette.plain());
                }
            }
            None => page.indented(&cell.basis, palette.dim()),
        }
    }
}
