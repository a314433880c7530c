//! The log check: one file a subject.

mod answer;
mod app;
mod corpus;
mod dirty;
pub mod door;
mod edge;
mod engine;
mod follow;
mod mappings;
mod merge;
mod postgres;
mod renderings;
mod screens;
mod stored;
mod unhappy;
mod wheels;
