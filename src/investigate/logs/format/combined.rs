//! The combined log of nginx and Apache:
//! `ip ident user [time] "request" status bytes "referer" "agent" ..`.
//!
//! The request may be garbage; nginx writes foreign bytes as `\xHH`. The
//! common log, without referer and agent, is read too.

use super::parser::{Format, Framing, Out, Parser, Setting};
use crate::investigate::logs::event::{Event, Place};
use crate::investigate::logs::time::access_log;
use memchr::memchr;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "combined",
    title: "nginx or Apache access log",
    framing: Framing::Lines,
    joins: false,
    claim,
    open,
};

fn claim(sample: &[u8]) -> usize {
    sample
        .split(|byte| *byte == b'\n')
        .filter(|line| read(line).is_some())
        .count()
}

fn open(_sample: &[u8], _setting: &Setting) -> Box<dyn Parser> {
    Box::new(Combined)
}

#[derive(Debug)]
struct Combined;

impl Parser for Combined {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        match read(record) {
            Some(event) => out.event(&Event { place, ..event }),
            None => out.unparsed(place),
        }
    }
}

fn text(bytes: &[u8]) -> &str {
    let text = std::str::from_utf8(bytes).unwrap_or("");
    if text == "-" { "" } else { text }
}

fn until(bytes: &[u8], stop: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr(stop, bytes)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

/// A quoted part up to its closing quote; a backslash escapes.
fn quoted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(b"\"")?;
    let mut from = 0;
    loop {
        let at = from + memchr(b'"', rest.get(from..)?)?;
        let escapes = rest[..at]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        if escapes % 2 == 0 {
            return Some((&rest[..at], &rest[at + 1..]));
        }
        from = at + 1;
    }
}

fn read(line: &[u8]) -> Option<Event<'_>> {
    let (client, rest) = until(line, b' ')?;
    let (_ident, rest) = until(rest, b' ')?;
    let (user, rest) = until(rest, b'[')?;
    let (time, rest) = until(rest, b']')?;
    let (request, rest) = quoted(rest.strip_prefix(b" ")?)?;
    let rest = rest.strip_prefix(b" ")?;
    let (status, rest) = until(rest, b' ').unwrap_or((rest, b""));
    let (bytes, rest) = until(rest, b' ').unwrap_or((rest, b""));
    let status = number(status)?;
    let at = access_log(time);
    if at == crate::investigate::logs::event::NO_TIME {
        return None;
    }
    let agent = quoted(rest)
        .and_then(|(_referer, rest)| quoted(rest.strip_prefix(b" ")?))
        .map_or("", |(agent, _)| text(agent));
    let (method, path, query) = split_request(request);
    Some(Event {
        at,
        client: text(client),
        user: text(user.strip_suffix(b" ").unwrap_or(user)),
        method,
        path,
        query,
        agent,
        status: u16::try_from(status).ok()?,
        bytes: number(bytes),
        ..Event::EMPTY
    })
}

fn number(bytes: &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for byte in bytes {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
    }
    (!bytes.is_empty()).then_some(value)
}

/// `GET /path?query HTTP/1.1` in parts; garbage has none.
pub fn split_request(request: &[u8]) -> (&str, &str, &str) {
    let parts = || {
        let (method, rest) = until(request, b' ')?;
        let target = until(rest, b' ').map_or(rest, |(target, _)| target);
        let (path, query) = until(target, b'?').unwrap_or((target, b""));
        let sound = method.iter().all(u8::is_ascii_uppercase) && path.starts_with(b"/");
        sound.then(|| (text(method), text(path), text(query)))
    };
    parts().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_falls_into_its_parts() {
        let line = br#"203.0.113.9 - u7 [10/Mar/2026:08:00:02 +0000] "GET /api/customers/41?x=1 HTTP/1.1" 200 512 "-" "Mozilla/5.0 \"q\"""#;
        let event = read(line).unwrap();
        assert_eq!((event.client, event.user), ("203.0.113.9", "u7"));
        assert_eq!(
            (event.method, event.path, event.query),
            ("GET", "/api/customers/41", "x=1")
        );
        assert_eq!((event.status, event.bytes), (200, Some(512)));
    }

    #[test]
    fn garbage_is_a_request_without_a_path() {
        let line = br#"203.0.113.9 - - [10/Mar/2026:08:00:02 +0000] "\x16\x03\x01" 400 - "-" "-""#;
        let event = read(line).unwrap();
        assert_eq!((event.path, event.status, event.bytes), ("", 400, None));
        assert!(read(b"not a log line").is_none());
    }
}
