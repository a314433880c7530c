//! What crosses folders, in one binary: one file a subject.

mod architecture;
mod harness;
mod support;
