//! The same model as lines: for screen readers, serial lines and scripts.
//!
//! No alternate screen, no box drawing, no colour; numbered choices read from
//! standard input. Everything here is pure: the runtime prints what `page`
//! and `news` return and feeds lines through `parse`.

mod line;
mod lines;
mod logs;
mod map;
mod page;
mod parse;
mod reads;
mod record;

pub use line::clock;
pub use page::{news, page};
pub use parse::{Parsed, choices, parse};
