//! The times that names of stored logs tell, so that what can't be of a
//! window is not fetched. A name without a time is fetched.
//!
//! Load balancers and `CloudTrail` name the moment a file was closed,
//! `CloudFront` and S3's own logs an hour or moment near it, partitions a day
//! or an hour. So much room is left to both sides that none is passed by for
//! being named early or late.

use crate::investigate::logs::event::Stamp;
use chrono::NaiveDate;
use regex_lite::{Captures, Regex};

const HOUR: i64 = 3_600_000_000_000;
/// What is in a file may be that much older than the moment it is named by ...
const BEFORE: i64 = 6 * HOUR;
/// ... or that much younger.
const AFTER: i64 = 2 * HOUR;
/// Room beside a whole day.
const BESIDE: i64 = 2 * HOUR;

/// Finds times in names.
#[derive(Debug)]
pub struct Dated {
    moment: Regex,
    hour: Regex,
    day: Regex,
}

impl Dated {
    /// The patterns, ready.
    pub fn new() -> Self {
        let day = r"(20\d\d)[-/]?(?:month=|m=)?(\d\d)[-/]?(?:day=|d=)?(\d\d)";
        Self {
            moment: pattern(&format!(r"(?:^|\D){day}[-T_](\d\d)(?:[-:]?(\d\d))?")),
            hour: pattern(&format!(r"(?:^|\D){day}/(?:hour=|h=|hr=)?(\d\d)/")),
            day: pattern(&format!(r"(?:^|\D){day}(?:\D|$)")),
        }
    }

    /// Whether something in an object of that name may be of a window, from
    /// included, to excluded.
    pub fn may_hold(&self, name: &str, window: (Stamp, Stamp)) -> bool {
        self.span(name)
            .is_none_or(|(from, to)| from < window.1 && to > window.0)
    }

    /// The time that may be in an object of that name; `None` if it tells
    /// none.
    fn span(&self, name: &str) -> Option<(Stamp, Stamp)> {
        if let Some(found) = self.moment.captures_iter(name).last() {
            let exact = found.get(5).is_some();
            let at = stamp(&found, 4)? + number(&found, 5).unwrap_or(0) * (HOUR / 60);
            return Some((at - BEFORE, at + if exact { 0 } else { HOUR } + AFTER));
        }
        if let Some(found) = self.hour.captures_iter(name).last() {
            let at = stamp(&found, 4)?;
            return Some((at - BEFORE, at + HOUR + AFTER));
        }
        let found = self.day.captures_iter(name).last()?;
        let at = stamp(&found, 0)?;
        Some((at - BESIDE, at + 24 * HOUR + BESIDE))
    }
}

fn pattern(text: &str) -> Regex {
    // Three patterns of ours, each tried by a test.
    #[expect(clippy::expect_used, reason = "a pattern of ours, held by a test")]
    Regex::new(text).expect("a pattern")
}

/// The day, with the hour in a group where there is one; `None` for what is no
/// date.
fn stamp(found: &Captures<'_>, hour: usize) -> Option<Stamp> {
    let (year, month, day) = (number(found, 1)?, number(found, 2)?, number(found, 3)?);
    let hour = if hour == 0 { 0 } else { number(found, hour)? };
    let day = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        u32::try_from(month).ok()?,
        u32::try_from(day).ok()?,
    )?;
    if hour > 23 {
        return None;
    }
    let midnight = day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_nanos_opt()?;
    Some(midnight + hour * HOUR)
}

fn number(found: &Captures<'_>, group: usize) -> Option<i64> {
    found.get(group)?.as_str().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::logs::time::iso;

    fn at(text: &str) -> Stamp {
        iso(text.as_bytes()).unwrap().0
    }

    #[test]
    fn names_of_the_days_around_a_window_are_passed_by() {
        let dated = Dated::new();
        let window = (at("2026-03-10T10:00:00Z"), at("2026-03-10T12:00:00Z"));
        for near in [
            "AWSLogs/1/elasticloadbalancing/eu-west-1/2026/03/10/1_elasticloadbalancing_eu-west-1_app.lb.5c_20260310T1005Z_10.0.0.1_x.log.gz",
            "AWSLogs/1/CloudTrail/eu-west-1/2026/03/10/1_CloudTrail_eu-west-1_20260310T1120Z_abc.json.gz",
            "cf/E2KEXAMPLE.2026-03-10-11.abcd1234.gz",
            "logpush/20260310/20260310T100000Z_20260310T100500Z_1a2b.log.gz",
            "s3/2026-03-10-10-05-30-0A1B2C3D4E5F6071",
            "otel/year=2026/month=03/day=10/hour=11/part-0.zst",
            "otel/dt=2026-03-10/part-0.zst",
            "app/2026/03/10/app.log.gz",
            // It says nothing, or what it says is no date.
            "app/current.log",
            "app/20269910/x.log",
            "app/202603101234567/x.log",
        ] {
            assert!(dated.may_hold(near, window), "{near}");
        }
        for far in [
            "AWSLogs/1/elasticloadbalancing/eu-west-1/2026/03/10/1_app.lb.5c_20260310T2305Z_x.log.gz",
            "AWSLogs/1/CloudTrail/eu-west-1/2026/03/09/1_CloudTrail_eu-west-1_20260309T1120Z_abc.json.gz",
            "cf/E2KEXAMPLE.2026-03-09-11.abcd1234.gz",
            "logpush/20260311/20260311T100000Z_20260311T100500Z_1a2b.log.gz",
            "s3/2026-03-11-10-05-30-0A1B2C3D4E5F6071",
            "otel/year=2026/month=03/day=10/hour=22/part-0.zst",
            "otel/dt=2026-03-08/part-0.zst",
            "app/2026/03/12/app.log.gz",
        ] {
            assert!(!dated.may_hold(far, window), "{far}");
        }
    }

    #[test]
    fn what_was_closed_a_little_after_a_window_may_hold_its_end() {
        let dated = Dated::new();
        let window = (at("2026-03-10T23:00:00Z"), at("2026-03-11T00:00:00Z"));
        let late = "AWSLogs/1/CloudTrail/x/2026/03/11/1_CloudTrail_x_20260311T0010Z_a.json.gz";
        assert!(dated.may_hold(late, window));
        assert!(dated.may_hold("app/2026/03/11/app.log.gz", window));
    }
}
