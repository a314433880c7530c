//! The screens, drawn with ratatui from the model alone: the same model
//! gives the same cells, and nothing here changes it.
//!
//! To add a screen: a file here with one function over a [`sheet::Sheet`],
//! and its arm in [`draw`]. All text passes through [`text`].

mod blast;
mod causes;
mod cell;
mod finding;
mod findings;
mod footer;
mod header;
mod help;
mod home;
mod jobs;
mod lines;
mod list;
mod logs;
mod map;
mod matrix;
mod overlay;
mod page;
mod plan;
mod plans;
mod read;
mod reads;
pub mod sheet;
mod step;
pub mod style;
pub mod text;
mod timeline;
mod verdict;
mod watch;
pub mod words;

use crate::app::model::{Case, Model};
use crate::app::screen::Screen;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use sheet::{Sheet, columns, height};
use style::Palette;
use text::Row;

/// The smallest terminal that shows more than a hint.
const SMALLEST: (u16, u16) = (40, 10);

/// The height from which blank lines set the parts apart.
const ROOMY: usize = 22;

/// Draws the whole screen.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let mut sheet = Sheet::new(frame.buffer_mut(), palette(model));
    if let Some(cursor) = drawn(model, &mut sheet, area) {
        frame.set_cursor_position(cursor);
    }
}

/// The furthest scroll of the present page that shows anything new, at the
/// size the model knows. The runtime holds the model to it after a key, with
/// [`Screen::clip_scroll`], so that the way back up begins at once.
pub fn reach(model: &Model) -> usize {
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    let mut buffer = Buffer::empty(area);
    let mut sheet = Sheet::new(&mut buffer, palette(model));
    drawn(model, &mut sheet, area);
    sheet.reach
}

const fn palette(model: &Model) -> Palette {
    Palette {
        colour: model.colour,
    }
}

/// Draws all parts; says where the text cursor stands, if there is one.
fn drawn(model: &Model, sheet: &mut Sheet<'_>, area: Rect) -> Option<Position> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let hint = format!("firsthour needs {} x {}", SMALLEST.0, SMALLEST.1);
        sheet.row(area, 0, Row::of(&hint, sheet.palette.strong()));
        return None;
    }
    let notice = footer::notice(model, sheet.palette, columns(area));
    let roomy = height(area) >= ROOMY;
    let (head, rest) = sheet::top(area, header::LINES + usize::from(roomy));
    let (body, foot) = sheet::bottom(rest, notice.len() + 1);
    let (said, keys) = sheet::bottom(foot, 1);
    header::draw(model, sheet, head);
    body_of(model, sheet, inset(body));
    sheet.rows(said, notice);
    footer::keys(model, sheet, keys);
    let overlay = model.overlay.as_ref()?;
    Some(overlay::draw(model, overlay, sheet, body))
}

fn body_of(model: &Model, sheet: &mut Sheet<'_>, area: Rect) {
    match (&model.screen, &model.case) {
        (Screen::Home(list), _) => home::draw(model, list, sheet, area),
        (Screen::Jobs(list), _) => jobs::draw(model, list, sheet, area),
        (Screen::Help { scroll }, _) => help::draw(*scroll, sheet, area),
        (screen, Some(case)) => body_of_case(model, screen, case, sheet, area),
        (_, None) => {
            let text = "No incident is open. 0 leads home.";
            sheet.row(area, 0, Row::of(text, sheet.palette.plain()));
        }
    }
}

fn body_of_case(model: &Model, screen: &Screen, case: &Case, sheet: &mut Sheet<'_>, area: Rect) {
    let incident = &case.incident;
    match screen {
        Screen::Map(list) => map::draw(model, case, list, sheet, area),
        Screen::Findings(list) => findings::draw(incident, list, sheet, area),
        Screen::Finding { key, scroll } => finding::draw(incident, key, *scroll, sheet, area),
        Screen::Matrix(view) => matrix::draw(incident, view, sheet, area),
        Screen::Cell {
            relation,
            column,
            scroll,
        } => cell::draw(incident, relation, *column, *scroll, sheet, area),
        Screen::Causes(list) => causes::draw(incident, list, sheet, area),
        Screen::Reads(list) => reads::draw(model, incident, list, sheet, area),
        Screen::Lines { .. } => lines::draw(model, screen, sheet, area),
        Screen::Logs(list) => logs::draw(model, incident, list, sheet, area),
        Screen::Read {
            relation,
            role,
            scroll,
        } => read::draw(model, incident, (relation, role), *scroll, sheet, area),
        Screen::Timeline(list) => timeline::draw(incident, list, sheet, area),
        Screen::Plans(list) => plans::draw(incident, list, sheet, area),
        Screen::Plan { digest, scroll } => {
            plan::draw(model, incident, digest, *scroll, sheet, area);
        }
        Screen::Home(_) | Screen::Jobs(_) | Screen::Help { .. } => {}
    }
}

/// A blank column on either side.
const fn inset(area: Rect) -> Rect {
    Rect {
        x: area.x + 1,
        width: area.width.saturating_sub(2),
        ..area
    }
}
