//! The exposure matrix: who can read whose rows. Relations go down by schema,
//! widest blast radius first; principals go across and scroll by column. The
//! principals and the schema of the first line stay in view.

use super::list::position;
use super::page::Page;
use super::sheet::{self, Sheet, columns, height};
use super::style::Palette;
use super::text::Row;
use super::verdict::{look, told};
use super::words::{count, counted};
use crate::app::rows;
use crate::app::screen::MatrixView;
use crate::domain::exposure::{Cell, Verdict};
use crate::domain::incident::Incident;
use ratatui::layout::Rect;
use std::collections::BTreeMap;
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
    let lines = lines(&relations);
    for (at, line) in in_window(&lines, cursor, height(list)).iter().enumerate() {
        let row = match line {
            Item::Schema(schema) => heading(incident, &relations, schema, palette),
            Item::Relation(index) => {
                let column = (*index == cursor).then_some(view.column);
                let name_of = named(&lines, relations[*index]);
                let cells = incident.cells.get(relations[*index]);
                relation(incident, (name_of, cells), &across, column, palette, name)
            }
        };
        sheet.row(list, at, row);
    }
    sheet.rule(foot, 0);
    let (_, foot) = sheet::top(foot, 1);
    let mut page = Page::new(palette, columns(foot));
    told(&mut page, incident, relations[cursor], view.column);
    sheet.page(foot, page.rows, view.list.detail, "Tab");
}

/// One line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item<'a> {
    Schema(&'a str),
    /// By its place among the relations.
    Relation(usize),
}

/// The relations with a heading before each schema; one schema needs none.
fn lines<'a>(relations: &[&'a str]) -> Vec<Item<'a>> {
    let schema = |at: usize| rows::schema(relations[at]);
    let several = (1..relations.len()).any(|at| schema(at) != schema(0));
    let mut lines = Vec::with_capacity(relations.len());
    for at in 0..relations.len() {
        if several && (at == 0 || schema(at) != schema(at - 1)) {
            lines.push(Item::Schema(schema(at)));
        }
        lines.push(Item::Relation(at));
    }
    lines
}

/// The lines in view around the cursor. The first is always the heading of
/// what follows it, also when its own place has scrolled away.
fn in_window<'a>(lines: &[Item<'a>], cursor: usize, height: usize) -> Vec<Item<'a>> {
    let at = lines
        .iter()
        .position(|line| *line == Item::Relation(cursor))
        .unwrap_or(0);
    let whole = sheet::window(at, lines.len(), height);
    if height < 2 || matches!(lines.get(whole.start), Some(Item::Schema(_)) | None) {
        return lines[whole].to_vec();
    }
    let above = |start: usize| {
        let before = lines[..=start].iter().rev();
        before.copied().find(|line| matches!(line, Item::Schema(_)))
    };
    let short = sheet::window(at, lines.len(), height - 1);
    match above(short.start) {
        // The heading's own place has just come into view.
        Some(heading) if lines[short.start] == heading => {
            lines[short.start..lines.len().min(short.end + 1)].to_vec()
        }
        Some(heading) => std::iter::once(heading)
            .chain(lines[short].iter().copied())
            .collect(),
        None => lines[whole].to_vec(),
    }
}

/// Under a heading the schema needs no repeating.
fn named<'a>(lines: &[Item<'_>], relation: &'a str) -> &'a str {
    match (lines.first(), relation.split_once('.')) {
        (Some(Item::Schema(_)), Some((_, name))) => name,
        _ => relation,
    }
}

fn heading(incident: &Incident, relations: &[&str], schema: &str, palette: Palette) -> Row {
    let own = relations.iter().filter(|name| rows::schema(name) == schema);
    let (mut all, mut leaking, mut open) = (0, 0, 0);
    for name in own {
        all += 1;
        for cell in incident
            .cells
            .get(*name)
            .into_iter()
            .flat_map(BTreeMap::values)
        {
            leaking += usize::from(incident.leaks(cell));
            open += usize::from(cell.verdict == Verdict::Undecided);
        }
    }
    let row = Row::of(schema, palette.strong())
        .put(&format!("  {}", counted(all, "relation")), palette.dim());
    let row = match leaking {
        0 => row,
        1 => row.put(", 1 cell leaks", palette.bad()),
        n => row.put(&format!(", {} cells leak", count(n)), palette.bad()),
    };
    match open {
        0 => row,
        n => row.put(&format!(", {} undecided", count(n)), palette.warn()),
    }
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
    (name, cells): (&str, Option<&BTreeMap<String, Cell>>),
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
    fn a_schema_heading_stays_above_its_relations() {
        let relations: Vec<String> = (0..9)
            .map(|at| format!("{}.t{at}", ["app", "web", "zoo"][at / 3]))
            .collect();
        let relations: Vec<&str> = relations.iter().map(String::as_str).collect();
        let lines = lines(&relations);
        for height in 2..14 {
            for cursor in 0..relations.len() {
                let shown = in_window(&lines, cursor, height);
                assert!(shown.len() <= height && shown.contains(&Item::Relation(cursor)));
                let Some(Item::Schema(first)) = shown.first() else {
                    panic!("no heading at {cursor} of {height}: {shown:?}");
                };
                let Some(Item::Relation(next)) = shown.get(1) else {
                    panic!("nothing below the heading: {shown:?}");
                };
                assert_eq!(rows::schema(relations[*next]), *first);
            }
        }
        assert_eq!(named(&lines, "app.t0"), "t0");
    }

    #[test]
    fn one_schema_needs_no_heading() {
        let lines = lines(&["public.a", "public.b"]);
        assert_eq!(lines, [Item::Relation(0), Item::Relation(1)]);
        assert_eq!(named(&lines, "public.a"), "public.a");
        assert_eq!(in_window(&lines, 1, 1), [Item::Relation(1)]);
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
