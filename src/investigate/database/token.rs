//! Reads the text of a policy, view or function body into tokens.
//!
//! Comments disappear here, so a comment never counts as a check of identity.
//! A quoted name that would read as a keyword keeps its quotes: a column
//! called "end" must not close a CASE.

use std::borrow::Cow;

/// Words of the language that the readers of tokens look for.
const KEYWORDS: [&str; 26] = [
    "and", "or", "not", "is", "in", "any", "all", "null", "true", "false", "case", "when", "then",
    "else", "end", "select", "from", "where", "on", "as", "with", "union", "distinct", "begin",
    "exists", "join",
];

/// The word by which tokens speak of a name from the catalogs.
pub fn word_of(name: &str) -> String {
    word(name).into_owned()
}

/// The same, copied only where it differs from the name.
pub fn word(name: &str) -> Cow<'_, str> {
    if KEYWORDS.contains(&name) {
        Cow::Owned(format!("\"{name}\""))
    } else {
        Cow::Borrowed(name)
    }
}

/// Whether a word of a text speaks of this name.
pub fn speaks_of(word: &str, name: &str) -> bool {
    if word == name {
        return !KEYWORDS.contains(&name);
    }
    let bare = word
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    bare == Some(name) && KEYWORDS.contains(&name)
}

/// One lexical piece. Unquoted words are lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Token {
    Word(String),
    /// A string literal, without its quotes.
    Text(String),
    Number(String),
    /// Operators and punctuation, `::` and `->>` being one piece each.
    Sign(String),
}

impl Token {
    /// Whether this is the given word.
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    /// Whether this is the given operator or punctuation.
    pub fn is_sign(&self, sign: &str) -> bool {
        matches!(self, Self::Sign(own) if own == sign)
    }
}

/// Splits SQL text into tokens; comments and white space are dropped.
pub fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let c = chars[at];
        let next = chars.get(at + 1).copied();
        if c.is_whitespace() {
            at += 1;
        } else if c == '-' && next == Some('-') {
            at = find(&chars, at, |c| c == '\n');
        } else if c == '/' && next == Some('*') {
            at = skip_block_comment(&chars, at);
        } else if c == '\'' {
            let (text, end) = quoted(&chars, at, '\'');
            // The E of an escape string is part of the literal.
            if out.last().is_some_and(|t: &Token| t.is_word("e")) {
                out.pop();
            }
            out.push(Token::Text(text));
            at = end;
        } else if c == '"' {
            let (text, end) = quoted(&chars, at, '"');
            out.push(Token::Word(word_of(&text)));
            at = end;
        } else if c.is_alphabetic() || c == '_' {
            let end = find(&chars, at, |c| {
                !(c.is_alphanumeric() || c == '_' || c == '$')
            });
            let word: String = chars[at..end].iter().collect();
            out.push(Token::Word(word.to_lowercase()));
            at = end;
        } else if c.is_ascii_digit() || (c == '$' && next.is_some_and(|c| c.is_ascii_digit())) {
            let end = find(&chars, at + 1, |c| !(c.is_ascii_alphanumeric() || c == '.'));
            out.push(Token::Number(chars[at..end].iter().collect()));
            at = end;
        } else {
            let end = sign_end(&chars, at);
            out.push(Token::Sign(chars[at..end].iter().collect()));
            at = end;
        }
    }
    out
}

/// Where the first character that `stop` takes stands, from `from` on; the end
/// of the text when there is none.
pub fn find(chars: &[char], from: usize, stop: impl Fn(char) -> bool) -> usize {
    (from..chars.len())
        .find(|i| stop(chars[*i]))
        .unwrap_or(chars.len())
}

/// Where the block comment that begins at `from` ends, those inside it
/// included; the end of the text when it is never closed.
pub fn skip_block_comment(chars: &[char], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn quoted(chars: &[char], from: usize, quote: char) -> (String, usize) {
    let mut text = String::new();
    let mut at = from + 1;
    while at < chars.len() {
        if chars[at] == quote {
            if chars.get(at + 1) != Some(&quote) {
                return (text, at + 1);
            }
            at += 1;
        }
        text.push(chars[at]);
        at += 1;
    }
    (text, at)
}

fn sign_end(chars: &[char], at: usize) -> usize {
    if matches!(chars[at], '(' | ')' | ',' | ';' | '.' | '[' | ']') {
        return at + 1;
    }
    if chars[at] == ':' {
        return if chars.get(at + 1).is_some_and(|c| matches!(c, ':' | '=')) {
            at + 2
        } else {
            at + 1
        };
    }
    let operator = |c: char| "+-*/<>=~!@#%^&|`?".contains(c);
    find(chars, at + 1, |c| !operator(c)).max(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_vanish_and_quotes_double() {
        assert_eq!(
            tokens("a -- auth.uid()\n /* x /* y */ z */ 'it''s'"),
            vec![Token::Word("a".into()), Token::Text("it's".into())]
        );
    }

    #[test]
    fn a_quoted_keyword_is_a_name_and_other_quotes_fall_away() {
        assert_eq!(
            tokens("\"end\" \"CompanyId\" END"),
            [r#""end""#, "CompanyId", "end"].map(|word| Token::Word(word.into()))
        );
        assert_eq!(word_of("end"), "\"end\"");
        assert!(speaks_of("\"end\"", "end") && speaks_of("CompanyId", "CompanyId"));
        assert!(!speaks_of("end", "end") && !speaks_of("\"CompanyId\"", "CompanyId"));
    }
}
