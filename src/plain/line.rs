//! Small pieces of plain lines.

use crate::domain::untrusted::visible;

/// Minutes and seconds, as the header shows a budget: `04:10`.
pub fn clock(seconds: i64) -> String {
    let seconds = seconds.max(0);
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

/// A line with outside text in it, made printable.
pub fn safe(text: &str) -> String {
    visible(text)
}

/// Indented text, made printable.
pub fn indented(text: &str) -> String {
    format!("  {}", visible(text))
}

/// Rows of a list shown at once; a filter narrows the rest.
const SHOWN: usize = 40;

/// A list, numbered from one.
pub fn numbered<T>(rows: &[T], line: impl Fn(&T) -> String) -> Vec<String> {
    if rows.is_empty() {
        return vec!["  (none)".to_owned()];
    }
    let mut lines: Vec<String> = rows
        .iter()
        .take(SHOWN)
        .enumerate()
        .map(|(at, row)| format!("  {}. {}", at + 1, line(row)))
        .collect();
    if rows.len() > SHOWN {
        lines.push(format!(
            "  and {} more; filter WORD narrows the list",
            rows.len() - SHOWN
        ));
    }
    lines
}
