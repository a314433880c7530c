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
