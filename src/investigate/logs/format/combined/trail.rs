//! What people add to the combined log after the agent, told by its content:
//! times, a cache's word, a request's id, addresses, `key=value`.

use crate::investigate::logs::event::CacheState;
use crate::investigate::logs::format::request::{forwarded, is_address, said, seconds};

/// What the fields after the agent say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trail<'a> {
    pub cache: CacheState,
    pub request: &'a str,
    pub trace: &'a str,
    pub duration_ns: Option<u64>,
    /// Of `X-Forwarded-For`.
    pub forwarded: &'a str,
    pub user: &'a str,
    pub role: &'a str,
    pub tenant: &'a str,
    /// The header of a framework bypass had a value.
    pub bypass_mark: bool,
}

/// Reads all that is left of a line.
pub fn read(mut rest: &str) -> Trail<'_> {
    let mut trail = Trail::default();
    while let Some((word, quoted, after)) = word(rest) {
        rest = after;
        let split = word.find(['=', ':']);
        match split.and_then(|at| Some((word.get(..at)?, word.get(at + 1..)?))) {
            Some((key, value)) if !quoted && is_key(key) => {
                let value = if value.is_empty() {
                    let (value, after) = opened(after);
                    rest = after;
                    value
                } else {
                    value
                };
                trail.pair(key, said(value));
            }
            _ => trail.bare(said(word), quoted),
        }
    }
    trail
}

/// The next field, whether it was quoted, and what follows.
fn word(text: &str) -> Option<(&str, bool, &str)> {
    let text = text.trim_start_matches([' ', '\t', '|', ',']);
    if text.is_empty() {
        return None;
    }
    if text.starts_with('"') {
        let (word, after) = opened(text);
        return Some((word, true, after));
    }
    let end = text.find([' ', '\t', '"']).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    Some((word.trim_matches(['[', ']']), false, after))
}

/// A quoted text at the very start, without its quotes; nothing otherwise.
fn opened(text: &str) -> (&str, &str) {
    let Some(inside) = text.strip_prefix('"') else {
        return ("", text);
    };
    let mut escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'"' if !escaped => {
                return (
                    inside.get(..at).unwrap_or(""),
                    inside.get(at + 1..).unwrap_or(""),
                );
            }
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    (inside, "")
}

fn is_key(key: &str) -> bool {
    let first = key.bytes().next();
    first.is_some_and(|byte| byte.is_ascii_alphabetic())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The words nginx has for `$upstream_cache_status`.
fn cache_word(word: &str) -> bool {
    matches!(
        word,
        "HIT" | "MISS" | "BYPASS" | "EXPIRED" | "STALE" | "UPDATING" | "REVALIDATED" | "SCARCE"
    )
}

impl<'a> Trail<'a> {
    fn bare(&mut self, word: &'a str, quoted: bool) {
        if word.is_empty() {
            return;
        }
        if cache_word(word) {
            self.cache = CacheState::parse(word);
        } else if is_hex(word, 32) || is_uuid(word) {
            if self.request.is_empty() {
                self.request = word;
            }
        } else if word.contains('.') && !quoted && seconds(word).is_some() {
            // The first is `$request_time`; upstream times come after it.
            self.duration_ns = self.duration_ns.or_else(|| seconds(word));
        } else if self.forwarded.is_empty() && word.split(',').all(|part| is_address(part.trim())) {
            self.forwarded = forwarded(word);
        }
    }

    fn pair(&mut self, key: &str, value: &'a str) {
        if value.is_empty() {
            return;
        }
        match key {
            "rt" | "request_time" | "duration" => self.duration_ns = seconds(value),
            "cache" | "cs" | "ucs" | "cache_status" | "upstream_cache_status" | "x-cache" => {
                self.cache = CacheState::parse(value);
            }
            "rid" | "request_id" | "req_id" | "reqid" | "requestId" | "x-request-id" => {
                self.request = value;
            }
            "trace" | "trace_id" | "traceId" => self.trace = value,
            "xff" | "x_forwarded_for" | "http_x_forwarded_for" => self.forwarded = forwarded(value),
            "user" | "user_id" | "userId" | "uid" | "sub" => self.user = value,
            "role" => self.role = value,
            "org" | "org_id" | "orgId" | "tenant" | "tenant_id" | "workspace_id" => {
                self.tenant = value;
            }
            "x-middleware-subrequest" | "http_x_middleware_subrequest" | "xms" => {
                self.bypass_mark = true;
            }
            _ => {}
        }
    }
}

fn is_uuid(word: &str) -> bool {
    word.len() == 36
        && word.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_by_what_they_hold() {
        let trail =
            read(r#" "203.0.113.9, 10.0.0.1" 0.125 0.120 HIT 0a1b2c3d4e5f60718293a4b5c6d7e8f9"#);
        assert_eq!(trail.forwarded, "203.0.113.9");
        assert_eq!(trail.duration_ns, Some(125_000_000));
        assert_eq!(trail.cache, CacheState::Stored);
        assert_eq!(trail.request, "0a1b2c3d4e5f60718293a4b5c6d7e8f9");
    }

    #[test]
    fn pairs_are_told_by_their_key() {
        let trail =
            read(r#" rt=0.100 uct="0.000" uht="0.100" urt="0.100" cs=MISS user="u 7" org=3 rid=-"#);
        assert_eq!(trail.duration_ns, Some(100_000_000));
        assert_eq!(trail.cache, CacheState::Origin);
        assert_eq!((trail.user, trail.tenant, trail.request), ("u 7", "3", ""));
        assert_eq!(read(" cache:HIT").cache, CacheState::Stored);
        assert!(read(r#" x-middleware-subrequest="middleware""#).bypass_mark);
        assert!(!read(r#" x-middleware-subrequest="-""#).bypass_mark);
    }

    #[test]
    fn what_is_unknown_says_nothing() {
        assert_eq!(
            read(r#" "-" - . 17 "https://a.example/x" "open"#),
            Trail::default()
        );
        assert_eq!(read("  "), Trail::default());
    }
}
