//! How far a scan is. A leaf but for the pictures.

use crate::investigate::logs::shots::Shots;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

/// How far a scan is; read while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes after decompression that are behind.
    pub bytes: AtomicU64,
    pub records: AtomicU64,
    pub pieces: AtomicUsize,
    /// Set to end the scan early.
    pub stop: AtomicBool,
    /// Pictures of the counts while they grow.
    pub shots: Shots,
}
