//! Who could read and who did: one line a relation and role, with how sure
//! each count is and how far back the server's statistics see.

use super::list::position;
use super::page::Page;
use super::sheet::{self, Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip};
use super::words::{count, counted, moment, thousands};
use crate::app::rows;
use crate::app::screen::ListView;
use crate::domain::exposure::Cell;
use crate::domain::incident::Incident;
use crate::domain::incident::blast::{Blast, Sign, Urgency};
use crate::domain::reading::{Count, Read};
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns of the verdict word, of the role and of what it could read.
const FIXED: [usize; 3] = [11, 15, 15];

/// Columns of the terms in the detail.
const TERM: usize = 9;

/// Statements shown in the detail; the report has them all.
const SHOWN: usize = 8;

/// Draws the screen.
pub fn draw(incident: &Incident, list: &ListView, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let wide = columns(area);
    let (head, rest) = sheet::top(area, 4);
    let every = incident.blast();
    let all = every.len();
    let rows = rows::blast(incident, &list.filter);
    sheet.row(head, 0, summary(incident, &every, palette, wide));
    sheet.row(head, 1, horizon(incident, palette, wide));
    if rows.is_empty() {
        sheet.row(head, 2, empty(incident, list, all, palette));
        return;
    }
    sheet.row(head, 2, position(list, rows.len(), all, palette));
    let name = name_columns(wide);
    let titles = Row::new()
        .gap(sheet::MARK)
        .cell("verdict", FIXED[0], palette.dim())
        .cell("relation", name, palette.dim())
        .cell("role", FIXED[1], palette.dim())
        .cell("could read", FIXED[2], palette.dim())
        .put("was sent", palette.dim());
    sheet.row(head, 3, titles);
    let (body, foot) = sheet::detail(rest);
    sheet.list(body, rows.len(), list.cursor, |at| {
        line(incident, &rows[at], palette, wide)
    });
    sheet.rule(foot, 0);
    let (_, foot) = sheet::top(foot, 1);
    let page = detail(
        incident,
        &rows[list.cursor.min(rows.len() - 1)],
        palette,
        columns(foot),
    );
    sheet.page(foot, page.rows, list.detail, "Tab");
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
    let mut more = format!(", could be: {}", count(open));
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

fn line(incident: &Incident, row: &Blast<'_>, palette: Palette, wide: usize) -> Row {
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
        .put(
            &clip(&sent(row), wide.saturating_sub(used)),
            palette.plain(),
        )
}

/// Capitals for what must not have been, so that it stands out without colour.
fn word(row: &Blast<'_>) -> &'static str {
    match row.urgency {
        Urgency::Forbidden => "READ",
        Urgency::Open => "COULD READ",
        _ => row.sign.word(),
    }
}

fn look(row: &Blast<'_>, palette: Palette) -> Style {
    match row.urgency {
        Urgency::Forbidden => palette.bad(),
        Urgency::Unexplained | Urgency::Undecided => palette.warn(),
        Urgency::Open => palette.strong(),
        Urgency::Used | Urgency::Known | Urgency::Quiet => palette.plain(),
    }
}

fn relation<'a>(row: &Blast<'a>) -> &'a str {
    match row.relation {
        "" => "(not told)",
        name => name,
    }
}

fn role<'a>(row: &Blast<'a>) -> &'a str {
    match row.role {
        "" => "(not known)",
        name => name,
    }
}

fn could(cell: &Cell) -> String {
    match cell.rows {
        Some(rows) if cell.verdict.leaks() => {
            let more = if cell.bounded { "+" } else { "" };
            format!("{} {}{more}", cell.verdict.word(), thousands(rows))
        }
        _ => cell.verdict.word().to_owned(),
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
    let through = match read.through.as_str() {
        "" => String::new(),
        door => format!(", through {door}"),
    };
    let more = match row.reads.len() {
        0 | 1 => String::new(),
        n => format!(", and {} more", count(n - 1)),
    };
    format!("{wide}{amount}{through}{more}")
}

fn detail(incident: &Incident, row: &Blast<'_>, palette: Palette, wide: usize) -> Page {
    let mut page = Page::new(palette, wide);
    page.text(&headline(row), look(row, palette).patch(palette.strong()));
    if !row.principals.is_empty() {
        let who = row.principals.join(", ");
        page.term("acts for", TERM, &who, palette.plain());
    }
    if let Some(cell) = row.could {
        let text = format!("{} as {}", could(cell), cell.principal);
        page.term("could", TERM, &text, palette.plain());
    }
    for read in row.reads.iter().take(SHOWN) {
        let style = if read.wide {
            palette.strong()
        } else {
            palette.plain()
        };
        page.term("sent", TERM, &amount(read), style);
        page.term("by", TERM, &read.statement, palette.dim());
    }
    if row.reads.len() > SHOWN {
        let text = format!("{} more statements", row.reads.len() - SHOWN);
        page.term("and", TERM, &text, palette.dim());
    }
    if let Some(scan) = row.scan.filter(|scan| scan.rows > 0) {
        let last = scan.last.map_or_else(String::new, |at| {
            format!(", last whole scan {}", moment(at))
        });
        let text = format!(
            "{} rows looked through by whoever it was, sent or not{last}",
            thousands(scan.rows)
        );
        page.term("scanned", TERM, &text, palette.plain());
    }
    running(incident, row, &mut page);
    if let Some(horizon) = &incident.reads.horizon {
        page.term("counted", TERM, &horizon.line(), palette.plain());
        for gap in &horizon.off {
            let text = format!("{}: {}", gap.what, gap.why);
            page.term("blind", TERM, &text, palette.warn());
        }
    }
    page
}

/// One sentence: who, what, and what that is worth.
fn headline(row: &Blast<'_>) -> String {
    let (who, what) = (role(row), relation(row));
    match (row.urgency, row.sign) {
        (Urgency::Forbidden, _) => format!("{who} read {what}, and must not"),
        (Urgency::Unexplained, _) => {
            format!("{who} read {what} widely; nobody probed as that role")
        }
        (_, Sign::Read) => format!("{who} read {what}"),
        (Urgency::Open, _) => format!("{who} could read {what}, and must not"),
        (_, Sign::CouldRead) => format!("{who} could read {what}, which is no leak by itself"),
        (_, Sign::Scanned) => format!("somebody looked through {what}; by whom is not known"),
        (Urgency::Undecided, _) => {
            format!("whether {who} could read {what} is undecided; this is not safe")
        }
        (_, Sign::NoSign) => format!("no sign that {who} read {what}"),
        (_, Sign::NotLooked) => format!("whether {who} read {what} was not looked at"),
    }
}

fn amount(read: &Read) -> String {
    let wide = if read.wide { "WIDE: " } else { "" };
    let through = if read.through.is_empty() {
        String::new()
    } else {
        format!(", through {}", read.through)
    };
    let since = read
        .since
        .map_or_else(String::new, |at| format!(", since {}", moment(at)));
    format!("{wide}{}{through}{since}", read.amount())
}

/// Statements on the relation that were running at the last look.
fn running(incident: &Incident, row: &Blast<'_>, page: &mut Page) {
    let on = |name: &String| name == row.relation;
    for live in &incident.reads.live {
        if live.relations.iter().any(on) {
            let text = format!(
                "login {} {} for {} s from {} {}",
                live.login,
                live.doing.word(),
                live.seconds,
                if live.address.is_empty() {
                    "this machine"
                } else {
                    &live.address
                },
                live.application
            );
            page.term("then", TERM, &text, page.palette.warn());
        }
    }
}
