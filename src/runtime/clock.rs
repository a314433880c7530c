//! The one place that asks what time it is.

use chrono::{DateTime, Utc};

/// The wall clock in UTC.
#[expect(clippy::disallowed_methods, reason = "the one place that asks")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
