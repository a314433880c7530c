//! The lines a finding of the logs points at: asked for, shown, gone with
//! their screen. Nothing of them is recorded.

use super::navigate::show;
use crate::app::effect::Effect;
use crate::app::model::{JobKind, Model};
use crate::app::rows;
use crate::app::screen::{LinesSeen, Screen};
use crate::domain::trail::LogPlace;

/// Opens the first place of the finding at hand; where one is open, the next.
pub fn open(model: &mut Model) -> Vec<Effect> {
    match model.screen {
        Screen::Lines { .. } => turn(model, true),
        _ => match rows::placed(model).map(|raised| raised.finding.key()) {
            Some(key) => ask(model, key, 0),
            None => Vec::new(),
        },
    }
}

/// Turns to the next or the last place of the same finding, and round.
pub fn turn(model: &mut Model, on: bool) -> Vec<Effect> {
    let Screen::Lines { key, at, .. } = &model.screen else {
        return Vec::new();
    };
    let (key, at) = (key.clone(), *at);
    let count = rows::placed(model)
        .and_then(|raised| raised.finding.trail.as_ref())
        .map_or(0, |trail| trail.places.len());
    if count < 2 {
        return Vec::new();
    }
    let step = if on { 1 } else { count - 1 };
    ask(model, key, (at + step) % count)
}

fn ask(model: &mut Model, key: String, at: usize) -> Vec<Effect> {
    let found = rows::raised(model, &key).and_then(|raised| {
        let trail = raised.finding.trail.as_ref()?;
        Some((trail.places.get(at)?.clone(), raised.at))
    });
    let Some((place, since)) = found else {
        return Vec::new();
    };
    let job = model.start_job(JobKind::Lines(place.clone()));
    let screen = Screen::Lines {
        key,
        at,
        scroll: 0,
        place: place.clone(),
        seen: LinesSeen::Asked,
    };
    show(model, screen);
    vec![Effect::ReadLines { job, place, since }]
}

/// The answer goes to the screen that asked, wherever it is by now.
pub fn seen(model: &mut Model, place: &LogPlace, answer: &LinesSeen) {
    let screens = std::iter::once(&mut model.screen).chain(&mut model.trail);
    for screen in screens {
        if let Screen::Lines {
            place: asked, seen, ..
        } = screen
            && asked == place
            && *seen == LinesSeen::Asked
        {
            seen.clone_from(answer);
        }
    }
}
