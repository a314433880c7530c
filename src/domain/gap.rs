//! What could not be looked at: a leaf, since every account of a look has some.

use super::untrusted::visible;
use serde::{Deserialize, Serialize};

/// Something a check could not look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub what: String,
    pub why: String,
}

impl Gap {
    /// Records a gap; both parts are made printable.
    pub fn new(what: &str, why: &str) -> Self {
        Self {
            what: visible(what),
            why: visible(why),
        }
    }
}
