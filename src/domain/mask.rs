//! Keeps customer values and secrets out of the record.
//!
//! [`mask`] replaces what looks like an e-mail address, a phone number, a card
//! number, a Stripe object or key, a signed token or a connection password
//! with a bracketed word that says what stood there. Every text that goes
//! into an entry passes through it.

use regex_lite::{Captures, Regex};
use std::sync::LazyLock;

struct Shape {
    word: &'static str,
    pattern: LazyLock<Regex>,
}

macro_rules! shape {
    ($word:literal, $pattern:literal) => {
        Shape {
            word: $word,
            // A pattern that does not compile fails every test of this file.
            pattern: LazyLock::new(|| Regex::new($pattern).expect("a constant pattern")),
        }
    };
}

/// Order matters: the more specific shapes come first.
static SHAPES: [Shape; 7] = [
    shape!(
        "[token]",
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    ),
    shape!(
        "[private key]",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(-----END [A-Z ]*PRIVATE KEY-----)?"
    ),
    shape!(
        "[stripe secret]",
        r"\b((sk|rk)_(live|test)|whsec)_[A-Za-z0-9]{4,}"
    ),
    shape!(
        "[service key]",
        r"\b(sb_secret_|ghp_|gho_|github_pat_|xox[abp]-|AKIA)[A-Za-z0-9_-]{8,}"
    ),
    shape!(
        "[stripe id]",
        r"\b(cus|sub|pi|in|ch|pm|seti|acct|cs|txn|card|ba|src)_[A-Za-z0-9]{8,}"
    ),
    shape!("[password]", r"\b[a-z][a-z0-9+]{2,14}://[^\s:/@]+:[^\s@]+@"),
    shape!(
        "[e-mail]",
        r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
    ),
];

static DIGITS: LazyLock<Regex> =
    // The word boundaries keep it out of digests: a hexadecimal hash often has
    // thirteen digits in a row, and a masked digest is a broken reference.
    LazyLock::new(|| {
        Regex::new(r"\+?\b[0-9][0-9 ().-]{8,22}[0-9]\b").expect("a constant pattern")
    });

/// Replaces private values by words that name their kind.
pub fn mask(text: &str) -> String {
    let mut out = text.to_owned();
    for shape in &SHAPES {
        if shape.pattern.is_match(&out) {
            out = shape.pattern.replace_all(&out, shape.word).into_owned();
        }
    }
    DIGITS
        .replace_all(&out, |found: &Captures<'_>| {
            let text = &found[0];
            digit_kind(text).map_or_else(|| text.to_owned(), str::to_owned)
        })
        .into_owned()
}

/// Card numbers pass the Luhn check; phone numbers start with `+`, or are
/// broken into groups. Plain counts and dates stay.
fn digit_kind(text: &str) -> Option<&'static str> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let date_like = text.len() >= 10 && text.as_bytes().get(4) == Some(&b'-');
    if (13..=19).contains(&digits.len()) && luhn(&digits) && !date_like {
        return Some("[card number]");
    }
    (text.starts_with('+') && (8..=15).contains(&digits.len())).then_some("[phone]")
}

fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &d)| match (i % 2, d * 2) {
            (0, _) => d,
            (_, twice) if twice > 9 => twice - 9,
            (_, twice) => twice,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Masks every string inside a JSON value, keys apart.
pub fn mask_json(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => *text = mask(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(mask_json),
        serde_json::Value::Object(map) => map.values_mut().for_each(mask_json),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_values_become_words() {
        for (text, want) in [
            ("mail ada@example.com now", "mail [e-mail] now"),
            ("key sk_live_abcd1234", "key [stripe secret]"),
            ("cus_NffrFeUfNV2Hib paid", "[stripe id] paid"),
            ("call +44 20 7946 0958", "call [phone]"),
            ("4242 4242 4242 4242 declined", "[card number] declined"),
            ("postgres://app:s3cret@db/x", "[password]db/x"),
            ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF_123", "[token]"),
        ] {
            assert_eq!(mask(text), want);
        }
    }

    #[test]
    fn shapes_and_times_stay() {
        for text in [
            "public.customers has 1001 rows",
            "2026-11-23 06:45:02 to 2026-11-24",
            "policy P01 on public.invoices",
            "T+00:12 of 60:00",
            "5e0b77aa12345678901234567890abcd",
        ] {
            assert_eq!(mask(text), text);
        }
    }

    #[test]
    fn digests_stay() {
        for n in 0..2_000_u32 {
            let digest = crate::domain::digest::Digest::of(&n.to_le_bytes());
            assert_eq!(mask(digest.as_str()), digest.as_str());
        }
    }

    #[test]
    fn json_is_masked_all_the_way_down() {
        let mut value = serde_json::json!({"a": ["x@y.org", {"b": "whsec_12345"}], "n": 7});
        mask_json(&mut value);
        assert_eq!(
            value,
            serde_json::json!({"a": ["[e-mail]", {"b": "[stripe secret]"}], "n": 7})
        );
    }
}
