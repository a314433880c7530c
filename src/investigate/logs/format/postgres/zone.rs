//! Times of a Postgres log: written with an abbreviation of a zone, which is
//! certain only for UTC and GMT. For others the offset is what the person
//! said, or what the session's start tells (its id holds the same moment as
//! seconds since 1970), or what the abbreviation usually stands for, which is
//! said; one that stands for several is taken as UTC, and that is said. A leaf.

use crate::domain::zone::Zone;
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::format::parser::{Out, Setting, placed};
use crate::investigate::logs::time::{SECOND, Second, iso};

/// Reads stamps and remembers what an abbreviation stands for.
#[derive(Debug, Default)]
pub struct Clock {
    said: Option<Zone>,
    name: Vec<u8>,
    offset: i64,
    last: Second,
}

impl Clock {
    /// A clock for one piece.
    pub fn new(setting: &Setting) -> Self {
        Self {
            said: setting.zone,
            ..Self::default()
        }
    }

    /// A stamp such as `2026-11-23 02:50:42.415 CET`, and what follows it.
    /// `start` gives the offset where the session's start tells it.
    pub fn read<'a>(
        &mut self,
        text: &'a [u8],
        start: impl FnOnce() -> Option<i64>,
        out: &mut dyn Out,
    ) -> Option<(Stamp, &'a [u8])> {
        if let Some(known) = self.last.read(text) {
            return Some(known);
        }
        let (stamp, zoned, rest) = iso(text)?;
        if zoned {
            self.last.learn(text, stamp, rest);
            return Some((stamp, rest));
        }
        let (name, rest) = abbreviation(rest);
        if self.said.is_some() {
            let name = std::str::from_utf8(name).unwrap_or_default();
            return Some((placed(stamp, self.said, name, out), rest));
        }
        if name != self.name.as_slice() || name.is_empty() {
            let named = String::from_utf8_lossy(name).into_owned();
            self.offset = if let Some(offset) = start() {
                out.remark(&format!(
                    "the zone {named} is taken as {} from UTC, as the starts of sessions tell",
                    written(offset)
                ));
                offset
            } else if let Some(offset) = usual(name) {
                out.remark(&format!(
                    "the zone {named} is taken as {} from UTC: say another with --tz",
                    written(offset)
                ));
                offset
            } else {
                out.remark(&format!(
                    "times are of the zone '{named}', which may be many; UTC is assumed: say it with --tz"
                ));
                0
            };
            self.name = name.to_vec();
        }
        Some((stamp - self.offset * SECOND, rest))
    }
}

/// The offset of an abbreviation that only one zone in use goes by. `CST`,
/// `IST`, `BST`, `AST` and others stand for several.
fn usual(name: &[u8]) -> Option<i64> {
    const QUARTERS: [(&[u8], i64); 22] = [
        (b"WET", 0),
        (b"WEST", 4),
        (b"CET", 4),
        (b"CEST", 8),
        (b"EET", 8),
        (b"EEST", 12),
        (b"MSK", 12),
        (b"SAST", 8),
        (b"JST", 36),
        (b"KST", 36),
        (b"HKT", 32),
        (b"AEST", 40),
        (b"AEDT", 44),
        (b"NZST", 48),
        (b"NZDT", 52),
        (b"EST", -20),
        (b"EDT", -16),
        (b"CDT", -20),
        (b"MST", -28),
        (b"MDT", -24),
        (b"PST", -32),
        (b"PDT", -28),
    ];
    let found = QUARTERS.iter().find(|(known, _)| *known == name);
    found.map(|(_, quarters)| quarters * 900)
}

fn written(offset: i64) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// ` CET` and what follows.
fn abbreviation(rest: &[u8]) -> (&[u8], &[u8]) {
    let Some(bare) = rest.strip_prefix(b" ") else {
        return (b"", rest);
    };
    let length = bare
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    if (2..=6).contains(&length) {
        (&bare[..length], &bare[length..])
    } else {
        (b"", rest)
    }
}

/// The offset that a session's start tells: written as local time, and as
/// hex seconds since 1970 at the front of its id.
pub fn offset(start: &[u8], session: &str) -> Option<i64> {
    let (local, _, _) = iso(start)?;
    let offset = local.div_euclid(SECOND) - epoch(session)?;
    (offset.abs() <= 15 * 3_600 && offset % 900 == 0).then_some(offset)
}

/// The seconds since 1970 of a session's id, `66a0b1c2.1f4`.
pub fn epoch(session: &str) -> Option<i64> {
    let (start, process) = session.split_once('.')?;
    let is_hex = |text: &str| {
        (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    if !is_hex(start) || !is_hex(process) {
        return None;
    }
    i64::from_str_radix(start, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::event::{Event, Place};

    #[derive(Default)]
    struct Told(Vec<String>);

    impl Out for Told {
        fn event(&mut self, _: &Event<'_>) {}
        fn unparsed(&mut self, _: Place) {}
        fn remark(&mut self, remark: &str) {
            self.0.push(remark.to_owned());
        }
    }

    #[test]
    fn an_ambiguous_zone_is_told_by_the_session_or_assumed_aloud() {
        let utc = iso(b"2026-03-10 08:00:00Z").unwrap().0;
        let mut told = Told::default();
        let mut clock = Clock::default();
        let start = format!("{:x}.1f4", utc / SECOND);
        let told_by = || offset(b"2026-03-10 09:00:00 CET", &start);
        let (at, rest) = clock
            .read(b"2026-03-10 09:00:00.5 CET [1]", told_by, &mut told)
            .unwrap();
        assert_eq!((at, rest), (utc + SECOND / 2, &b" [1]"[..]));
        assert!(told.0[0].contains("+01:00"), "{:?}", told.0);
        let (at, _) = clock
            .read(b"2026-03-10 08:00:00 UTC", || None, &mut told)
            .unwrap();
        assert_eq!((at, told.0.len()), (utc, 1));
        let mut clock = Clock::default();
        let (at, _) = clock
            .read(b"2026-03-10 08:00:00 IST", || None, &mut told)
            .unwrap();
        assert_eq!(at, utc);
        assert!(told.0[1].contains("IST") && told.0[1].contains("--tz"));
        let mut clock = Clock::default();
        let (at, _) = clock
            .read(b"2026-07-10 10:00:00 CEST [1]", || None, &mut told)
            .unwrap();
        assert_eq!(at, iso(b"2026-07-10 08:00:00Z").unwrap().0);
        assert!(told.0[2].contains("+02:00") && told.0[2].contains("--tz"));
    }

    #[test]
    fn what_a_person_says_comes_first() {
        let setting = Setting {
            zone: Zone::read("Asia/Kolkata"),
            ..Setting::default()
        };
        let mut told = Told::default();
        let (at, _) = Clock::new(&setting)
            .read(b"2026-03-10 13:30:00 IST", || Some(0), &mut told)
            .unwrap();
        assert_eq!(at, iso(b"2026-03-10 08:00:00Z").unwrap().0);
        assert!(told.0.is_empty());
    }
}
