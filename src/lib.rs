//! firsthour: the first hour of a live customer-data leak, proven, contained
//! and recorded.
//!
//! The rooms stand on floors; an import may only point down. See
//! `ARCHITECTURE.md` for the map and `tests/suite/architecture.rs` for the
//! test that holds it.

pub mod app;
pub mod cli;
pub mod config;
pub mod contain;
pub mod domain;
pub mod drill;
pub mod investigate;
pub mod journal;
pub mod plain;
pub mod playbooks;
pub mod providers;
pub mod report;
pub mod runtime;
pub mod ui;
