//! The one transition of the program.
//!
//! `update` must not do I/O, ask the time, spawn or send itself a message. It
//! changes view state at once; what is durable changes only in `record`, when
//! entries come back from the disk.

mod aim;
mod append;
mod ask;
mod jobs;
mod lines;
mod navigate;
mod plans;
mod prompt;
mod record;
mod rehearse;
mod steps;
mod watch;

pub use steps::{Wants, wants};

use super::bindings::{self, Availability};
use super::command::Command;
use super::effect::Effect;
use super::key::Key;
use super::message::Message;
use super::model::{Case, JobId, JobKind, Model};
use super::palette;
use super::screen::{Overlay, Screen};
use crate::domain::stance::Stance;
use chrono::{DateTime, Utc};

/// Takes one message in and says what shall be done about it.
pub fn update(model: &mut Model, now: DateTime<Utc>, message: Message) -> Vec<Effect> {
    model.now = now;
    let mut effects = taken(model, message);
    let watching = watch::follow(model);
    // Whoever leaves does so with the last line on its way to the disk.
    let at = if model.quitting { 0 } else { effects.len() };
    effects.splice(at..at, watching);
    effects
}

fn taken(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => on_key(model, key),
        Message::Text(text) => ask::typed_line(model, &text),
        Message::Pasted(text) => ask::pasted(model, &text),
        Message::Do(command) => on_command(model, command),
        Message::Pick(row) => navigate::pick(model, row),
        Message::Tick => Vec::new(),
        Message::Resized(columns, lines) => {
            model.size = (columns, lines);
            Vec::new()
        }
        Message::Recorded(entries) => record::recorded(model, &entries),
        Message::Kept(entries) => record::folded(model, &entries),
        Message::NotRecorded { failure, lines } => record::not_recorded(model, failure, lines),
        Message::HomeListed(rows) => {
            model.home = rows;
            navigate::clamp(model);
            Vec::new()
        }
        Message::Opened { job, stance, case } => opened(model, job, stance, *case),
        other => jobs::answered(model, other),
    }
}

fn on_key(model: &mut Model, key: Key) -> Vec<Effect> {
    if key == Key::Ctrl('c') {
        return on_command(model, Command::Quit);
    }
    match &model.overlay {
        Some(Overlay::Prompt(_)) => return ask::key(model, key),
        Some(Overlay::Palette { .. }) => return palette_key(model, key),
        None => {}
    }
    match bindings::by_key(key, model) {
        Some(row) => on_command(model, row.command),
        None => Vec::new(),
    }
}

/// Carries a command out, or says why it can't be.
fn on_command(model: &mut Model, command: Command) -> Vec<Effect> {
    let Some(row) = bindings::by_command(command, model) else {
        return Vec::new();
    };
    match bindings::availability(row, model) {
        Availability::Ready => {}
        Availability::Blocked(why) => {
            model.tell(format!("{} is not available: {why}", row.name));
            return Vec::new();
        }
        Availability::Hidden => {
            model.tell(format!("{} does not apply here", row.name));
            return Vec::new();
        }
    }
    model.notice = None;
    run(model, command)
}

fn run(model: &mut Model, command: Command) -> Vec<Effect> {
    match command {
        Command::GoOn => steps::go_on(model),
        Command::TakeStep => steps::take(model),
        Command::Answer => steps::answer(model),
        Command::RunCheck => steps::run_check(model),
        Command::AllowHelpers => ask::allow_helpers(model),
        Command::DoneByHand => steps::by_hand(model),
        Command::Skip => steps::skip(model),
        Command::Note | Command::Observe | Command::Close | Command::Export => {
            ask::open(model, command)
        }
        Command::Correct => ask::correct(model),
        Command::JudgeCause => ask::judge(model),
        Command::Filter => ask::filter(model),
        Command::OpenLines => lines::open(model),
        Command::Left | Command::Right if matches!(model.screen, Screen::Lines { .. }) => {
            lines::turn(model, command == Command::Right)
        }
        Command::LookNow => watch::hurry(model),
        Command::NoteHead => record::note_head(model),
        Command::PlanAction => aim::plan(model),
        Command::Rehearse => rehearse::start(model),
        Command::Approve => plans::approve(model),
        Command::Refuse => plans::refuse(model),
        Command::Prove => plans::prove(model),
        Command::Undo => plans::undo(model),
        Command::StartDrill => start(model, |job| Effect::OpenDrill { job }),
        Command::StartLive => start(model, |job| Effect::OpenLive { job }),
        Command::Doctor => {
            let job = model.start_job(JobKind::Doctor);
            vec![Effect::Doctor { job }]
        }
        Command::Palette => {
            model.overlay = Some(Overlay::Palette {
                query: String::new(),
                cursor: 0,
            });
            Vec::new()
        }
        Command::Redraw => vec![Effect::Redraw],
        Command::Suspend => vec![Effect::Suspend],
        Command::Quit => {
            model.quitting = true;
            vec![Effect::Quit]
        }
        _ => navigate::go(model, command),
    }
}

fn start(model: &mut Model, effect: fn(JobId) -> Effect) -> Vec<Effect> {
    let job = model.start_job(JobKind::Open);
    vec![effect(job)]
}

/// An incident is open: show the playbook and probe what stands.
fn opened(model: &mut Model, job: JobId, stance: Stance, case: Case) -> Vec<Effect> {
    model.end_job(job, None);
    model.stance = stance;
    model.case = Some(case);
    model.trail.clear();
    model.overlay = None;
    // What was seen of one incident's logs tells nothing of another's.
    model.logs = None;
    model.screen = Screen::Map(navigate::in_hand_view(model));
    if stance == Stance::ReadOnly {
        return Vec::new();
    }
    plans::probe_ledger(model)
}

fn palette_key(model: &mut Model, key: Key) -> Vec<Effect> {
    let Some(Overlay::Palette { query, cursor }) = model.overlay.clone() else {
        return Vec::new();
    };
    let found = palette::candidates(model, &query);
    let (mut query, mut cursor) = (query, cursor);
    match key {
        Key::Esc => {
            model.overlay = None;
            return Vec::new();
        }
        Key::Enter => {
            model.overlay = None;
            return match found.get(cursor) {
                Some(candidate) => on_command(model, candidate.binding.command),
                None => Vec::new(),
            };
        }
        Key::Up => cursor = cursor.saturating_sub(1),
        Key::Down | Key::Tab => cursor = (cursor + 1).min(found.len().saturating_sub(1)),
        Key::Backspace => {
            query.pop();
            cursor = 0;
        }
        Key::Char(c) => {
            query.push(c);
            cursor = 0;
        }
        _ => {}
    }
    model.overlay = Some(Overlay::Palette { query, cursor });
    Vec::new()
}
