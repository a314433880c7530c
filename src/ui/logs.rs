//! Who read, as the logs tell: a picture that grows while they are scanned,
//! then the findings with their trail.

use super::list::position;
use super::sheet::{self, Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip, wrap};
use crate::app::model::Model;
use crate::app::rows;
use crate::app::screen::ListView;
use crate::domain::incident::{Incident, Raised};
use crate::domain::picture::{Bar, LogPicture};
use ratatui::layout::Rect;

/// The height from which more principals are shown.
const ROOMY: usize = 30;

/// Columns of severity, proof, rule and who.
const FIXED: [usize; 3] = [9, 10, 5];

/// Heights of a bar or a slice, in eighths; a blank is nothing at all.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

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
    let picture = picture(model, incident, wide, sheet::height(area) >= ROOMY, palette);
    let (top, rest) = sheet::top(area, picture.len() + 1);
    sheet.rows(top, picture);
    let (head, body) = sheet::top(rest, 2);
    let rows = rows::trails(incident, &list.filter);
    if rows.is_empty() {
        let text = rows::scan::nothing_listed(model, incident, &list.filter);
        sheet.row(head, 0, Row::of(&clip(&text, wide), palette.plain()));
        return;
    }
    sheet.row(
        head,
        0,
        position(list, rows.len(), rows::trails(incident, "").len(), palette),
    );
    let titles = Row::new()
        .gap(sheet::MARK)
        .cell("severity", FIXED[0], palette.dim())
        .cell("proof", FIXED[1], palette.dim())
        .cell("rule", FIXED[2], palette.dim())
        .cell("who or where", who(wide) + 1, palette.dim())
        .put("how much", palette.dim());
    sheet.row(head, 1, titles);
    sheet.list(body, rows.len(), list.cursor, |at| {
        line(rows[at], palette, wide)
    });
}

fn who(wide: usize) -> usize {
    (wide / 4).clamp(12, 36)
}

fn line(raised: &Raised, palette: Palette, wide: usize) -> Row {
    let finding = &raised.finding;
    let standing = raised.cleared.is_none();
    let tone = |style| if standing { style } else { palette.dim() };
    let proof = if standing {
        finding.confidence.word()
    } else {
        "cleared"
    };
    let name = finding.principal.as_ref().unwrap_or(&finding.subject.name);
    let rule = finding.check.rsplit('.').next().unwrap_or("");
    let trail = finding.trail.as_ref();
    let mut amount = trail.map_or(String::new(), |trail| trail.amount());
    if trail.and_then(|trail| trail.going()) == Some(true) {
        amount = format!("GOING ON, {amount}");
    }
    let used = sheet::MARK + FIXED.iter().sum::<usize>() + who(wide) + 1;
    Row::new()
        .cell(
            finding.severity.word(),
            FIXED[0],
            tone(palette.severity(finding.severity)),
        )
        .cell(
            proof,
            FIXED[1],
            tone(palette.confidence(finding.confidence)),
        )
        .cell(rule, FIXED[2], tone(palette.plain()))
        .cell(name, who(wide), tone(palette.strong()))
        .gap(1)
        .put(
            &clip(&amount, wide.saturating_sub(used)),
            tone(palette.plain()),
        )
}

/// What the scan shows, or that there was none.
fn picture(
    model: &Model,
    incident: &Incident,
    wide: usize,
    roomy: bool,
    palette: Palette,
) -> Vec<Row> {
    let Some(seen) = &model.logs else {
        let lines = wrap(&rows::scan::recorded(incident), wide);
        let rows = lines.iter().map(|line| Row::of(line, palette.dim()));
        return rows.collect();
    };
    let style = if seen.over {
        palette.plain()
    } else {
        palette.strong()
    };
    let mut rows = vec![Row::of(&clip(&seen.progress(), wide), style)];
    if let Some(span) = seen.span() {
        rows.push(Row::of(&clip(&span, wide), palette.plain()));
    }
    let most = if roomy { 6 } else { 3 };
    rows.extend(bars(seen, palette, wide, most));
    rows.extend(refusals(seen, palette, wide));
    rows
}

fn bars(seen: &LogPicture, palette: Palette, wide: usize, most: usize) -> Vec<Row> {
    let name = who(wide);
    let long = (wide / 4).max(8);
    let largest = seen.top.iter().map(Bar::size).max();
    let largest = largest.unwrap_or(0).max(1);
    let bars = seen.top.iter().take(most).map(|bar| {
        let eighths = (u128::from(bar.size()) * long as u128 * 8).div_ceil(u128::from(largest));
        let eighths = usize::try_from(eighths).unwrap_or(0);
        let amount = bar.amount();
        let label = format!("{} {}", bar.kind, bar.name);
        let used = name + 1 + long + 1;
        Row::new()
            .cell(&label, name, palette.plain())
            .gap(1)
            .cell(
                &"█".repeat((eighths / 8).clamp(1, long)),
                long,
                palette.accent(),
            )
            .gap(1)
            .put(&clip(&amount, wide.saturating_sub(used)), palette.plain())
    });
    bars.collect()
}

/// Refusals over time, and the release below them.
fn refusals(seen: &LogPicture, palette: Palette, wide: usize) -> Vec<Row> {
    const LABEL: usize = 9;
    let most = seen.refused.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return Vec::new();
    }
    let shown = seen.refused.len().min(wide.saturating_sub(LABEL));
    let line: String = seen.refused[..shown]
        .iter()
        .map(|count| {
            let height = (u128::from(*count) * 8).div_ceil(u128::from(most));
            EIGHTHS[usize::try_from(height).unwrap_or(8).min(8)]
        })
        .collect();
    let told = format!("  most {most} in {} min", seen.slice);
    let room = wide.saturating_sub(LABEL + shown);
    let mut rows = vec![
        Row::new()
            .cell("refused", LABEL, palette.dim())
            .put(&line, palette.plain())
            .put(&clip(&told, room), palette.dim()),
    ];
    if let Some(mark) = seen.mark.filter(|mark| *mark < shown) {
        let room = wide.saturating_sub(LABEL + mark);
        rows.push(
            Row::new()
                .gap(LABEL + mark)
                .put(&clip("^ release", room), palette.strong()),
        );
    }
    rows
}
