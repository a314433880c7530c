//! One record's fields by what they are, and what most formats make of them.

use super::names::{SLOTS, Slot};
use super::request::{forwarded, is_inner, number, said, split_request, split_target};
use super::walk::{Written, unescape};
use crate::investigate::logs::event::{CacheState, Event, NO_TIME, Place, Stamp};
use crate::investigate::logs::time::{SECOND, access_log, epoch, iso};

/// Fields as they were found; texts may still hold escapes.
#[derive(Debug)]
pub struct Sheet<'a> {
    values: [&'a str; SLOTS],
    /// One bit for each slot whose text has escapes.
    escaped: u64,
}

impl Default for Sheet<'_> {
    fn default() -> Self {
        Self {
            values: [""; SLOTS],
            escaped: 0,
        }
    }
}

impl<'a> Sheet<'a> {
    /// Notes a field; the first that says something stays.
    #[inline]
    pub fn put(&mut self, slot: Slot, value: &'a str, written: Written) {
        let at = slot as usize;
        if !self.values[at].is_empty() || (written == Written::Bare && value == "null") {
            return;
        }
        self.values[at] = value;
        if written == Written::Escaped {
            self.escaped |= 1 << at;
        }
    }

    /// The fields as plain texts; `scratch` takes those that had escapes.
    pub fn plain<'s>(&self, scratch: &'s mut String) -> Plain<'s>
    where
        'a: 's,
    {
        let mut values: [&'s str; SLOTS] = self.values;
        if self.escaped != 0 {
            scratch.clear();
            let mut ends = [0_usize; SLOTS];
            for (at, end) in ends.iter_mut().enumerate() {
                if self.escaped & (1 << at) != 0 {
                    unescape(self.values[at], scratch);
                }
                *end = scratch.len();
            }
            let scratch: &'s str = scratch;
            let mut from = 0;
            for (at, end) in ends.into_iter().enumerate() {
                if self.escaped & (1 << at) != 0 {
                    values[at] = scratch.get(from..end).unwrap_or("");
                }
                from = end;
            }
        }
        Plain { values }
    }
}

/// Fields as plain texts.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'s> {
    values: [&'s str; SLOTS],
}

impl<'s> Plain<'s> {
    /// The text of a field; empty where the log does not say or says `-`.
    #[inline]
    pub fn get(&self, slot: Slot) -> &'s str {
        said(self.values[slot as usize])
    }

    /// Whether the log says it.
    pub fn has(&self, slot: Slot) -> bool {
        !self.get(slot).is_empty()
    }

    /// The first of some fields that says something.
    pub fn first(&self, slots: &[Slot]) -> &'s str {
        slots
            .iter()
            .map(|slot| self.get(*slot))
            .find(|text| !text.is_empty())
            .unwrap_or("")
    }

    /// A whole number; a fraction is cut off.
    pub fn number(&self, slot: Slot) -> Option<u64> {
        let text = self.get(slot);
        number(text).or_else(|| number(text.split_once('.')?.0))
    }

    /// A time in any of the forms of [`moment`].
    pub fn at(&self, slot: Slot) -> Stamp {
        moment(self.get(slot))
    }

    /// A duration written in a unit of so many nanoseconds.
    pub fn duration(&self, unit: u64) -> Option<u64> {
        duration(self.get(Slot::Duration), unit)
    }

    /// The event most formats make of the fields.
    pub fn event(&self, place: Place) -> Event<'s> {
        let (method, path, query) = self.asked();
        let client = self.get(Slot::Client);
        let chain = self.get(Slot::Forwarded);
        let behind = client.is_empty() || is_inner(client);
        let keeping = self.get(Slot::Keeping);
        Event {
            place,
            method,
            path,
            query,
            at: self.at(Slot::Time),
            status: self.status(),
            cache: CacheState::parse(self.get(Slot::Cache)),
            rows: rows(self.get(Slot::Range)),
            bytes: self.number(Slot::Bytes).or_else(|| self.number(Slot::Size)),
            shared: is_shared(keeping) || self.number(Slot::Age).is_some_and(|age| age > 0),
            bypass_mark: self.has(Slot::Bypass),
            user: self.get(Slot::User),
            email: self.get(Slot::Email),
            key: self.get(Slot::Key),
            db_role: self.get(Slot::DbRole),
            role: self.get(Slot::Role),
            actor_tenant: self.get(Slot::ActorTenant),
            tenant: self.get(Slot::Tenant),
            client: if behind && !chain.is_empty() {
                forwarded(chain)
            } else {
                client
            },
            agent: self.get(Slot::Agent),
            route: self.get(Slot::Route),
            request: self.get(Slot::Request),
            trace: self.get(Slot::Trace),
            session: self.get(Slot::Session),
            deployment: self.get(Slot::Deployment),
            id: self.get(Slot::Id),
            ..Event::EMPTY
        }
    }

    /// An HTTP status, 0 where the log gives none.
    pub fn status(&self) -> u16 {
        let status = self.number(Slot::Status).filter(|status| *status < 1_000);
        status.map_or(0, |status| u16::try_from(status).unwrap_or(0))
    }

    /// Method, path and query, from whichever fields have them.
    fn asked(&self) -> (&'s str, &'s str, &'s str) {
        let (mut method, mut path, mut query) = split_request(self.get(Slot::Line));
        if self.has(Slot::Method) {
            method = self.get(Slot::Method);
        }
        if self.has(Slot::Target) {
            (path, query) = split_target(self.get(Slot::Target));
        }
        if path.is_empty() && self.has(Slot::Path) {
            (path, query) = split_target(self.get(Slot::Path));
        }
        if query.is_empty() {
            let own = self.get(Slot::Query);
            query = own.strip_prefix('?').unwrap_or(own);
        }
        (method, path, query)
    }
}

/// `12.5` in a unit of so many nanoseconds, as nanoseconds.
pub fn duration(text: &str, unit: u64) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = part.get(..part.len().min(9)).unwrap_or("");
    let fraction = if part.is_empty() { 0 } else { number(part)? };
    let scale = 10_u64.pow(u32::try_from(part.len()).ok()?);
    let fine = u128::from(fraction) * u128::from(unit) / u128::from(scale);
    number(whole)?
        .checked_mul(unit)?
        .checked_add(u64::try_from(fine).ok()?)
}

/// A time as JSON and tables hold it: ISO (without a zone it is UTC), a number
/// of seconds, milli-, micro- or nanoseconds, seconds with a fraction, or the
/// form of access logs. [`NO_TIME`] where it is none.
pub fn moment(text: &str) -> Stamp {
    let bytes = text.as_bytes();
    if bytes.get(4) == Some(&b'-') {
        return iso(bytes).map_or(NO_TIME, |(at, _, _)| at);
    }
    if bytes.get(2) == Some(&b'/') {
        return access_log(bytes);
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let Some(count) = number(whole).and_then(|count| i64::try_from(count).ok()) else {
        return NO_TIME;
    };
    let Some(at) = epoch(count) else {
        return NO_TIME;
    };
    if part.is_empty() || at != count.wrapping_mul(SECOND) {
        return at;
    }
    let fine = super::request::seconds(&format!("0.{part}")).unwrap_or(0);
    at + i64::try_from(fine).unwrap_or(0)
}

/// The rows of `Content-Range`: `0-24/3573` are 25, `*/0` is none.
pub fn rows(range: &str) -> Option<u64> {
    let span = range.split_once('/').map_or(range, |(span, _)| span);
    let span = span.strip_prefix("items ").unwrap_or(span);
    if span == "*" {
        return Some(0);
    }
    let (from, to) = span.split_once('-')?;
    number(to)?.checked_sub(number(from)?)?.checked_add(1)
}

/// Whether `Cache-Control` lets shared caches keep an answer.
pub fn is_shared(control: &str) -> bool {
    if control.is_empty() {
        return false;
    }
    let mut shared = false;
    for word in control.split(',').map(str::trim) {
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        if is("private") || is("no-store") {
            return false;
        }
        let age = word.split_once('=');
        shared |= is("public")
            || age.is_some_and(|(name, age)| {
                name.trim().eq_ignore_ascii_case("s-maxage") && age.trim() != "0"
            });
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_say_how_many_rows_went_out() {
        assert_eq!(rows("0-24/3573"), Some(25));
        assert_eq!(rows("*/0"), Some(0));
        assert_eq!(rows("10-10/*"), Some(1));
        for range in ["", "bytes 0-1/2", "5-1/9", "x"] {
            assert_eq!(rows(range), None, "{range}");
        }
    }

    #[test]
    fn caches_may_keep_what_says_so() {
        assert!(is_shared("public, max-age=60"));
        assert!(is_shared("s-maxage=31536000, stale-while-revalidate"));
        for control in ["", "private, max-age=0", "s-maxage=0", "no-store, public", "max-age=9"] {
            assert!(!is_shared(control), "{control}");
        }
    }

    #[test]
    fn every_form_of_a_time_is_the_same_moment() {
        let at = 1_773_129_602_125_000_000;
        for text in [
            "2026-03-10T08:00:02.125Z",
            "2026-03-10T08:00:02.125",
            "2026-03-10 08:00:02.125+00:00",
            "1773129602.125",
            "1773129602125",
            "1773129602125000",
            "1773129602125000000",
        ] {
            assert_eq!(moment(text), at, "{text}");
        }
        for text in ["", "-", "soon", "12", "2026-13-10T08:00:02Z"] {
            assert_eq!(moment(text), NO_TIME, "{text}");
        }
        assert_eq!(duration("0.125", SECOND.unsigned_abs()), Some(125_000_000));
        assert_eq!(duration("12", 1), Some(12));
        assert_eq!(duration("-1", 1), None);
    }
}
