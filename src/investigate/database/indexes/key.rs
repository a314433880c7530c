//! What an index could look rows up by: a column, or an expression over one.
//!
//! Two ways to write one key compare equal here; nothing else does.

use crate::investigate::database::expression::{Token, strip_parens};
use crate::investigate::database::token::word_of;
use crate::providers::postgres::{ident, literal};

/// A column, or an expression over one column and nothing else of its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub column: String,
    /// The expression without names of tables and needless parentheses.
    pub tokens: Vec<Token>,
}

impl Key {
    /// The column itself.
    #[cfg(test)]
    pub fn column(name: &str) -> Self {
        Self::over(name, "", &[Token::Word(word_of(name))])
    }

    /// An expression over the column, whose type is `kind`.
    pub fn over(column: &str, kind: &str, expression: &[Token]) -> Self {
        let mut tokens = normal(expression);
        // The server writes varchar = text as a cast that costs nothing and
        // keeps no index from being used.
        let bare = Token::Word(word_of(column));
        let cast = matches!(&tokens[..], [first, sign, to]
            if *first == bare && sign.is_sign("::") && (to.is_word("text")));
        if cast && kind == "varchar" {
            tokens.truncate(1);
        }
        Self {
            column: column.to_owned(),
            tokens,
        }
    }

    /// Whether it is the column as it stands.
    pub fn plain(&self) -> bool {
        matches!(&self.tokens[..], [Token::Word(word)] if *word == word_of(&self.column))
    }

    /// As an element of an index's definition.
    pub fn element(&self) -> String {
        if self.plain() {
            ident(&self.column)
        } else {
            format!("({})", self.sql())
        }
    }

    /// As people read it.
    pub fn shown(&self) -> String {
        if self.plain() {
            self.column.clone()
        } else {
            self.sql()
        }
    }

    fn sql(&self) -> String {
        let column = word_of(&self.column);
        let mut out = String::new();
        let mut kind = false;
        for (i, token) in self.tokens.iter().enumerate() {
            let piece = match token {
                Token::Word(word) if !kind && *word == column => ident(&self.column),
                Token::Word(word) => name(word),
                Token::Text(text) => literal(text),
                Token::Number(text) | Token::Sign(text) => text.clone(),
            };
            let close = |t: &Token| [")", ",", "::", ".", "]", "["].iter().any(|s| t.is_sign(s));
            let open = |t: &Token| ["(", "::", ".", "["].iter().any(|s| t.is_sign(s));
            let call = |t: &Token| t.is_sign("(") && matches!(self.tokens[i - 1], Token::Word(_));
            if i > 0 && !close(token) && !open(&self.tokens[i - 1]) && !call(token) {
                out.push(' ');
            }
            out.push_str(&piece);
            kind = token.is_sign("::") || (kind && token.is_sign("."));
        }
        out
    }
}

/// A word as SQL: quoted only where it has to be.
fn name(word: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if word.starts_with('"') || (word.chars().all(plain) && !word.is_empty()) {
        word.to_owned()
    } else {
        ident(word)
    }
}

/// Without parentheses around the whole and around single words.
pub fn normal(tokens: &[Token]) -> Vec<Token> {
    let tokens = strip_parens(tokens);
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let called = matches!(out.last(), Some(Token::Word(_)));
        match tokens.get(at..at + 3) {
            Some([open, inside, close]) if open.is_sign("(") && close.is_sign(")") && !called => {
                out.push(inside.clone());
                at += 3;
            }
            _ => {
                out.push(tokens[at].clone());
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::investigate::database::expression::tokens;

    fn key(column: &str, kind: &str, text: &str) -> Key {
        Key::over(column, kind, &tokens(text))
    }

    #[test]
    fn two_ways_to_write_one_key_are_equal_and_others_are_not() {
        assert_eq!(
            key("org", "uuid", "((org)::text)"),
            key("org", "uuid", "org::text")
        );
        assert!(key("org", "uuid", "((org))").plain());
        assert!(!key("org", "uuid", "(org)::text").plain());
        assert!(key("org", "varchar", "(org)::text").plain());
        assert_ne!(
            key("org", "text", "lower(org)"),
            key("org", "text", "upper(org)")
        );
        assert_eq!(
            key("org", "text", "lower((org))").tokens,
            tokens("lower(org)")
        );
    }

    #[test]
    fn a_key_is_written_with_its_column_quoted() {
        assert_eq!(
            key("org", "uuid", "(org)::text").element(),
            "(\"org\"::text)"
        );
        assert_eq!(
            key("Org\"s", "uuid", "\"Org\"\"s\"").element(),
            "\"Org\"\"s\""
        );
        assert_eq!(
            key("data", "jsonb", "((data ->> 'o''rg'::text))").element(),
            "(\"data\" ->> 'o''rg'::text)"
        );
        assert_eq!(
            key("text", "text", "lower(btrim(text, ' '::text))").element(),
            "(lower(btrim(\"text\", ' '::text)))"
        );
        assert_eq!(Key::column("select").element(), "\"select\"");
    }
}
