//! One cell of the exposure matrix in full: what the principal reads, and the
//! statements that show it, ready to run by hand.

use super::page::Page;
use super::sheet::{Sheet, columns};
use super::verdict::{look, meaning, told};
use crate::app::rows;
use crate::domain::exposure::Cell;
use crate::domain::incident::Incident;
use ratatui::layout::Rect;

/// Draws one cell.
pub fn draw(
    incident: &Incident,
    relation: &str,
    column: usize,
    scroll: usize,
    sheet: &mut Sheet<'_>,
    area: Rect,
) {
    let mut page = Page::new(sheet.palette, columns(area));
    told(&mut page, incident, relation, column);
    if let Some(cell) = rows::cell_at(incident, relation, column) {
        proof(&mut page, incident, cell);
    }
    neighbours(&mut page, incident, relation, column);
    sheet.page(area, page.rows, scroll, "Down");
}

/// The statements, each from the left edge, so that they can be selected.
fn proof(page: &mut Page, incident: &Incident, cell: &Cell) {
    let palette = page.palette;
    let script = incident
        .acting
        .get(&cell.principal)
        .and_then(|acting| cell.script(acting));
    let Some(script) = script else {
        page.heading("No look decided it");
        let text = "There is no statement that shows this cell. It is not safe for that.";
        page.text(text, palette.plain());
        return;
    };
    page.heading("Show it by hand: reads only, and is rolled back");
    for line in &script {
        page.text(line, palette.plain());
    }
}

/// What the other principals read of the same relation.
fn neighbours(page: &mut Page, incident: &Incident, relation: &str, column: usize) {
    let palette = page.palette;
    page.heading("The same relation for others");
    for (at, principal) in incident.principals.iter().enumerate() {
        if at == column {
            continue;
        }
        match rows::cell_at(incident, relation, at) {
            Some(cell) => {
                let text = format!("{principal}: {}", meaning(incident, cell));
                page.indented(&text, look(incident, cell, palette));
            }
            None => page.indented(&format!("{principal}: not probed"), palette.dim()),
        }
    }
}
