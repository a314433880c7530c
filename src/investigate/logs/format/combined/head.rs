//! The fixed part of an access log's line, up to the agent.

use crate::investigate::logs::format::request::{cut, forwarded, is_address, pair};
use memchr::{memchr, memchr_iter, memchr2};

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

/// A line as most are: nothing escaped, a request that is one, an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual<'a> {
    pub client: &'a str,
    pub user: &'a str,
    pub time: &'a str,
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a str,
    pub status: u16,
    pub bytes: Option<u64>,
    pub agent: &'a str,
    /// What follows the agent.
    pub after: &'a str,
}

/// Reads a usual line in one go; for `None` there is [`parts`].
#[inline]
pub fn usual(line: &str) -> Option<Usual<'_>> {
    const TIME: usize = 26;
    const VERSION: usize = " HTTP/1.1".len();
    let bytes = line.as_bytes();
    let (client, user, time) = front(line)?;
    let request = time + TIME + 3;
    if bytes.get(time + TIME..request)? != b"] \"" || !bytes[time].is_ascii_digit() {
        return None;
    }
    let end = plain(bytes, request)?;
    let letters = bytes[request..end].iter();
    let method = request + letters.take_while(|byte| byte.is_ascii_uppercase()).count();
    let version = end.checked_sub(VERSION).filter(|at| *at > method)?;
    let is_usual = method > request
        && bytes[method..].starts_with(b" /")
        && bytes[version..].starts_with(b" HTTP/");
    if !is_usual {
        return None;
    }
    let target = line.get(method + 1..version)?;
    let (path, query) = cut(target, b'?').unwrap_or((target, ""));
    let [b'"', b' ', a, b, c, b' '] = *bytes.get(end..)?.first_chunk::<6>()? else {
        return None;
    };
    let status = [a, b, c].iter().try_fold(0, |status, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit < 10).then(|| status * 10 + u16::from(digit))
    })?;
    let (size, referer) = size(bytes, end + 6)?;
    let agent = if bytes.get(referer..referer + 2)? == b"-\"" {
        referer + 4
    } else {
        plain(bytes, referer)? + 3
    };
    if bytes.get(agent - 2..agent)? != b" \"" {
        return None;
    }
    let after = plain(bytes, agent)?;
    Some(Usual {
        client,
        user,
        time: line.get(time..time + TIME)?,
        method: line.get(request..method)?,
        path,
        query,
        status,
        bytes: size,
        agent: line.get(agent..after)?,
        after: line.get(after + 1..)?,
    })
}

/// The client, the user, and where the time begins.
#[inline]
fn front(line: &str) -> Option<(&str, &str, usize)> {
    let bytes = line.as_bytes();
    let client = near(b' ', bytes)?;
    let from = client + 3;
    if client == 0 || bytes[client - 1] == b',' || bytes.get(client..from)? != b" - " {
        return None;
    }
    let client = line.get(..client)?;
    if bytes.get(from..from + 3)? == b"- [" {
        return Some((client, "", from + 3));
    }
    let at = from + near(b'[', bytes.get(from..)?)?;
    let user = line.get(from..at)?.strip_suffix(' ')?;
    let is_plain = !user.as_bytes().contains(&b'\\');
    is_plain.then_some((client, user, at + 1))
}

/// The first such byte, most likely one of the first sixteen.
#[inline]
fn near(stop: u8, bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let stops = ONES * u64::from(stop);
    let Some((words, rest)) = bytes.split_first_chunk::<16>() else {
        return memchr(stop, bytes);
    };
    for (at, word) in words.as_chunks::<8>().0.iter().enumerate() {
        let other = u64::from_le_bytes(*word) ^ stops;
        // The lowest mark is at the first byte that is the one.
        let found = other.wrapping_sub(ONES) & !other & (ONES << 7);
        if found != 0 {
            return Some(at * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    memchr(stop, rest).map(|at| at + words.len())
}

/// The next quote from there on, where nothing before it is escaped.
#[inline]
fn plain(bytes: &[u8], from: usize) -> Option<usize> {
    let at = from + memchr2(b'"', b'\\', bytes.get(from..)?)?;
    (bytes[at] == b'"').then_some(at)
}

/// A number of bytes, or `-`, and where the text behind ` "` begins.
#[inline]
fn size(bytes: &[u8], from: usize) -> Option<(Option<u64>, usize)> {
    const MOST: usize = 19;
    let (mut size, mut at) = (0_u64, from);
    while let Some(digit) = bytes.get(at).map(|byte| byte.wrapping_sub(b'0')) {
        if digit > 9 || at - from == MOST {
            break;
        }
        size = size * 10 + u64::from(digit);
        at += 1;
    }
    let none = at == from && bytes.get(at) == Some(&b'-');
    let at = at + usize::from(none);
    (at > from && bytes.get(at..at + 2)? == b" \"").then_some(((!none).then_some(size), at + 2))
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
