//! The lines at a place of a log: the one a finding points at in full, a few
//! around it shortened, and what to know before they are believed.

use super::sheet::{Sheet, columns};
use super::style::Palette;
use super::text::{Row, clip, wrap};
use super::words::{count, thousands};
use crate::app::model::Model;
use crate::app::rows;
use crate::app::screen::{LinesSeen, Screen};
use crate::domain::failure::Failure;
use crate::domain::lines::LogLines;
use crate::domain::trail::LogPlace;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns of the mark before a line.
const MARK: usize = 2;

/// Rows of a line behind the place; the records of some logs go over several.
const MORE: usize = 3;

/// Draws the screen.
pub fn draw(model: &Model, screen: &Screen, sheet: &mut Sheet<'_>, area: Rect) {
    let Screen::Lines {
        key,
        at,
        scroll,
        place,
        seen,
    } = screen
    else {
        return;
    };
    let (palette, wide) = (sheet.palette, columns(area));
    let raised = rows::raised(model, key);
    let places = raised.and_then(|raised| raised.finding.trail.as_ref());
    let places = places.map_or(1, |trail| trail.places.len());
    let mut page = vec![head(place, *at, places, palette, wide)];
    if let Some(raised) = raised {
        let title = clip(&raised.finding.title, wide);
        page.push(Row::of(&title, palette.dim()));
    }
    page.push(Row::new());
    match seen {
        LinesSeen::Asked => {
            let text = "Reading the lines; what is packed is unpacked up to there.";
            page.extend(words(text, wide, palette.plain()));
        }
        LinesSeen::Failed(failure) => page.extend(failed(failure, place, palette, wide)),
        LinesSeen::Read(lines) => page.extend(shown(lines, palette, wide)),
    }
    sheet.page(area, page, *scroll, "Down");
}

/// Which place it is; the end of a long name says more than its beginning.
fn head(place: &LogPlace, at: usize, places: usize, palette: Palette, wide: usize) -> Row {
    let head = format!("place {} of {}", count(at + 1), count(places));
    let byte = format!(", byte {} of ", thousands(place.offset));
    let room = wide.saturating_sub(head.len() + byte.len());
    let letters: Vec<char> = place.file.chars().collect();
    let name = if letters.len() > room {
        let from = letters.len() - room.saturating_sub(1);
        format!("…{}", letters[from..].iter().collect::<String>())
    } else {
        place.file.clone()
    };
    Row::of(&head, palette.strong())
        .put(&byte, palette.dim())
        .put(&clip(&name, room), palette.plain())
}

fn words(text: &str, wide: usize, style: Style) -> Vec<Row> {
    let lines = wrap(text, wide);
    lines.iter().map(|line| Row::of(line, style)).collect()
}

fn failed(failure: &Failure, place: &LogPlace, palette: Palette, wide: usize) -> Vec<Row> {
    let mut rows = words(&failure.what, wide, palette.warn());
    rows.extend(words(
        &format!("why   {}", failure.why),
        wide,
        palette.plain(),
    ));
    rows.extend(words(
        &format!("next  {}", failure.hint),
        wide,
        palette.plain(),
    ));
    rows.push(Row::new());
    let by_hand = format!(
        "The same by hand, where the logs lie: firsthour check logs --lines '{}:{}'",
        place.file, place.offset
    );
    rows.extend(words(&by_hand, wide, palette.dim()));
    rows
}

fn shown(lines: &LogLines, palette: Palette, wide: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for note in &lines.notes {
        rows.extend(words(note, wide, palette.warn()));
    }
    let room = wide.saturating_sub(MARK);
    let mut behind = false;
    for line in &lines.lines {
        let parts = wrap(&line.text, room);
        let (most, style) = if line.here {
            (parts.len(), palette.strong())
        } else {
            (if behind { MORE } else { 1 }, palette.dim())
        };
        behind |= line.here;
        let cut = parts.len() > most;
        for (nth, part) in parts.iter().take(most).enumerate() {
            let mark = if line.here && nth == 0 { "> " } else { "  " };
            let part = if cut && nth + 1 == most {
                clip(&format!("{part}…"), room)
            } else {
                part.clone()
            };
            rows.push(Row::of(mark, palette.plain()).put(&part, style));
        }
    }
    rows.push(Row::new());
    let text = "Read from the file just now, what looks private covered; not recorded.";
    rows.extend(words(text, wide, palette.dim()));
    rows
}
