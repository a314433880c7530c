//! The picture in the README: drawn from a real session, never by hand.
//!
//! `just picture` (that is `FIRSTHOUR_PICTURE=write`) plays [`SESSION`] in a
//! pseudo-terminal and writes `assets/drill.svg`. Without it, the test only
//! holds the file against the words it must show.

mod svg;

use crate::support::cli::clean_env;
use crate::support::pty::{self, Key, Size};
use firsthour::config::Env;
use std::path::PathBuf;
use std::time::Duration;

/// The size of the terminal in the picture.
const SIZE: Size = Size {
    columns: 100,
    rows: 30,
};

/// Long enough for a lab to start on a busy machine.
const DEADLINE: Duration = Duration::from_mins(3);

/// Silence after which a frame counts as whole; the clock ticks each second.
const QUIET: Duration = Duration::from_millis(200);

/// The drill that is played; the seed chooses the leak.
const DRILL: [&str; 3] = ["drill", "--seed", "7"];

/// One move of the session: what must stand on the screen, then the keys.
type Move = (&'static str, &'static [Key]);

/// The session up to the moment of the picture: the reach check has just
/// proven the leak, and the cursor stands on the worst cell.
const SESSION: [Move; 10] = [
    ("Enter begins with", &[Key::Enter]),
    ("Enter asks: Who noticed it?", &[Key::Enter]),
    ("1 customer", &[Key::Char('2')]),
    ("Enter ends this step", &[Key::Enter]),
    ("Enter runs database.catalogue", &[Key::Enter]),
    ("Enter runs database.policies", &[Key::Enter]),
    ("Enter ends this step", &[Key::Enter]),
    ("Enter runs database.reach", &[Key::Enter]),
    ("database.reach: 9 findings", &[Key::Char('3')]),
    // The cells are there once they are on disk; the cursor moves among them.
    ("FOREIGN", &[Key::Right, Key::Right]),
];

/// What the picture must show.
const SHOWN: [&str; 5] = [
    "DRILL",
    "T+",
    "public.invoices",
    "FOREIGN",
    "ghost on public.invoices: reads rows it must not",
];

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/drill.svg")
}

fn play() -> String {
    let home = tempfile::tempdir().unwrap();
    let mut pty = pty::spawn(&DRILL, SIZE, &clean_env(home.path()));
    for (text, keys) in SESSION {
        pty.wait_for(text, DEADLINE);
        for key in keys {
            pty.key(*key);
        }
    }
    for text in SHOWN {
        pty.wait_for(text, DEADLINE);
    }
    pty.settle(QUIET);
    svg::draw(pty.cells(), "A firsthour drill in a terminal")
}

#[test]
fn the_picture_is_of_a_real_session() {
    if Env::read().get("FIRSTHOUR_PICTURE") == Some("write") {
        let picture = play();
        std::fs::create_dir_all(file().parent().unwrap()).unwrap();
        std::fs::write(file(), picture).unwrap();
    }
    let picture = std::fs::read_to_string(file())
        .unwrap_or_else(|why| panic!("{}: {why}; run `just picture`", file().display()));
    let text = svg::text(&picture);
    for word in SHOWN {
        assert!(text.contains(word), "the picture does not show {word:?}");
    }
}
