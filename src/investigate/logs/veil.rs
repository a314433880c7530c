//! A record for people to read: what is secret or personal in it is covered,
//! of longer values the ends show. Wider than what is told as a finding, since
//! a person's e-mail address alone is no leak, and still nothing to show.

use super::spill::{BESIDE, Spills, card, sample};
use memchr::{memchr_iter, memmem};
use std::ops::Range;

/// Keys whose values are covered, besides those that make a personal record;
/// a key that ends so is one of them.
const KEYS: [&str; 11] = [
    "mail",
    "full_name",
    "first_name",
    "last_name",
    "fullname",
    "firstname",
    "lastname",
    "password",
    "passwd",
    "secret",
    "token",
];

/// Keys whose values have blanks in them, to the end of the record.
const LONG: [&str; 4] = ["authorization", "cookie", "api_key", "api-key"];

/// A part of a record and what is shown in its place.
type Cover = (Range<usize>, String);

/// The record with its secrets and personal values covered, of its first
/// `most` bytes and whatever value begins in them.
pub fn veiled(spills: &Spills, record: &[u8], most: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(record.len().min(most) + 16);
    let mut at = 0;
    for (range, sample) in covers(spills, record) {
        if range.start >= most {
            break;
        }
        if range.start >= at {
            out.extend_from_slice(&record[at..range.start]);
            out.extend_from_slice(sample.as_bytes());
        }
        at = at.max(range.end);
    }
    let end = record.len().min(most);
    if at < end {
        out.extend_from_slice(&record[at..end]);
    }
    out
}

fn covers(spills: &Spills, record: &[u8]) -> Vec<Cover> {
    let mut covers = Vec::new();
    spills.each(record, &mut |spilled| {
        if !spilled.at.is_empty() {
            covers.push((spilled.at, spilled.sample));
        }
    });
    let mut from = 0;
    while let Some(at) = card(record, from) {
        from = at.end;
        covers.push((at, "..".to_owned()));
    }
    for at in memchr_iter(b'@', record) {
        covers.extend(address(record, at));
    }
    for at in memchr_iter(b'+', record) {
        covers.extend(phone(record, at));
    }
    let lower = record.to_ascii_lowercase();
    for key in KEYS.iter().chain(&BESIDE).chain(&LONG) {
        let ends = if LONG.contains(key) {
            |_: &u8| false
        } else {
            |byte: &u8| byte.is_ascii_whitespace() || b"&,;\"'})]".contains(byte)
        };
        for start in memmem::find_iter(&lower, key) {
            let value = value(record, start + key.len(), ends);
            covers.extend(value.map(|at| (at, "..".to_owned())));
        }
    }
    // The longer of two that begin together covers more.
    covers.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    covers
}

/// The e-mail address around an `@`; `%40` is found by the keys.
fn address(record: &[u8], at: usize) -> Option<Cover> {
    let is_local = |byte: &u8| {
        byte.is_ascii_alphanumeric() || b"._%+-'!#$&*/=?^`{|}~".contains(byte) || *byte >= 0x80
    };
    let is_domain =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-') || *byte >= 0x80;
    let local = record[..at].iter().rev().take(64);
    let mut local = local.take_while(|byte| is_local(byte)).count();
    // A key and its sign are no part of the address.
    if let Some(sign) = record[at - local..at]
        .iter()
        .rposition(|byte| matches!(byte, b'=' | b'&' | b'?' | b'/'))
    {
        local -= sign + 1;
    }
    let domain = record[at + 1..].iter().take(255);
    let domain = domain.take_while(|byte| is_domain(byte)).count();
    let named = record[at + 1..at + 1 + domain].contains(&b'.');
    let range = at - local..at + 1 + domain;
    (local > 0 && named).then(|| {
        let sample = sample(&record[range.clone()]);
        (range, sample)
    })
}

/// A phone number in the form for abroad. What follows a plus in a time is a
/// zone, and begins with a nought or is shorter.
fn phone(record: &[u8], at: usize) -> Option<Cover> {
    let rest = &record[at + 1..];
    if !matches!(rest.first(), Some(b'1'..=b'9')) {
        return None;
    }
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'-' | b'(' | b')');
    let length = rest.iter().take(24).take_while(|byte| is_part(byte)).count();
    let digits = |part: &[u8]| part.iter().filter(|byte| byte.is_ascii_digit()).count();
    let last = rest[..length].iter().rposition(u8::is_ascii_digit)?;
    (8..=15)
        .contains(&digits(&rest[..=last]))
        .then(|| (at..at + last + 2, "..".to_owned()))
}

/// The value of the key that ends at `behind`: `"key":"value"`, the same
/// within a string of JSON, `key=value` and `key: value`. `ends` tells where a
/// value without quotes is over.
fn value(record: &[u8], behind: usize, ends: fn(&u8) -> bool) -> Option<Range<usize>> {
    let is_mark = |byte: &&u8| matches!(byte, b'"' | b'\'' | b':' | b'=' | b' ' | b'\\');
    let marks = record[behind..].iter().take(8).take_while(is_mark).count();
    let between = &record[behind..behind + marks];
    if !between.iter().any(|byte| matches!(byte, b':' | b'=')) {
        return None;
    }
    let from = behind + marks;
    let rest = &record[from..];
    let ends = match between.last() {
        Some(b'"' | b'\'') => |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\'),
        _ => ends,
    };
    let length = rest.iter().position(ends).unwrap_or(rest.len());
    let value = &rest[..length];
    let is_word = matches!(value, b"null" | b"true" | b"false") || value.starts_with(b"[");
    (length > 0 && !is_word).then(|| from..from + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let bytes = veiled(&Spills::default(), text.as_bytes(), 4_000);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn secrets_and_personal_values_are_covered_and_the_rest_is_as_it_was() {
        let key = format!("sk_{}_{}", "live", "51HxQ2eJ0aBcDeFgHiJkLm");
        for (text, want) in [
            (format!("using {key} now"), "using sk_l..Lm now"),
            ("mail of ada.byron@firm.org came".into(), "mail of ada...rg came"),
            ("GET /r?email=a%40firm.org&x=1 200".into(), "GET /r?email=..&x=1 200"),
            (r#"{"phone":"030 1234","id":"c1"}"#.into(), r#"{"phone":"..","id":"c1"}"#),
            (r#"{"m":"{\"full_name\":\"Ada B\"}"}"#.into(), r#"{"m":"{\"full_name\":\"..\"}"}"#),
            ("call +49 30 123456 at 10:00 +0200".into(), "call .. at 10:00 +0200"),
            ("card 5425233430109903 paid".into(), "card .. paid"),
            ("postgres://app:hunter22@db:5432/x".into(), "postgres://app:..@db:5432/x"),
            ("password=hunter22".into(), "password=.."),
            ("Cookie: a=bc; d=ef".into(), "Cookie: .."),
            ("secret: null, token: [redacted]".into(), "secret: null, token: [redacted]"),
        ] {
            assert_eq!(shown(&text), want);
        }
        let plain = r#"10.0.0.1 - u_7 [10/Mar/2026:08:00:05 +1000] "GET /api/c/17 HTTP/1.1" 200"#;
        assert_eq!(shown(plain), plain);
    }

    #[test]
    fn a_value_over_the_edge_is_covered_whole() {
        let text = format!("password={}", "x1".repeat(50));
        let cut = veiled(&Spills::default(), text.as_bytes(), 20);
        assert_eq!(String::from_utf8(cut).unwrap(), "password=..");
    }

    #[test]
    fn a_covered_beginning_stays_covered() {
        assert_eq!(shown("ada.byron@firm.org x"), "ada...rg x");
    }
}
