//! The Markdown as it stands on disk, and how a byte becomes line:column.
//!
//! Every span in this room is a byte range of the whole file, so a diagnostic
//! can always show the line it speaks of.

use crate::domain::untrusted::visible;
use unicode_width::UnicodeWidthStr as _;

/// A byte range of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// A range; an end before the start becomes an empty range.
    pub const fn new(start: usize, end: usize) -> Self {
        let end = if end < start { start } else { end };
        Self { start, end }
    }
}

/// A value with the place it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    pub value: T,
    pub span: Span,
}

/// The text of one playbook with the offsets of its lines.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    pub text: &'a str,
    starts: Vec<usize>,
}

/// Where a span stands, ready to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// One-based.
    pub line: usize,
    /// One-based, counted in characters.
    pub column: usize,
    /// One past the last character, on the same line.
    pub end_column: usize,
    /// The line in printable form.
    pub shown: String,
    /// Terminal cells before the marked part of `shown`.
    pub indent: usize,
    /// Terminal cells the marked part takes, at least one.
    pub width: usize,
}

impl<'a> Source<'a> {
    /// Indexes a text by line.
    pub fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self { text, starts }
    }

    /// The zero-based line a byte stands on.
    pub fn line_index(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).max(1) - 1
    }

    /// A line without its line break; beyond the end it is empty.
    pub fn line(&self, index: usize) -> &'a str {
        let Some(&start) = self.starts.get(index) else {
            return "";
        };
        let end = self.starts.get(index + 1).copied();
        let line = &self.text[start..end.unwrap_or(self.text.len())];
        line.trim_end_matches(['\n', '\r'])
    }

    /// The byte at a zero-based line and a zero-based column in characters,
    /// held inside the line.
    pub fn byte_at(&self, line: usize, column: usize) -> usize {
        let Some(&start) = self.starts.get(line) else {
            return self.text.len();
        };
        let text = self.line(line);
        let inside = text
            .char_indices()
            .nth(column)
            .map_or(text.len(), |(at, _)| at);
        start + inside
    }

    /// The span of the whole line a byte stands on, without outer blanks.
    pub fn line_span(&self, at: usize) -> Span {
        let index = self.line_index(at);
        let line = self.line(index);
        let start = self.starts[index] + (line.len() - line.trim_start().len());
        Span::new(start, start + line.trim().len())
    }

    /// Turns a span into what a diagnostic shows. A span over several lines
    /// is cut at the end of its first.
    pub fn place(&self, span: Span) -> Place {
        let index = self.line_index(span.start.min(self.text.len()));
        let line = self.line(index);
        let from = self.inside(line, index, span.start);
        let to = self.inside(line, index, span.end).max(from);
        let (before, marked) = (&line[..from], &line[from..to]);
        let column = before.chars().count() + 1;
        Place {
            line: index + 1,
            column,
            end_column: column + marked.chars().count(),
            shown: visible(line),
            indent: visible(before).width(),
            width: visible(&line[..to])
                .width()
                .saturating_sub(visible(before).width())
                .max(1),
        }
    }

    fn inside(&self, line: &str, index: usize, at: usize) -> usize {
        let offset = at.saturating_sub(self.starts[index]).min(line.len());
        (0..=offset)
            .rev()
            .find(|i| line.is_char_boundary(*i))
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_carets_count_cells() {
        let text = "one\nzwölf: 漢字 x\r\nlast";
        let source = Source::new(text);
        let at = text.find('x').unwrap();
        let place = source.place(Span::new(at, at + 1));
        assert_eq!((place.line, place.column, place.end_column), (2, 11, 12));
        assert_eq!((place.indent, place.width), (12, 1));
        assert_eq!(place.shown, "zwölf: 漢字 x");
        assert_eq!(source.byte_at(1, 10), at);
    }

    #[test]
    fn spans_outside_the_text_are_held_inside() {
        let source = Source::new("a\n");
        let place = source.place(Span::new(99, 120));
        assert_eq!((place.line, place.column, place.width), (2, 1, 1));
        assert_eq!(source.byte_at(7, 7), 2);
    }
}
