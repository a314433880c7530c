//! The exposure matrix: who can read whose rows. Relations go down, widest
//! blast radius first; principals go across and scroll by column.

use super::list::position;
use super::page::Page;
use super::sheet::{self, Sheet, columns, height};
use super::style::Palette;
use super::text::Row;
use super::words::{count, counted, thousands};
use crate::app::rows;
use crate::app::screen::MatrixView;
use crate::domain::exposure::{Cell, Verdict};
use crate::domain::incident::Incident;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::ops::Range;

/// Columns a principal takes.
const CELL: usize = 12;

/// The narrowest and the widest the column of names gets.
const NAME: (usize, usize) = (24, 44);

/// Draws the matrix.
pub fn draw(incident: &Incident, view: &MatrixView, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let (head, rest) = sheet::top(area, 3);
    sheet.row(head, 0, summary(incident, palette));
    let relations = rows::relations(incident, &view.list.filter);
    if relations.is_empty() {
        sheet.row(head, 1, empty(incident, view, palette));
        return;
    }
    let wide = columns(area);
    let all = incident.principals.len() * CELL;
    let name = wide.saturating_sub(sheet::MARK + all).clamp(NAME.0, NAME.1);
    let room = wide.saturating_sub(sheet::MARK + name);
    let across = in_view(view.column, incident.principals.len(), room / CELL);
    sheet.row(
        head,
        1,
        place(incident, view, relations.len(), &across, palette),
    );
    sheet.row(head, 2, principals(incident, view, &across, palette, name));
    let (list, foot) = sheet::detail(rest);
    let cursor = view.list.cursor.min(relations.len() - 1);
    for (line, at) in sheet::window(cursor, relations.len(), height(list)).enumerate() {
        let column = (at == cursor).then_some(view.column);
        let row = relation(incident, relations[at], &across, column, palette, name);
        sheet.row(list, line, row);
    }
    sheet.rule(foot, 0);
    let (_, foot) = sheet::top(foot, 1);
    let page = detail(
        incident,
        relations[cursor],
        view.column,
        palette,
        columns(foot),
    );
    sheet.page(foot, page.rows, view.list.detail, "Tab");
}

/// The principals in view, so that the one under the cursor is among them.
fn in_view(column: usize, count: usize, fit: usize) -> Range<usize> {
    sheet::window(column.min(count.saturating_sub(1)), count, fit.max(1))
}

fn summary(incident: &Incident, palette: Palette) -> Row {
    let (leaks, open) = rows::verdict_counts(incident);
    let cells: usize = incident
        .cells
        .values()
        .map(std::collections::BTreeMap::len)
        .sum();
    let style = if leaks > 0 {
        palette.bad()
    } else {
        palette.strong()
    };
    let leaks = match leaks {
        1 => "1 cell leaks".to_owned(),
        n => format!("{} cells leak", count(n)),
    };
    let row = Row::of(&leaks, style).put(&format!(" of {} probed", count(cells)), palette.plain());
    if open == 0 {
        return row;
    }
    row.put(", ", palette.plain())
        .put(&format!("{} undecided", count(open)), palette.warn())
}

fn empty(incident: &Incident, view: &MatrixView, palette: Palette) -> Row {
    let text = if incident.cells.is_empty() {
        "Nothing was probed yet: the reach check fills this screen.".to_owned()
    } else {
        let all = counted(incident.cells.len(), "relation");
        format!(
            "{all}, none fits the filter {}; / changes it",
            view.list.filter
        )
    };
    Row::of(&text, palette.plain())
}

fn place(
    incident: &Incident,
    view: &MatrixView,
    shown: usize,
    across: &Range<usize>,
    palette: Palette,
) -> Row {
    let row = position(&view.list, shown, incident.cells.len(), palette);
    let all = incident.principals.len();
    if across.len() == all {
        return row;
    }
    let text = format!(
        ", principals {} to {} of {all}; Left and Right move",
        across.start + 1,
        across.end
    );
    row.put(&text, palette.dim())
}

fn principals(
    incident: &Incident,
    view: &MatrixView,
    across: &Range<usize>,
    palette: Palette,
    name: usize,
) -> Row {
    let mut row = Row::new()
        .gap(sheet::MARK)
        .cell("relation", name, palette.dim());
    for at in across.clone() {
        let style = if at == view.column {
            palette.strong()
        } else {
            palette.dim()
        };
        row = row.cell(&incident.principals[at], CELL - 1, style).gap(1);
    }
    row
}

fn relation(
    incident: &Incident,
    name: &str,
    across: &Range<usize>,
    column: Option<usize>,
    palette: Palette,
    wide: usize,
) -> Row {
    let (mark, style) = match column {
        Some(_) => ("> ", palette.strong()),
        None => ("  ", palette.plain()),
    };
    let mut row = Row::of(mark, style).cell(name, wide - 1, style).gap(1);
    let cells = incident.cells.get(name);
    for at in across.clone() {
        let cell = cells.and_then(|cells| cells.get(&incident.principals[at]));
        let (word, style) = match cell {
            Some(cell) => (word(incident, cell), look(incident, cell, palette)),
            None => ("-", palette.dim()),
        };
        row = if column == Some(at) {
            row.cell(word, CELL - 2, palette.selected()).gap(2)
        } else {
            row.cell(word, CELL - 2, style).gap(2)
        };
    }
    row
}

/// Capitals for what leaks, so that it stands out without colour. Everybody
/// may read all of a price list: that is no leak.
fn word(incident: &Incident, cell: &Cell) -> &'static str {
    match cell.verdict {
        Verdict::Foreign if incident.leaks(cell) => "FOREIGN",
        Verdict::All if incident.leaks(cell) => "ALL",
        other => other.word(),
    }
}

fn look(incident: &Incident, cell: &Cell, palette: Palette) -> Style {
    if cell.verdict.leaks() && !incident.leaks(cell) {
        return palette.plain();
    }
    palette.verdict(cell.verdict)
}

fn meaning(incident: &Incident, cell: &Cell) -> &'static str {
    match cell.verdict {
        Verdict::None => "reads no row",
        Verdict::Own => "reads only rows of its own tenant",
        Verdict::Undecided => "could not be decided; this is not safe",
        Verdict::Would => "holds no row yet; its policies would let a stranger's through",
        _ if incident.by_design.contains(&cell.principal) => "reads every row, by design",
        Verdict::All if !incident.leaks(cell) => "reads every row; nothing private is seen in it",
        Verdict::Foreign => "reads rows it must not",
        Verdict::All => "reads every row: nothing filters it",
    }
}

fn detail(
    incident: &Incident,
    relation: &str,
    column: usize,
    palette: Palette,
    wide: usize,
) -> Page {
    let mut page = Page::new(palette, wide);
    let principal = incident.principals.get(column).map_or("", String::as_str);
    match rows::cell_at(incident, relation, column) {
        Some(cell) => {
            let text = format!("{principal} on {relation}: {}", meaning(incident, cell));
            page.text(&text, look(incident, cell, palette).patch(palette.strong()));
            page.term("rows", 8, &seen(cell), palette.plain());
            if !cell.basis.is_empty() {
                page.term("basis", 8, &cell.basis, palette.plain());
            }
        }
        None => page.text(
            &format!("{principal} on {relation}: not probed"),
            palette.warn(),
        ),
    }
    if let Some(shape) = incident.relations.get(relation) {
        let classes: Vec<&str> = shape.classes.iter().map(|class| class.word()).collect();
        let holds = if classes.is_empty() {
            "nothing recognised as personal or payment data".to_owned()
        } else {
            classes.join(", ")
        };
        page.term("holds", 8, &holds, palette.plain());
        let tenant = shape.tenant_column.as_deref().unwrap_or("none found");
        page.term("tenant", 8, &format!("column {tenant}"), palette.plain());
    }
    page
}

fn seen(cell: &Cell) -> String {
    match (cell.rows, cell.bounded) {
        (None, _) => "not counted".to_owned(),
        (Some(rows), true) => format!("at least {}", thousands(rows)),
        (Some(rows), false) => thousands(rows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_fits_its_column_and_only_leaks_are_in_capitals() {
        let mut incident = Incident::default();
        for verdict in [
            Verdict::None,
            Verdict::Own,
            Verdict::Undecided,
            Verdict::Would,
            Verdict::Foreign,
            Verdict::All,
        ] {
            let cell = Cell {
                relation: "public.plans".to_owned(),
                principal: "report_login".to_owned(),
                verdict,
                rows: None,
                bounded: false,
                basis: String::new(),
            };
            incident.by_design.clear();
            let leaking = word(&incident, &cell);
            assert!(leaking.len() <= CELL - 2);
            assert_eq!(leaking == leaking.to_uppercase(), verdict.leaks());
            incident.by_design.insert("report_login".to_owned());
            assert_eq!(word(&incident, &cell), verdict.word());
        }
    }

    #[test]
    fn the_column_under_the_cursor_is_in_view() {
        for column in 0..8 {
            assert!(in_view(column, 8, 3).contains(&column));
        }
        assert_eq!(in_view(0, 2, 5), 0..2);
        assert_eq!(in_view(0, 0, 5), 0..0);
    }
}
