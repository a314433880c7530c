//! The statistics are watched while the screen of reads, or the page of one of
//! its lines, is shown: begun on
//! disk, looked at as time passes, ended with the screen.
//!
//! Called after every message. Nothing is recorded for a look that saw nothing
//! new.

use super::append::append_here;
use crate::app::bindings::{Availability, can_record};
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::model::Model;
use crate::app::screen::Screen;
use crate::app::watch::{EVERY, Watch};
use crate::domain::entry::Draft;
use crate::domain::fact::Fact;
use crate::domain::stance::Stance;
use crate::domain::watch::WatchStarted;

/// Begins, goes on with or ends the watch, as the screen asks for.
pub fn follow(model: &mut Model) -> Vec<Effect> {
    let shown = matches!(model.screen, Screen::Reads(_) | Screen::Read { .. }) && !model.quitting;
    let open = model.incident().is_some_and(|i| i.closed.is_none());
    let wanted = shown && open && model.stance != Stance::ReadOnly;
    let may = can_record(model) == Availability::Ready;
    match &mut model.watch {
        Some(_) if !wanted => end(model),
        None if wanted && may => begin(model),
        Some(watch) if watch.due(model.now) => {
            watch.ask(model.now);
            vec![Effect::Look { watch: watch.id }]
        }
        _ => Vec::new(),
    }
}

fn begin(model: &mut Model) -> Vec<Effect> {
    let Some(case) = &model.case else {
        return Vec::new();
    };
    let started = WatchStarted {
        target: case.target.clone(),
        reads: format!(
            "the server's statistics and what runs now, {EVERY} s after each answer, \
             while the screen of reads is shown"
        ),
    };
    let id = model.next_job;
    model.next_job += 1;
    model.watch = Some(Watch::new(id, model.now));
    append_here(model, vec![Draft::new(Fact::WatchStarted(started))])
}

/// Its first line is on disk: now it may look.
pub const fn begun(model: &mut Model) {
    if let Some(watch) = &mut model.watch {
        watch.begun = true;
    }
}

fn end(model: &mut Model) -> Vec<Effect> {
    let Some(watch) = model.watch.take() else {
        return Vec::new();
    };
    let mut effects = vec![Effect::EndWatch];
    let ended = Draft::new(Fact::WatchEnded(watch.ended(model.now)));
    effects.extend(append_here(model, vec![ended]));
    effects
}

/// A person asks for a look now.
pub fn hurry(model: &mut Model) -> Vec<Effect> {
    let now = model.now;
    if let Some(watch) = &mut model.watch {
        watch.hurry(now);
    }
    Vec::new()
}

/// A look was answered. What an earlier watch asked for is nobody's any more.
pub fn looked(model: &mut Model, message: Message) -> Vec<Effect> {
    let Message::Looked { watch: id, seen } = message else {
        return Vec::new();
    };
    let now = model.now;
    let Some(watch) = model.watch.as_mut().filter(|watch| watch.id == id) else {
        return Vec::new();
    };
    watch.answered(now, seen.map(|glance| *glance));
    match watch.tally_mut().news() {
        Some(news) => append_here(model, vec![Draft::new(Fact::WatchSeen(news))]),
        None => Vec::new(),
    }
}
