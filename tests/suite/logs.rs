//! The log check from files to answers: one file a subject in `logs/`.

mod app;
mod merge;
