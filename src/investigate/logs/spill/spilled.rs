//! What is told of a find. A leaf.

/// Something that should not stand in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spilled {
    pub kind: &'static str,
    /// A sample with its middle hidden.
    pub sample: String,
}
