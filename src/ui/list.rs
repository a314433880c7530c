//! The line above a list: where the cursor stands, and what is hidden.

use super::style::Palette;
use super::text::{Row, clip};
use super::words::count;
use crate::app::screen::ListView;

/// Where the cursor stands, and the filter if there is one.
pub fn position(list: &ListView, shown: usize, all: usize, palette: Palette) -> Row {
    let at = count(list.cursor.min(shown.saturating_sub(1)) + 1);
    let row = Row::of(&format!("row {at} of {}", count(shown)), palette.dim());
    if list.filter.is_empty() {
        return row;
    }
    row.put(", filter ", palette.dim())
        .put(&clip(&list.filter, 30), palette.strong())
        .put(
            &format!(" hides {}", count(all.saturating_sub(shown))),
            palette.dim(),
        )
}
