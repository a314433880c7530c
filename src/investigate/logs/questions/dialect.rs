//! What SQL engines say differently. A leaf: each dialect is a file beside it,
//! listed in [`super`].
//!
//! The floor that all share is plain: `CASE WHEN` sums, `COUNT(DISTINCT ..)`,
//! `GROUP BY`, `ROW_NUMBER()`, `ORDER BY` with a tie-break, `LIMIT`.

use serde::Deserialize;

/// How an engine's column holds a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeForm {
    /// The engine's own type of time.
    Native,
    /// Whole seconds since 1970.
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl TimeForm {
    /// Nanoseconds in one step of it.
    pub const fn step(self) -> i64 {
        match self {
            Self::Native | Self::Nanoseconds => 1,
            Self::Microseconds => 1_000,
            Self::Milliseconds => 1_000_000,
            Self::Seconds => 1_000_000_000,
        }
    }
}

/// Renders an expression over the variable it is given.
pub type Over<'a> = &'a dyn Fn(&str) -> String;

/// One engine's words. Every method takes and gives SQL expressions, but for
/// `literal`, which takes a text.
pub trait Dialect: std::fmt::Debug + Sync {
    /// The word of `--engine` and of a mapping's `engine`.
    fn name(&self) -> &'static str;

    /// A column's name, in quotes: it may be a word of SQL.
    fn name_of(&self, column: &str) -> String {
        format!("\"{column}\"")
    }

    /// A text as a literal, whatever it holds.
    fn literal(&self, text: &str) -> String;

    /// Any value as a text; empty for null.
    fn text(&self, value: &str) -> String;

    /// Any value as a whole number of 64 bits; null where it is none.
    fn integer(&self, value: &str) -> String;

    /// A column of time as nanoseconds since 1970.
    fn nanos(&self, column: &str, form: TimeForm) -> String;

    /// The start of a nanosecond as something a column of time compares with,
    /// so that the engine can skip what lies outside.
    fn instant(&self, nanos: i64, form: TimeForm) -> String;

    /// Whether a pattern is found in a text.
    fn matches(&self, text: &str, pattern: &str) -> String;

    /// The first group of a pattern in a text; empty where there is none.
    fn extract(&self, text: &str, pattern: &str) -> String;

    /// Every find of a pattern replaced.
    fn replace(&self, text: &str, pattern: &str, with: &str) -> String;

    /// Splits a text, keeps some of its parts, writes each anew and puts the
    /// separator before each; the separator alone where none is kept.
    fn each(&self, text: &str, separator: char, keep: Over<'_>, put: Over<'_>) -> String;

    /// Texts one after the other.
    fn concat(&self, texts: &[&str]) -> String {
        format!("concat({})", texts.join(", "))
    }

    /// How many binary digits a number from 0 to 2^40 has; 0 for 0.
    fn bits(&self, number: &str) -> String;

    /// The two lowest bits of a number that was moved right.
    fn two_bits(&self, number: &str, right_by: &str) -> String;

    /// Division of whole numbers that are not negative.
    fn divided(&self, number: &str, by: i64) -> String;

    /// How often a condition holds in a group.
    fn count_if(&self, condition: &str) -> String {
        format!("SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)")
    }

    /// The end of a query that gives so many rows behind so many.
    fn limit(&self, rows: u64, behind: u64) -> String {
        if behind == 0 {
            format!("LIMIT {rows}")
        } else {
            format!("LIMIT {rows} OFFSET {behind}")
        }
    }

    /// Rows that one answer holds at most; more come in pages.
    fn page(&self) -> u64 {
        1_000_000
    }
}

/// A text in quotes that are doubled within it, as the standard has it.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A text in quotes where a backslash escapes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::from("'");
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            other => out.push(other),
        }
    }
    out.push('\'');
    out
}
