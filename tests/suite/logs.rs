//! The log check: one file a subject.

mod answer;
mod app;
mod corpus;
mod dirty;
mod engine;
mod merge;
mod postgres;
mod screens;
mod wheels;
