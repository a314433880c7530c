//! What crosses folders, in one binary: one file a subject.

mod journal;
mod journal_disk;
mod journal_kill;
mod journal_tamper;
mod support;
