//! What a person watches while logs are scanned: how far it is, who got most
//! up to now, refusals around the release. A leaf; nothing of it is recorded.

use super::number::{bytes, of};
use chrono::{DateTime, Utc};

/// Slices of the time line at the most.
pub const SLICES: usize = 48;

/// The counts of a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogPicture {
    /// Bytes read, after unpacking.
    pub bytes: u64,
    /// Bytes of all files as they lie on the disk.
    pub total: u64,
    pub millis: u64,
    pub first: Option<DateTime<Utc>>,
    pub last: Option<DateTime<Utc>>,
    /// Those who got most, the first the most.
    pub top: Vec<Bar>,
    /// Refused requests, slice by slice from `first` to `last`.
    pub refused: Vec<u64>,
    /// Minutes of a slice.
    pub slice: u64,
    /// The slice in which the release went out.
    pub mark: Option<usize>,
    /// Findings up to now; the answer may have others.
    pub found: u64,
    /// Whether the scan is over.
    pub over: bool,
}

/// One principal and what it got; the name went through `visible`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bar {
    pub kind: &'static str,
    pub name: String,
    pub rows: u64,
    pub objects: u64,
    pub requests: u64,
}

impl Bar {
    /// What the bar's length stands for: rows, or else requests.
    pub const fn size(&self) -> u64 {
        if self.rows > 0 {
            self.rows
        } else {
            self.requests
        }
    }

    /// `33,012 rows, 1,203 objects`.
    pub fn amount(&self) -> String {
        let mut said = if self.rows > 0 {
            of(self.rows, "row")
        } else {
            of(self.requests, "request")
        };
        if self.objects > 0 {
            said.push_str(&format!(", {}", of(self.objects, "object")));
        }
        said
    }
}

impl LogPicture {
    /// How far it is, in one line.
    pub fn progress(&self) -> String {
        let rate = self.bytes.saturating_mul(1_000) / self.millis.max(1);
        let mut said = if self.over {
            format!("read {}", bytes(self.bytes))
        } else if self.bytes <= self.total {
            format!("reading {} of {}", bytes(self.bytes), bytes(self.total))
        } else {
            // Packed files grow: how much is left is not known.
            format!("reading {}", bytes(self.bytes))
        };
        said.push_str(&format!(" at {}/s", bytes(rate)));
        if !self.over && self.bytes <= self.total && rate > 0 {
            said.push_str(&format!(", {} s left", (self.total - self.bytes) / rate));
        }
        let found = of(self.found, "finding");
        let so_far = if self.over { "" } else { " so far" };
        said.push_str(&format!("; {found}{so_far}"));
        said
    }

    /// From when to when the logs tell.
    pub fn span(&self) -> Option<String> {
        let form = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M").to_string();
        let (first, last) = (self.first?, self.last?);
        Some(format!("from {} to {} UTC", form(first), form(last)))
    }

    /// Puts refusals, minute by minute, into slices of equal length.
    pub fn slices(&mut self, minutes: &[(i64, u64)], release: Option<i64>) {
        let (Some(from), Some(to)) = (
            minutes.iter().map(|(minute, _)| *minute).min(),
            minutes.iter().map(|(minute, _)| *minute).max(),
        ) else {
            return;
        };
        let all = to.abs_diff(from) + 1;
        self.slice = all.div_ceil(SLICES as u64).max(1);
        let place = |minute: i64| {
            let at = minute
                .checked_sub(from)
                .and_then(|at| u64::try_from(at).ok());
            at.and_then(|at| usize::try_from(at / self.slice).ok())
        };
        let mut refused = vec![0; usize::try_from(all.div_ceil(self.slice)).unwrap_or(SLICES)];
        for (minute, count) in minutes {
            if let Some(slot) = place(*minute).and_then(|at| refused.get_mut(at)) {
                *slot += count;
            }
        }
        self.mark = release.and_then(place).filter(|at| *at < refused.len());
        self.refused = refused;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_hold_every_refusal_whatever_the_span() {
        for span in [1_i64, 47, 48, 49, 10_000, 1 << 40] {
            let mut picture = LogPicture::default();
            let minutes = [(5, 3), (5 + span, 4), (5 + span / 2, 1)];
            picture.slices(&minutes, Some(5 + span / 2));
            assert!(picture.refused.len() <= SLICES, "{span}");
            assert_eq!(picture.refused.iter().sum::<u64>(), 8, "{span}");
            let mark = picture.mark.unwrap();
            assert!(picture.refused[mark] > 0, "{span}");
        }
        let mut none = LogPicture::default();
        none.slices(&[], Some(1));
        assert!(none.refused.is_empty() && none.mark.is_none());
    }

    #[test]
    fn a_release_outside_of_the_logs_has_no_mark() {
        let mut picture = LogPicture::default();
        picture.slices(&[(10, 1), (20, 1)], Some(3));
        assert_eq!(picture.mark, None);
        picture.slices(&[(10, 1), (20, 1)], Some(99));
        assert_eq!(picture.mark, None);
    }
}
