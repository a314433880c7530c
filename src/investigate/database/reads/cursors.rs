//! Cursors: FETCH has the rows, DECLARE the query. A leaf beside `weigh`.

use super::sources::Statement;
use crate::investigate::database::expression::{Token, tokens};
use std::collections::BTreeMap;

/// The queries behind cursors, by role and name: FETCH has the rows, DECLARE
/// the query.
pub fn cursors(statements: &[Statement]) -> BTreeMap<(String, String), Vec<Token>> {
    let mut found = BTreeMap::new();
    for statement in statements {
        let text = statement.text.as_deref().unwrap_or_default();
        let tokens = tokens(text);
        if let [first, Token::Word(name), ..] = tokens.as_slice()
            && first.is_word("declare")
        {
            found.insert((statement.role.clone(), name.clone()), tokens);
        }
    }
    found
}

/// The cursor that a FETCH takes rows from: its last word.
pub fn cursor_of(tokens: &[Token]) -> Option<&str> {
    if !tokens.first()?.is_word("fetch") {
        return None;
    }
    let mut words = tokens.iter().rev().skip_while(|token| token.is_sign(";"));
    match words.next()? {
        Token::Word(name) => Some(name),
        _ => None,
    }
}
