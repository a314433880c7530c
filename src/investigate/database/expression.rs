//! Reads a boolean expression of a policy, view or function body into its
//! AND/OR tree.
//!
//! The server deparses boolean expressions with every AND and OR inside its
//! own parentheses, so counting them outside quotes is enough; no grammar of
//! SQL is attempted. Comments disappear here, so a comment never counts as a
//! check of identity.

pub mod said;

pub use super::token::{Token, tokens};

/// A boolean expression down to the pieces that are not AND, OR or NOT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Or(Vec<Node>),
    And(Vec<Node>),
    Not(Box<Node>),
    Atom(Vec<Token>),
}

/// Reads a boolean expression.
pub fn parse(tokens: &[Token]) -> Node {
    let tokens = strip_parens(tokens);
    for word in ["or", "and"] {
        let parts = split_on(tokens, word);
        if parts.len() > 1 {
            let nodes = parts.into_iter().map(parse).collect();
            return if word == "or" {
                Node::Or(nodes)
            } else {
                Node::And(nodes)
            };
        }
    }
    if tokens.first().is_some_and(|token| token.is_word("not")) {
        return Node::Not(Box::new(parse(&tokens[1..])));
    }
    branches(tokens).unwrap_or_else(|| Node::Atom(tokens.to_vec()))
}

/// `CASE WHEN a THEN b ELSE c END` as `(a AND b) OR (NOT a AND c)`. The form
/// that compares one value with many stays an atom.
fn branches(tokens: &[Token]) -> Option<Node> {
    let inside = match tokens {
        [first, inside @ .., last] if first.is_word("case") && last.is_word("end") => inside,
        _ => return None,
    };
    let (start, rest) = split_on(inside, "when")
        .split_first()
        .map(|(s, r)| (*s, r.to_vec()))?;
    if !start.is_empty() || rest.is_empty() {
        return None;
    }
    let mut before: Vec<Node> = Vec::new();
    let mut ways = Vec::new();
    for (i, part) in rest.iter().enumerate() {
        let [condition, result] = split_on(part, "then")[..] else {
            return None;
        };
        let mut results = split_on(result, "else").into_iter();
        let mut way = before.clone();
        way.extend([parse(condition), parse(results.next()?)]);
        ways.push(Node::And(way));
        before.push(Node::Not(Box::new(parse(condition))));
        if let Some(otherwise) = results.next().filter(|_| i + 1 == rest.len()) {
            let mut way = before.clone();
            way.push(parse(otherwise));
            ways.push(Node::And(way));
        }
    }
    Some(Node::Or(ways))
}

/// Removes parentheses that enclose the whole, and casts to boolean after it.
pub fn strip_parens(mut tokens: &[Token]) -> &[Token] {
    while tokens.len() >= 2
        && tokens[0].is_sign("(")
        && closing(tokens, 0) == Some(tokens.len() - 1)
    {
        // A bare sub-select keeps its parentheses: they carry meaning.
        if tokens[1].is_word("select") {
            break;
        }
        tokens = &tokens[1..tokens.len() - 1];
    }
    tokens
}

/// The index of the parenthesis that closes the one at `open`.
pub fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().skip(open) {
        if token.is_sign("(") {
            depth += 1;
        } else if token.is_sign(")") {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(i);
            }
        }
    }
    None
}

/// Splits at a word that stands outside parentheses and outside CASE.
pub fn split_on<'a>(tokens: &'a [Token], word: &str) -> Vec<&'a [Token]> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (i, token) in tokens.iter().enumerate() {
        if token.is_sign("(") || token.is_word("case") {
            depth += 1;
        } else if token.is_sign(")") || token.is_word("end") {
            depth -= 1;
        } else if depth == 0 && token.is_word(word) {
            parts.push(&tokens[start..i]);
            start = i + 1;
        }
    }
    parts.push(&tokens[start..]);
    parts
}

/// Splits `left operator right` at the first comparison outside parentheses.
pub fn comparison(tokens: &[Token]) -> Option<(&[Token], &str, &[Token])> {
    let mut depth = 0_i32;
    for (i, token) in tokens.iter().enumerate() {
        if depth == 0 && token.is_word("is") {
            // `IS DISTINCT FROM` compares too, and never answers unknown.
            let not = usize::from(tokens.get(i + 1).is_some_and(|t| t.is_word("not")));
            let words = tokens.get(i + 1 + not..i + 3 + not).unwrap_or_default();
            if matches!(words, [a, b] if a.is_word("distinct") && b.is_word("from")) {
                let operator = if not == 1 { "=" } else { "<>" };
                return Some((&tokens[..i], operator, &tokens[i + 3 + not..]));
            }
        }
        match token {
            Token::Sign(s) if s == "(" || s == "[" => depth += 1,
            Token::Sign(s) if s == ")" || s == "]" => depth -= 1,
            Token::Sign(s)
                if depth == 0
                    && matches!(
                        s.as_str(),
                        "=" | "<>"
                            | "<"
                            | ">"
                            | "<="
                            | ">="
                            | "~~"
                            | "~~*"
                            | "@>"
                            | "<@"
                            | "~"
                            | "~*"
                            | "^@"
                    ) =>
            {
                return Some((&tokens[..i], s, &tokens[i + 1..]));
            }
            _ => {}
        }
    }
    None
}

/// Drops casts, wrapping parentheses and `( SELECT x AS name)` wrappers with
/// no FROM, so that two ways to write one value compare equal.
pub fn plain(tokens: &[Token]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if tokens[at].is_sign("::") {
            at = skip_type(tokens, at + 1);
            continue;
        }
        if tokens[at].is_sign("(") {
            let end = closing(tokens, at).unwrap_or(tokens.len() - 1);
            let inside = &tokens[(at + 1).min(end)..end];
            let call =
                at > 0 && matches!(tokens[at - 1], Token::Word(_)) && !keyword(&tokens[at - 1]);
            if !call && let Some(value) = wrapped_value(inside) {
                out.extend(plain(value));
                at = end + 1;
                continue;
            }
        }
        out.push(tokens[at].clone());
        at += 1;
    }
    out
}

/// The value inside `select value as name` or inside plain parentheses with
/// nothing in them that binds looser than a value.
fn wrapped_value(inside: &[Token]) -> Option<&[Token]> {
    if inside.first()?.is_word("select") {
        if inside.iter().any(|token| token.is_word("from")) {
            return None;
        }
        let parts = split_on(&inside[1..], "as");
        return parts.first().copied();
    }
    let binds_looser = |t: &Token| {
        t.is_sign(",")
            || ["and", "or", "not", "is", "in", "any", "all"]
                .iter()
                .any(|w| t.is_word(w))
    };
    let mut depth = 0_i32;
    for token in inside {
        depth += i32::from(token.is_sign("(")) - i32::from(token.is_sign(")"));
        if depth == 0 && binds_looser(token) {
            return None;
        }
    }
    comparison(inside).is_none().then_some(inside)
}

fn keyword(token: &Token) -> bool {
    [
        "and", "or", "not", "in", "exists", "where", "on", "any", "all", "when", "then", "else",
        "select", "case",
    ]
    .iter()
    .any(|word| token.is_word(word))
}

fn skip_type(tokens: &[Token], from: usize) -> usize {
    let mut at = from;
    let mut named = false;
    while at < tokens.len() {
        match &tokens[at] {
            Token::Word(w)
                if !named
                    || matches!(
                        w.as_str(),
                        "varying" | "precision" | "without" | "with" | "time" | "zone"
                    ) =>
            {
                named = true;
                at += 1;
            }
            Token::Sign(s) if s == "." => {
                named = false;
                at += 1;
            }
            Token::Sign(s) if s == "[" || s == "]" => at += 1,
            Token::Sign(s)
                if s == "(" && named && matches!(tokens.get(at + 1), Some(Token::Number(_))) =>
            {
                at = closing(tokens, at).map_or(tokens.len(), |end| end + 1);
            }
            _ => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Node {
        parse(&tokens(text))
    }

    #[test]
    fn splits_or_outside_quotes_and_parentheses() {
        let Node::Or(parts) = tree("((a = 'x) or (y') OR (b AND c))") else {
            panic!("no or")
        };
        assert_eq!(parts.len(), 2);
        assert!(matches!(parts[1], Node::And(_)));
    }

    #[test]
    fn an_or_inside_a_subselect_or_case_stays_inside() {
        assert!(matches!(
            tree("(EXISTS ( SELECT 1 FROM t WHERE ((a) OR (b))))"),
            Node::Atom(_)
        ));
        assert!(matches!(
            tree("CASE x WHEN 1 THEN true ELSE c END"),
            Node::Atom(_)
        ));
    }

    #[test]
    fn a_case_is_read_as_its_branches() {
        let same = |a: &str, b: &str| assert_eq!(tree(a), tree(b));
        same(
            "CASE WHEN a THEN b WHEN c THEN d ELSE e END",
            "((a AND b) OR ((NOT a) AND c AND d) OR ((NOT a) AND (NOT c) AND e))",
        );
        assert_eq!(
            tree("CASE WHEN (a OR b) THEN true END"),
            Node::Or(vec![Node::And(vec![tree("a OR b"), tree("true")])])
        );
    }

    #[test]
    fn distinct_from_is_a_comparison() {
        let text = tokens("auth.uid() IS NOT DISTINCT FROM owner");
        assert!(matches!(comparison(&text), Some((_, "=", [_]))));
        let text = tokens("a IS DISTINCT FROM b");
        assert!(matches!(comparison(&text), Some(([_], "<>", [_]))));
    }

    #[test]
    fn a_wrapped_value_is_the_value() {
        let wrapped = tokens("( SELECT auth.uid() AS uid)");
        assert_eq!(plain(&wrapped), tokens("auth.uid()"));
        assert_eq!(
            plain(&tokens("(current_setting('x'::text))::uuid")),
            tokens("current_setting('x')")
        );
        assert_eq!(
            plain(&tokens("(name)::character varying(20)")),
            tokens("name")
        );
    }

    #[test]
    fn broken_text_never_panics() {
        for text in [
            "(", ")", "'", "\"", "((a)", "a::", "/*", "( SELECT", "not", "::", "$1",
        ] {
            let _ = tree(text);
            let _ = plain(&tokens(text));
        }
    }
}
