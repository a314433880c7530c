//! The head of every screen: whose incident, how far into the hour, whether
//! what was said is on disk, and the way to the other screens.

use super::sheet::{Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip, shown, width};
use super::words::{journal, span};
use crate::app::bindings::{self, Availability, BINDINGS, Binding};
use crate::app::command::Command;
use crate::app::model::{HOUR_MINUTES, Model};
use crate::app::screen::ScreenKind;
use crate::domain::incident::StepState;
use ratatui::layout::Rect;

/// Lines of the head.
pub const LINES: usize = 3;

/// Draws the head.
pub fn draw(model: &Model, sheet: &mut Sheet<'_>, area: Rect) {
    let wide = columns(area);
    let palette = sheet.palette;
    sheet.row(area, 0, who_and_when(model, palette, wide));
    sheet.row(area, 1, step_and_journal(model, palette, wide));
    sheet.row(area, 2, screens(model, palette, wide));
}

fn who_and_when(model: &Model, palette: Palette, wide: usize) -> Row {
    let Some(case) = &model.case else {
        return Row::of(" firsthour", palette.strong())
            .gap(2)
            .put("the first hour of a data leak", palette.dim());
    };
    let (time, over) = hour(model.elapsed_seconds().unwrap_or(0));
    let stance = format!(" {} ", model.stance.word());
    let opened = case.incident.opened.as_ref();
    let codename = opened.map_or("", |opened| opened.codename.as_str());
    let room = wide.saturating_sub(stance.len() + width(&time) + 6);
    let codename = clip(codename, room);
    let target = clip(
        &format!("on {}", case.target),
        room.saturating_sub(width(&codename) + 2),
    );
    let style = if over {
        palette.warn()
    } else {
        palette.strong()
    };
    Row::new()
        .put(&stance, palette.stance(model.stance))
        .gap(2)
        .put(&codename, palette.strong())
        .gap(2)
        .put(&target, palette.plain())
        .to(wide.saturating_sub(width(&time) + 1))
        .put(&time, style)
}

/// The time since the incident was opened against the hour, in words.
fn hour(elapsed: i64) -> (String, bool) {
    let hour = i64::from(HOUR_MINUTES) * 60;
    if elapsed > hour {
        let over = span(elapsed - hour);
        (format!("T+{}, over by {over}", span(elapsed)), true)
    } else {
        (format!("T+{} of {}", span(elapsed), span(hour)), false)
    }
}

/// What may be left out of the second line when it is narrow. What the
/// journal says matters most and is cut last.
const FITS: [(bool, bool); 4] = [(true, true), (false, true), (true, false), (false, false)];

fn step_and_journal(model: &Model, palette: Palette, wide: usize) -> Row {
    let Some((journal, blocked)) = journal(model) else {
        return Row::new();
    };
    let journal = shown(&journal);
    let head = model
        .incident()
        .and_then(|incident| incident.head.as_ref())
        .map_or_else(String::new, |head| format!("head {}", head.short()));
    let style = if blocked {
        palette.bad()
    } else {
        palette.plain()
    };
    let line = |labels: bool, with_head: bool| {
        let row = Row::new().gap(1).then(step(model, palette, labels)).gap(3);
        let row = if labels {
            row.put("journal ", palette.dim())
        } else {
            row
        };
        let tail = if with_head { width(&head) + 1 } else { 0 };
        let room = wide.saturating_sub(row.used() + tail + 1);
        let fits = width(&journal) <= room;
        let row = row.put(&clip(&journal, room), style);
        let row = if with_head {
            row.to(wide.saturating_sub(tail)).put(&head, palette.dim())
        } else {
            row
        };
        (row, fits)
    };
    let mut lines = FITS
        .map(|(labels, with_head)| line(labels, with_head))
        .into_iter();
    let last = lines.next_back().map(|(row, _)| row);
    lines
        .find_map(|(row, fits)| fits.then_some(row))
        .or(last)
        .unwrap_or_default()
}

/// The step in hand with the time used against the time allowed.
fn step(model: &Model, palette: Palette, label: bool) -> Row {
    let closed = model
        .incident()
        .is_some_and(|incident| incident.closed.is_some());
    if closed {
        return Row::of("closed", palette.strong());
    }
    let (Some(step), Some(incident)) = (model.step_in_hand(), model.incident()) else {
        return Row::of("no step in hand", palette.dim());
    };
    let Some(StepState::InHand { since, .. }) = incident.steps.get(&step.id) else {
        return Row::of("no step in hand", palette.dim());
    };
    let used = (model.now - *since).num_seconds().max(0);
    let allowed = i64::from(step.budget_minutes) * 60;
    let label = if label { "step " } else { "" };
    let row = Row::of(label, palette.dim()).put(&clip(&step.id, 18), palette.plain());
    if used > allowed {
        let over = format!(" over by {}", span(used - allowed));
        row.put(&over, palette.warn())
    } else {
        let text = format!(" {} of {}", span(used), span(allowed));
        row.put(&text, palette.plain())
    }
}

/// The keys of the other screens; the present one stands out.
fn screens(model: &Model, palette: Palette, wide: usize) -> Row {
    let mut rows: Vec<(&Binding, ScreenKind)> = BINDINGS
        .iter()
        .filter_map(|row| Some((row, leads_to(row.command)?)))
        .filter(|(row, _)| bindings::availability(row, model) != Availability::Hidden)
        .collect();
    if model.case.is_none() {
        return Row::new();
    }
    let here = match model.screen.kind() {
        ScreenKind::Finding => ScreenKind::Findings,
        ScreenKind::Cell => ScreenKind::Matrix,
        ScreenKind::Plan => ScreenKind::Plans,
        ScreenKind::Read => ScreenKind::Reads,
        ScreenKind::Lines => ScreenKind::Logs,
        other => other,
    };
    // Words wide apart or close together; without the way home, which the help
    // names too; or keys alone.
    let width = |rows: &[(&Binding, ScreenKind)]| -> usize {
        rows.iter().map(|(row, _)| row.name.len() + 2).sum()
    };
    let fits = |gap: &usize| width(&rows) + gap * rows.len() <= wide;
    let mut apart = [2, 1].into_iter().find(fits);
    if apart.is_none() {
        let near: Vec<_> = rows
            .iter()
            .copied()
            .filter(|(_, kind)| *kind != ScreenKind::Home)
            .collect();
        if width(&near) + near.len() <= wide {
            (rows, apart) = (near, Some(1));
        }
    }
    let mut line = Row::new().gap(1);
    for (row, kind) in rows {
        let key = row.keys_text();
        if kind == here {
            line = line.put(&format!("{key} {}", row.name), palette.selected());
        } else if apart.is_some() {
            line = line
                .put(&key, palette.strong())
                .put(&format!(" {}", row.name), palette.plain());
        } else {
            line = line.put(&key, palette.strong());
        }
        line = line.gap(apart.unwrap_or(2));
    }
    line
}

/// The screen a command leads to, if that is all it does.
const fn leads_to(command: Command) -> Option<ScreenKind> {
    match command {
        Command::GoHome => Some(ScreenKind::Home),
        Command::GoMap => Some(ScreenKind::Map),
        Command::GoFindings => Some(ScreenKind::Findings),
        Command::GoMatrix => Some(ScreenKind::Matrix),
        Command::GoCauses => Some(ScreenKind::Causes),
        Command::GoTimeline => Some(ScreenKind::Timeline),
        Command::GoPlans => Some(ScreenKind::Plans),
        Command::GoJobs => Some(ScreenKind::Jobs),
        Command::GoReads => Some(ScreenKind::Reads),
        Command::GoLogs => Some(ScreenKind::Logs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_is_told_in_words_once_it_is_over() {
        assert_eq!(hour(724), ("T+12:04 of 60:00".to_owned(), false));
        assert_eq!(hour(4392), ("T+73:12, over by 13:12".to_owned(), true));
    }
}
