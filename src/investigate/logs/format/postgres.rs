//! Postgres logs: `stderr` with any prefix, `csvlog`, `jsonlog`, and what
//! Cloud SQL makes of them; with pgaudit and `auto_explain` inside any.
//!
//! Each form brings its records to a `record::Raw`; the `reader` then
//! keeps the state of every session, tells who the person is, and brings the
//! records of one execution together. To add a form: a file here with a
//! `FORMAT`, and its row in the registry.

mod audit;
mod claims;
mod comment;
pub mod csvlog;
pub mod inner;
pub mod jsonlog;
pub mod loose;
mod message;
mod person;
mod plan;
mod prefix;
mod reader;
mod record;
mod sessions;
mod shelf;
pub mod stderr;
mod templates;
#[cfg(test)]
mod traps;
mod words;
mod zone;
