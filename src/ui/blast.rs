//! What is said of one relation and role, on the list and on its own page. A
//! leaf of both.

use super::page::Page;
use super::style::Palette;
use super::watch;
use super::words::{moment, thousands};
use crate::app::model::Model;
use crate::domain::exposure::Cell;
use crate::domain::incident::Incident;
use crate::domain::incident::blast::{Blast, Sign, Urgency};
use crate::domain::reading::Read;
use ratatui::style::Style;

/// Columns of the terms.
const TERM: usize = 9;

pub fn look(row: &Blast<'_>, palette: Palette) -> Style {
    match row.urgency {
        Urgency::Forbidden => palette.bad(),
        Urgency::Unexplained | Urgency::Undecided => palette.warn(),
        Urgency::Open => palette.strong(),
        Urgency::Used | Urgency::Known | Urgency::Quiet => palette.plain(),
    }
}

pub fn relation<'a>(row: &Blast<'a>) -> &'a str {
    match row.relation {
        "" => "(not told)",
        name => name,
    }
}

pub fn role<'a>(row: &Blast<'a>) -> &'a str {
    match row.role {
        "" => "(not known)",
        name => name,
    }
}

pub fn could(cell: &Cell) -> String {
    match cell.rows {
        Some(rows) if cell.verdict.leaks() => {
            let more = if cell.bounded { "+" } else { "" };
            format!("{} {}{more}", cell.verdict.word(), thousands(rows))
        }
        _ => cell.verdict.word().to_owned(),
    }
}

/// Writes what is known of a line; of its statements so many as told.
pub fn told(page: &mut Page, model: &Model, incident: &Incident, row: &Blast<'_>, shown: usize) {
    let palette = page.palette;
    page.text(&headline(row), look(row, palette).patch(palette.strong()));
    if !row.principals.is_empty() {
        let who = row.principals.join(", ");
        page.term("acts for", TERM, &who, palette.plain());
    }
    if let Some(cell) = row.could {
        let text = format!("{} as {}", could(cell), cell.principal);
        page.term("could", TERM, &text, palette.plain());
    }
    for read in row.reads.iter().take(shown) {
        let style = if read.wide {
            palette.strong()
        } else {
            palette.plain()
        };
        page.term("sent", TERM, &amount(read), style);
        page.term("by", TERM, &read.statement, palette.dim());
    }
    if row.reads.len() > shown {
        let text = format!("{} more statements: Enter", row.reads.len() - shown);
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
    watch::grown(model, row, page, TERM);
    running(incident, row, page);
    if let Some(horizon) = &incident.reads.horizon {
        page.term("counted", TERM, &horizon.line(), palette.plain());
        for gap in &horizon.off {
            let text = format!("{}: {}", gap.what, gap.why);
            page.term("blind", TERM, &text, palette.warn());
        }
    }
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
    let tenants = read.tenants.map_or_else(String::new, |n| {
        format!(", rows of at least {n} tenants in one call (estimated)")
    });
    format!("{wide}{}{tenants}{through}{since}", read.amount())
}

/// Statements on the relation that were running at the last look.
fn running(incident: &Incident, row: &Blast<'_>, page: &mut Page) {
    let on = |name: &String| name == row.relation;
    for live in &incident.reads.live {
        if live.relations.iter().any(on) {
            page.term("then", TERM, &live.line(), page.palette.warn());
        }
    }
}
