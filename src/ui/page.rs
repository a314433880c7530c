//! Lines for reading: headings, wrapped text, terms with their values.

use super::style::Palette;
use super::text::{Row, wrap};
use ratatui::style::Style;

/// Columns that lines under a heading are set in by.
const INDENT: usize = 2;

/// The longest name of a fact that its value stands beside, in columns.
const PAIR: usize = 20;

/// Collects the lines of a page of a given width.
#[derive(Debug)]
pub struct Page {
    pub rows: Vec<Row>,
    pub palette: Palette,
    wide: usize,
}

impl Page {
    /// An empty page.
    pub const fn new(palette: Palette, wide: usize) -> Self {
        Self {
            rows: Vec::new(),
            palette,
            wide,
        }
    }

    /// A blank line and a heading.
    pub fn heading(&mut self, text: &str) {
        if !self.rows.is_empty() {
            self.rows.push(Row::new());
        }
        self.rows.push(Row::of(text, self.palette.strong()));
    }

    /// Wrapped text at the left edge.
    pub fn text(&mut self, text: &str, style: Style) {
        for line in wrap(text, self.wide) {
            self.rows.push(Row::of(&line, style));
        }
    }

    /// Wrapped text set in under its heading.
    pub fn indented(&mut self, text: &str, style: Style) {
        for line in wrap(text, self.wide.saturating_sub(INDENT)) {
            self.rows.push(Row::new().gap(INDENT).put(&line, style));
        }
    }

    /// A term with its wrapped value beside it.
    pub fn term(&mut self, term: &str, column: usize, value: &str, style: Style) {
        let lines = wrap(value, self.wide.saturating_sub(column + INDENT));
        for (at, line) in lines.iter().enumerate() {
            let row = Row::new().gap(INDENT);
            let row = if at == 0 {
                row.cell(term, column, self.palette.dim())
            } else {
                row.gap(column)
            };
            self.rows.push(row.put(line, style));
        }
    }

    /// A supporting fact: beside its name when that is short, else below it.
    pub fn pair(&mut self, what: &str, value: &str) {
        if what.len() < PAIR {
            self.term(what, PAIR, value, self.palette.plain());
        } else {
            self.indented(what, self.palette.dim());
            self.term("", PAIR, value, self.palette.plain());
        }
    }

    /// Prose lines; a blank one stays a paragraph break.
    pub fn prose(&mut self, lines: &[String]) {
        for line in lines {
            self.indented(line, self.palette.plain());
        }
    }
}
