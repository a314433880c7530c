//! Thin typed clients of the outside world: one file or folder a provider.
//!
//! A provider speaks, times out and names its errors; it holds no opinion on
//! what an answer means. To add one, add its file here and turn its error
//! into a [`crate::domain::failure::Failure`] in the same folder.

pub mod clickhouse;
pub mod http;
pub mod postgres;
pub mod s3;
