//! What a time without a zone is taken as: an offset from UTC, or a place of
//! the tz database whose offset changes with the season. Not the zone a log
//! writes itself. A leaf.

use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::{OffsetName, Tz};

/// Nanoseconds in a second.
const SECOND: i64 = 1_000_000_000;

/// A zone as a person names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    Offset(FixedOffset),
    Place(Tz),
}

/// Why a local time names no one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The clock was set back and showed it twice: taken as the first.
    Twice,
    /// The clock was set forward past it: taken as if it had not been.
    Never,
}

impl Doubt {
    /// A sentence for the person who reads the answer.
    pub const fn remark(self) -> &'static str {
        match self {
            Self::Twice => {
                "Times of the hour in which the clock was set back happened twice: taken as the first, so some may be an hour early."
            }
            Self::Never => {
                "Times stand in the hour that the clock was set forward past: the zone said by --tz may be wrong."
            }
        }
    }
}

impl Zone {
    /// Reads `+02:00`, `Z`, `UTC` or a name such as `Europe/Berlin`.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "Z" | "z" => return Some(Self::Offset(Offset::fix(&chrono::Utc))),
            // Names of the database that mean a fixed offset, and another one
            // than most people think: `EST` stands still in summer.
            "EST" | "MST" | "HST" | "EST5EDT" | "CST6CDT" | "MST7MDT" | "PST8PDT" | "CET"
            | "EET" | "MET" | "WET" => return None,
            _ => {}
        }
        if let Ok(offset) = text.parse() {
            return Some(Self::Offset(offset));
        }
        text.parse().ok().map(Self::Place)
    }

    /// The moment of a local time, both in nanoseconds since 1970; `name` is
    /// the zone's abbreviation where the log writes one, such as `CEST`.
    pub fn utc(self, local: i64, name: &str) -> (i64, Option<Doubt>) {
        let (east, doubt) = match self {
            Self::Offset(offset) => (offset.local_minus_utc(), None),
            Self::Place(place) => east(
                place,
                DateTime::from_timestamp_nanos(local).naive_utc(),
                name,
            ),
        };
        (local.saturating_sub(i64::from(east) * SECOND), doubt)
    }
}

/// Seconds east of UTC that a place's clock was at when it showed this.
fn east(place: Tz, local: NaiveDateTime, name: &str) -> (i32, Option<Doubt>) {
    use chrono::MappedLocalTime as Local;
    match place.offset_from_local_datetime(&local) {
        Local::Single(offset) => (offset.fix().local_minus_utc(), None),
        Local::Ambiguous(first, second) => {
            let east = |offset: &<Tz as TimeZone>::Offset| offset.fix().local_minus_utc();
            let named = [&first, &second]
                .into_iter()
                .find(|offset| !name.is_empty() && offset.abbreviation() == Some(name));
            match named {
                Some(offset) => (east(offset), None),
                None => (east(&first), Some(Doubt::Twice)),
            }
        }
        Local::None => {
            // Three hours before, no clock had been set forward yet.
            let before = local - TimeDelta::hours(3);
            let offset = place.offset_from_local_datetime(&before).earliest();
            let east = offset.map_or(0, |offset| offset.fix().local_minus_utc());
            (east, Some(Doubt::Never))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> i64 {
        let time: NaiveDateTime = text.parse().unwrap();
        time.and_utc().timestamp_nanos_opt().unwrap()
    }

    fn berlin(text: &str, name: &str) -> (String, Option<Doubt>) {
        let zone = Zone::read("Europe/Berlin").unwrap();
        let (at, doubt) = zone.utc(local(text), name);
        let at = DateTime::from_timestamp_nanos(at);
        (at.format("%d %H:%M").to_string(), doubt)
    }

    #[test]
    fn a_zone_is_an_offset_or_a_place() {
        for (text, hours) in [("Z", 0), ("UTC", 0), ("+02:00", 2), ("-0330", -3)] {
            let (at, doubt) = Zone::read(text).unwrap().utc(0, "");
            assert_eq!((at / (3_600 * SECOND), doubt), (-hours, None), "{text}");
        }
        for text in ["", "Berlin", "Europe/Nowhere", "+2", "EST", "CET", "+99:00"] {
            assert_eq!(Zone::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_place_has_another_offset_in_summer() {
        assert_eq!(berlin("2026-03-10T09:00:00", ""), ("10 08:00".into(), None));
        assert_eq!(berlin("2026-07-10T10:00:00", ""), ("10 08:00".into(), None));
    }

    #[test]
    fn an_hour_that_came_twice_is_told_unless_the_log_names_which() {
        let twice = "2026-10-25T02:30:00";
        assert_eq!(berlin(twice, ""), ("25 00:30".into(), Some(Doubt::Twice)));
        assert_eq!(berlin(twice, "CEST"), ("25 00:30".into(), None));
        assert_eq!(berlin(twice, "CET"), ("25 01:30".into(), None));
    }

    #[test]
    fn an_hour_that_never_came_is_told() {
        let never = "2026-03-29T02:30:00";
        assert_eq!(berlin(never, ""), ("29 01:30".into(), Some(Doubt::Never)));
    }
}
