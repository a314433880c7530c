//! The program's state and its one transition: pure, no I/O, no clock, no
//! spawn.
//!
//! `update` takes a message and the time, changes the [`model::Model`] and
//! returns effects for the runtime to carry out. The durable part of the
//! model changes only when recorded entries come back. To add a verb: a
//! variant in `command`, a row in `bindings`, an arm in `update`.

pub mod bindings;
pub mod chunks;
pub mod command;
pub mod effect;
pub mod filter;
pub mod key;
pub mod message;
pub mod model;
pub mod offers;
pub mod palette;
pub mod rows;
pub mod screen;
pub mod update;
pub mod watch;

pub use update::update;
