//! Logs: who read what, at the speed of the disk.
//!
//! Bytes come from [`source`], fall into records in [`split`], become events
//! in a [`mod@format`], are joined and counted on the way through [`intake`] into
//! the tables of [`gather`]. Rules read the tables and never a line, so they
//! judge alike what was counted here and what an engine counted elsewhere.

pub mod answer;
pub mod check;
pub mod event;
pub mod follow;
pub mod format;
pub mod gather;
pub mod intake;
pub mod join;
pub mod known;
pub mod lines;
pub mod most;
pub mod pages;
pub mod paths;
pub mod questions;
pub mod route;
pub mod rules;
pub mod scan;
pub mod shots;
pub mod source;
pub mod spill;
pub mod split;
pub mod sql;
pub mod tap;
pub mod templates;
pub mod time;
pub mod veil;
pub mod view;
pub mod words;
