//! Who could read and who did: one line a relation and role, with how sure
//! each count is and how far back the server's statistics see.

use super::blast::{could, look, relation, role};
use super::list::position;
use super::page::Page;
use super::sheet::{self, Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip};
use super::words::{count, counted, thousands};
use super::{blast, watch};
use crate::app::model::Model;
use crate::app::rows;
use crate::app::screen::ListView;
use crate::domain::incident::Incident;
use crate::domain::incident::blast::{Blast, Sign, Urgency};
use crate::domain::number::of;
use crate::domain::reading::Count;
use ratatui::layout::Rect;

/// Columns of the verdict word, of the role and of what it could read.
const FIXED: [usize; 3] = [11, 15, 15];

/// The height from which more of what moves is shown.
const ROOMY: usize = 30;

/// Statements shown in the detail; Enter shows them all.
const SHOWN: usize = 8;

/// Draws the screen.
pub fn draw(
    model: &Model,
    incident: &Incident,
    list: &ListView,
    sheet: &mut Sheet<'_>,
    area: Rect,
) {
    let palette = sheet.palette;
    let wide = columns(area);
    let moving = watch::rows(model, palette, wide, movers(area));
    let (top, rest) = sheet::top(area, 2);
    let (moved, rest) = sheet::top(rest, moving.len());
    let (head, rest) = sheet::top(rest, 2);
    let every = incident.blast();
    let all = every.len();
    let rows = rows::blast(incident, &list.filter);
    sheet.row(top, 0, summary(incident, &every, palette, wide));
    sheet.row(top, 1, horizon(incident, palette, wide));
    sheet.rows(moved, moving);
    if rows.is_empty() {
        sheet.row(head, 0, empty(incident, list, all, palette));
        return;
    }
    sheet.row(head, 0, position(list, rows.len(), all, palette));
    let name = name_columns(wide);
    let titles = Row::new()
        .gap(sheet::MARK)
        .cell("verdict", FIXED[0], palette.dim())
        .cell("relation", name, palette.dim())
        .cell("role", FIXED[1], palette.dim())
        .cell("could read", FIXED[2], palette.dim())
        .put("was sent", palette.dim());
    sheet.row(head, 1, titles);
    let (body, foot) = sheet::detail(rest);
    sheet.list(body, rows.len(), list.cursor, |at| {
        line(model, incident, &rows[at], palette, wide)
    });
    sheet.rule(foot, 0);
    let (_, foot) = sheet::top(foot, 1);
    let mut page = Page::new(palette, columns(foot));
    let row = &rows[list.cursor.min(rows.len() - 1)];
    blast::told(&mut page, model, incident, row, SHOWN);
    sheet.page(foot, page.rows, list.detail, "Tab");
}

/// Lines for what moves while the statistics are watched.
fn movers(area: Rect) -> usize {
    if sheet::height(area) >= ROOMY { 5 } else { 3 }
}

/// The relation and what was sent share what the fixed columns leave.
fn name_columns(wide: usize) -> usize {
    let rest = wide.saturating_sub(sheet::MARK + FIXED.iter().sum::<usize>());
    (rest * 11 / 20).clamp(14, 44)
}

fn summary(incident: &Incident, all: &[Blast<'_>], palette: Palette, wide: usize) -> Row {
    let of = |urgency| all.iter().filter(|row| row.urgency == urgency).count();
    let (forbidden, open, unexplained) = (
        of(Urgency::Forbidden),
        of(Urgency::Open),
        of(Urgency::Unexplained),
    );
    let style = if forbidden > 0 {
        palette.bad()
    } else {
        palette.strong()
    };
    // A number that nobody counted would read as clean.
    let told = if incident.reads.looked() {
        count(forbidden)
    } else {
        "unknown".to_owned()
    };
    let row = Row::of(&format!("read by who must not: {told}"), style);
    let could = if incident.cells.is_empty() {
        "unknown".to_owned()
    } else {
        count(open)
    };
    let mut more = format!(", could be: {could}");
    if unexplained > 0 {
        more.push_str(&format!(
            ", widely by a role not probed: {}",
            count(unexplained)
        ));
    }
    let room = wide.saturating_sub(row.used());
    row.put(&clip(&more, room), palette.plain())
}

/// Since when, and what is blind.
fn horizon(incident: &Incident, palette: Palette, wide: usize) -> Row {
    match &incident.reads.horizon {
        None => Row::of(
            "The statistics were not looked at: who did read is not known.",
            palette.warn(),
        ),
        Some(horizon) => {
            let style = if horizon.off.is_empty() {
                palette.plain()
            } else {
                palette.warn()
            };
            Row::of(&clip(&format!("counted {}", horizon.line()), wide), style)
        }
    }
}

fn empty(incident: &Incident, list: &ListView, all: usize, palette: Palette) -> Row {
    let text = if all > 0 {
        let all = counted(all, "row");
        format!("{all}, none fits the filter {}; / changes it", list.filter)
    } else if incident.reads.looked() {
        "No sign of a read, as far back as that sees; nothing was probed yet.".to_owned()
    } else {
        "The reads check and the reach check fill this screen.".to_owned()
    };
    Row::of(&text, palette.plain())
}

fn line(model: &Model, incident: &Incident, row: &Blast<'_>, palette: Palette, wide: usize) -> Row {
    let watch = model.watch.as_ref();
    let grown = watch.and_then(|watch| watch.growth(row.relation, row.role));
    let sent = match grown {
        Some((calls, 0, _)) => format!("+{} now; {}", of(calls, "call"), sent(row)),
        Some((_, rows, _)) => format!("+{} now; {}", of(rows, "row"), sent(row)),
        None => sent(row),
    };
    let style = match grown {
        Some((_, _, true)) => palette.bad(),
        Some(_) => palette.strong(),
        None => palette.plain(),
    };
    let name = name_columns(wide);
    let used = sheet::MARK + FIXED.iter().sum::<usize>() + name;
    let could = row.could.map_or_else(|| "-".to_owned(), could);
    let leaks = row.could.is_some_and(|cell| incident.leaks(cell));
    let could_style = match row.could {
        Some(cell) if leaks => palette.verdict(cell.verdict),
        _ if row.urgency == Urgency::Undecided => palette.warn(),
        _ => palette.plain(),
    };
    Row::new()
        .cell(word(row), FIXED[0] - 1, look(row, palette))
        .gap(1)
        .cell(relation(row), name - 1, palette.plain())
        .gap(1)
        .cell(role(row), FIXED[1] - 1, palette.plain())
        .gap(1)
        .cell(&could, FIXED[2] - 1, could_style)
        .gap(1)
        .put(&clip(&sent, wide.saturating_sub(used)), style)
}

/// Capitals for what must not have been, so that it stands out without colour.
fn word(row: &Blast<'_>) -> &'static str {
    match row.urgency {
        Urgency::Forbidden => "READ",
        Urgency::Open => "COULD READ",
        _ => row.sign.word(),
    }
}

/// The largest read with how sure its count is, and how many more there are.
fn sent(row: &Blast<'_>) -> String {
    let Some(read) = row.reads.first() else {
        return match (row.sign, row.scan) {
            (Sign::Scanned, Some(scan)) => format!("{} scanned", thousands(scan.rows)),
            _ => "-".to_owned(),
        };
    };
    let calls = match read.calls {
        1 => "1 call".to_owned(),
        n => format!("{} calls", thousands(n)),
    };
    let amount = match read.count {
        Count::Packed => format!("{calls}, packed"),
        sure => format!("{} in {calls}, {}", thousands(read.rows), sure.word()),
    };
    let wide = if read.wide { "WIDE " } else { "" };
    let tenants = read
        .tenants
        .map_or_else(String::new, |n| format!(", {}+ tenants", thousands(n)));
    let through = match read.through.as_str() {
        "" => String::new(),
        door => format!(", through {door}"),
    };
    let more = match row.reads.len() {
        0 | 1 => String::new(),
        n => format!(", and {} more", count(n - 1)),
    };
    format!("{wide}{amount}{tenants}{through}{more}")
}
