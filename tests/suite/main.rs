//! What crosses folders, in one binary: one file a subject.

mod database;
mod drill;
mod postgres;
mod support;
