//! Playbooks from Markdown to paper: the shipped ones, the lint, the reader
//! on hostile input, and the subcommand.

mod shipped;

use crate::support::abilities::abilities;
use chrono::NaiveDate;
use firsthour::playbooks::{Diagnostic, check};

/// The day the shipped playbooks were reviewed.
fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

/// Every mistake in a text.
fn mistakes(source: &str) -> Vec<Diagnostic> {
    check(source, "test.md", &abilities(), today()).1
}

fn printed(found: &[Diagnostic]) -> String {
    found
        .iter()
        .map(Diagnostic::text)
        .collect::<Vec<_>>()
        .join("\n\n")
}
