//! A cell in words: what its verdict means, how it looks, and what its
//! relation holds. A leaf, for the matrix and for the page of one cell.

use super::page::Page;
use super::style::Palette;
use super::words::thousands;
use crate::app::rows;
use crate::domain::exposure::{Cell, Verdict};
use crate::domain::incident::Incident;
use ratatui::style::Style;

/// The column values start in.
const TERM: usize = 8;

/// How a verdict looks.
pub fn look(incident: &Incident, cell: &Cell, palette: Palette) -> Style {
    if cell.verdict.leaks() && !incident.leaks(cell) {
        return palette.plain();
    }
    palette.verdict(cell.verdict)
}

/// What a verdict means, after the principal and the relation.
pub fn meaning(incident: &Incident, cell: &Cell) -> &'static str {
    match cell.verdict {
        Verdict::None => "reads no row",
        Verdict::Own if incident.by_design.contains(&cell.principal) => {
            "reads what it was granted, by design"
        }
        Verdict::Own => "reads only rows of its own tenant",
        Verdict::Undecided => "could not be decided; this is not safe",
        Verdict::Would => "holds no row yet; its policies would let a stranger's through",
        _ if incident.by_design.contains(&cell.principal) => "reads every row, by design",
        Verdict::All if !incident.leaks(cell) => "reads every row; nothing private is seen in it",
        Verdict::Foreign => "reads rows it must not",
        Verdict::All => "reads every row: nothing filters it",
    }
}

/// The verdict and the shape of the relation; also the detail below the
/// matrix.
pub fn told(page: &mut Page, incident: &Incident, relation: &str, column: usize) {
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

fn seen(cell: &Cell) -> String {
    match (cell.rows, cell.bounded) {
        (None, _) => "not counted".to_owned(),
        (Some(rows), true) => format!("at least {}", thousands(rows)),
        (Some(rows), false) => thousands(rows),
    }
}
