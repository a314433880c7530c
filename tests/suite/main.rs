//! What crosses folders, in one binary: one file a subject.
#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it fails, in its helpers too"
)]

mod hostile;
mod screens;
mod support;
