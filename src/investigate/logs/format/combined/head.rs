//! The fixed part of an access log's line, up to the agent.

use crate::investigate::logs::format::request::{cut, forwarded, is_address, pair};
use memchr::{memchr, memchr_iter};

/// The fields as they stand in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts<'a> {
    pub client: &'a str,
    pub user: &'a str,
    pub time: &'a str,
    /// Without its quotes.
    pub request: &'a str,
    pub status: &'a str,
    pub bytes: &'a str,
    /// What follows the bytes.
    pub rest: &'a str,
}

/// Takes a line apart; `None` where it is none of an access log.
#[inline]
pub fn parts(line: &str) -> Option<Parts<'_>> {
    // Most lines begin `ip - - [` or `ip - user [`.
    let quick = || {
        let (client, rest) = cut(line, b' ')?;
        if client.ends_with(',') {
            return None;
        }
        let rest = rest.strip_prefix("- ")?;
        let (user, rest) = if let Some(rest) = rest.strip_prefix("- [") {
            ("", rest)
        } else {
            let (user, rest) = cut(rest, b'[')?;
            (user.strip_suffix(' ')?, rest)
        };
        tail(client, user, rest)
    };
    quick().or_else(|| slowly(line))
}

/// Lines with a host before, a chain of addresses, or odd users: the time is
/// the first bracket that reads as one.
fn slowly(line: &str) -> Option<Parts<'_>> {
    for at in memchr_iter(b'[', line.as_bytes()).take(8) {
        let (front, rest) = (line.get(..at)?, line.get(at + 1..)?);
        let Some(front) = front.strip_suffix(' ') else {
            continue;
        };
        let Some((client, user)) = front_of(front) else {
            continue;
        };
        if let Some(parts) = tail(client, user, rest) {
            return Some(parts);
        }
    }
    None
}

/// The client and the user of what stands before the time.
fn front_of(front: &str) -> Option<(&str, &str)> {
    let (mut first, mut rest) = cut(front, b' ')?;
    // `app.example:443 203.0.113.9 - -`
    if !first.ends_with(',')
        && !is_address(first)
        && let Some((second, after)) = cut(rest, b' ')
        && is_address(second.trim_end_matches(','))
    {
        (first, rest) = (second, after);
    }
    // `203.0.113.9, 10.0.0.1 - -`
    let mut length = first.len();
    while front.contains(',') && first.ends_with(',') {
        let (next, after) = cut(rest, b' ')?;
        length += 1 + next.len();
        (first, rest) = (next, after);
    }
    let end = front.len() - rest.len() - 1;
    let client = front.get(end - length..end)?;
    let client = if client.contains(',') {
        forwarded(client)
    } else {
        client
    };
    let (_ident, user) = cut(rest, b' ')?;
    Some((client, user))
}

/// The line from behind the bracket of its time.
#[inline]
fn tail<'a>(client: &'a str, user: &'a str, rest: &'a str) -> Option<Parts<'a>> {
    let (time, rest) = if rest.as_bytes().get(26) == Some(&b']') {
        (rest.get(..26)?, rest.get(27..)?)
    } else {
        cut(rest, b']')?
    };
    if !time.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    let rest = match rest.strip_prefix(" \"") {
        Some(rest) => rest,
        None => between(rest)?,
    };
    let (request, rest) = closed(rest)?;
    let rest = rest.strip_prefix(' ')?;
    let (status, rest) = cut(rest, b' ').unwrap_or((rest, ""));
    let (bytes, rest) = cut(rest, b' ').unwrap_or((rest, ""));
    let sound = bytes == "-" || bytes.bytes().all(|byte| byte.is_ascii_digit());
    (sound && !bytes.is_empty()).then_some(Parts {
        client,
        user,
        time,
        request,
        status,
        bytes,
        rest,
    })
}

/// Some write the host or a number between the time and the request: up to
/// two words.
fn between(rest: &str) -> Option<&str> {
    let at = memchr(b'"', rest.as_bytes())?;
    let words = rest.get(..at)?;
    (words.starts_with(' ') && words.ends_with(' ') && words.split_whitespace().count() <= 2)
        .then(|| rest.get(at + 1..))?
}

/// The text up to its closing quote, and what follows; a backslash escapes.
fn closed(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', bytes.get(from..)?)?;
        let escapes = bytes[..at]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        if escapes % 2 == 0 {
            return Some((text.get(..at)?, text.get(at + 1..)?));
        }
        from = at + 1;
    }
}

/// The agent after the referer, and what follows it; what stands without
/// quotes is all left.
#[inline]
pub fn agent(rest: &str) -> (&str, &str) {
    let read = || {
        let (_referer, rest) = closed(rest.strip_prefix('"')?)?;
        let rest = rest.strip_prefix(" \"")?;
        // A line torn in its agent still tells the rest.
        Some(closed(rest).unwrap_or((rest, "")))
    };
    read().unwrap_or(("", rest))
}

/// Takes off the escapes of nginx and Apache: `\xHH`, `\"`, `\\`, `\n`, ..
pub fn unescape(text: &str, plain: &mut String) {
    plain.clear();
    let bytes = text.as_bytes();
    let mut made: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let (value, used) = match (byte, bytes.get(at + 1)) {
            (b'\\', Some(b'x')) => match pair(bytes.get(at + 2..at + 4)) {
                Some(value) => (value, 4),
                None => (b'\\', 1),
            },
            (b'\\', Some(escaped @ (b'"' | b'\\'))) => (*escaped, 2),
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b'r')) => (b'\r', 2),
            (b'\\', Some(b't')) => (b'\t', 2),
            _ => (*byte, 1),
        };
        made.push(value);
        at += used;
    }
    plain.push_str(&String::from_utf8_lossy(&made));
}
