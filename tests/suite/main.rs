//! What crosses folders, in one binary: one file a subject.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and one that is skipped says so"
)]

mod journal;
mod journal_disk;
mod journal_kill;
mod journal_tamper;
mod journal_verify;
mod support;
