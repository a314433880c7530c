//! One value of a record, of whatever type the log wrote it in: a status may
//! be a text, an id a number, a time either. A leaf.

use crate::investigate::logs::event::{NO_TIME, Stamp};
use crate::investigate::logs::time::{SECOND, access_log, epoch, iso};
use std::fmt::Write;

/// A value as it was met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a, 'c> {
    /// Lives as long as the record.
    Borrowed(&'a str),
    /// Lives only now: it had to be unescaped.
    Copied(&'c str),
    Whole(i64),
    /// More than fits in a signed number.
    Large(u64),
    Float(f64),
}

impl Value<'_, '_> {
    /// An empty text, or a word for nothing.
    pub fn is_nothing(self) -> bool {
        match self.text() {
            Some(text) => matches!(text, "" | "-" | "null" | "undefined"),
            None => false,
        }
    }

    /// The text, where it is one.
    pub const fn text(&self) -> Option<&str> {
        match self {
            Value::Borrowed(text) | Value::Copied(text) => Some(text),
            _ => None,
        }
    }

    /// Writes a number as a text.
    pub fn write(self, out: &mut String) {
        let _ = match self {
            Value::Borrowed(text) | Value::Copied(text) => out.write_str(text),
            Value::Whole(number) => write!(out, "{number}"),
            Value::Large(number) => write!(out, "{number}"),
            Value::Float(number) => write!(out, "{number}"),
        };
    }

    /// A whole number.
    pub fn whole(self) -> Option<i64> {
        match self {
            Value::Whole(number) => Some(number),
            Value::Large(_) => None,
            Value::Float(number) => from_float(number),
            Value::Borrowed(text) | Value::Copied(text) => {
                let text = text.trim();
                let float = || text.parse::<f64>().ok().and_then(from_float);
                text.parse::<i64>().ok().or_else(float)
            }
        }
    }

    /// A number of things.
    pub fn count(self) -> Option<u64> {
        match self {
            Value::Large(number) => Some(number),
            other => other.whole().and_then(|number| u64::try_from(number).ok()),
        }
    }

    /// A point in time: a number in any unit, or a date. A date without a
    /// zone is as if UTC; whether it lacked one is said.
    pub fn stamp(self) -> Option<(Stamp, bool)> {
        if let Some((at, zoned, _)) = self.text().and_then(|text| iso(text.as_bytes())) {
            return Some((at, !zoned));
        }
        self.instant()
            .map(|at| (at, false))
            .or_else(|| self.local())
    }

    /// The time of access logs, `10/Mar/2026:08:00:02 +0000`.
    fn local(self) -> Option<(Stamp, bool)> {
        let text = self.text()?;
        let at = access_log(text.as_bytes());
        (at != NO_TIME).then(|| (at, !text.contains(['+', '-', 'Z'])))
    }

    fn instant(self) -> Option<Stamp> {
        match self {
            Value::Whole(number) => epoch(number),
            Value::Large(_) => None,
            Value::Float(number) => from_seconds(number),
            Value::Borrowed(text) | Value::Copied(text) => {
                if let Ok(number) = text.parse::<i64>() {
                    return epoch(number);
                }
                decimal(text).or_else(|| text.parse::<f64>().ok().and_then(from_seconds))
            }
        }
    }
}

/// Seconds with a fraction as they are written, to the last digit.
fn decimal(text: &str) -> Option<Stamp> {
    const ZEROS: &str = "000000000";
    let (whole, part) = text.split_once('.')?;
    let is_plain = !part.is_empty() && part.len() <= 9 && part.bytes().all(|b| b.is_ascii_digit());
    let seconds = whole.parse::<i64>().ok().filter(|_| is_plain)?;
    if !(100_000_000..9_200_000_000).contains(&seconds) {
        return None;
    }
    let part = format!("{part}{}", ZEROS.get(part.len()..)?);
    Some(seconds * SECOND + part.parse::<i64>().ok()?)
}

/// Seconds with a fraction, or milliseconds with one, to the microsecond: a
/// float of this size knows no more.
fn from_seconds(number: f64) -> Option<Stamp> {
    if !(1e8..1e14).contains(&number) {
        return None;
    }
    let (whole, unit) = if number < 1e11 {
        (number, 1e9)
    } else {
        (number, 1e6)
    };
    // Whole and fraction apart, so that no digit of the second is lost.
    let base = from_float(whole.trunc() * unit)?;
    let part = from_float((whole.fract() * unit / 1e3).round())? * 1_000;
    base.checked_add(part).filter(|at| *at > SECOND)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked just before"
)]
fn from_float(number: f64) -> Option<i64> {
    (number.abs() < 9.2e18).then_some(number as i64)
}

/// A duration as nanoseconds; a text may name its unit, such as `34ms`,
/// `1.2s` or `850µs`.
pub fn nanos(value: Value<'_, '_>, unit: f64) -> Option<u64> {
    let number = match value {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a duration is no longer than that"
        )]
        Value::Whole(number) => number as f64 * unit,
        #[expect(
            clippy::cast_precision_loss,
            reason = "a duration is no longer than that"
        )]
        Value::Large(number) => number as f64 * unit,
        Value::Float(number) => number * unit,
        Value::Borrowed(text) | Value::Copied(text) => {
            let text = text.trim();
            let digits = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
            let end = text.bytes().take_while(digits).count();
            let unit = match text.get(end..)?.trim() {
                "ns" => 1.0,
                "us" | "µs" | "μs" => 1e3,
                "ms" => 1e6,
                "s" => 1e9,
                "m" | "min" => 6e10,
                "" => unit,
                _ => return None,
            };
            text.get(..end)?.parse::<f64>().ok()? * unit
        }
    };
    from_float(number.round()).and_then(|number| u64::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_in_every_type() {
        let want = iso(b"2026-03-10T08:00:02.123Z").map(|read| read.0);
        for value in [
            Value::Whole(1_773_129_602_123),
            Value::Borrowed("1773129602123"),
            Value::Float(1_773_129_602.123),
            Value::Borrowed("2026-03-10T08:00:02.123Z"),
            Value::Borrowed("2026-03-10 09:00:02.123+01:00"),
        ] {
            let (at, unzoned) = value.stamp().unwrap();
            // A float of seconds is sure to a microsecond.
            assert!(!unzoned && (at - want.unwrap()).abs() < 1_000, "{value:?}");
        }
        let exact = |text| Value::Borrowed(text).stamp().map(|(at, _)| at);
        assert_eq!(exact("1773129602.123"), want);
        assert_eq!(exact("1773129602.123456789"), want.map(|at| at + 456_789));
        for value in [
            Value::Float(f64::NAN),
            Value::Float(1e300),
            Value::Large(u64::MAX),
        ] {
            assert_eq!(value.stamp(), None);
        }
    }

    #[test]
    fn numbers_come_as_texts_and_units_are_read() {
        assert_eq!(Value::Borrowed("200").whole(), Some(200));
        assert_eq!(Value::Float(200.0).count(), Some(200));
        assert_eq!(Value::Borrowed("many").count(), None);
        assert_eq!(Value::Whole(-1).count(), None);
        assert_eq!(nanos(Value::Whole(34), 1e6), Some(34_000_000));
        assert_eq!(nanos(Value::Borrowed("1.2s"), 1e6), Some(1_200_000_000));
        assert_eq!(nanos(Value::Borrowed("soon"), 1e6), None);
    }
}
