//! Words and laws of the trade: no I/O, no async, no clock.
//!
//! Everything above this floor speaks in these types. To add a word, add a
//! file here and say in its first lines what it is and what it is not.

pub mod action;
pub mod approval;
pub mod check;
pub mod condition;
pub mod digest;
pub mod entry;
pub mod exposure;
pub mod fact;
pub mod failure;
pub mod finding;
pub mod fix;
pub mod gap;
pub mod incident;
pub mod lines;
pub mod mask;
pub mod number;
pub mod picture;
pub mod playbook;
pub mod reading;
pub mod secret;
pub mod stance;
pub mod suggest;
pub mod trail;
pub mod untrusted;
pub mod watch;
pub mod watched;
pub mod zone;
