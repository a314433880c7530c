//! The drill's lab: a real Postgres with a planted leak, on this machine only.
//!
//! Asks "are we ready?". Nothing here speaks to anything but a unix socket or
//! loopback, and everything it starts ends with the process that started it.
//! A new kind of leak is one file in `sql/shapes/` and one row in `shapes.rs`.

pub mod account;
pub mod corpus;
pub mod error;
pub mod fetch;
pub mod guard;
pub mod lab;
pub mod launch;
pub mod packages;
pub mod postgres;
pub mod process;
pub mod run_folder;
pub mod seed;
pub mod server;
pub mod shapes;
pub mod template;
mod traffic;
