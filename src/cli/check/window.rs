//! The window of time a person asks about. A leaf.

use crate::domain::failure::Failure;
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::time::{SECOND, iso};

/// Reads `FROM..TO`, `FROM..` (until now), or `90m`, `24h`, `7d` (until now).
///
/// # Errors
/// When it is none of these, or ends before it begins.
pub fn window(text: &str, now: Stamp) -> Result<(Stamp, Stamp), Failure> {
    let read = || match text.split_once("..") {
        Some((from, "")) => Some((stamp(from)?, now)),
        Some((from, to)) => Some((stamp(from)?, stamp(to)?)),
        None => Some((now - duration(text)?, now)),
    };
    read().filter(|(from, to)| from < to).ok_or_else(|| {
        Failure::new(
            "the window can't be read",
            format!("{text} is no span of time that ends after it begins"),
            "write it as 2026-03-10T08:00:00Z..2026-03-10T12:00:00Z, or as 90m, 24h or 7d until now",
        )
    })
}

/// A time with a zone.
fn stamp(text: &str) -> Option<Stamp> {
    let (stamp, zoned, rest) = iso(text.as_bytes())?;
    (zoned && rest.is_empty()).then_some(stamp)
}

fn duration(text: &str) -> Option<i64> {
    let (number, seconds) = match text.split_at_checked(text.len().checked_sub(1)?)? {
        (number, "m") => (number, 60),
        (number, "h") => (number, 3_600),
        (number, "d") => (number, 86_400),
        _ => return None,
    };
    let number: i64 = number
        .parse()
        .ok()
        .filter(|number| (1..=5_000).contains(number))?;
    Some(number * seconds * SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_nonsense_is_not() {
        let now = 1_773_129_600 * SECOND;
        let hour = 3_600 * SECOND;
        assert_eq!(window("2h", now).unwrap(), (now - 2 * hour, now));
        assert_eq!(
            window("2026-03-10T07:00:00Z..", now).unwrap(),
            (now - hour, now)
        );
        let span = "2026-03-10T08:00:00+01:00..2026-03-10T08:00:00Z";
        assert_eq!(window(span, 0).unwrap(), (now - hour, now));
        for bad in [
            "",
            "m",
            "2",
            "-2h",
            "é",
            "2026-03-10T08:00:00..",
            "2026-03-10T08:00:00Z..2026-03-09T08:00:00Z",
        ] {
            assert!(window(bad, now).is_err(), "{bad}");
        }
    }
}
