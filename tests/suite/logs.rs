//! The log check: one file a subject.

mod answer;
mod corpus;
mod dirty;
mod merge;
