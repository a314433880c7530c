//! The list of findings, with what it does and does not say.

use super::list::position;
use super::sheet::{self, Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip};
use super::words::{count, counted};
use crate::app::rows;
use crate::app::screen::ListView;
use crate::domain::finding::Confidence;
use crate::domain::incident::{Incident, Raised};
use ratatui::layout::Rect;

/// Draws the findings screen.
pub fn draw(incident: &Incident, list: &ListView, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let rows = rows::findings(incident, &list.filter);
    let (head, body) = sheet::top(area, 3);
    let wide = columns(area);
    sheet.row(head, 0, summary(incident, palette, wide));
    if rows.is_empty() {
        sheet.row(head, 1, empty(incident, list, palette, wide));
        return;
    }
    let subject = (wide / 3).clamp(16, 44);
    sheet.row(
        head,
        1,
        position(list, rows.len(), incident.findings.len(), palette),
    );
    let titles = Row::new()
        .gap(sheet::MARK)
        .cell("severity", 9, palette.dim())
        .cell("proof", 10, palette.dim())
        .cell("rule", 5, palette.dim())
        .cell("where", subject + 1, palette.dim())
        .put("what", palette.dim());
    sheet.row(head, 2, titles);
    sheet.list(body, rows.len(), list.cursor, |at| {
        finding(rows[at], palette, wide, subject)
    });
}

/// How many stand, how many are proven, and whether everything was looked at.
fn summary(incident: &Incident, palette: Palette, wide: usize) -> Row {
    let (mut standing, mut confirmed) = (0, 0);
    for raised in incident.standing_findings() {
        standing += 1;
        confirmed += usize::from(raised.finding.confidence == Confidence::Confirmed);
    }
    let gaps = incident.not_looked_at().len();
    let style = if confirmed > 0 {
        palette.bad()
    } else {
        palette.strong()
    };
    let row = match standing {
        0 => Row::of("no finding stands", palette.strong()),
        _ => Row::of(&format!("{} confirmed", count(confirmed)), style).put(
            &format!(" of {} that stand", count(standing)),
            palette.plain(),
        ),
    };
    let (text, style) = if incident.checks.is_empty() && incident.failed_checks.is_empty() {
        ("no check has run".to_owned(), palette.warn())
    } else if gaps == 0 {
        (
            "everything asked for was looked at".to_owned(),
            palette.plain(),
        )
    } else {
        let text = format!("{} could not be looked at", counted(gaps, "thing"));
        (text, palette.warn())
    };
    let room = wide.saturating_sub(row.used() + 2);
    row.put(", ", palette.plain())
        .put(&clip(&text, room), style)
}

fn empty(incident: &Incident, list: &ListView, palette: Palette, wide: usize) -> Row {
    let text = if !list.filter.is_empty() {
        let all = counted(incident.findings.len(), "finding");
        format!("{all}, none fits the filter {}; / changes it", list.filter)
    } else if incident.checks.is_empty() {
        "Nothing was looked at yet. 1 leads to the playbook and its checks.".to_owned()
    } else if incident.not_looked_at().is_empty() {
        "Nothing was found by the checks that ran.".to_owned()
    } else {
        "Nothing was found, but not everything was looked at: this is not clean.".to_owned()
    };
    Row::of(&clip(&text, wide), palette.plain())
}

fn finding(raised: &Raised, palette: Palette, wide: usize, subject: usize) -> Row {
    let finding = &raised.finding;
    let room = wide.saturating_sub(sheet::MARK + 9 + 10 + 5 + subject + 1);
    // The rules of logs stand under `logs.`, which says nothing in a list.
    let rule = finding.check.rsplit('.').next().unwrap_or_default();
    let standing = raised.cleared.is_none();
    let tone = |style| if standing { style } else { palette.dim() };
    let proof = if standing {
        finding.confidence.word()
    } else {
        "cleared"
    };
    Row::new()
        .cell(
            finding.severity.word(),
            9,
            tone(palette.severity(finding.severity)),
        )
        .cell(proof, 10, tone(palette.confidence(finding.confidence)))
        .cell(rule, 4, tone(palette.plain()))
        .gap(1)
        .cell(&finding.subject.name, subject, tone(palette.plain()))
        .gap(1)
        .put(&clip(&finding.title, room), tone(palette.plain()))
}
