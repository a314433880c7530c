//! Values of a statement: bound parameters as the log lists them,
//! `$1 = '3', $2 = NULL`, and literals as SQL writes them. A leaf.

use std::borrow::Cow;

/// The value of `$number`; `None` where it is NULL, cut, or not listed.
pub fn value(parameters: &str, number: u16) -> Option<Cow<'_, str>> {
    let bytes = parameters.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'$' {
            at += 1;
            continue;
        }
        let digits = bytes[at + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let found = parameters[at + 1..at + 1 + digits].parse::<u16>();
        at += 1 + digits;
        let Some(rest) = parameters[at..].strip_prefix(" = ") else {
            continue;
        };
        at += 3;
        let end = at + ending(rest);
        if found == Ok(number) {
            return literal(&parameters[at..end]);
        }
        at = end;
    }
    None
}

/// The length of the value at the start.
fn ending(text: &str) -> usize {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'\'') {
        return memchr::memchr(b',', bytes).unwrap_or(bytes.len());
    }
    let mut at = 1;
    while let Some(length) = memchr::memchr(b'\'', &bytes[at..]) {
        at += length + 1;
        if bytes.get(at) != Some(&b'\'') {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// A literal's value: quotes off, doubled quotes single; `None` for NULL and
/// for a text whose end was cut off.
pub fn literal(written: &str) -> Option<Cow<'_, str>> {
    let text = written.trim();
    if let Some(open) = text.find('\'').filter(|open| *open <= 2) {
        let inner = text[open + 1..].strip_suffix('\'')?;
        return Some(if inner.contains("''") {
            Cow::Owned(inner.replace("''", "'"))
        } else {
            Cow::Borrowed(inner)
        });
    }
    if let Some(inner) = text.strip_prefix("$$") {
        return inner.strip_suffix("$$").map(Cow::Borrowed);
    }
    (!text.is_empty() && !text.eq_ignore_ascii_case("null")).then_some(Cow::Borrowed(text))
}

/// The element of an array of one, `{417}`; other values as they are.
pub fn single(value: &str) -> Option<&str> {
    match value
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        Some(inner) if inner.is_empty() || inner.contains(',') => None,
        Some(inner) => Some(inner.trim_matches('"')),
        None => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_hold_quotes_commas_and_marks_of_others() {
        let listed = "$1 = 'it''s, $2 = ''x''', $2 = NULL, $3 = '', $10 = '7'";
        assert_eq!(value(listed, 1).unwrap(), "it's, $2 = 'x'");
        assert_eq!(value(listed, 2), None);
        assert_eq!(value(listed, 3).unwrap(), "");
        assert_eq!(value(listed, 10).unwrap(), "7");
        assert_eq!(value(listed, 4), None);
        assert_eq!(value("$1 = 'cut...", 1), None);
    }

    #[test]
    fn an_array_of_one_is_its_element() {
        assert_eq!(single("{417}"), Some("417"));
        assert_eq!(single("{1,2}"), None);
        assert_eq!(single("cus_1"), Some("cus_1"));
    }
}
