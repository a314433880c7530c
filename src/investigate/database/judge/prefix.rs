//! Whether a condition compares the row with the caller by a part only, most
//! often by how their names begin: `acme` then also means `acme-eu`.
//!
//! A pattern that goes on behind a separator, as `acme/%` does, names one
//! thing; so does one made of ids that are all of one length.

use super::super::expression::{Token, closing, comparison, split_on, strip_parens};
use super::super::helpers::calls;
use super::super::hole::Hole;
use super::Lens;
use super::inner::Inner;

/// What may stand between two names and never within one.
const SEPARATORS: [char; 6] = ['/', '.', ':', '|', '@', ','];

impl Lens<'_> {
    /// Whether the row and the caller meet by a part of a name.
    pub(super) fn by_part(&self, atom: &[Token]) -> bool {
        let Some(inner) = Inner::of(atom) else {
            let caller = |side: &[Token]| self.identity(side) && !self.rows(side);
            return open_ended(atom, &|side| self.rows(side), &caller) && !self.one_length(atom);
        };
        let of_row = |side: &[Token]| self.correlated(side);
        let other = |side: &[Token]| !self.correlated(side) && side.iter().any(|t| t.is_sign("."));
        let mut named = inner
            .asks
            .iter()
            .filter(|ask| self.correlated(ask))
            .peekable();
        let outside =
            self.rows(inner.left) || self.rows(inner.right) || self.correlated(inner.tables);
        let part = |ask: &[Token]| open_ended(ask, &of_row, &other) && !self.one_length(ask);
        !outside && named.peek().is_some() && named.all(|ask| part(ask))
    }

    /// Who gets in by that: whoever did not sign in has no name to begin with,
    /// unless a missing one is filled in.
    pub(super) fn named_in_part(&self, atom: &[Token]) -> Option<Hole> {
        if may_be_empty(atom) {
            return Some(Hole::Prefix);
        }
        self.somebody(Hole::Prefix)
    }

    /// Whether what is compared are ids, none of which begins another.
    fn one_length(&self, atom: &[Token]) -> bool {
        if may_be_empty(atom) {
            return false;
        }
        let uuid = |column: &str| {
            self.relation
                .and_then(|relation| relation.column(column))
                .is_some_and(|column| column.kind == "uuid")
        };
        // A claim is what columns of its name are.
        let keys = |key: &str| {
            let relations = self.survey.snapshot.relations.iter();
            let mut columns = relations.filter_map(|r| r.column(key)).peekable();
            key == "sub"
                || (columns.peek().is_some() && columns.all(|column| column.kind == "uuid"))
        };
        calls(atom).iter().any(|(name, _)| name == "auth.uid")
            || atom.iter().any(|token| match token {
                Token::Text(key) => keys(key.rsplit('.').next().unwrap_or(key)),
                Token::Word(word) => self.row.has(word) && uuid(word),
                _ => false,
            })
    }
}

/// Whether a missing claim becomes an empty text, with which everything begins.
fn may_be_empty(atom: &[Token]) -> bool {
    let fills = ["coalesce", "concat", "format"];
    calls(atom)
        .iter()
        .any(|(name, _)| fills.contains(&name.as_str()))
}

/// A question about one side of a comparison.
type Side<'a> = &'a dyn Fn(&[Token]) -> bool;

/// Whether the piece compares `row` with `other` by a part of the text.
fn open_ended(atom: &[Token], row: Side<'_>, other: Side<'_>) -> bool {
    let meet = |a: &[Token], b: &[Token]| (row(a) && other(b)) || (other(a) && row(b));
    let cut = calls(atom).iter().any(|(name, open)| {
        let Some(end) = closing(atom, *open) else {
            return false;
        };
        let inside = &atom[open + 1..end];
        match (name.as_str(), &listed(inside)[..]) {
            ("starts_with" | "strpos" | "position", [whole, part]) => {
                meet(whole, part) && !separated(part, "%")
            }
            ("position", [both]) => match &split_on(both, "in")[..] {
                [part, whole] => meet(whole, part) && !separated(part, "%"),
                _ => false,
            },
            ("left" | "right" | "substr" | "substring", _) => {
                let measured = calls(inside)
                    .iter()
                    .any(|(name, _)| name.contains("length"));
                let sides = comparison(atom).filter(|(_, operator, _)| *operator == "=");
                measured && sides.is_some_and(|(left, _, right)| row(left) || row(right))
            }
            _ => false,
        }
    });
    cut || comparison(atom).is_some_and(|(left, operator, right)| {
        meet(left, right)
            && match operator {
                "~~" | "~~*" => !separated(right, ""),
                "~" | "~*" => !anchored(right),
                "^@" => !separated(right, "%"),
                _ => false,
            }
    })
}

/// What stands between the commas of a call.
fn listed(inside: &[Token]) -> Vec<&[Token]> {
    let (mut depth, mut start, mut parts) = (0_i32, 0, Vec::new());
    for (at, token) in inside.iter().enumerate() {
        depth += i32::from(token.is_sign("(")) - i32::from(token.is_sign(")"));
        if depth == 0 && token.is_sign(",") {
            parts.push(&inside[start..at]);
            start = at + 1;
        }
    }
    parts.push(&inside[start..]);
    parts
}

/// The pieces that a pattern is put together from.
fn pieces(pattern: &[Token]) -> Vec<String> {
    let pattern = strip_parens(pattern);
    let text = |part: &[Token]| match strip_parens(part) {
        [Token::Text(text)] => text.clone(),
        _ => String::new(),
    };
    match calls(pattern).first() {
        Some((name, 1)) if name == "concat" && pattern.len() > 3 => {
            let parts = listed(&pattern[2..pattern.len() - 1]);
            parts.into_iter().map(text).collect()
        }
        Some((name, 1)) if name == "format" => match pattern.get(2) {
            Some(Token::Text(form)) => {
                let parts = form.split("%s").map(|part| part.replace("%%", "%"));
                parts.collect()
            }
            _ => Vec::new(),
        },
        _ => split_sign(pattern, "||").into_iter().map(text).collect(),
    }
}

/// Splits at a sign that stands outside parentheses.
fn split_sign<'a>(text: &'a [Token], sign: &str) -> Vec<&'a [Token]> {
    let (mut depth, mut start, mut parts) = (0_i32, 0, Vec::new());
    for (at, token) in text.iter().enumerate() {
        depth += i32::from(token.is_sign("(")) - i32::from(token.is_sign(")"));
        if depth == 0 && token.is_sign(sign) {
            parts.push(&text[start..at]);
            start = at + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Whether nothing, or a separator, stands between the name in a pattern and
/// what may be anything. `end` is what the operator itself adds.
fn separated(pattern: &[Token], end: &str) -> bool {
    let pieces = pieces(pattern);
    let (first, last) = (pieces.first(), pieces.last());
    let last = format!("{}{end}", last.map_or("", String::as_str));
    let before = first.and_then(|first| Some(&first[first.rfind('%')? + 1..]));
    let after = last.find('%').map(|at| &last[..at]);
    [before, after]
        .into_iter()
        .flatten()
        .all(|text| text.contains(SEPARATORS))
}

/// Whether a regular expression names the whole, or goes on behind a
/// separator only.
fn anchored(pattern: &[Token]) -> bool {
    let pieces = pieces(pattern);
    let first = pieces.first().map_or("", String::as_str);
    let last = pieces.last().map_or("", String::as_str);
    let ends = last.starts_with(['/', ':', '|', '(', '$', '[']) || last.starts_with("\\.");
    first.contains('^') && ends && !last.starts_with("(.")
}

#[cfg(test)]
mod tests {
    use super::super::super::expression::{plain, tokens};
    use super::*;

    fn open(text: &str) -> bool {
        let word = |side: &[Token], name: &str| side.iter().any(|t| t.is_word(name));
        let row = |side: &[Token]| word(side, "slug");
        let caller = |side: &[Token]| word(side, "claim");
        open_ended(&plain(&tokens(text)), &row, &caller)
    }

    #[test]
    fn an_open_end_is_told_from_one_behind_a_separator() {
        for text in [
            "slug ~~ (claim || '%'::text)",
            "slug ~~* (('%'::text || claim) || '%'::text)",
            "slug ~~ ('%'::text || claim)",
            "slug ~~ (claim || '-%'::text)",
            "slug ~~ concat(claim, '%')",
            "slug ~~ format('%s%%'::text, claim)",
            "claim ~~ (slug || '%'::text)",
            "slug ~ ('^'::text || claim)",
            "slug ~ (claim || '$'::text)",
            "slug ^@ claim",
            "starts_with(slug, claim)",
            "(strpos(slug, claim) = 1)",
            "POSITION((claim) IN (slug)) = 1",
            "\"left\"(slug, length(claim)) = claim",
        ] {
            assert!(open(text), "{text}");
        }
        for text in [
            "slug ~~ claim",
            "slug ~~ (claim || '/%'::text)",
            "slug ~~ (('%/'::text || claim) || '/%'::text)",
            "slug ~~ ('%.'::text || claim)",
            "slug ~~ format('%s/%%'::text, claim)",
            "slug ~ (('^'::text || claim) || '(/|$)'::text)",
            "slug ~ (('^'::text || claim) || '$'::text)",
            "starts_with(slug, (claim || '/'::text))",
            "slug ~~ (other || '%'::text)",
            "slug = claim",
            "split_part(slug, '/'::text, 1) = claim",
        ] {
            assert!(!open(text), "{text}");
        }
    }
}
