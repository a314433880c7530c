//! Times as logs write them, to nanoseconds since 1970 UTC. A leaf.
//!
//! The hot forms are read by hand, byte by byte; none allocates.

use super::event::{NO_TIME, Stamp};

/// Nanoseconds in a second.
pub const SECOND: i64 = 1_000_000_000;

/// A bare number of seconds, milli-, micro- or nanoseconds, told apart by
/// its magnitude; `None` outside of the years 1973 to 2262.
pub const fn epoch(number: i64) -> Option<Stamp> {
    match number {
        100_000_000..=9_999_999_999 => number.checked_mul(SECOND),
        100_000_000_000..=9_999_999_999_999 => number.checked_mul(1_000_000),
        100_000_000_000_000..=9_999_999_999_999_999 => number.checked_mul(1_000),
        100_000_000_000_000_000..=i64::MAX => Some(number),
        _ => None,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
pub const fn days(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn digits(bytes: &[u8]) -> Option<i64> {
    let mut value = 0_i64;
    for byte in bytes {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    (!bytes.is_empty()).then_some(value)
}

fn clock(text: &[u8]) -> Option<i64> {
    if text.len() < 8 || text[2] != b':' || text[5] != b':' {
        return None;
    }
    let (hour, minute, second) = (
        digits(&text[..2])?,
        digits(&text[3..5])?,
        digits(&text[6..8])?,
    );
    (hour < 24 && minute < 60 && second < 61).then_some(hour * 3600 + minute * 60 + second)
}

/// A date and time such as `2026-03-10T08:00:02.123Z`, with `T` or a blank
/// between, any number of digits of the second, and then `Z`, `UTC`, `GMT` or
/// an offset. Gives the stamp, whether a zone was written, and what follows:
/// without a zone the stamp is as if UTC.
pub fn iso(text: &[u8]) -> Option<(Stamp, bool, &[u8])> {
    if text.len() < 19
        || text[4] != b'-'
        || text[7] != b'-'
        || !matches!(text[10], b'T' | b' ' | b't')
    {
        return None;
    }
    let (year, month, day) = (
        digits(&text[..4])?,
        digits(&text[5..7])?,
        digits(&text[8..10])?,
    );
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(1970..=2261).contains(&year) {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + clock(&text[11..])?;
    let (nanos, rest) = fraction(&text[19..]);
    let stamp = seconds * SECOND + nanos;
    match zone(rest) {
        Some((offset, rest)) => Some((stamp - offset * SECOND, true, rest)),
        None => Some((stamp, false, rest)),
    }
}

/// Reads `.123456` as nanoseconds.
fn fraction(text: &[u8]) -> (i64, &[u8]) {
    let Some((b'.' | b',', tail)) = text.split_first() else {
        return (0, text);
    };
    let length = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return (0, text);
    }
    let kept = &tail[..length.min(9)];
    let nanos = kept
        .iter()
        .fold(0_i64, |nanos, digit| nanos * 10 + i64::from(digit - b'0'));
    (nanos * TENS[9 - kept.len()], &tail[length..])
}

/// Powers of ten, for decimals that are not written.
const TENS: [i64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// Bytes of a date and time up to the second.
const WHOLE: usize = 19;

/// The second of a time that was read: most lines are of the second of the
/// line before, and then only its fraction is read.
#[derive(Debug, Default)]
pub struct Second {
    text: [u8; WHOLE],
    /// The zone as it is written; empty while no second is known.
    zone: Vec<u8>,
    at: Stamp,
}

impl Second {
    /// The stamp of a time of this second, and what follows, as [`iso`] has it.
    pub fn read<'a>(&self, text: &'a [u8]) -> Option<(Stamp, &'a [u8])> {
        if self.zone.is_empty() {
            return None;
        }
        let (nanos, rest) = fraction(text.strip_prefix(&self.text)?);
        let rest = rest.strip_prefix(self.zone.as_slice())?;
        Some((self.at + nanos, rest))
    }

    /// Learns the second of a time that [`iso`] read, if its zone is a name:
    /// an offset might go on in the next time.
    pub fn learn(&mut self, text: &[u8], stamp: Stamp, rest: &[u8]) {
        let Some(whole) = text.first_chunk() else {
            return;
        };
        let (nanos, behind) = fraction(&text[WHOLE..]);
        let zone = &behind[..behind.len().saturating_sub(rest.len())];
        if zone.ends_with(b"Z") || zone.ends_with(b"UTC") || zone.ends_with(b"GMT") {
            self.text = *whole;
            self.zone.clear();
            self.zone.extend_from_slice(zone);
            self.at = stamp - nanos;
        }
    }
}

/// An offset that is certain, in seconds east of UTC: `Z`, ` UTC`, ` GMT`,
/// `+02`, `+0200`, `+02:00`, with a blank before or not.
pub fn zone(text: &[u8]) -> Option<(i64, &[u8])> {
    let bare = text.strip_prefix(b" ").unwrap_or(text);
    if let Some(rest) = bare.strip_prefix(b"Z").or_else(|| bare.strip_prefix(b"z")) {
        return Some((0, rest));
    }
    for name in [b"UTC", b"GMT"] {
        if let Some(rest) = bare.strip_prefix(name) {
            return Some((0, rest));
        }
    }
    let sign = match bare.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = digits(bare.get(1..3)?)?;
    let (minutes, rest) = match bare.get(3..) {
        Some([b':', a, b, rest @ ..]) if a.is_ascii_digit() && b.is_ascii_digit() => {
            (i64::from(a - b'0') * 10 + i64::from(b - b'0'), rest)
        }
        Some([a, b, rest @ ..]) if a.is_ascii_digit() && b.is_ascii_digit() => {
            (i64::from(a - b'0') * 10 + i64::from(b - b'0'), rest)
        }
        Some(rest) => (0, rest),
        None => (0, &[][..]),
    };
    (hours <= 15 && minutes < 60).then_some((sign * (hours * 3600 + minutes * 60), rest))
}

/// The month of an English short name, 1 to 12.
pub const fn month(name: &[u8]) -> Option<i64> {
    Some(match name {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// The time of access logs, `10/Mar/2026:08:00:02 +0000`, with a fraction of
/// the second or not; or [`NO_TIME`].
pub fn access_log(text: &[u8]) -> Stamp {
    let read = || {
        if text.len() < 20 || text[2] != b'/' || text[6] != b'/' || text[11] != b':' {
            return None;
        }
        let (day, year) = (digits(&text[..2])?, digits(&text[7..11])?);
        let seconds = days(year, month(&text[3..6])?, day) * 86_400 + clock(&text[12..])?;
        let (nanos, rest) = fraction(&text[20..]);
        let offset = zone(rest).map_or(0, |(offset, _)| offset);
        (1970..=2261)
            .contains(&year)
            .then(|| (seconds - offset) * SECOND + nanos)
    };
    read().unwrap_or(NO_TIME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn dates_agree_with_the_calendar() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2024-02-29T23:59:59.999999999Z",
            "2026-03-10T08:00:02.123+05:30",
            "2099-12-31T12:00:00-08:00",
        ] {
            let ours = iso(text.as_bytes()).unwrap().0;
            let theirs = DateTime::parse_from_rfc3339(text).unwrap();
            assert_eq!(Some(ours), theirs.timestamp_nanos_opt(), "{text}");
        }
    }

    #[test]
    fn a_zone_is_certain_or_not_there() {
        let (_, zoned, rest) = iso(b"2026-11-23 02:50:42.415 UTC [11750]").unwrap();
        assert!(zoned);
        assert_eq!(rest, b" [11750]");
        let (_, zoned, rest) = iso(b"2026-11-23 02:50:42.415 CET [1]").unwrap();
        assert!(!zoned);
        assert_eq!(rest, b" CET [1]");
        assert_eq!(zone(b"+0530"), Some((19_800, &b""[..])));
        assert_eq!(zone(b"+02"), Some((7_200, &b""[..])));
    }

    #[test]
    fn access_logs_have_a_form_of_their_own() {
        let ours = access_log(b"10/Mar/2026:10:00:02 +0200");
        assert_eq!(Some(ours), iso(b"2026-03-10T08:00:02Z").map(|read| read.0));
        assert_eq!(access_log(b"xx/Mar/2026:10:00:02 +0200"), NO_TIME);
        assert_eq!(access_log(b"10/Mar/9999:10:00:02 +0200"), NO_TIME);
    }

    #[test]
    fn the_unit_is_told_by_magnitude() {
        let at = 1_773_129_602_i64;
        assert_eq!(epoch(at), Some(at * SECOND));
        assert_eq!(epoch(at * 1_000), Some(at * SECOND));
        assert_eq!(epoch(at * 1_000_000), Some(at * SECOND));
        assert_eq!(epoch(at * SECOND), Some(at * SECOND));
        for beyond in [12, 9_999_999_999, 9_999_999_999_999, i64::MIN] {
            assert_eq!(epoch(beyond), None, "{beyond}");
        }
    }
}
