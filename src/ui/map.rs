//! The playbook: phases and steps on the left, one step in full on the right,
//! and below them what Enter will do.

use super::sheet::{self, Sheet, columns, height};
use super::step;
use super::style::Palette;
use super::text::{Row, clip, wrap};
use super::words::counted;
use crate::app::bindings::{self, Availability};
use crate::app::command::Command;
use crate::app::model::{Case, Model};
use crate::app::rows;
use crate::app::screen::ListView;
use crate::app::update::{Wants, wants};
use crate::domain::incident::StepState;
use crate::domain::playbook::{Phase, Step};
use ratatui::layout::Rect;

/// The narrowest and the widest the list of steps gets, in columns.
const LIST: (usize, usize) = (24, 48);

/// What stands before a warning, and the most lines of one.
const NOTE: &str = "Note  ";
const WARNING_LINES: usize = 3;

/// A line of the list.
enum Part<'a> {
    Blank,
    Phase(&'a Phase),
    Step(&'a Step),
}

/// Draws the playbook screen.
pub fn draw(model: &Model, case: &Case, list: &ListView, sheet: &mut Sheet<'_>, area: Rect) {
    let palette = sheet.palette;
    let steps = rows::steps(case, &list.filter);
    let warned = warning_rows(case, palette, columns(area));
    let (body, foot) = sheet::bottom(area, 2 + warned.len());
    let wide = (columns(area) * 2 / 5).clamp(LIST.0, LIST.1);
    let (left, right) = sheet::left(body, wide, 2);
    draw_list(case, &steps, list, sheet, left);
    if let Some((phase, shown)) = steps.get(list.cursor) {
        let rows = step::rows(model, case, phase, shown, palette, columns(right));
        sheet.page(right, rows, list.detail, "Tab");
    } else {
        let text = format!("No step fits the filter {}.", list.filter);
        sheet.row(right, 0, Row::of(&text, palette.plain()));
    }
    let under = steps.get(list.cursor).map(|(_, step)| *step);
    for (at, row) in warned.into_iter().enumerate() {
        sheet.row(foot, 1 + at, row);
    }
    let bottom = height(foot).saturating_sub(1);
    sheet.row(
        foot,
        bottom,
        next(model, case, under, palette, columns(foot)),
    );
}

/// The first warning, with its hint: what does not fit is cut, and said.
fn warning_rows(case: &Case, palette: Palette, wide: usize) -> Vec<Row> {
    let Some(warning) = case.warnings.first() else {
        return Vec::new();
    };
    let more = match case.warnings.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    let lines = wrap(&format!("{warning}{more}"), wide.saturating_sub(NOTE.len()));
    let cut = lines.len() > WARNING_LINES;
    let mut rows: Vec<Row> = lines
        .iter()
        .take(WARNING_LINES)
        .enumerate()
        .map(|(at, line)| {
            let label = if at == 0 { NOTE } else { "" };
            Row::new()
                .cell(label, NOTE.len(), palette.warn())
                .put(line, palette.plain())
        })
        .collect();
    if cut && let Some(last) = rows.pop() {
        rows.push(last.put("…", palette.plain()));
    }
    rows
}

fn draw_list(
    case: &Case,
    steps: &[(&Phase, &Step)],
    list: &ListView,
    sheet: &mut Sheet<'_>,
    area: Rect,
) {
    let palette = sheet.palette;
    let mut lines = Vec::new();
    let mut cursor_line = 0;
    let mut before: Option<&str> = None;
    for (at, (phase, step)) in steps.iter().enumerate() {
        if before != Some(phase.id.as_str()) {
            if before.is_some() {
                lines.push(Part::Blank);
            }
            lines.push(Part::Phase(phase));
            before = Some(&phase.id);
        }
        if at == list.cursor {
            cursor_line = lines.len();
        }
        lines.push(Part::Step(step));
    }
    let wide = columns(area);
    for (line, at) in sheet::window(cursor_line, lines.len(), height(area)).enumerate() {
        let row = match &lines[at] {
            Part::Blank => Row::new(),
            Part::Phase(phase) => phase_row(phase, palette, wide),
            Part::Step(step) => {
                let row = step_row(case, step, palette, wide - sheet::MARK);
                sheet.listed(row, at == cursor_line, wide)
            }
        };
        sheet.row(area, line, row);
    }
}

fn phase_row(phase: &Phase, palette: Palette, wide: usize) -> Row {
    let budget = format!("{} min", phase.budget_minutes);
    let title = format!("{} {}", phase.id, phase.title);
    Row::new()
        .cell(
            &title,
            wide.saturating_sub(budget.len() + 1),
            palette.strong(),
        )
        .gap(1)
        .put(&budget, palette.dim())
}

fn step_row(case: &Case, step: &Step, palette: Palette, wide: usize) -> Row {
    let (mark, style) = match case.incident.steps.get(&step.id) {
        Some(StepState::Done { .. }) => ("[x] ", palette.good()),
        Some(StepState::Skipped { .. }) => ("[-] ", palette.dim()),
        Some(StepState::InHand { .. }) => ("[>] ", palette.accent()),
        None => ("[ ] ", palette.plain()),
    };
    Row::of(mark, style).cell(&step.title, wide.saturating_sub(4), style)
}

/// What Enter does, or why it does nothing now.
fn next(model: &Model, case: &Case, under: Option<&Step>, palette: Palette, wide: usize) -> Row {
    let (label, text) = if case.incident.closed.is_some() {
        (
            "Now   ",
            "the incident is closed; x exports the record".to_owned(),
        )
    } else if let Some(job) = model.jobs.values().next() {
        let more = match model.jobs.len() {
            1 => String::new(),
            n => format!(" and {} more", n - 1),
        };
        ("Now   ", format!("{}{more}; 7 shows it", job.what.label()))
    } else if let Some(why) = blocked(model) {
        ("Not now  ", why)
    } else {
        ("Enter ", offered(model, case, under))
    };
    let style = if label == "Enter " {
        palette.accent()
    } else {
        palette.dim()
    };
    let text = clip(&text, wide.saturating_sub(label.len()));
    Row::of(label, style).put(&text, palette.strong())
}

fn blocked(model: &Model) -> Option<String> {
    let binding = bindings::by_command(Command::GoOn, model)?;
    match bindings::availability(binding, model) {
        Availability::Blocked(why) => Some(why),
        _ => None,
    }
}

/// What Enter does, in words.
fn offered(model: &Model, case: &Case, under: Option<&Step>) -> String {
    match wants(model) {
        None if case.incident.steps.is_empty() => case
            .playbook
            .first()
            .map_or_else(String::new, |step| format!("begins with: {}", step.title)),
        None => match under {
            Some(step) if case.incident.steps.contains_key(&step.id) => {
                format!("takes in hand again: {}; C closes the incident", step.title)
            }
            Some(step) => format!("takes in hand: {}", step.title),
            None => "needs a step under the cursor; / changes the filter".to_owned(),
        },
        Some(Wants::Check(check)) => format!("runs {check} (reads only)"),
        Some(Wants::CheckAgain(check)) => {
            format!("waits: {check} could not run; r again, d by hand, s skip")
        }
        Some(Wants::Answer(ask)) => format!("asks: {}", ask.text),
        Some(Wants::Plan(action)) => {
            let leaks = counted(rows::leaking(&case.incident).len(), "leak");
            format!("plans {action} ({leaks}); changes nothing yet")
        }
        Some(Wants::Hand) => "records what you did by hand".to_owned(),
        Some(Wants::Nothing) => "ends this step and goes to the next".to_owned(),
    }
}
