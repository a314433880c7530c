//! Every screen and state at two sizes, with its looks; and no size at which
//! a screen can't be drawn.

use crate::support::scenes;
use crate::support::screen::{drawn, snapshot, words};
use firsthour::app::key::Key;
use firsthour::app::message::Message;
use firsthour::app::model::Model;
use firsthour::app::update;
use ratatui::style::{Color, Modifier};

#[test]
fn every_scene_is_drawn_as_it_was_reviewed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, model) in scenes::all() {
            for (columns, lines) in [(80, 24), (140, 45)] {
                let shown = snapshot(&model, columns, lines);
                insta::assert_snapshot!(format!("{name}@{columns}x{lines}"), shown);
            }
        }
    });
}

#[test]
fn a_narrow_terminal_still_shows_what_matters() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, model) in scenes::all() {
            if [
                "map_mid",
                "matrix",
                "plan_shown",
                "journal_blocked",
                "findings",
            ]
            .contains(&name)
            {
                insta::assert_snapshot!(format!("{name}@60x20"), snapshot(&model, 60, 20));
            }
        }
    });
}

/// Every width and every height from 1 to the largest is met, each against a
/// few of the other.
#[test]
fn every_size_is_drawn_without_a_panic() {
    for (at, (_, model)) in (0_u16..).zip(scenes::all()) {
        let wide = (1..=200)
            .filter(|c| c % 8 == at % 8 || *c < 8)
            .map(|c| (c, 24));
        let high = (1..=60).filter(|l| l % 4 == at % 4).map(|l| (80, l));
        let edges = [
            (1, 1),
            (39, 60),
            (40, 9),
            (40, 10),
            (41, 11),
            (60, 20),
            (200, 10),
        ];
        for (columns, lines) in wide.chain(high).chain(edges) {
            drawn(&model, columns, lines);
        }
    }
}

/// The last page is reached, and the first key press on the way back up
/// already moves it.
#[test]
fn a_page_scrolls_back_at_once() {
    for (name, mut model) in scenes::all() {
        if !["help", "plan_shown"].contains(&name) {
            continue;
        }
        let key = |model: &mut Model, key| {
            let now = model.now;
            update(model, now, Message::Key(key));
            let reach = firsthour::ui::reach(model);
            model.screen.clip_scroll(reach);
        };
        key(&mut model, Key::End);
        let end = words(&drawn(&model, 80, 24));
        assert!(end.iter().any(|line| line.trim() == "the end"), "{name}");
        key(&mut model, Key::Up);
        assert_ne!(words(&drawn(&model, 80, 24)), end, "{name}");
    }
}

#[test]
fn a_tiny_terminal_gets_a_hint() {
    for (_, model) in scenes::all() {
        let lines = words(&drawn(&model, 30, 5));
        assert_eq!(lines[0].trim_end(), "firsthour needs 40 x 10");
    }
}

#[test]
fn the_same_model_gives_the_same_cells() {
    for (_, model) in scenes::all() {
        assert_eq!(drawn(&model, 80, 24), drawn(&model, 80, 24));
    }
}

#[test]
fn only_the_terminals_own_colours_are_used_and_none_without_colour() {
    let named = [
        Color::Reset,
        Color::Green,
        Color::Magenta,
        Color::Red,
        Color::Cyan,
    ];
    for (name, mut model) in scenes::all() {
        for cell in &drawn(&model, 80, 24).content {
            assert!(
                named.contains(&cell.fg) && cell.bg == Color::Reset,
                "{name}"
            );
        }
        let coloured = words(&drawn(&model, 80, 24));
        model.colour = false;
        let plain = drawn(&model, 80, 24);
        assert!(
            plain.content.iter().all(|cell| cell.fg == Color::Reset),
            "{name}"
        );
        assert_eq!(words(&plain), coloured, "{name} says less without colour");
    }
}

#[test]
fn the_row_under_the_cursor_has_a_mark_besides_its_looks() {
    for (name, model) in scenes::all() {
        if model.overlay.is_some() || firsthour::app::rows::len(&model) == 0 {
            continue;
        }
        let buffer = drawn(&model, 80, 24);
        let body = 3..22;
        let marked = words(&buffer)[body]
            .iter()
            .any(|line| line.starts_with(" > ") || line.starts_with(" >"));
        assert!(marked, "{name}");
        let reversed = buffer.content[80 * 3..]
            .iter()
            .any(|cell| cell.modifier.contains(Modifier::REVERSED));
        assert!(reversed, "{name}");
    }
}
