//! The one door through which text reaches the screen.
//!
//! Whatever is drawn is made printable here, whoever wrote it: controls,
//! direction marks and invisible characters become something to see, and a
//! character never takes another number of columns than was counted. Other
//! files of this room build lines with [`Row`] and never make spans.

use crate::domain::untrusted::visible;
use ratatui::buffer::CellWidth;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// What stands for text that was cut.
const CUT: &str = "…";

/// Makes text printable, with columns that can be counted.
pub fn shown(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(steady(&visible(text)))
}

/// Spells out the tail of clusters that terminals count differently, such as
/// an emoji with a skin tone.
fn steady(text: &str) -> String {
    let span = Span::raw(text);
    let mut out = String::with_capacity(text.len());
    for cluster in span.styled_graphemes(Style::new()) {
        let symbol = cluster.symbol;
        let one_by_one: usize = symbol.chars().map(|c| c.width().unwrap_or(0)).sum();
        if one_by_one == usize::from(symbol.cell_width()) && one_by_one > 0 {
            out.push_str(symbol);
            continue;
        }
        for (at, c) in symbol.chars().enumerate() {
            if at == 0 && c.width().unwrap_or(0) > 0 {
                out.push(c);
            } else {
                out.push_str(&format!("<U+{:04X}>", c as u32));
            }
        }
    }
    out
}

/// Columns that printable text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    Span::raw(text)
        .styled_graphemes(Style::new())
        .map(|cluster| usize::from(cluster.symbol.cell_width()))
        .sum()
}

/// The longest beginning of printable text that fits, in bytes.
fn fitting(text: &str, columns: usize) -> usize {
    if text.is_ascii() {
        return text.len().min(columns);
    }
    let (mut used, mut bytes) = (0, 0);
    for cluster in Span::raw(text).styled_graphemes(Style::new()) {
        used += usize::from(cluster.symbol.cell_width());
        if used > columns {
            break;
        }
        bytes += cluster.symbol.len();
    }
    bytes
}

/// The end of printable text that fits: what is seen of a line being typed.
pub fn tail(text: &str, columns: usize) -> &str {
    let mut excess = width(text).saturating_sub(columns);
    let mut at = 0;
    for cluster in Span::raw(text).styled_graphemes(Style::new()) {
        if excess == 0 {
            break;
        }
        excess = excess.saturating_sub(usize::from(cluster.symbol.cell_width()));
        at += cluster.symbol.len();
    }
    &text[at..]
}

/// Makes text printable and cuts it to a width, with a mark where it was cut.
pub fn clip(text: &str, columns: usize) -> String {
    let text = shown(text);
    if fitting(&text, columns) == text.len() {
        return text.into_owned();
    }
    let Some(room) = columns.checked_sub(1) else {
        return String::new();
    };
    let mut out = text[..fitting(&text, room)].to_owned();
    out.push_str(CUT);
    out
}

/// Breaks text into printable lines of a width: at spaces where there are
/// some, anywhere where there are none.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let text = shown(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let wide = width(word);
        let gap = usize::from(!line.is_empty());
        if used + gap + wide <= columns {
            if gap == 1 {
                line.push(' ');
            }
            line.push_str(word);
            used += gap + wide;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        let mut rest = word;
        loop {
            // A character wider than the line is still one line.
            let at = match fitting(rest, columns) {
                0 => rest.chars().next().map_or(0, char::len_utf8),
                at => at,
            };
            if at == rest.len() {
                break;
            }
            lines.push(rest[..at].to_owned());
            rest = &rest[at..];
        }
        rest.clone_into(&mut line);
        used = width(rest);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// One line being put together from left to right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    spans: Vec<Span<'static>>,
    used: usize,
}

impl Row {
    /// A line with nothing on it.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one style.
    pub fn of(text: &str, style: Style) -> Self {
        Self::new().put(text, style)
    }

    /// Adds text.
    #[must_use]
    pub fn put(mut self, text: &str, style: Style) -> Self {
        let text = shown(text);
        self.used += width(&text);
        self.spans.push(Span::styled(text.into_owned(), style));
        self
    }

    /// Adds text cut or padded to a width, so that columns stay aligned.
    #[must_use]
    pub fn cell(self, text: &str, columns: usize, style: Style) -> Self {
        let text = clip(text, columns);
        let gap = columns.saturating_sub(width(&text));
        self.put(&text, style).gap(gap)
    }

    /// Adds a number or a time, aligned to the right of its column.
    #[must_use]
    pub fn right(self, text: &str, columns: usize, style: Style) -> Self {
        let text = clip(text, columns);
        let gap = columns.saturating_sub(width(&text));
        self.gap(gap).put(&text, style)
    }

    /// Adds blank columns.
    #[must_use]
    pub fn gap(mut self, columns: usize) -> Self {
        if columns > 0 {
            self.used += columns;
            self.spans.push(Span::raw(" ".repeat(columns)));
        }
        self
    }

    /// Moves to a column from the left edge, if it is not passed yet.
    #[must_use]
    pub fn to(self, column: usize) -> Self {
        let gap = column.saturating_sub(self.used);
        self.gap(gap)
    }

    /// Columns used so far.
    pub const fn used(&self) -> usize {
        self.used
    }

    /// The same words in one style over the whole width: the row under the
    /// cursor.
    #[must_use]
    pub fn marked(mut self, columns: usize, style: Style) -> Self {
        self = self.to(columns);
        for span in &mut self.spans {
            span.style = style;
        }
        self
    }

    /// Adds another row's text at the end.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.used += other.used;
        self.spans.extend(other.spans);
        self
    }

    /// The line as the toolkit draws it.
    pub fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_cut_with_a_mark() {
        assert_eq!(clip("public.customers", 10), "public.cu…");
        assert_eq!(clip("short", 10), "short");
        assert_eq!(clip("x", 0), "");
        assert_eq!(
            width(&clip("漢字漢字", 4)),
            3,
            "half a character is not drawn"
        );
    }

    #[test]
    fn a_typed_line_shows_its_end() {
        assert_eq!(tail("hello", 3), "llo");
        assert_eq!(tail("漢字", 3), "字");
        assert_eq!(tail("hi", 9), "hi");
    }

    #[test]
    fn lines_break_at_spaces_and_inside_long_words() {
        assert_eq!(wrap("read the whole row", 8), ["read the", "whole", "row"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 3), [""]);
    }

    #[test]
    fn clusters_that_terminals_count_differently_are_spelled_out() {
        assert_eq!(shown("👍🏽"), "👍<U+1F3FD>");
        assert_eq!(shown("👨\u{200d}👩"), "👨<U+200D>👩");
        assert_eq!(shown("e\u{301}"), "e\u{301}");
    }

    proptest! {
        #[test]
        fn a_cell_has_exactly_its_width(text in "\\PC{0,40}", columns in 0_usize..30) {
            let row = Row::new().cell(&text, columns, Style::new());
            prop_assert_eq!(row.used(), columns);
            prop_assert_eq!(row.line().width(), columns);
        }

        #[test]
        fn no_line_is_wider_than_asked(text in ".{0,80}", columns in 2_usize..30) {
            for line in wrap(&text, columns) {
                prop_assert!(width(&line) <= columns, "{line:?}");
            }
        }

        #[test]
        fn what_is_shown_has_no_width_of_its_own_mind(text in ".{0,40}") {
            let text = shown(&text);
            let one_by_one: usize = text.chars().map(|c| c.width().unwrap_or(0)).sum();
            prop_assert_eq!(one_by_one, width(&text));
        }
    }
}
