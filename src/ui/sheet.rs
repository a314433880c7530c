//! A part of the terminal to write lines on: lists with a cursor, pages that
//! scroll, and nothing outside the area asked for.

use super::style::Palette;
use super::text::Row;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::ops::Range;

/// Columns before a list row: the cursor mark and a blank.
pub const MARK: usize = 2;

/// The fewest and the most lines of the detail below a list.
const DETAIL: (usize, usize) = (5, 12);

/// What the screens draw on.
#[derive(Debug)]
pub struct Sheet<'a> {
    buffer: &'a mut Buffer,
    pub palette: Palette,
    /// The furthest scroll of the page written last that shows anything new.
    pub reach: usize,
}

/// Columns of an area.
pub fn columns(area: Rect) -> usize {
    usize::from(area.width)
}

/// Lines of an area.
pub fn height(area: Rect) -> usize {
    usize::from(area.height)
}

/// Takes lines off the top: the taken part, then the rest.
pub fn top(area: Rect, lines: usize) -> (Rect, Rect) {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).min(area.height);
    let taken = Rect {
        height: lines,
        ..area
    };
    let rest = Rect {
        y: area.y + lines,
        height: area.height - lines,
        ..area
    };
    (taken, rest)
}

/// Takes lines off the bottom: the rest, then the taken part.
pub fn bottom(area: Rect, lines: usize) -> (Rect, Rect) {
    top(area, height(area).saturating_sub(lines))
}

/// Takes the detail below a list off the bottom: the list, then the rule and
/// the detail, which gets a third of the height within limits.
pub fn detail(area: Rect) -> (Rect, Rect) {
    let lines = (height(area) / 3).clamp(DETAIL.0, DETAIL.1);
    bottom(area, lines + 1)
}

/// Takes columns off the left: the taken part, then the rest after a gap.
pub fn left(area: Rect, wide: usize, gap: u16) -> (Rect, Rect) {
    let wide = u16::try_from(wide).unwrap_or(u16::MAX).min(area.width);
    let used = wide.saturating_add(gap).min(area.width);
    let taken = Rect {
        width: wide,
        ..area
    };
    let rest = Rect {
        x: area.x + used,
        width: area.width - used,
        ..area
    };
    (taken, rest)
}

/// A position inside an area, at its last column or line when beyond.
pub fn at(area: Rect, column: usize, line: usize) -> Position {
    let clamp = |n: usize, limit: u16| {
        u16::try_from(n)
            .unwrap_or(u16::MAX)
            .min(limit.saturating_sub(1))
    };
    Position {
        x: area.x + clamp(column, area.width),
        y: area.y + clamp(line, area.height),
    }
}

/// The rows to show so that the cursor stays near the middle.
pub fn window(cursor: usize, count: usize, height: usize) -> Range<usize> {
    let last_start = count.saturating_sub(height);
    let start = cursor.saturating_sub(height / 2).min(last_start);
    start..count.min(start + height)
}

impl<'a> Sheet<'a> {
    /// A sheet over the whole terminal.
    pub const fn new(buffer: &'a mut Buffer, palette: Palette) -> Self {
        Self {
            buffer,
            palette,
            reach: 0,
        }
    }

    /// Writes the n-th line of an area; beyond it nothing is written.
    pub fn row(&mut self, area: Rect, at: usize, row: Row) {
        if at < height(area) {
            let y = area.y + u16::try_from(at).unwrap_or(0);
            self.buffer.set_line(area.x, y, &row.line(), area.width);
        }
    }

    /// Writes lines from the top of an area; what does not fit is left out.
    pub fn rows<I: IntoIterator<Item = Row>>(&mut self, area: Rect, rows: I) {
        for (at, row) in rows.into_iter().take(height(area)).enumerate() {
            self.row(area, at, row);
        }
    }

    /// Writes a horizontal rule on the n-th line of an area.
    pub fn rule(&mut self, area: Rect, at: usize) {
        let rule = Row::of(&"─".repeat(columns(area)), self.palette.dim());
        self.row(area, at, rule);
    }

    /// Clears an area, to draw over what was there.
    pub fn clear(&mut self, area: Rect) {
        for position in area.intersection(self.buffer.area).positions() {
            self.buffer[position].reset();
        }
    }

    /// Writes the rows of a list that are in view, and builds no others.
    pub fn list(
        &mut self,
        area: Rect,
        count: usize,
        cursor: usize,
        mut build: impl FnMut(usize) -> Row,
    ) {
        let cursor = cursor.min(count.saturating_sub(1));
        for (line, at) in window(cursor, count, height(area)).enumerate() {
            let row = build(at);
            let row = self.listed(row, at == cursor, columns(area));
            self.row(area, line, row);
        }
    }

    /// A list row with its mark.
    pub fn listed(&self, row: Row, selected: bool, columns: usize) -> Row {
        let mark = if selected { "> " } else { "  " };
        let row = Row::of(mark, self.palette.plain()).then(row);
        if selected {
            row.marked(columns, self.palette.selected())
        } else {
            row
        }
    }

    /// Writes a page from a scroll position that is clipped to what is there;
    /// the last line says how much follows and which key shows it.
    pub fn page(&mut self, area: Rect, rows: Vec<Row>, scroll: usize, key: &str) {
        let room = height(area);
        let count = rows.len();
        if count <= room {
            self.rows(area, rows);
            return;
        }
        let shown = room.saturating_sub(1);
        self.reach = count - shown;
        let start = scroll.min(self.reach);
        let below = count - start - shown;
        let note = if below == 0 {
            "the end".to_owned()
        } else if below == 1 {
            format!("1 more line: {key}")
        } else {
            format!("{below} more lines: {key}")
        };
        self.rows(area, rows.into_iter().skip(start).take(shown));
        let note = Row::of(&note, self.palette.dim());
        self.row(area, shown, note);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_cursor_is_always_in_view(count in 1_usize..500, at in 0_usize..500, height in 1_usize..60) {
            let cursor = at.min(count - 1);
            let window = window(cursor, count, height);
            prop_assert!(window.contains(&cursor));
            prop_assert_eq!(window.len(), height.min(count));
        }

        #[test]
        fn parts_never_leave_the_area(w in 0_u16..200, h in 0_u16..60, lines in 0_usize..90, wide in 0_usize..300) {
            let area = Rect::new(0, 0, w, h);
            for (a, b) in [top(area, lines), bottom(area, lines), left(area, wide, 2)] {
                prop_assert_eq!(area.intersection(a), a);
                prop_assert_eq!(area.intersection(b), b);
            }
        }
    }
}
