//! An expression cut into words, numbers and signs.

use super::super::source::Span;
use super::Mistake;
use crate::domain::condition::Comparison;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters, digits, `_`, `-`; dots when more word follows, as in
    /// `database.reach`.
    Word,
    Number,
    Open,
    Close,
    /// The dot after `check(..)`.
    Dot,
    Compare(Comparison),
    /// A sign of another language, kept to say what to write instead.
    Foreign,
}

/// One token with its place in the expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub span: Span,
}

/// Signs, longest first so that `<=` is not read as `<`.
const SIGNS: [(&str, Kind); 17] = [
    ("==", Kind::Compare(Comparison::Equal)),
    ("!=", Kind::Compare(Comparison::NotEqual)),
    ("<=", Kind::Compare(Comparison::LessOrEqual)),
    (">=", Kind::Compare(Comparison::GreaterOrEqual)),
    ("<>", Kind::Foreign),
    ("&&", Kind::Foreign),
    ("||", Kind::Foreign),
    ("<", Kind::Compare(Comparison::Less)),
    (">", Kind::Compare(Comparison::Greater)),
    ("(", Kind::Open),
    (")", Kind::Close),
    (".", Kind::Dot),
    ("=", Kind::Foreign),
    ("!", Kind::Foreign),
    ("&", Kind::Foreign),
    ("|", Kind::Foreign),
    (",", Kind::Foreign),
];

/// Cuts an expression into tokens.
///
/// # Errors
/// A character that has no meaning here, such as a quote.
pub fn split(text: &str) -> Result<Vec<Token<'_>>, Mistake> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = next(&text[at..], first, at)?;
        tokens.push(Token {
            kind,
            text: &text[at..at + length],
            span: Span::new(at, at + length),
        });
        at += length;
    }
    Ok(tokens)
}

fn next(rest: &str, first: char, at: usize) -> Result<(Kind, usize), Mistake> {
    if first.is_ascii_alphanumeric() || first == '_' {
        let length = word_length(rest);
        let digits = rest[..length].bytes().all(|b| b.is_ascii_digit());
        return Ok((if digits { Kind::Number } else { Kind::Word }, length));
    }
    if let Some((sign, kind)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((*kind, sign.len()));
    }
    let help = match first {
        '"' | '\'' => "words are written without quotes",
        '-' => "counts are never negative",
        '$' | '{' | '}' | '%' => "there are no variables or templates here",
        _ => "only words, whole numbers, brackets and comparisons are read",
    };
    Err(Mistake {
        span: Span::new(at, at + first.len_utf8()),
        message: format!("`{first}` has no meaning in a condition"),
        help: help.to_owned(),
    })
}

/// A dot belongs to the word only when a letter or digit follows it.
fn word_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let dotted = *byte == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
        if !word(byte) && !dotted {
            break;
        }
        at += 1;
    }
    at
}
