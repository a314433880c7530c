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
    let (left, operator, right) = comparison(atom)?;
    let ([left], [right]) = (left, right) else {
        return None;
    };
    let fixed = |t: &Token| {
        matches!(t, Token::Text(_) | Token::Number(_)) || t.is_word("true") || t.is_word("false")
    };
    if !fixed(left) || !fixed(right) {
        return None;
    }
    if let (Token::Number(a), Token::Number(b)) = (left, right)
        && let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>())
    {
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

/// The texts of `ANY (ARRAY['a', 'b'])`, which is how an IN list is stored.
pub fn listed(side: &[Token]) -> Option<Vec<&str>> {
    let [any, _, array, ..] = side else {
        return None;
    };
    (any.is_word("any") && array.is_word("array")).then(|| {
        let texts = side.iter().filter_map(|token| match token {
            Token::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    })
}

/// A uuid or an address: it names one caller or one tenant.
pub fn looks_like_person(text: &str) -> bool {
    let uuid = text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    uuid || (text.contains('@') && text.contains('.'))
}

/// Whether a setting by its name switches a check off.
pub fn is_hatch(asked: &[Token], literal: &str) -> bool {
    const WORDS: [&str; 8] = [
        "bypass",
        "skip",
        "disable",
        "debug",
        "override",
        "unrestricted",
        "no_rls",
        "rls_off",
    ];
    let named = asked
        .iter()
        .any(|t| matches!(t, Token::Text(s) if WORDS.iter().any(|w| s.to_lowercase().contains(w))));
    named
        && matches!(
            literal.to_lowercase().as_str(),
            "on" | "true" | "t" | "1" | "yes" | "off" | "false"
        )
}

/// Whether a condition speaks of publication.
pub fn publication(atom: &[Token]) -> bool {
    atom.iter().enumerate().any(|(i, t)| match t {
        Token::Word(w) => {
            !atom.get(i + 1).is_some_and(|next| next.is_sign("."))
                && (w.starts_with("is_public")
                    || w.contains("publish")
                    || w == "public"
                    || w == "is_listed"
                    || w == "is_visible")
        }
        Token::Text(s) => matches!(s.as_str(), "published" | "public" | "listed"),
        _ => false,
    })
}

/// `length(x) >= 0` and its kin: something is there.
pub fn presence_test(atom: &[Token]) -> bool {
    not_empty(atom)
        || calls(atom).iter().any(|(name, _)| {
            matches!(
                name.as_str(),
                "length" | "char_length" | "octet_length" | "cardinality"
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

/// `slug LIKE claim || '%'`: what follows the claim may be anything. A
/// separator behind the claim makes it whole again, as in a path of folders.
pub fn joined_prefix(pattern: &[Token]) -> bool {
    pattern.iter().any(|t| t.is_sign("||")) && !ends_whole(pattern)
}

/// The same as a call: `starts_with(slug, claim)`.
pub fn prefix_call(atom: &[Token]) -> bool {
    let whole = closing(atom, 1) == Some(atom.len().saturating_sub(1));
    atom.first().is_some_and(|t| t.is_word("starts_with")) && whole && !ends_whole(atom)
}

fn ends_whole(text: &[Token]) -> bool {
    let last = text.iter().rev().find_map(|t| match t {
        Token::Text(text) => Some(text),
        _ => None,
    });
    last.is_some_and(|text| text.starts_with(['/', ':', '|']))
}

/// The last comma outside parentheses.
pub fn last_comma(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_i32;
    let mut found = None;
    for (i, token) in tokens.iter().enumerate() {
        depth += i32::from(token.is_sign("(")) - i32::from(token.is_sign(")"));
        if depth == 0 && token.is_sign(",") {
            found = Some(i);
        }
    }
    found
}

/// `m.org_id = m.org_id` inside a sub-select: the bare name that was meant
/// for the row bound to the inner table.
pub fn captured(atom: &[Token]) -> bool {
    atom.windows(7)
        .any(|w| w[3].is_sign("=") && w[..3] == w[4..] && w[1].is_sign("."))
}
