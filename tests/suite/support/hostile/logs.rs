//! What logs tell, with a hostile text wherever one can stand.

use firsthour::app::screen::{LinesSeen, Screen};
use firsthour::domain::lines::{LogLine, LogLines};
use firsthour::domain::picture::{Bar, LogPicture};
use firsthour::domain::trail::{LogPlace, Trail};

fn place(text: &str) -> LogPlace {
    LogPlace {
        file: text.into(),
        offset: 5,
    }
}

/// A trail whose every name is the text.
pub fn trail(text: &str) -> Box<Trail> {
    Box::new(Trail {
        rule: text.into(),
        principal_kind: text.into(),
        tenants: 1,
        objects: 2,
        exact: true,
        rows: 3,
        bytes: 4,
        first: None,
        last: None,
        release: None,
        read_to: None,
        places: vec![place(text), place(text)],
    })
}

/// A picture of somebody with such a name.
pub fn picture(text: &str) -> LogPicture {
    LogPicture {
        top: vec![Bar {
            kind: "user",
            name: text.into(),
            rows: 9,
            objects: 2,
            requests: 3,
        }],
        ..LogPicture::default()
    }
}

/// Its line, as if nothing had made it printable.
pub fn lines(text: &str) -> Screen {
    let line = |here| LogLine {
        offset: 5,
        text: text.into(),
        here,
    };
    let lines = LogLines {
        place: place(text),
        lines: vec![line(false), line(true), line(false)],
        notes: vec![text.into()],
    };
    Screen::Lines {
        key: text.into(),
        at: 0,
        scroll: 0,
        place: place(text),
        seen: LinesSeen::Read(Box::new(lines)),
    }
}
