//! One cell of the exposure matrix in full: what the principal reads, and the
//! statements that show it, ready to run by hand.

use super::matrix::{look, meaning};
use super::page::Page;
use super::sheet::{Sheet, columns};
use super::words::thousands;
use crate::app::rows;
use crate::domain::exposure::Cell;
use crate::domain::incident::Incident;
use ratatui::layout::Rect;

/// The column values start in.
const TERM: usize = 8;

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
    head(&mut page, incident, relation, column);
    if let Some(cell) = rows::cell_at(incident, relation, column) {
        proof(&mut page, incident, cell);
    }
    neighbours(&mut page, incident, relation, column);
    sheet.page(area, page.rows, scroll, "Down");
}

/// The verdict and the shape of the relation; also the detail below the
/// matrix.
pub fn head(page: &mut Page, incident: &Incident, relation: &str, column: usize) {
    let palette = page.palette;
    let principal = incident.principals.get(column).map_or("", String::as_str);
    match rows::cell_at(incident, relation, column) {
        Some(cell) => {
            let text = format!("{principal} on {relation}: {}", meaning(incident, cell));
            page.text(&text, look(incident, cell, palette).patch(palette.strong()));
            page.term("rows", TERM, &seen(cell), palette.plain());
            if !cell.basis.is_empty() {
                page.term("basis", TERM, &cell.basis, palette.plain());
            }
        }
        None => page.text(
            &format!("{principal} on {relation}: not probed"),
            palette.warn(),
        ),
    }
    let Some(shape) = incident.relations.get(relation) else {
        return;
    };
    let classes: Vec<&str> = shape.classes.iter().map(|class| class.word()).collect();
    let holds = if classes.is_empty() {
        "nothing recognised as personal or payment data".to_owned()
    } else {
        classes.join(", ")
    };
    page.term("holds", TERM, &holds, palette.plain());
    let tenant = shape.tenant_column.as_deref().unwrap_or("none found");
    page.term("tenant", TERM, &format!("column {tenant}"), palette.plain());
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

fn seen(cell: &Cell) -> String {
    match (cell.rows, cell.bounded) {
        (None, _) => "not counted".to_owned(),
        (Some(rows), true) => format!("at least {}", thousands(rows)),
        (Some(rows), false) => thousands(rows),
    }
}
