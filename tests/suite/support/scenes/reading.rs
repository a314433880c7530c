//! Who could read and who did: not looked at, looked at, and narrowed.

use super::{list, on};
use crate::support::records::{found, read};
use firsthour::app::model::Model;
use firsthour::app::screen::{ListView, Screen};

/// The scenes with their names.
pub fn all() -> Vec<(&'static str, Model)> {
    let filtered = ListView {
        filter: "could".into(),
        ..ListView::default()
    };
    vec![
        ("reads_not_looked", on(&found(), Screen::Reads(list(0)))),
        ("reads", on(&read(), Screen::Reads(list(0)))),
        ("reads_filtered", on(&read(), Screen::Reads(filtered))),
    ]
}
