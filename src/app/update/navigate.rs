//! Moving about: cursors, screens and the way back. Nothing here is recorded.

use crate::app::command::Command;
use crate::app::effect::Effect;
use crate::app::model::{JobKind, Model};
use crate::app::rows::{self, HomeItem};
use crate::app::screen::{ListView, MatrixView, Screen};

/// How many screens *back* remembers.
const TRAIL: usize = 20;

/// Lines one key press scrolls the detail by.
const DETAIL_LINES: usize = 3;

/// Rows a page key moves by, besides what the screen height says.
const PAGE_FLOOR: usize = 5;

/// Carries out a command that only moves.
pub fn go(model: &mut Model, command: Command) -> Vec<Effect> {
    let page = usize::from(model.size.1).saturating_sub(8).max(PAGE_FLOOR);
    match command {
        Command::Up => step(model, false, 1),
        Command::Down => step(model, true, 1),
        Command::PageUp => step(model, false, page),
        Command::PageDown => step(model, true, page),
        Command::Top => step(model, false, usize::MAX),
        Command::Bottom => step(model, true, usize::MAX),
        Command::DetailUp | Command::DetailDown => {
            detail(model, command == Command::DetailDown);
        }
        Command::Left | Command::Right => sideways(model, command == Command::Right),
        Command::Copy => return copy(model),
        Command::Open => return open(model),
        Command::Back => back(model),
        Command::GoHome => {
            show(model, Screen::Home(ListView::default()));
            return vec![Effect::ListHome];
        }
        Command::GoMap => show(model, Screen::Map(in_hand_view(model))),
        Command::GoFindings => show(model, Screen::Findings(ListView::default())),
        Command::GoMatrix => show(model, Screen::Matrix(MatrixView::default())),
        Command::GoCauses => show(model, Screen::Causes(ListView::default())),
        Command::GoTimeline => show(model, Screen::Timeline(ListView::default())),
        Command::GoPlans => show(model, Screen::Plans(ListView::default())),
        Command::GoReads => show(model, Screen::Reads(ListView::default())),
        Command::GoLogs => show(model, Screen::Logs(ListView::default())),
        Command::GoJobs => show(model, Screen::Jobs(ListView::default())),
        Command::Help => show(model, Screen::Help { scroll: 0 }),
        _ => {}
    }
    Vec::new()
}

/// The map with the cursor on the step in hand.
pub fn in_hand_view(model: &Model) -> ListView {
    let cursor = model
        .case
        .as_ref()
        .and_then(|case| {
            let id = case.incident.in_hand.as_deref()?;
            case.playbook.steps().position(|(_, step)| step.id == id)
        })
        .unwrap_or(0);
    ListView {
        cursor,
        ..ListView::default()
    }
}

/// Shows a screen and remembers the one before, unless it is the same kind.
pub fn show(model: &mut Model, screen: Screen) {
    if model.screen.kind() != screen.kind() {
        let before = std::mem::replace(&mut model.screen, screen);
        model.trail.push(before);
        if model.trail.len() > TRAIL {
            model.trail.remove(0);
        }
    } else if !matches!(screen, Screen::Help { .. }) {
        model.screen = screen;
    }
}

fn back(model: &mut Model) {
    if let Some(screen) = model.trail.pop() {
        model.screen = screen;
        clamp(model);
    }
}

fn step(model: &mut Model, down: bool, by: usize) {
    let last = rows::len(model).saturating_sub(1);
    let moved = |at: usize, last: usize| {
        if down {
            at.saturating_add(by).min(last)
        } else {
            at.saturating_sub(by)
        }
    };
    match &mut model.screen {
        Screen::Finding { scroll, .. }
        | Screen::Cell { scroll, .. }
        | Screen::Lines { scroll, .. }
        | Screen::Read { scroll, .. }
        | Screen::Plan { scroll, .. }
        | Screen::Help { scroll } => {
            // The drawing clips the scroll to what is there; the bound only
            // keeps it from running away.
            *scroll = moved(*scroll, 10_000);
        }
        screen => {
            if let Some(list) = screen.list_mut() {
                list.cursor = moved(list.cursor, last);
                list.detail = 0;
            }
        }
    }
}

fn sideways(model: &mut Model, right: bool) {
    let last = model
        .incident()
        .map_or(0, |incident| incident.principals.len().saturating_sub(1));
    let moved = |column: usize| {
        if right {
            (column + 1).min(last)
        } else {
            column.saturating_sub(1)
        }
    };
    match &mut model.screen {
        Screen::Matrix(view) => {
            view.list.detail = 0;
            view.column = moved(view.column);
        }
        Screen::Cell { column, scroll, .. } => {
            *scroll = 0;
            *column = moved(*column);
        }
        _ => {}
    }
}

/// Hands the statements behind a cell over.
fn copy(model: &mut Model) -> Vec<Effect> {
    let script = model
        .incident()
        .and_then(|incident| rows::script(incident, &model.screen));
    let Some(script) = script else {
        return Vec::new();
    };
    let lines = script.lines().count();
    let otherwise = match model.screen {
        Screen::Matrix(_) => "if it has none, Enter shows them",
        _ => "if it has none, select them here",
    };
    model.tell(format!(
        "{lines} lines went to the terminal's clipboard; {otherwise}"
    ));
    vec![Effect::Copy(script)]
}

/// Scrolls the detail beside a list by a few lines, so that one line of what
/// was read stays in view.
fn detail(model: &mut Model, down: bool) {
    if let Some(list) = model.screen.list_mut() {
        list.detail = if down {
            // The drawing clips it to what is there.
            (list.detail + DETAIL_LINES).min(10_000)
        } else {
            list.detail.saturating_sub(DETAIL_LINES)
        };
    }
}

/// Keeps the cursor on a row that exists.
pub fn clamp(model: &mut Model) {
    let last = rows::len(model).saturating_sub(1);
    if let Some(list) = model.screen.list_mut() {
        list.cursor = list.cursor.min(last);
    }
}

/// Puts the cursor on the n-th row and opens it.
pub fn pick(model: &mut Model, row: usize) -> Vec<Effect> {
    let count = rows::len(model);
    if row >= count {
        model.tell(format!("there are {count} rows here"));
        return Vec::new();
    }
    if let Some(list) = model.screen.list_mut() {
        list.cursor = row;
    }
    open(model)
}

fn open(model: &mut Model) -> Vec<Effect> {
    let cursor = model.screen.list().map_or(0, |list| list.cursor);
    let filter = rows::filter_of(model).to_owned();
    let next =
        match (&model.screen, model.incident()) {
            (Screen::Home(_), _) => return open_home(model, cursor),
            (Screen::Findings(_), Some(incident)) => rows::findings(incident, &filter)
                .get(cursor)
                .map(|raised| Screen::Finding {
                    key: raised.finding.key(),
                    scroll: 0,
                }),
            (Screen::Logs(_), Some(incident)) => {
                rows::trails(incident, &filter)
                    .get(cursor)
                    .map(|raised| Screen::Finding {
                        key: raised.finding.key(),
                        scroll: 0,
                    })
            }
            (Screen::Matrix(view), Some(incident)) => rows::relations(incident, &filter)
                .get(cursor)
                .map(|relation| Screen::Cell {
                    relation: (*relation).to_owned(),
                    column: view.column,
                    scroll: 0,
                }),
            (Screen::Reads(_), Some(incident)) => {
                rows::blast(incident, &filter)
                    .get(cursor)
                    .map(|row| Screen::Read {
                        relation: row.relation.to_owned(),
                        role: row.role.to_owned(),
                        scroll: 0,
                    })
            }
            (Screen::Plans(_), Some(incident)) => {
                rows::plans(incident, &filter)
                    .get(cursor)
                    .map(|record| Screen::Plan {
                        digest: record.digest.clone(),
                        scroll: 0,
                    })
            }
            _ => None,
        };
    if let Some(screen) = next {
        show(model, screen);
    }
    Vec::new()
}

fn open_home(model: &mut Model, cursor: usize) -> Vec<Effect> {
    let Some(item) = rows::home(model).get(cursor).copied() else {
        return Vec::new();
    };
    if !model.jobs.is_empty() {
        model.tell("work is under way; see jobs");
        return Vec::new();
    }
    match item {
        HomeItem::Drill => {
            let job = model.start_job(JobKind::Open);
            vec![Effect::OpenDrill { job }]
        }
        HomeItem::Live => {
            let job = model.start_job(JobKind::Open);
            vec![Effect::OpenLive { job }]
        }
        HomeItem::Doctor => {
            let job = model.start_job(JobKind::Doctor);
            vec![Effect::Doctor { job }]
        }
        HomeItem::Incident(at) => {
            let Some(id) = model.home.get(at).map(|row| row.id.clone()) else {
                return Vec::new();
            };
            let job = model.start_job(JobKind::Open);
            vec![Effect::OpenIncident { job, id }]
        }
    }
}
