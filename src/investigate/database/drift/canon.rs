//! The meaning of a condition as far as its form shows it: equal for two ways
//! to write one thing, and a sound, incomplete order between two conditions.
//!
//! Only what certainly changes nothing is dropped: white space, comments,
//! parentheses around one value, a cast of a literal to text, `(SELECT x)`
//! around a value, the order of what AND and OR join.

use crate::investigate::database::expression::{
    Node, Token, closing, parse, split_on, strip_parens, tokens,
};
use std::collections::BTreeSet;

/// A condition with its operands in one order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Canon {
    Or(BTreeSet<Canon>),
    And(BTreeSet<Canon>),
    Leaf(String),
}

/// Reads a condition as the server writes it.
pub fn canon(text: &str) -> Canon {
    let tokens = tokens(text);
    // CASE differs from its branches where a condition is null.
    if tokens.iter().any(|token| token.is_word("case")) {
        return Canon::Leaf(written(&tokens));
    }
    of(&parse(&tokens))
}

/// A text of any kind, such as a view's, with the same things dropped.
pub fn written(tokens: &[Token]) -> String {
    let pieces: Vec<String> = values(tokens).iter().map(spelt).collect();
    pieces.join(" ")
}

/// Whether every row that passes `narrow` certainly passes `wide`.
pub fn implies(narrow: &Canon, wide: &Canon) -> bool {
    if narrow == wide || is(narrow, "false") || is(wide, "true") {
        return true;
    }
    if let Canon::Or(parts) = narrow {
        return parts.iter().all(|part| implies(part, wide));
    }
    if let Canon::And(parts) = wide {
        return parts.iter().all(|part| implies(narrow, part));
    }
    let one_of_wide =
        matches!(wide, Canon::Or(parts) if parts.iter().any(|part| implies(narrow, part)));
    let one_of_narrow =
        matches!(narrow, Canon::And(parts) if parts.iter().any(|part| implies(part, wide)));
    one_of_wide || one_of_narrow
}

fn is(condition: &Canon, word: &str) -> bool {
    matches!(condition, Canon::Leaf(text) if text == word)
}

fn of(node: &Node) -> Canon {
    match node {
        Node::Or(parts) => {
            let mut all = BTreeSet::new();
            for part in parts.iter().map(of) {
                match part {
                    Canon::Or(inner) => all.extend(inner),
                    other => drop(all.insert(other)),
                }
            }
            single(all, Canon::Or)
        }
        Node::And(parts) => {
            let mut all = BTreeSet::new();
            for part in parts.iter().map(of) {
                match part {
                    Canon::And(inner) => all.extend(inner),
                    other => drop(all.insert(other)),
                }
            }
            single(all, Canon::And)
        }
        Node::Not(inner) => Canon::Leaf(format!("not {:?}", of(inner))),
        Node::Atom(atom) => Canon::Leaf(written(strip_parens(atom))),
    }
}

fn single(mut all: BTreeSet<Canon>, join: fn(BTreeSet<Canon>) -> Canon) -> Canon {
    match (all.len(), all.pop_first()) {
        (1, Some(only)) => only,
        (_, Some(first)) => {
            all.insert(first);
            join(all)
        }
        (_, None) => join(all),
    }
}

fn spelt(token: &Token) -> String {
    match token {
        Token::Word(text) | Token::Number(text) | Token::Sign(text) => text.clone(),
        Token::Text(text) => format!("'{}'", text.replace('\'', "''")),
    }
}

/// Drops what certainly changes nothing.
fn values(tokens: &[Token]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let literal = matches!(out.last(), Some(Token::Text(_)));
        let to_text = tokens.get(at + 1).is_some_and(|t| t.is_word("text"))
            && !tokens.get(at + 2).is_some_and(|t| t.is_sign("["));
        if token.is_sign("::") && literal && to_text {
            at += 2;
            continue;
        }
        if token.is_sign("(")
            && let Some(end) = closing(tokens, at)
        {
            let inside = values(selected(&tokens[at + 1..end]));
            if !called(&out) && one_value(&inside) {
                out.extend(inside);
            } else {
                // What was selected stays so where it is more than one value.
                out.push(token.clone());
                out.extend(values(&tokens[at + 1..end]));
                out.push(tokens[end].clone());
            }
            at = end + 1;
            continue;
        }
        out.push(token.clone());
        at += 1;
    }
    out
}

/// The value of `select value as name`, which reads no table.
fn selected(inside: &[Token]) -> &[Token] {
    const CLAUSES: [&str; 10] = [
        "from",
        "where",
        "union",
        "limit",
        "group",
        "having",
        "with",
        "distinct",
        "intersect",
        "except",
    ];
    let clause = |token: &Token| CLAUSES.iter().any(|word| token.is_word(word));
    match inside {
        [first, rest @ ..] if first.is_word("select") && !rest.iter().any(clause) => {
            split_on(rest, "as").first().copied().unwrap_or(rest)
        }
        _ => inside,
    }
}

/// Whether an opening parenthesis here belongs to what stands before it.
fn called(before: &[Token]) -> bool {
    const WORDS: [&str; 9] = [
        "and", "or", "not", "where", "on", "when", "then", "else", "as",
    ];
    match before.last() {
        Some(Token::Word(word)) => !WORDS.contains(&word.as_str()),
        Some(Token::Sign(sign)) => sign == ")" || sign == "]",
        _ => false,
    }
}

/// Whether it is a name, a literal or a call, with casts or without: nothing
/// around it can bind to a part of it.
fn one_value(inside: &[Token]) -> bool {
    let mut depth = 0_i32;
    let mut words = 0_usize;
    for (i, token) in inside.iter().enumerate() {
        let open = token.is_sign("(") || token.is_sign("[");
        if depth == 0 {
            let joined = i > 0 && (inside[i - 1].is_sign(".") || inside[i - 1].is_sign("::"));
            match token {
                Token::Word(_) | Token::Text(_) | Token::Number(_) if !joined => words += 1,
                Token::Sign(sign) if !matches!(sign.as_str(), "." | "::" | "(" | "[") => {
                    return false;
                }
                _ => {}
            }
        }
        depth += i32::from(open) - i32::from(token.is_sign(")") || token.is_sign("]"));
    }
    words == 1 && !inside.first().is_some_and(|t| t.is_sign("("))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_write_one_condition_are_equal() {
        for (a, b) in [
            ("((a = b) OR (c = d))", "(c=d) or\n (a = (b))"),
            ("(x = ( SELECT auth.uid() AS uid))", "(x = auth.uid())"),
            ("(name = 'x'::text) -- why", "name = 'x'"),
            ("((a AND b) AND c)", "(c AND (b AND a))"),
        ] {
            assert_eq!(canon(a), canon(b), "{a} and {b}");
        }
    }

    #[test]
    fn what_may_differ_stays_different() {
        for (a, b) in [
            ("(a - (b - c)) = x", "(a - b - c) = x"),
            ("(name)::character varying(3) = x", "name = x"),
            ("x = 'A'", "x = 'a'"),
            ("NOT (a OR b)", "NOT a"),
            ("x = (SELECT t.id FROM t)", "x = t.id"),
            (
                "CASE WHEN a THEN b ELSE c END",
                "((a AND b) OR ((NOT a) AND c))",
            ),
        ] {
            assert_ne!(canon(a), canon(b), "{a} and {b}");
        }
    }

    #[test]
    fn a_further_way_in_is_wider_and_a_further_test_narrower() {
        let one = canon("(org = me())");
        for wide in [
            "((org = me()) OR shared)",
            "true",
            "(shared OR (org = me()))",
        ] {
            assert!(implies(&one, &canon(wide)) && !implies(&canon(wide), &one));
        }
        let narrow = canon("((org = me()) AND active)");
        assert!(implies(&narrow, &one) && !implies(&one, &narrow));
        assert!(!implies(&one, &canon("(owner = me())")));
    }
}
