//! The timeline's bytes: is it on disk, and is it still what was written?
//!
//! One incident is one folder; one person on one device is one writer; one
//! writer is one append-only chain of lines, each sealed by
//! [`crate::domain::entry::seal`]. This room adds what bytes need: one write
//! and one `fdatasync` a batch, the link from each line to the one before,
//! recovery of a torn tail, a lock, a reserve for a full disk, the evidence
//! store, and the answer of `firsthour verify`.
//!
//! It never decides what is recorded; callers hand it [`Draft`]s. A new rule
//! about bytes belongs here, a new kind of entry in `domain/fact.rs`.
//!
//! [`Draft`]: crate::domain::entry::Draft

mod append;
mod chain;
mod clock;
mod disk;
mod error;
mod evidence;
mod fault;
mod layout;
mod lines;
mod list;
mod meta;
mod open;
mod raw;
mod read;
mod recover;
mod scan;
mod verify;
mod writer;

#[cfg(test)]
mod faulty;

pub use append::Journal;
pub use error::JournalError;
pub use evidence::MAX_EVIDENCE;
pub use fault::{Fault, FaultKind};
pub use list::{Listed, list};
pub use meta::{META_SCHEMA, Meta};
pub use open::{Opened, open, open_damaged};
pub use raw::read_lines;
pub use read::{Record, read};
pub use verify::{Outcome, Since, Verdict, verify, verify_since};
