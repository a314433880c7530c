//! What crosses folders, in one binary: one file a subject.

mod screens;
mod support;
