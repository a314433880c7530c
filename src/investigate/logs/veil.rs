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
        covers.extend(address(record, at, at + 1));
    }
    for at in memmem::find_iter(record, "%40") {
        covers.extend(address(record, at, at + 3));
    }
    literals(record, &mut covers);
    for start in memmem::find_iter(record, "name\"") {
        covers.extend(name(record, start));
    }
    for start in memmem::find_iter(record, "name\\\"") {
        covers.extend(name(record, start));
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

/// Values of SQL, in statements and among parameters: `'Ada Byron'`. What has
/// the form of an id is left, since whose data was read is told by it.
fn literals(record: &[u8], covers: &mut Vec<Cover>) {
    let mut from = 0;
    while let Some(start) = record[from..].iter().position(|byte| *byte == b'\'') {
        let start = from + start;
        from = start + 1;
        let before = record[..start].last();
        if !matches!(before, Some(b' ' | b'=' | b'(' | b',' | b'[')) {
            continue;
        }
        // A doubled quote is one within.
        let mut end = from;
        while let Some(byte) = record.get(end) {
            let doubled = record.get(end + 1) == Some(&b'\'');
            match byte {
                b'\'' if doubled => end += 2,
                b'\'' => break,
                _ => end += 1,
            }
        }
        let end = end.min(record.len());
        if from < end && !is_id(&record[from..end]) {
            covers.push((from..end, "..".to_owned()));
        }
        from = end.saturating_add(1).min(record.len());
    }
}

/// Whether a value is an id, as far as its form tells: digits in it, and
/// neither a number to call nor a day of birth.
fn is_id(value: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_:.".contains(byte);
    let only = |more: u8| value.iter().all(|b| b.is_ascii_digit() || *b == more);
    let is_call = value.len() > 5 && value[0] == b'0' && only(b'-');
    let is_day = value.len() == 10 && value[4] == b'-' && only(b'-');
    value.iter().all(is_part) && value.iter().any(u8::is_ascii_digit) && !is_call && !is_day
}

/// The value of a key that is `name` and nothing more, of several words: a
/// logger has a name as well.
fn name(record: &[u8], start: usize) -> Option<Cover> {
    let is_whole = matches!(record[..start].last(), Some(b'"'));
    let range = value(record, start + "name".len(), u8::is_ascii_whitespace)?;
    let words = &record[range.clone()];
    let several = words.contains(&b' ') || !words.is_ascii();
    (is_whole && several).then(|| (range, "..".to_owned()))
}

/// The e-mail address around its sign, whose domain begins at `behind`.
fn address(record: &[u8], at: usize, behind: usize) -> Option<Cover> {
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
    let domain = record[behind..].iter().take(255);
    let domain = domain.take_while(|byte| is_domain(byte)).count();
    let named = record[behind..behind + domain].contains(&b'.');
    let range = at - local..behind + domain;
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
    let length = rest
        .iter()
        .take(24)
        .take_while(|byte| is_part(byte))
        .count();
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
            (
                "mail of ada.byron@firm.org came".into(),
                "mail of ada...rg came",
            ),
            (
                "GET /r?email=a%40firm.org&x=1 200".into(),
                "GET /r?email=..&x=1 200",
            ),
            (
                r#"{"phone":"030 1234","id":"c1"}"#.into(),
                r#"{"phone":"..","id":"c1"}"#,
            ),
            (
                r#"{"m":"{\"full_name\":\"Ada B\"}"}"#.into(),
                r#"{"m":"{\"full_name\":\"..\"}"}"#,
            ),
            (
                "call +49 30 123456 at 10:00 +0200".into(),
                "call .. at 10:00 +0200",
            ),
            ("card 5425233430109903 paid".into(), "card .. paid"),
            (
                "postgres://app:hunter22@db:5432/x".into(),
                "postgres://app:..@db:5432/x",
            ),
            ("password=hunter22".into(), "password=.."),
            ("Cookie: a=bc; d=ef".into(), "Cookie: .."),
            (
                "GET /u/ada.byron%40firm.org 200".into(),
                "GET /u/ada...rg 200",
            ),
            (
                r#"{"name":"Ada Byron","id":"c1"}"#.into(),
                r#"{"name":"..","id":"c1"}"#,
            ),
            (
                r#"{"m":"{\"name\":\"Ada B\"}"}"#.into(),
                r#"{"m":"{\"name\":\"..\"}"}"#,
            ),
            (
                r#"{"name":"api","hostname":"web 1"}"#.into(),
                r#"{"name":"api","hostname":"web 1"}"#,
            ),
        ] {
            assert_eq!(shown(&text), want);
        }
    }

    #[test]
    fn values_of_statements_are_covered_and_words_are_not() {
        for (text, want) in [
            (
                "VALUES ('c17', 'O''Neil', '1990-01-02')",
                "VALUES ('c17', '..', '..')",
            ),
            (
                "$1 = 'Ada', $2 = '0301234567', $3 = '42'",
                "$1 = '..', $2 = '..', $3 = '42'",
            ),
            ("it can't, and won't", "it can't, and won't"),
            ("WHERE name = 'Ada cut", "WHERE name = '.."),
            (
                "secret: null, token: [redacted]",
                "secret: null, token: [redacted]",
            ),
        ] {
            assert_eq!(shown(text), want);
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
