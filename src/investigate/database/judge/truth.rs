//! Conditions that ask about the truth of another one: `IS NOT FALSE`,
//! `= true`, `COALESCE(x, true)`, and what NOT makes of a comparison.
//! Pure text; no catalog is asked.

use super::super::atom::{choices, null_test};
use super::super::expression::{Token, closing, comparison};
use super::super::helpers::calls;

/// A condition inside a test of its truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Test<'a> {
    pub inner: &'a [Token],
    /// The answer of the inner condition that lets a row through.
    pub wanted: bool,
    /// Whether a row passes also when the answer is unknown.
    pub unknown: bool,
    /// Whether the test itself stays unknown then, as `= true` does.
    pub strict: bool,
}

impl Test<'_> {
    /// NOT of the test.
    pub const fn turned(self) -> Self {
        Self {
            wanted: !self.wanted,
            unknown: !self.unknown && !self.strict,
            ..self
        }
    }
}

/// Reads a test of truth that is all of the atom.
pub fn test(atom: &[Token]) -> Option<Test<'_>> {
    let said = |token: &Token| match token {
        Token::Word(word) if word == "true" => Some(true),
        Token::Word(word) if word == "false" => Some(false),
        _ => None,
    };
    let told = |inner, wanted, unknown, strict| {
        Some(Test {
            inner,
            wanted,
            unknown,
            strict,
        })
    };
    let about = |inner, wanted, unknown| told(inner, wanted, unknown, false);
    match atom {
        [inner @ .., is, not, last] if is.is_word("is") && not.is_word("not") => {
            return said(last).and_then(|value| about(inner, !value, true));
        }
        [inner @ .., is, last] if is.is_word("is") && said(last).is_some() => {
            return said(last).and_then(|value| about(inner, value, false));
        }
        _ => {}
    }
    if let Some((left, operator, right)) = comparison(atom) {
        let (inner, value) = match (left, right) {
            (inner, [last]) if said(last).is_some() => (inner, said(last)?),
            ([first], inner) if said(first).is_some() => (inner, said(first)?),
            _ => return None,
        };
        let distinct = atom[left.len()].is_word("is");
        return match operator {
            "=" => told(inner, value, false, !distinct),
            "<>" => told(inner, !value, distinct, !distinct),
            _ => None,
        };
    }
    let [name, _, inside @ .., _] = atom else {
        return None;
    };
    if !name.is_word("coalesce") || closing(atom, 1) != Some(atom.len() - 1) {
        return None;
    }
    match choices(inside)[..] {
        [inner, [last]] => said(last).and_then(|value| about(inner, true, value)),
        _ => None,
    }
}

/// The opposite of a comparison or of a test for null, without the NOT.
pub fn opposite(atom: &[Token]) -> Option<Vec<Token>> {
    let word = |text: &str| Token::Word(text.to_owned());
    let n = atom.len();
    if let Some((tested, is_null)) = null_test(atom) {
        let mut out = tested.to_vec();
        out.push(word("is"));
        out.extend(is_null.then(|| word("not")));
        out.push(word("null"));
        return Some(out);
    }
    let (left, operator, right) = comparison(atom)?;
    let at = left.len();
    if atom[at].is_word("is") {
        let mut out = atom[..=at].to_vec();
        let not = atom.get(at + 1).is_some_and(|t| t.is_word("not"));
        out.extend((!not).then(|| word("not")));
        out.extend_from_slice(&atom[at + 1 + usize::from(not)..n]);
        return Some(out);
    }
    let turned = match operator {
        "=" => "<>",
        "<>" => "=",
        "<" => ">=",
        ">=" => "<",
        ">" => "<=",
        "<=" => ">",
        _ => return None,
    };
    let mut right = right.to_vec();
    match right.first() {
        Some(first) if first.is_word("any") => right[0] = word("all"),
        Some(first) if first.is_word("all") => right[0] = word("any"),
        _ => {}
    }
    let mut out = left.to_vec();
    out.push(Token::Sign(turned.to_owned()));
    out.extend(right);
    Some(out)
}

/// The boolean claims that every account has sooner or later: whether it is
/// a passing one, whether its address was confirmed.
pub fn sign_up_claim(atom: &[Token]) -> Option<bool> {
    let mut said = atom.iter().filter_map(|token| match token {
        Token::Text(text) if text == "is_anonymous" => Some(false),
        Token::Text(text) if text == "email_verified" || text == "phone_verified" => Some(true),
        _ => None,
    });
    said.next().filter(|_| {
        comparison(atom).is_none()
            && calls(atom)
                .iter()
                .all(|(name, _)| name == "auth.jwt" || name == "current_setting")
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::expression::tokens;
    use super::*;

    #[test]
    fn a_test_of_truth_is_read_in_each_of_its_forms() {
        let cases = [
            ("a IS TRUE", "a", true, false, false),
            ("a IS NOT FALSE", "a", true, true, false),
            ("a IS NOT TRUE", "a", false, true, false),
            ("f(x) = true", "f(x)", true, false, true),
            ("false <> f(x)", "f(x)", true, false, true),
            ("a IS DISTINCT FROM false", "a", true, true, false),
            ("COALESCE((a = b), true)", "(a = b)", true, true, false),
            ("COALESCE((a = b), false)", "(a = b)", true, false, false),
        ];
        for (text, inner, wanted, unknown, strict) in cases {
            let atom = tokens(text);
            let inner = &tokens(inner)[..];
            let expected = Test {
                inner,
                wanted,
                unknown,
                strict,
            };
            assert_eq!(test(&atom), Some(expected), "{text}");
        }
        for text in ["a = b", "a IS NULL", "COALESCE(a, b) = c", "COALESCE(a, b)"] {
            assert_eq!(test(&tokens(text)), None, "{text}");
        }
    }

    #[test]
    fn not_turns_an_answer_and_lets_the_unknown_through_where_it_did_not() {
        let turned =
            |text: &str| test(&tokens(text)).map(|t| (t.turned().wanted, t.turned().unknown));
        assert_eq!(turned("a IS TRUE"), Some((false, true)));
        assert_eq!(turned("a IS NOT FALSE"), Some((false, false)));
        assert_eq!(turned("a = true"), Some((false, false)));
    }

    #[test]
    fn the_opposite_of_a_comparison_needs_no_not() {
        let cases = [
            ("a = b", "a <> b"),
            ("a < b", "a >= b"),
            ("a IS NULL", "a IS NOT NULL"),
            ("a IS NOT NULL", "a IS NULL"),
            ("a IS DISTINCT FROM b", "a IS NOT DISTINCT FROM b"),
            ("a = ANY (b)", "a <> ALL (b)"),
        ];
        for (one, other) in cases {
            assert_eq!(opposite(&tokens(one)), Some(tokens(other)), "{one}");
            assert_eq!(opposite(&tokens(other)), Some(tokens(one)), "{other}");
        }
        assert_eq!(opposite(&tokens("f(a)")), None);
    }
}
