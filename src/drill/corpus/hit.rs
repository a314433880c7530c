//! One request of the stream. A leaf.

use super::options::{Decoy, Plant};
use super::routes::Way;

/// How a cache in front of the app answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cache {
    /// The app answered.
    Miss,
    /// A stored answer.
    Hit,
}

/// One request and its answer.
#[derive(Debug, Clone)]
pub struct Hit {
    /// When it came, nanoseconds since 1970, whole milliseconds.
    pub at: i64,
    /// Its number in the stream, once that is in order.
    pub serial: u64,
    /// Who sent it, by place; the truth, even where no log can know.
    pub user: Option<usize>,
    /// Whether the app ran and knew the user.
    pub known: bool,
    pub client: u32,
    pub agent: &'static str,
    pub way: Way,
    pub path: String,
    /// Without `?`.
    pub query: String,
    /// The customer that was asked for, by place.
    pub customer: Option<usize>,
    /// The tenant of the data.
    pub org: usize,
    pub status: u16,
    pub rows: Option<u64>,
    pub bytes: u64,
    pub cache: Cache,
    pub took_ms: u64,
    /// A line the program printed besides, such as an error.
    pub printed: String,
    pub plant: Option<Plant>,
    pub decoy: Option<Decoy>,
}

impl Hit {
    /// Data went out.
    pub const fn is_ok(&self) -> bool {
        matches!(self.status, 200..=299 | 304)
    }

    /// The guard said no.
    pub const fn is_refused(&self) -> bool {
        matches!(self.status, 401 | 403)
    }

    /// Makes it an answer without data.
    pub fn fail(&mut self, status: u16) {
        self.status = status;
        self.rows = None;
        self.bytes = 60 + u64::from(status % 100);
        self.took_ms = self.took_ms.min(12);
    }

    /// The id in its path, whether or not there is such a thing.
    pub fn object(&self) -> &str {
        if !self.way.route().template.contains("[id]") {
            return "";
        }
        let template = self.way.route().template;
        let at = template.split('/').position(|segment| segment == "[id]");
        at.and_then(|at| self.path.split('/').nth(at)).unwrap_or("")
    }
}
