//! Texts within JSON: where they end, and what stands there when they are
//! unescaped. A leaf.

use memchr::memchr2;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The first quote or backslash from `from` on.
#[inline]
pub fn stop(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    // Most texts are short: a call costs more than these words.
    for _ in 0..3 {
        let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            break;
        };
        let word = u64::from_le_bytes(*word);
        let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
        let found = (zeros(word ^ (ONES * 0x22)) | zeros(word ^ (ONES * 0x5c))) & HIGHS;
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    memchr2(b'"', b'\\', bytes.get(at..)?).map(|length| at + length)
}

/// The closing quote of a text with backslashes.
pub fn end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at = stop(bytes, at)?;
        if bytes[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

/// Whether all bytes may stand in a text.
pub fn is_clean(bytes: &[u8]) -> bool {
    // Without an early end, so that many bytes are looked at at once.
    let least = |low: u8, byte: &u8| low.min(*byte);
    bytes.iter().fold(u8::MAX, least) >= b' '
}

/// Writes an escaped text as it is; `None` when an escape is none.
///
/// Half of a pair of surrogates, which programs leave where they cut a text,
/// becomes the mark for what can't be shown.
pub fn unescape(raw: &str, out: &mut String) -> Option<()> {
    out.clear();
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(rest.get(..at)?);
        let byte = *rest.as_bytes().get(at + 1)?;
        rest = rest.get(at + 2..)?;
        out.push(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let (letter, after) = coded(rest)?;
                rest = after;
                letter
            }
            _ => return None,
        });
    }
    out.push_str(rest);
    Some(())
}

/// Whether the escapes of a text are such, where none stands for a letter by
/// its number; `None` where one does.
pub fn are_plain_escapes(raw: &[u8]) -> Option<bool> {
    let mut at = 0;
    while let Some(length) = memchr::memchr(b'\\', raw.get(at..)?) {
        match raw.get(at + length + 1) {
            Some(b'"' | b'\\' | b'/' | b'n' | b't' | b'r' | b'b' | b'f') => at += length + 2,
            Some(b'u') => return None,
            _ => return Some(false),
        }
    }
    Some(true)
}

/// The letter whose number stands there, perhaps in two halves.
fn coded(text: &str) -> Option<(char, &str)> {
    let (first, rest) = unit(text)?;
    if (0xD800..0xDC00).contains(&first)
        && let Some((second, after)) = rest.strip_prefix("\\u").and_then(unit)
        && (0xDC00..0xE000).contains(&second)
    {
        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return Some((char::from_u32(code)?, after));
    }
    Some((
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER),
        rest,
    ))
}

fn unit(text: &str) -> Option<(u32, &str)> {
    let digits = text.get(..4)?;
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|_| hex)?;
    Some((code, text.get(4..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_at_its_quote_however_long_it_is() {
        for length in 0..80 {
            let text = "a".repeat(length);
            assert_eq!(stop(format!("{text}\"x").as_bytes(), 0), Some(length));
            assert_eq!(stop(format!("{text}\\x").as_bytes(), 0), Some(length));
            assert_eq!(end(format!("{text}\\\"\"").as_bytes(), 0), Some(length + 2));
            assert_eq!(stop(text.as_bytes(), 0), None);
        }
        // Neighbours of the two are not taken for them.
        let others: Vec<u8> = (0..=255).filter(|byte| !b"\"\\".contains(byte)).collect();
        assert_eq!(stop(&others, 0), None);
        assert_eq!(end(b"torn\\", 0), None);
    }

    #[test]
    fn escapes_are_read_or_told() {
        let read = |raw: &str| {
            let mut out = "old".to_owned();
            unescape(raw, &mut out).map(|()| out)
        };
        let want = "a\"\\/\n\t\r\u{8}\u{c}\u{e9}b";
        assert_eq!(
            read("a\\\"\\\\\\/\\n\\t\\r\\b\\f\\u00e9b").as_deref(),
            Some(want)
        );
        assert_eq!(read("\\ud83d\\ude00!").as_deref(), Some("\u{1f600}!"));
        for half in ["\\ud83d", "\\ude00", "\\ud83d\\ud83d", "\\ud83d\\n"] {
            assert!(read(half).unwrap().starts_with('\u{fffd}'), "{half}");
        }
        assert_eq!(are_plain_escapes(b"a\\n\\\"\\\\u"), Some(true));
        assert_eq!(are_plain_escapes(b"\\n\\u0041"), None);
        assert_eq!(are_plain_escapes(b"\\x"), Some(false));
        for bad in ["\\x", "\\", "\\u12", "\\u+123", "\\u00g0", "\\\u{e9}"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
