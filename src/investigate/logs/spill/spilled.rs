//! What is told of a find. A leaf.

use std::ops::Range;

/// Something that should not stand in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spilled {
    pub kind: &'static str,
    /// A sample with its middle hidden.
    pub sample: String,
    /// Where in the record it stands; empty where the kind is of the record
    /// as a whole.
    pub at: Range<usize>,
}
