//! What proves that a needle hit a secret and not a word like one. A leaf.

use super::spilled::Spilled;
use std::ops::Range;

/// Looks at a record from the first byte of a needle on.
pub type Proof = fn(&[u8], usize) -> Option<Spilled>;

/// An e-mail address in a query string.
pub const EMAIL_IN_ADDRESS: &str = "e-mail in an address";

/// The run of bytes from `from` that `is` holds for.
fn run(record: &[u8], from: usize, is: impl Fn(u8) -> bool) -> &[u8] {
    let rest = record.get(from..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| is(**byte)).count();
    &rest[..length]
}

const fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The first four and the last two characters, where more stands between.
pub fn sample(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let letters: Vec<char> = text.chars().collect();
    if letters.len() < 12 {
        return "..".to_owned();
    }
    let first: String = letters[..4].iter().collect();
    let last: String = letters[letters.len() - 2..].iter().collect();
    format!("{first}..{last}")
}

/// A value that begins at `start`, told by its ends.
fn spilled(kind: &'static str, value: &[u8], start: usize) -> Spilled {
    Spilled {
        kind,
        sample: sample(value),
        at: start..start + value.len(),
    }
}

/// A value of which nothing is told.
fn hidden(kind: &'static str, at: Range<usize>) -> Spilled {
    Spilled {
        kind,
        sample: "..".to_owned(),
        at,
    }
}

/// A word of its own: nothing of a word stands before it.
fn begins_word(record: &[u8], start: usize) -> bool {
    start == 0 || !word(record[start - 1])
}

fn long_word(
    record: &[u8],
    start: usize,
    prefix: usize,
    least: usize,
    kind: &'static str,
) -> Option<Spilled> {
    let value = run(record, start, word);
    let is_long = value.len() >= prefix + least && begins_word(record, start);
    (is_long).then(|| spilled(kind, value, start))
}

pub fn stripe_secret(record: &[u8], start: usize) -> Option<Spilled> {
    long_word(record, start, 8, 10, "stripe secret")
}

pub fn webhook_secret(record: &[u8], start: usize) -> Option<Spilled> {
    long_word(record, start, 6, 16, "webhook secret")
}

pub fn supabase_secret(record: &[u8], start: usize) -> Option<Spilled> {
    long_word(record, start, 10, 10, "supabase secret key")
}

pub fn github_token(record: &[u8], start: usize) -> Option<Spilled> {
    long_word(record, start, 4, 30, "github token")
}

pub fn aws_key(record: &[u8], start: usize) -> Option<Spilled> {
    let value = run(record, start, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit()
    });
    (value.len() == 20 && begins_word(record, start))
        .then(|| spilled("aws access key", value, start))
}

pub fn private_key(record: &[u8], start: usize) -> Option<Spilled> {
    let head = record.get(start..(start + 48).min(record.len()))?;
    memchr::memmem::find(head, b"PRIVATE KEY-----")?;
    let end = memchr::memmem::find(&record[start..], b"-----END");
    let end = end.map_or(record.len(), |end| start + end);
    Some(hidden("private key", start..end))
}

pub fn database_password(record: &[u8], start: usize) -> Option<Spilled> {
    let rest = record.get(start..)?;
    let from = memchr::memmem::find(rest, b"://")? + 3;
    let authority = run(rest, from, |byte| {
        !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'"' | b'\'' | b'<' | b'?')
    });
    let at = memchr::memrchr(b'@', authority)?;
    let colon = memchr::memchr(b':', &authority[..at])?;
    let password = &authority[colon + 1..at];
    let begin = start + from + colon + 1;
    is_value(password).then(|| hidden("database password", begin..start + from + at))
}

/// Neither empty nor already hidden.
fn is_value(value: &[u8]) -> bool {
    const HIDDEN: [&[u8]; 8] = [
        b"redacted",
        b"[redacted]",
        b"filtered",
        b"[filtered]",
        b"null",
        b"undefined",
        b"hidden",
        b"masked",
    ];
    value.len() >= 4
        && !value
            .iter()
            .all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'\\' | b'%'))
        && !value.starts_with(b"$")
        && !HIDDEN
            .iter()
            .any(|hidden| value.eq_ignore_ascii_case(hidden))
        && !value.contains(&b'*')
}

pub fn bearer(record: &[u8], start: usize) -> Option<Spilled> {
    let value = run(record, start + 7, |byte| {
        word(byte) || matches!(byte, b'.' | b'=' | b'+' | b'/' | b'~')
    });
    // A signed token is told by its own needle.
    (value.len() >= 20 && is_value(value) && !value.starts_with(b"eyJ"))
        .then(|| spilled("bearer token", value, start + 7))
}

pub fn password(record: &[u8], start: usize) -> Option<Spilled> {
    if !begins_word(record, start) {
        return None;
    }
    let from = start + if record[start] == b'"' { 12 } else { 9 };
    let value = run(record, from, |byte| {
        !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'&' | b',' | b';' | b'\'')
    });
    is_value(value).then(|| hidden("password", from..from + value.len()))
}

/// A query's value, where the key stands behind `?`, `&` or an underscore.
fn in_query(record: &[u8], start: usize, length: usize) -> Option<&[u8]> {
    let key = record[..start]
        .iter()
        .rposition(|byte| !byte.is_ascii_alphabetic() && *byte != b'_')?;
    if !matches!(record[key], b'?' | b'&') {
        return None;
    }
    Some(run(record, start + length, |byte| {
        word(byte) || matches!(byte, b'.' | b'%' | b'@' | b'+' | b'~')
    }))
}

pub fn token_in_address(record: &[u8], start: usize) -> Option<Spilled> {
    let value = in_query(record, start, 6)?;
    (value.len() >= 12 && is_value(value) && value.iter().any(u8::is_ascii_digit))
        .then(|| spilled("token in an address", value, start + 6))
}

pub fn email_in_address(record: &[u8], start: usize) -> Option<Spilled> {
    let value = in_query(record, start, 6)?;
    let is_address = value.contains(&b'@') || memchr::memmem::find(value, b"%40").is_some();
    (is_address && memchr::memmem::find(value, b"example.").is_none()).then(|| {
        let begin = start + 6;
        hidden(EMAIL_IN_ADDRESS, begin..begin + value.len())
    })
}

/// Three parts in base64, the first two JSON; what the second says of the role
/// tells how much power it gives. A key of role `anon` is public.
pub fn signed_token(record: &[u8], start: usize) -> Option<Spilled> {
    if !begins_word(record, start) {
        return None;
    }
    let value = run(record, start, |byte| word(byte) || byte == b'.');
    let mut parts = value.split(|byte| *byte == b'.');
    let (head, body, seal) = (parts.next()?, parts.next()?, parts.next()?);
    if head.len() < 12 || body.len() < 8 || seal.len() < 8 {
        return None;
    }
    let claims: serde_json::Value = serde_json::from_slice(&decoded(body)?).ok()?;
    match claims.get("role").and_then(serde_json::Value::as_str) {
        Some("anon") => None,
        Some("service_role" | "supabase_admin") => {
            Some(spilled("service_role token", value, start))
        }
        _ => Some(spilled("session token", value, start)),
    }
}

/// The bytes of base64 with the alphabet of addresses, unpadded.
pub(super) fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return None,
        };
        bits = ((bits << 6) | u32::from(six)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xFF).ok()?);
        }
    }
    Some(out)
}
