//! The lines at a place of a log, as lines.

use super::line::safe;
use crate::app::model::Model;
use crate::app::rows;
use crate::app::screen::{LinesSeen, Screen};
use crate::domain::number::thousands;

/// Which place it is, and what stands there.
pub fn lines(model: &Model, screen: &Screen) -> Vec<String> {
    let Screen::Lines {
        key,
        at,
        place,
        seen,
        ..
    } = screen
    else {
        return Vec::new();
    };
    let raised = rows::raised(model, key);
    let places = raised.and_then(|raised| raised.finding.trail.as_ref());
    let places = places.map_or(1, |trail| trail.places.len());
    let byte = thousands(place.offset);
    let mut told = vec![safe(&format!(
        "Place {} of {places}: byte {byte} of {}.",
        at + 1,
        place.file
    ))];
    match seen {
        LinesSeen::Asked => told.push("The lines are being read.".to_owned()),
        LinesSeen::Failed(failure) => {
            told.extend(failure.lines().iter().map(|line| safe(line)));
            told.push(safe(&format!(
                "The same by hand, where the logs lie: firsthour check logs --lines '{}:{}'",
                place.file, place.offset
            )));
        }
        LinesSeen::Read(lines) => {
            told.extend(
                lines
                    .notes
                    .iter()
                    .map(|note| format!("Note: {}", safe(note))),
            );
            told.extend(lines.lines.iter().map(|line| {
                let mark = if line.here { ">" } else { " " };
                format!("{mark} {}", safe(&line.text))
            }));
            told.push(
                "What looks secret or personal is covered; nothing of it is recorded.".into(),
            );
        }
    }
    told
}
