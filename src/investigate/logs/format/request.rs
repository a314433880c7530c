//! What every access log has: a request line, numbers, lists of addresses,
//! and fields that say "-" for nothing. A leaf.

use memchr::memchr;
use std::borrow::Cow;
use std::net::IpAddr;

/// A field that says nothing is empty.
pub fn said(text: &str) -> &str {
    if text == "-" { "" } else { text }
}

/// The part before the first `stop` and the part after it; `stop` is ASCII.
pub fn cut(text: &str, stop: u8) -> Option<(&str, &str)> {
    let at = memchr(stop, text.as_bytes())?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// A whole number without a sign, nothing around it.
pub fn number(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 19 {
        return None;
    }
    let mut value = 0_u64;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

/// Seconds written with a fraction, `0.123`, as nanoseconds.
pub fn seconds(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let nanos = if part.is_empty() { 0 } else { number(part)? };
    let digits = u32::try_from(part.len()).ok()?;
    let scaled = if digits <= 9 {
        nanos * 10_u64.pow(9 - digits)
    } else {
        nanos / 10_u64.checked_pow(digits - 9)?
    };
    number(whole)?
        .checked_mul(1_000_000_000)?
        .checked_add(scaled)
}

/// `GET /path?query HTTP/1.1` in parts; garbage has none. A whole address,
/// `GET http://host/path HTTP/1.1`, gives its path.
pub fn split_request(request: &str) -> (&str, &str, &str) {
    let parts = || {
        let (method, rest) = cut(request, b' ')?;
        let end = rest.len().checked_sub(9);
        let target = match end.and_then(|end| rest.split_at_checked(end)) {
            Some((target, version)) if version.starts_with(" HTTP/") => target,
            _ => cut(rest, b' ').map_or(rest, |(target, _)| target),
        };
        let sound = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
        let (path, query) = split_target(target);
        (sound && path.starts_with('/')).then_some((method, path, query))
    };
    parts().unwrap_or_default()
}

/// The path and the query of a request's target or of a whole address; what
/// comes after `#` never reaches a server.
pub fn split_target(target: &str) -> (&str, &str) {
    let local = if target.starts_with('/') {
        target
    } else {
        match target.split_once("://") {
            Some((_, rest)) => memchr(b'/', rest.as_bytes())
                .and_then(|at| rest.get(at..))
                .unwrap_or("/"),
            None => target,
        }
    };
    cut(local, b'?').unwrap_or((local, ""))
}

/// Whether an address is one of a private network, this machine or a link.
pub fn is_inner(address: &str) -> bool {
    match bare_address(address).parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => {
            let shared = v4.octets()[0] == 100 && (64..128).contains(&v4.octets()[1]);
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || shared
        }
        Ok(IpAddr::V6(v6)) => v6.is_loopback() || matches!(v6.segments()[0] >> 8, 0xfc..=0xfe),
        Err(_) => false,
    }
}

/// The client a chain of forwarding names, `203.0.113.9, 10.0.0.1`: the last
/// address that is no inner one, since what stands before it is only claimed.
pub fn forwarded(list: &str) -> &str {
    let said = |part: &&str| !part.is_empty() && *part != "-" && *part != "unknown";
    let mut parts = list.rsplit(',').map(str::trim).filter(said);
    let nearest = parts.clone().next().unwrap_or("");
    let outer = parts.find(|part| !is_inner(part)).unwrap_or(nearest);
    bare_address(outer)
}

/// An address without port and brackets: `[2001:db8::1]:443`, `10.0.0.1:80`.
pub fn bare_address(address: &str) -> &str {
    if let Some(rest) = address.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    match address.split_once(':') {
        Some((host, port)) if !port.contains(':') => host,
        _ => address,
    }
}

/// Whether a text is an address of the network.
pub fn is_address(text: &str) -> bool {
    bare_address(text).parse::<IpAddr>().is_ok()
}

/// `%41` as `A`, once; what is no such pair stays. Bytes that are no text
/// become a mark.
pub fn percent(text: &str) -> Cow<'_, str> {
    if memchr(b'%', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if let (b'%', Some(value)) = (byte, pair(bytes.get(at + 1..at + 3))) {
            plain.push(value);
            at += 3;
        } else {
            plain.push(*byte);
            at += 1;
        }
    }
    match String::from_utf8(plain) {
        Ok(plain) => Cow::Owned(plain),
        Err(broken) => Cow::Owned(String::from_utf8_lossy(broken.as_bytes()).into_owned()),
    }
}

/// Two hexadecimal digits as a byte.
pub fn pair(digits: Option<&[u8]>) -> Option<u8> {
    let [high, low] = digits? else { return None };
    let value = |digit: &u8| char::from(*digit).to_digit(16);
    u8::try_from(value(high)? * 16 + value(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_falls_into_its_parts() {
        for (request, want) in [
            ("GET /a/b?x=1&y HTTP/1.1", ("GET", "/a/b", "x=1&y")),
            ("GET /a b HTTP/2.0", ("GET", "/a b", "")),
            ("GET /a", ("GET", "/a", "")),
            ("GET http://h.example/a?b HTTP/1.1", ("GET", "/a", "b")),
            ("GET https://h.example HTTP/1.1", ("GET", "/", "")),
            ("OPTIONS * HTTP/1.1", ("", "", "")),
            ("CONNECT h.example:443 HTTP/1.1", ("", "", "")),
            ("\\x16\\x03\\x01", ("", "", "")),
            ("-", ("", "", "")),
            ("", ("", "", "")),
            (" / HTTP/1.1", ("", "", "")),
        ] {
            assert_eq!(split_request(request), want, "{request}");
        }
    }

    #[test]
    fn numbers_have_digits_only() {
        assert_eq!(number("0512"), Some(512));
        for text in ["", "-", "+1", "1.5", "99999999999999999999", "1 "] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(seconds("0.123"), Some(123_000_000));
        assert_eq!(seconds("12"), Some(12_000_000_000));
        assert_eq!(seconds("0.1234567891"), Some(123_456_789));
        for text in ["", ".", "x", "1.x", "-0.1"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_chain_of_forwarding_names_the_last_outer_address() {
        assert_eq!(
            forwarded("198.51.100.7, 203.0.113.9, 10.0.0.1"),
            "203.0.113.9"
        );
        assert_eq!(forwarded("10.0.0.2, 10.0.0.1"), "10.0.0.1");
        assert_eq!(forwarded("2001:db8::7"), "2001:db8::7");
        assert_eq!(forwarded("[2001:db8::7]:4000"), "2001:db8::7");
        assert_eq!(forwarded("203.0.113.9:51000"), "203.0.113.9");
        assert_eq!(forwarded("-"), "");
        assert!(is_inner("fd00::1") && is_inner("100.64.0.1") && !is_inner("8.8.8.8"));
    }

    #[test]
    fn percent_signs_are_taken_off_once() {
        assert_eq!(percent("a%2520b"), "a%20b");
        assert_eq!(percent("%zz%4"), "%zz%4");
        assert_eq!(percent("%C3%A4"), "ä");
        assert_eq!(percent("%FF"), "\u{fffd}");
    }
}
