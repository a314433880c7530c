//! What all renderings need: times as logs write them, JSON text, ids, and a
//! queue that lets lines come out of order by a little. A leaf.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::io::{Result, Write};

/// A moment in UTC, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    pub year: i64,
    pub month: i64,
    pub day: i64,
    pub hour: i64,
    pub minute: i64,
    pub second: i64,
    pub ms: i64,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Clock {
    /// Takes nanoseconds since 1970 apart.
    pub const fn new(at: i64) -> Self {
        let ms = at.div_euclid(1_000_000);
        let seconds = ms.div_euclid(1_000);
        let days = seconds.div_euclid(86_400);
        let left = seconds.rem_euclid(86_400);
        // Days since 1 March of the year 0, in eras of 400 years.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * of_year + 2) / 153;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        Self {
            year: year_of_era + era * 400 + (month <= 2) as i64,
            month,
            day: of_year - (153 * shifted_month + 2) / 5 + 1,
            hour: left / 3_600,
            minute: left / 60 % 60,
            second: left % 60,
            ms: ms.rem_euclid(1_000),
        }
    }

    /// `2026-03-10`.
    pub fn date(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// `10:00:02`.
    pub fn time(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }

    /// `2026-03-10T10:00:02.123Z`.
    pub fn iso(&self) -> String {
        format!("{}T{}.{:03}Z", self.date(), self.time(), self.ms)
    }

    /// `2026-03-10 10:00:02.123 UTC`.
    pub fn postgres(&self) -> String {
        format!("{} {}.{:03} UTC", self.date(), self.time(), self.ms)
    }

    /// `10/Mar/2026:10:00:02 +0000`.
    pub fn access(&self) -> String {
        let month = usize::try_from(self.month - 1).unwrap_or(0) % 12;
        format!(
            "{:02}/{}/{:04}:{} +0000",
            self.day,
            MONTHS[month],
            self.year,
            self.time()
        )
    }
}

/// Appends a text as a JSON string.
pub fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// A number that looks random and is each time the same.
pub const fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A path with its query.
pub fn url(path: &str, query: &str) -> String {
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Waiting {
    due: i64,
    number: u64,
    text: String,
}

impl Ord for Waiting {
    // The earliest is the greatest: a heap gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.number).cmp(&(self.due, self.number))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Lines that wait for their moment.
#[derive(Debug, Default)]
pub struct Queue {
    heap: BinaryHeap<Waiting>,
    number: u64,
}

impl Queue {
    /// A line that is to be written at `due`.
    pub fn put(&mut self, due: i64, text: String) {
        self.number += 1;
        self.heap.push(Waiting {
            due,
            number: self.number,
            text,
        });
    }

    /// Writes all lines that were due before `now`.
    pub fn until(&mut self, now: i64, out: &mut dyn Write) -> Result<()> {
        while self.heap.peek().is_some_and(|first| first.due < now) {
            if let Some(first) = self.heap.pop() {
                out.write_all(first.text.as_bytes())?;
            }
        }
        Ok(())
    }

    /// Writes the rest.
    pub fn finish(&mut self, out: &mut dyn Write) -> Result<()> {
        self.until(i64::MAX, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_taken_apart() {
        let clock = Clock::new(1_773_136_802_045_000_000);
        assert_eq!(clock.postgres(), "2026-03-10 10:00:02.045 UTC");
        assert_eq!(clock.access(), "10/Mar/2026:10:00:02 +0000");
        assert_eq!(Clock::new(951_782_400_000_000_000).date(), "2000-02-29");
        assert_eq!(
            Clock::new(-1_000_000).postgres(),
            "1969-12-31 23:59:59.999 UTC"
        );
    }

    #[test]
    fn lines_come_when_they_are_due() {
        let mut queue = Queue::default();
        for (due, text) in [(5, "b"), (3, "a"), (9, "d"), (5, "c")] {
            queue.put(due, text.to_owned());
        }
        let mut out = Vec::new();
        queue.until(6, &mut out).unwrap();
        assert_eq!(out, b"abc");
        queue.finish(&mut out).unwrap();
        assert_eq!(out, b"abcd");
    }
}
