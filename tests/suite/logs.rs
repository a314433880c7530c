//! The log check: one file a subject.

mod corpus;
mod dirty;
mod merge;
