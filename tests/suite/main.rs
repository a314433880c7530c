//! What crosses folders, in one binary: one file a subject.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, in its helpers too; one that is skipped says so"
)]

mod architecture;
mod cli_errors;
mod database;
mod drill;
mod drill_lines;
mod export;
mod harness;
mod hostile;
mod journal;
mod journal_disk;
mod journal_kill;
mod journal_tamper;
mod journal_verify;
mod kill_drill;
mod laws;
mod logs;
mod picture;
mod playbooks;
mod postgres;
mod pty_drill;
mod pty_engine;
mod pty_hostile;
mod pty_signals;
mod pty_watch;
mod readme;
mod report;
mod screens;
mod second_instance;
mod support;
