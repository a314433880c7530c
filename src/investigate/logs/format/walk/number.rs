//! Numbers within JSON. A leaf but for the value.

use super::super::facts::Value;

/// Digits that surely fit.
const SURE: usize = 18;

/// The number at `at`, and where it ends; `None` where it is none by the
/// grammar or beyond all bounds.
pub fn number(text: &str, at: usize) -> Option<(Value<'static, 'static>, usize)> {
    let bytes = text.as_bytes();
    let minus = bytes.get(at) == Some(&b'-');
    let first = at + usize::from(minus);
    let mut value = 0_u64;
    let mut end = first;
    while let Some(digit @ b'0'..=b'9') = bytes.get(end) {
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        end += 1;
    }
    let digits = end - first;
    if digits == 0 || (digits > 1 && bytes[first] == b'0') {
        return None;
    }
    if matches!(bytes.get(end), Some(b'.' | b'e' | b'E')) {
        let end = fraction(bytes, end)?;
        return Some((float(text.get(at..end)?)?, end));
    }
    if digits <= SURE {
        let value = i64::try_from(value).ok()?;
        let value = if minus { -value } else { value };
        return Some((Value::Whole(value), end));
    }
    let written = text.get(at..end)?;
    if let Ok(value) = written.parse::<i64>() {
        return Some((Value::Whole(value), end));
    }
    match written.parse::<u64>() {
        Ok(value) => Some((Value::Large(value), end)),
        Err(_) => Some((float(written)?, end)),
    }
}

fn float(written: &str) -> Option<Value<'static, 'static>> {
    let value = written.parse::<f64>().ok()?;
    value.is_finite().then_some(Value::Float(value))
}

/// Where the fraction and the exponent at `at` end.
fn fraction(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = |from: usize| {
        let rest = bytes.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(from + count)
    };
    let mut end = at;
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        end = digits(end + 1 + usize::from(sign))?;
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_grammar_has_them() {
        for (text, want) in [
            ("0", Value::Whole(0)),
            ("-12,", Value::Whole(-12)),
            ("1773129602123}", Value::Whole(1_773_129_602_123)),
            ("9223372036854775807", Value::Whole(i64::MAX)),
            ("-9223372036854775808", Value::Whole(i64::MIN)),
            ("18446744073709551615", Value::Large(u64::MAX)),
            (
                "18446744073709551616",
                Value::Float(18_446_744_073_709_551_616.0),
            ),
            ("1.5e2 ", Value::Float(150.0)),
            ("0.25", Value::Float(0.25)),
            ("1E+2", Value::Float(100.0)),
        ] {
            assert_eq!(
                number(text, 0).map(|(value, _)| value),
                Some(want),
                "{text}"
            );
        }
        for bad in [
            "", "-", "01", "1.", "1.e2", "1e", "1e+", ".5", "+1", "1e400",
        ] {
            assert_eq!(number(bad, 0), None, "{bad}");
        }
        assert_eq!(number("x12x", 1).map(|(_, end)| end), Some(3));
    }
}
