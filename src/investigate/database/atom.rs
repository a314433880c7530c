//! What one piece of a condition says by its form alone: constants, null
//! tests, literals, words of publication. Pure text; no catalog is asked.

use super::expression::{Token, closing, comparison};
use super::helpers::calls;

/// For each token, whether it stands inside a sub-select.
pub fn subselect_mask(atom: &[Token]) -> Vec<bool> {
    let mut mask = vec![false; atom.len()];
    for i in 0..atom.len() {
        if atom[i].is_word("select") && i > 0 && atom[i - 1].is_sign("(") {
            let end = closing(atom, i - 1).unwrap_or(atom.len());
            mask[i..end].fill(true);
        }
    }
    mask
}

/// Whether the text holds a sub-select over a table.
pub fn selects(atom: &[Token]) -> bool {
    atom.iter().any(|t| t.is_word("select")) && atom.iter().any(|t| t.is_word("from"))
}

/// The truth of a condition made of constants alone.
pub fn constant(atom: &[Token]) -> Option<bool> {
    if let [Token::Word(word)] = atom {
        return match word.as_str() {
            "true" => Some(true),
            "false" | "null" => Some(false),
            _ => None,
        };
    }
    if let Some(among) = fixed_choice(atom) {
        return Some(among);
    }
    if let Some(([tested], is_null)) = null_test(atom) {
        return match tested {
            Token::Text(_) | Token::Number(_) => Some(!is_null),
            Token::Word(word) if word == "null" => Some(is_null),
            _ => None,
        };
    }
    let (left, operator, right) = comparison(atom)?;
    let ([left], [right]) = (left, right) else {
        return None;
    };
    let fixed = |t: &Token| {
        matches!(t, Token::Text(_) | Token::Number(_)) || t.is_word("true") || t.is_word("false")
    };
    if left.is_word("null") && fixed(right) || right.is_word("null") && fixed(left) {
        return Some(false);
    }
    if !fixed(left) || !fixed(right) {
        return None;
    }
    let number = |t: &Token| match t {
        Token::Number(n) | Token::Text(n) => n.parse::<f64>().ok(),
        _ => None,
    };
    let texts = matches!((left, right), (Token::Text(_), Token::Text(_)));
    if !texts && let (Some(a), Some(b)) = (number(left), number(right)) {
        return match operator {
            "=" => Some(a.total_cmp(&b).is_eq()),
            "<>" => Some(a.total_cmp(&b).is_ne()),
            "<" => Some(a < b),
            ">" => Some(a > b),
            "<=" => Some(a <= b),
            ">=" => Some(a >= b),
            _ => None,
        };
    }
    match operator {
        "=" => Some(left == right),
        "<>" => Some(left != right),
        _ => None,
    }
}

/// `1 = ANY (ARRAY[1, 2])` of constants alone.
fn fixed_choice(atom: &[Token]) -> Option<bool> {
    let (left, "=", right) = comparison(atom)? else {
        return None;
    };
    let ([left], [any, _, array, _, inside @ .., _, _]) = (left, right) else {
        return None;
    };
    let fixed = |t: &Token| matches!(t, Token::Text(_) | Token::Number(_));
    let all = choices(inside);
    let known = all.iter().all(|one| matches!(one, [only] if fixed(only)));
    (any.is_word("any") && array.is_word("array") && fixed(left) && known)
        .then(|| all.contains(&&[left.clone()][..]))
}

/// `x IS NULL` gives `(x, true)`, `x IS NOT NULL` gives `(x, false)`.
pub fn null_test(atom: &[Token]) -> Option<(&[Token], bool)> {
    let n = atom.len();
    if n >= 3 && atom[n - 1].is_word("null") && atom[n - 2].is_word("is") {
        return (!atom[..n - 2].iter().any(|t| t.is_word("select")))
            .then_some((&atom[..n - 2], true));
    }
    if n >= 4
        && atom[n - 1].is_word("null")
        && atom[n - 2].is_word("not")
        && atom[n - 3].is_word("is")
    {
        return (!atom[..n - 3].iter().any(|t| t.is_word("select")))
            .then_some((&atom[..n - 3], false));
    }
    None
}

/// The text of a side that is one string literal.
pub fn literal(side: &[Token]) -> Option<&str> {
    match side {
        [Token::Text(text)] => Some(text),
        _ => None,
    }
}

/// The texts of `ANY (ARRAY['a', 'b'])`, which is how an IN list is stored, or
/// of `ANY ('{a,b}')`.
pub fn listed(side: &[Token]) -> Option<Vec<&str>> {
    texts_after("any", side)
}

/// The texts of `ALL (ARRAY['a', 'b'])`, which is how NOT IN is stored.
pub fn none_of(side: &[Token]) -> Option<Vec<&str>> {
    texts_after("all", side)
}

fn texts_after<'t>(word: &str, side: &'t [Token]) -> Option<Vec<&'t str>> {
    let texts = || {
        side.iter().filter_map(|token| match token {
            Token::Text(text) => Some(text.as_str()),
            _ => None,
        })
    };
    let first = side.first().is_some_and(|t| t.is_word(word));
    if first && side.iter().take(3).any(|t| t.is_word("array")) {
        return Some(texts().collect());
    }
    let whole = texts()
        .next()
        .filter(|_| first && !side.iter().any(|t| t.is_word("select")))?;
    let inside = whole.strip_prefix('{')?.strip_suffix('}')?;
    Some(
        inside
            .split(',')
            .map(|text| text.trim_matches('"'))
            .collect(),
    )
}

/// A uuid or an address: it names one caller or one tenant.
pub fn looks_like_person(text: &str) -> bool {
    let uuid = text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    uuid || (text.contains('@') && text.contains('.'))
}

/// The positions of a switch.
pub fn is_position(text: &str) -> bool {
    const POSITIONS: [&str; 12] = [
        "on", "off", "true", "false", "t", "f", "1", "0", "yes", "no", "enabled", "disabled",
    ];
    POSITIONS.contains(&text.to_lowercase().as_str())
}

/// Whether a condition asks that the row be published. One that asks for the
/// opposite, or for drafts beside, shows what nobody published.
pub fn publication(atom: &[Token]) -> bool {
    let denied = match comparison(atom) {
        Some((_, "<>", _)) => true,
        Some((_, _, right)) => {
            right.iter().any(|t| t.is_word("false"))
                || listed(right).is_some_and(|texts| !texts.iter().all(|text| published(text)))
        }
        None => {
            matches!(atom, [.., is, value] if is.is_word("is") && value.is_word("false"))
                || matches!(atom, [.., is, not, value]
                if is.is_word("is") && not.is_word("not") && value.is_word("true"))
        }
    };
    !denied && speaks_of_publication(atom)
}

/// A value that says so.
fn published(text: &str) -> bool {
    matches!(text, "published" | "public" | "listed")
}

fn speaks_of_publication(atom: &[Token]) -> bool {
    atom.iter().enumerate().any(|(i, t)| match t {
        Token::Word(w) => {
            !atom.get(i + 1).is_some_and(|next| next.is_sign("."))
                && (w.starts_with("is_public")
                    || w.contains("publish")
                    || w == "public"
                    || w == "is_listed"
                    || w == "is_visible")
        }
        Token::Text(s) => published(s) || s.starts_with('{') && s.contains("publi"),
        _ => false,
    })
}

/// `length(x) >= 0` and its kin: something is there.
pub fn presence_test(atom: &[Token]) -> bool {
    not_empty(atom)
        || calls(atom).iter().any(|(name, _)| {
            matches!(
                name.as_str(),
                "length" | "char_length" | "octet_length" | "cardinality" | "num_nonnulls"
            )
        }) && comparison(atom).is_some_and(|(_, _, right)| matches!(right, [Token::Number(_)]))
}

/// Whether the text names a column that holds what lets its bearer in.
pub fn like_token(text: &[Token]) -> bool {
    const GIVEN: [&str; 6] = ["share", "invite", "magic", "access", "public", "guest"];
    const KINDS: [&str; 6] = ["key", "code", "hash", "slug", "link", "url"];
    let named = |name: &str| {
        name.contains("token")
            || GIVEN.iter().any(|given| name.contains(given))
                && KINDS.iter().any(|kind| name.ends_with(kind))
    };
    text.iter()
        .any(|t| matches!(t, Token::Word(name) if named(name)))
}

/// `x <> ''`: not null and a little more.
fn not_empty(atom: &[Token]) -> bool {
    comparison(atom)
        .is_some_and(|(_, operator, right)| operator == "<>" && literal(right) == Some(""))
}

/// Whether the caller's address is matched in part: by its domain or by a
/// pattern with an @ in it.
pub fn email_part(atom: &[Token]) -> bool {
    const CUTS: [&str; 8] = [
        "split_part",
        "substring",
        "substr",
        "right",
        "ends_with",
        "regexp_replace",
        "strpos",
        "position",
    ];
    let pattern = atom.iter().enumerate().any(|(i, token)| {
        let like =
            matches!(token, Token::Sign(s) if matches!(s.as_str(), "~~" | "~~*" | "~" | "~*"));
        let next = atom[i + 1..].iter().find(|t| !t.is_sign("("));
        like && matches!(next, Some(Token::Text(text)) if text.contains('@'))
    });
    pattern
        || calls(atom).iter().any(|(name, open)| {
            let inside = closing(atom, *open).and_then(|end| atom.get(open + 1..end));
            CUTS.contains(&name.as_str()) && inside.is_some_and(names_own_email)
        })
}

/// Whether the text reads the caller's address out of their claims.
fn names_own_email(text: &[Token]) -> bool {
    calls(text).iter().any(|(name, _)| name == "auth.email")
        || text
            .iter()
            .any(|t| matches!(t, Token::Text(s) if s == "email" || s.ends_with(".claim.email")))
}

/// Whether the claim is one that all tokens of a sign-in service carry alike:
/// who issued them, and for whom.
pub fn of_every_token(asked: &[Token]) -> bool {
    let mut asked = asked.iter();
    asked.any(|t| matches!(t, Token::Text(key) if matches!(key.as_str(), "iss" | "aud")))
}

/// What stands between the commas outside parentheses and brackets.
pub fn choices(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut depth, mut start) = (0_i32, 0);
    let mut found = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        depth += i32::from(token.is_sign("(") || token.is_sign("["));
        depth -= i32::from(token.is_sign(")") || token.is_sign("]"));
        if depth == 0 && token.is_sign(",") {
            found.push(&tokens[start..i]);
            start = i + 1;
        }
    }
    found.push(&tokens[start..]);
    found
}

/// Whether what is asked stands in the headers of a request.
pub fn heading(asked: &[Token]) -> bool {
    let from = |t: &Token| matches!(t, Token::Text(s) if s.starts_with("request.header"));
    asked.iter().any(from)
}

/// `NOT` of a plain tie: all rows but the caller's own, or but those of whom
/// some table names. A tie that is itself turned round is left alone.
pub fn keeps_few_out(atom: &[Token]) -> bool {
    let turned = atom
        .iter()
        .any(|t| t.is_sign("<>") || t.is_sign("~~") || t.is_word("not") || t.is_word("distinct"));
    let tie = matches!(comparison(atom), Some((_, "=", _)))
        || atom.iter().any(|t| t.is_word("exists") || t.is_word("in"));
    tie && !turned
}
