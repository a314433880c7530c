//! What several subjects of the suite share: the program as a child process,
//! with pipes ([`cli`]) or in a pseudo-terminal ([`pty`]), and made-up records.
//!
//! Nothing here sleeps: every wait is for an event and has a deadline.

pub mod abilities;
pub mod cli;
pub mod journal;
pub mod pty;
pub mod record;
