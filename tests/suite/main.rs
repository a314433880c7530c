//! What crosses folders, in one binary: one file a subject.

mod hostile;
mod screens;
mod support;
