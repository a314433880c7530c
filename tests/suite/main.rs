//! What crosses folders, in one binary: one file a subject.

mod playbooks;
mod support;
