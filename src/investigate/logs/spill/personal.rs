//! Personal data in a record: a card number, or an e-mail address beside
//! something else of the same person. A leaf.

use super::spilled::Spilled;
use memchr::memchr_iter;
use memchr::memmem;
use std::ops::Range;

/// A card number that passes its check digit.
pub const CARD: &str = "card number";
/// An e-mail address beside a phone number, an address or the like.
pub const PERSON: &str = "personal data";

/// Digits of the shortest card number.
const SHORTEST: usize = 15;

/// The gravest thing found: an e-mail address and a card are looked for where
/// they may be.
pub fn look(record: &[u8], mail: bool, card: bool) -> Option<Spilled> {
    let number = if card { self::card(record, 0) } else { None };
    let (kind, at) = if let Some(at) = number {
        (CARD, at)
    } else if mail && person(record) {
        (PERSON, 0..0)
    } else {
        return None;
    };
    Some(Spilled {
        kind,
        sample: "..".to_owned(),
        at,
    })
}

/// Bytes of a word that a run as long as a card's number covers wherever it
/// begins.
const WORD: usize = 8;

/// Words of the bytes that hold nothing but digits, by their first byte: every
/// number as long as a card's has one.
pub fn runs(bytes: &[u8], tell: &mut dyn FnMut(usize)) {
    const BLOCK: usize = 8 * WORD;
    let mut blocks = bytes.chunks_exact(BLOCK);
    let mut from = 0;
    let words = |block: &[u8], from: usize, tell: &mut dyn FnMut(usize)| {
        for (at, word) in block.as_chunks::<WORD>().0.iter().enumerate() {
            if not_digits(*word) == 0 {
                tell(from + at * WORD);
            }
        }
    };
    for block in blocks.by_ref() {
        // Without a branch, so that several words are looked at at once.
        let mut all = [0_u64; 8];
        for (word, bytes) in all.iter_mut().zip(block.as_chunks::<WORD>().0) {
            *word = not_digits(*bytes);
        }
        let any = all
            .iter()
            .fold(0, |any, other| any | (other.wrapping_sub(1) & !other));
        if any >> 63 != 0 {
            words(block, from, tell);
        }
        from += BLOCK;
    }
    words(blocks.remainder(), from, tell);
}

/// Zero where all eight bytes are digits: both halves of each are looked at at
/// once, the lower one by whether six more overflows it.
#[inline]
const fn not_digits(word: [u8; WORD]) -> u64 {
    const UPPER: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    const DIGIT: u64 = 0x3030_3030_3030_3030;
    let word = u64::from_ne_bytes(word);
    let over = word.wrapping_add(0x0606_0606_0606_0606);
    (word & UPPER) ^ DIGIT | (over & UPPER) ^ DIGIT
}

/// The first card number that begins at `from` or later, before no digit. A
/// run of so many digits covers every fifteenth byte, so only those are
/// looked at.
pub fn card(record: &[u8], from: usize) -> Option<Range<usize>> {
    let mut at = from + SHORTEST - 1;
    while at < record.len() {
        if record[at].is_ascii_digit() {
            let before = record[..at]
                .iter()
                .rev()
                .take_while(|byte| byte.is_ascii_digit());
            let start = at - before.count();
            let length = record[start..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if is_card(&record[start..start + length])
                && stands_alone(record, start, length)
                && !is_id(record, start)
            {
                return Some(start..start + length);
            }
            at = start + length;
        }
        at += SHORTEST;
    }
    None
}

/// Neither part of a longer word nor of a fraction or an id.
fn stands_alone(record: &[u8], start: usize, length: usize) -> bool {
    let joins =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
    let before = start.checked_sub(1).and_then(|at| record.get(at));
    !before.is_some_and(joins) && !record.get(start + length).is_some_and(joins)
}

/// Whether the number is the value of a key that names ids or times.
fn is_id(record: &[u8], start: usize) -> bool {
    const KEYS: [&[u8]; 8] = [
        b"id", b"ray", b"trace", b"span", b"key", b"hash", b"time", b"stamp",
    ];
    let before = &record[start.saturating_sub(160)..start];
    // The parts of a joined id, such as `fra1::..`.
    if before.ends_with(b"::") {
        return true;
    }
    let is_mark = |byte: &&u8| matches!(byte, b'"' | b'\'' | b':' | b'=' | b' ' | b'\\');
    let marks = before.iter().rev().take_while(is_mark).count();
    let mut key = before[..before.len() - marks].to_ascii_lowercase();
    // OpenTelemetry writes `"key":"..","value":{"stringValue":".."}`.
    if key.ends_with(b"value")
        && let Some(at) = memmem::rfind(&key, b"\"key\"")
    {
        let name = key[at + 5..].iter().skip_while(|byte| is_mark(byte));
        key = name.take_while(|byte| **byte != b'"').copied().collect();
    }
    marks > 0 && KEYS.iter().any(|name| key.ends_with(name))
}

fn is_card(digits: &[u8]) -> bool {
    let issuer = match digits {
        [b'3', b'4' | b'7', ..] => digits.len() == 15,
        [b'4', ..]
        | [b'5', b'1'..=b'5', ..]
        | [b'6', b'0' | b'5', ..]
        | [b'2', b'2'..=b'7', ..] => digits.len() == 16,
        _ => false,
    };
    // The numbers that payment providers give out for tests.
    let test = [
        &b"42424242"[..],
        b"41111111",
        b"55555555",
        b"400000",
        b"378282",
        b"601111",
    ];
    issuer && !test.iter().any(|known| digits.starts_with(known)) && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(digit - b'0');
            match (at % 2, digit * 2) {
                (0, _) => digit,
                (_, twice) if twice > 9 => twice - 9,
                (_, twice) => twice,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// What makes an e-mail address a person's record.
pub const BESIDE: [&str; 8] = [
    "phone",
    "street",
    "address_line",
    "postal_code",
    "iban",
    "date_of_birth",
    "last4",
    "ssn",
];

fn person(record: &[u8]) -> bool {
    memchr_iter(b'@', record)
        .take(16)
        .any(|at| is_address(record, at))
        && BESIDE
            .iter()
            .any(|word| memmem::find(record, word.as_bytes()).is_some())
}

/// Whether an e-mail address stands around the `@` at `at`; addresses under
/// `example.` are nobody's.
fn is_address(record: &[u8], at: usize) -> bool {
    let local = at
        .checked_sub(1)
        .and_then(|before| record.get(before))
        .is_some_and(u8::is_ascii_alphanumeric);
    let domain = record[at + 1..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        .count();
    let domain = &record[at + 1..at + 1 + domain];
    let dot = domain.iter().rposition(|byte| *byte == b'.');
    local
        && dot.is_some_and(|dot| dot > 0 && domain.len() - dot > 2)
        && !domain.starts_with(b"example.")
}
