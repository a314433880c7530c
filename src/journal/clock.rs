//! What the journal notes about time: the clock that goes on in suspend, what
//! keeps the wall clock right, and the hybrid logical clock that orders
//! entries of several writers.

use crate::domain::entry::{ClockNote, Mono};
use chrono::{DateTime, Utc};
use std::path::Path;

/// A wall clock that moved more than this against the monotonic one jumped.
const JUMP_MS: i64 = 2_000;

/// A foreign clock further ahead than this is shown, not adopted.
const FOREIGN_AHEAD_MS: u64 = 5 * 60 * 1000;

/// The boot this process lives in.
#[derive(Debug, Clone)]
pub(super) struct Boot(String);

impl Boot {
    /// Reads the boot's id once; it cannot change under a process.
    pub(super) fn read() -> Self {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let short: String = id.chars().filter(char::is_ascii_hexdigit).take(8).collect();
        Self(if short.is_empty() {
            "unknown".to_owned()
        } else {
            short
        })
    }

    /// Nanoseconds since boot, suspend included where the system can tell.
    pub(super) fn mono(&self) -> Mono {
        #[cfg(target_os = "linux")]
        let id = rustix::time::ClockId::Boottime;
        #[cfg(not(target_os = "linux"))]
        let id = rustix::time::ClockId::Monotonic;
        let time = rustix::time::clock_gettime(id);
        let secs = u64::try_from(time.tv_sec).unwrap_or(0);
        let nanos = u64::try_from(time.tv_nsec).unwrap_or(0);
        Mono {
            boot: self.0.clone(),
            ns: secs * 1_000_000_000 + nanos,
        }
    }
}

/// Whether the system says that its wall clock follows a time server.
pub(super) fn source() -> ClockNote {
    let synced = Path::new("/run/systemd/timesync/synchronized").exists();
    ClockNote {
        src: if synced { "ntp" } else { "unknown" }.to_owned(),
    }
}

/// How far the wall clock jumped between two readings, in milliseconds;
/// `None` when it did not, or when a reboot lies between.
pub(super) fn jump(before: &(DateTime<Utc>, Mono), after: &(DateTime<Utc>, Mono)) -> Option<i64> {
    if before.1.boot != after.1.boot {
        return None;
    }
    let wall = (after.0 - before.0).num_milliseconds();
    let mono = i64::try_from(after.1.ns.saturating_sub(before.1.ns) / 1_000_000).ok()?;
    let delta = wall - mono;
    (delta.abs() > JUMP_MS).then_some(delta)
}

/// A hybrid logical clock: wall milliseconds and a counter. It never goes
/// back, whatever the wall clock does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Hlc {
    ms: u64,
    count: u64,
}

impl Hlc {
    /// Reads `wall_ms.counter`; anything else sorts first.
    pub(super) fn parse(text: &str) -> Self {
        let read = || {
            let (ms, count) = text.split_once('.')?;
            Some(Self {
                ms: ms.parse().ok()?,
                count: count.parse().ok()?,
            })
        };
        read().unwrap_or_default()
    }

    /// The next reading at this wall time.
    pub(super) fn tick(self, now: DateTime<Utc>) -> Self {
        let ms = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        if ms > self.ms {
            Self { ms, count: 0 }
        } else {
            Self {
                ms: self.ms,
                count: self.count.saturating_add(1),
            }
        }
    }

    /// Takes in another writer's clock, unless it runs far ahead.
    pub(super) fn see(self, foreign: Self, now: DateTime<Utc>) -> Self {
        let ms = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        if foreign.ms > ms.saturating_add(FOREIGN_AHEAD_MS) {
            self
        } else {
            self.max(foreign)
        }
    }
}

impl std::fmt::Display for Hlc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.ms, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(ms).unwrap()
    }

    fn mono(boot: &str, ms: u64) -> Mono {
        Mono {
            boot: boot.into(),
            ns: ms * 1_000_000,
        }
    }

    #[test]
    fn the_logical_clock_never_goes_back() {
        let mut clock = Hlc::default();
        let mut last = clock;
        for ms in [1_000, 1_000, 500, 2_000, 1_999, 2_001] {
            clock = clock.tick(at(ms));
            assert!(clock > last);
            last = clock;
        }
        assert_eq!(clock.to_string(), "2001.0");
        assert_eq!(Hlc::parse("2001.0"), clock);
    }

    #[test]
    fn a_foreign_clock_far_ahead_is_not_adopted() {
        let own = Hlc::parse("1000.0");
        assert_eq!(
            own.see(Hlc::parse("2000.3"), at(1_000)).to_string(),
            "2000.3"
        );
        assert_eq!(own.see(Hlc::parse("400000.0"), at(1_000)), own);
        assert_eq!(
            own.see(Hlc::parse("18446744073709551615.9"), at(1_000)),
            own
        );
    }

    #[test]
    fn a_jump_needs_two_seconds_in_one_boot() {
        let before = (at(10_000), mono("b", 0));
        assert_eq!(jump(&before, &(at(13_000), mono("b", 3_000))), None);
        assert_eq!(jump(&before, &(at(11_900), mono("b", 0))), None);
        assert_eq!(
            jump(&before, &(at(3_610_000), mono("b", 0))),
            Some(3_600_000)
        );
        assert_eq!(jump(&before, &(at(5_000), mono("b", 1_000))), Some(-6_000));
        assert_eq!(jump(&before, &(at(99_000), mono("c", 0))), None);
    }
}
