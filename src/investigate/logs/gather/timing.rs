//! Where the release lies, and what window is looked at. A leaf.

use super::aggregates::Period;
use crate::investigate::logs::event::{NO_TIME, Stamp};

/// Where the release lies, and what window is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    pub release: Option<Stamp>,
    /// Nanoseconds to either side of the release that tell nothing.
    pub tolerance: i64,
    /// Events outside of it are not counted; from included, to excluded.
    pub window: Option<(Stamp, Stamp)>,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            release: None,
            tolerance: 5_000_000_000,
            window: None,
        }
    }
}

impl Timing {
    /// The side of the release.
    pub const fn period(&self, at: Stamp) -> Period {
        match self.release {
            None => Period::After,
            Some(_) if at == NO_TIME => Period::Near,
            Some(release) if at < release - self.tolerance => Period::Before,
            Some(release) if at > release + self.tolerance => Period::After,
            Some(_) => Period::Near,
        }
    }

    /// Whether an event of that time is counted.
    pub const fn holds(&self, at: Stamp) -> bool {
        match self.window {
            None => true,
            Some((from, to)) => at != NO_TIME && at >= from && at < to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sides_of_a_release_leave_room_for_clocks() {
        let timing = Timing {
            release: Some(100_000_000_000),
            ..Timing::default()
        };
        assert_eq!(timing.period(94_000_000_000), Period::Before);
        assert_eq!(timing.period(97_000_000_000), Period::Near);
        assert_eq!(timing.period(106_000_000_000), Period::After);
        assert_eq!(timing.period(NO_TIME), Period::Near);
        assert_eq!(Timing::default().period(NO_TIME), Period::After);
    }
}
