//! Reads the text of a policy, view or function body into tokens, and a
//! boolean expression into its AND/OR tree.
//!
//! The server deparses boolean expressions with every AND and OR inside its
//! own parentheses, so counting them outside quotes is enough; no grammar of
//! SQL is attempted. Comments disappear here, so a comment never counts as a
//! check of identity.

/// One lexical piece. Unquoted words are lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// A boolean expression down to the pieces that are not AND, OR or NOT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Or(Vec<Node>),
    And(Vec<Node>),
    Not(Box<Node>),
    Atom(Vec<Token>),
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
            out.push(Token::Word(text));
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

fn find(chars: &[char], from: usize, stop: impl Fn(char) -> bool) -> usize {
    (from..chars.len())
        .find(|i| stop(chars[*i]))
        .unwrap_or(chars.len())
}

fn skip_block_comment(chars: &[char], from: usize) -> usize {
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
    Node::Atom(tokens.to_vec())
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
            tree("CASE WHEN (a OR b) THEN true ELSE c END"),
            Node::Atom(_)
        ));
    }

    #[test]
    fn comments_vanish_and_quotes_double() {
        assert_eq!(
            tokens("a -- auth.uid()\n /* x /* y */ z */ 'it''s'"),
            vec![Token::Word("a".into()), Token::Text("it's".into())]
        );
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
