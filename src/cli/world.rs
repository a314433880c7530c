//! What a subcommand is given. A leaf: subcommands import it, it imports none
//! of them.

use crate::config::{Env, Paths};
use chrono::{DateTime, Utc};
use std::io::Write;

/// What a subcommand may touch of the process.
pub struct World<'a> {
    pub env: &'a Env,
    pub paths: &'a Paths,
    pub now: fn() -> DateTime<Utc>,
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
}

impl std::fmt::Debug for World<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("paths", self.paths)
            .finish_non_exhaustive()
    }
}
