//! The loop and its edges: the only clock, `select!`, spawn, terminal and
//! signals of the program.
//!
//! `session` runs one; `tui` and `lines` are its two loops; `engine` carries
//! effects out with the help of `opening`, `edge`, `work`, `watching`, `writer`
//! and `exporting`. A new effect is one arm in `engine` and, if it is a job, one
//! function in `work`.

pub mod actor;
pub mod clock;
pub mod codename;
pub mod desk;
pub mod edge;
pub mod engine;
pub mod exporting;
pub mod lines;
pub mod opening;
pub mod readiness;
pub mod record;
pub mod session;
pub mod setup;
pub mod terminal;
pub mod tui;
pub mod watching;
pub mod work;
pub mod writer;
