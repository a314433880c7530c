//! Comparisons of a value with itself: P03 and P04, and their kin that are
//! true or false by construction.

use super::super::atom::{choices, selects};
use super::super::expression::{Token, closing, comparison};
use super::super::helpers::calls;
use super::super::hole::Hole;
use super::super::roles::Station;
use super::Lens;

impl Lens<'_> {
    /// Whether the atom compares one value with itself, and then whether that
    /// holds.
    pub(super) fn same(&self, atom: &[Token]) -> Option<bool> {
        if let Some(at) = atom.iter().position(|t| t.is_word("in")) {
            let one = self.bare(&atom[..at]) == self.bare(&atom[at + 1..]);
            return (one && !selects(atom)).then_some(true);
        }
        let (left, operator, right) = comparison(atom)?;
        let (left, right) = (self.bare(left), self.bare(right));
        if selects(left) || selects(right) {
            return None;
        }
        if left == right {
            let nothing = matches!(left, [only] if only.is_word("null"));
            let holds = matches!(
                operator,
                "=" | ">=" | "<=" | "@>" | "<@" | "~~" | "~~*" | "&&"
            );
            return Some(holds && !nothing);
        }
        let one = operator == "="
            && (among(left, right)
                || chosen_first(left, right)
                || chosen_first(right, left)
                || who(&self.spelled_out(left)).is_some_and(|claim| {
                    who(&self.spelled_out(right)).is_some_and(|other| claim == other)
                }));
        one.then_some(true)
    }

    /// What a comparison of a value with itself lets through.
    pub(super) fn itself(&self, atom: &[Token], identity: bool, row: bool) -> Option<Hole> {
        if row && !identity {
            return Some(Hole::SelfColumn);
        }
        if row && self.picks_row(atom) {
            return Some(Hole::SelfColumn);
        }
        if !identity {
            return Some(Hole::Tautology);
        }
        // A caller without the claim compares nothing with nothing.
        let known = row
            || atom.iter().any(|t| t.is_word("distinct"))
            || comparison(atom).is_some_and(|(left, ..)| self.sent_by_all(left));
        (self.station != Station::Anonymous || known).then_some(Hole::SelfIdentity)
    }

    /// Whether a side is the row's value alone.
    fn picks_row(&self, atom: &[Token]) -> bool {
        comparison(atom).is_some_and(|(left, _, right)| {
            let own = |side: &[Token]| self.rows(side) && !self.identity(side);
            own(left) || own(right)
        })
    }

    /// A side without the name of the row's own table before it.
    fn bare<'t>(&self, side: &'t [Token]) -> &'t [Token] {
        match side {
            [table, dot, rest @ ..] if dot.is_sign(".") && table.is_word(&self.table) => rest,
            _ => side,
        }
    }
}

/// `x = ANY (ARRAY[x, ..])`.
fn among(one: &[Token], list: &[Token]) -> bool {
    let [any, _, array, _, inside @ .., _, _] = list else {
        return false;
    };
    any.is_word("any") && array.is_word("array") && choices(inside).contains(&one)
}

/// `COALESCE(x, ..) = x`.
fn chosen_first(side: &[Token], one: &[Token]) -> bool {
    let [name, _, inside @ .., _] = side else {
        return false;
    };
    name.is_word("coalesce")
        && closing(side, 1) == Some(side.len() - 1)
        && choices(inside).first() == Some(&one)
}

/// Which claim about the caller a text is, if it is nothing else.
fn who(text: &[Token]) -> Option<&'static str> {
    if selects(text) {
        return None;
    }
    let called = calls(text);
    if let [(only, _)] = &called[..]
        && text.len() == 5
    {
        match only.as_str() {
            "auth.uid" => return Some("sub"),
            "auth.role" => return Some("role"),
            "auth.email" => return Some("email"),
            _ => {}
        }
    }
    let plain_calls = ["auth.jwt", "current_setting", "nullif", "coalesce"];
    let plumbing = |name: &str| plain_calls.contains(&name);
    if called.is_empty() || !called.iter().all(|(name, _)| plumbing(name)) {
        return None;
    }
    let arrows = text
        .iter()
        .filter(|t| matches!(t, Token::Sign(s) if s.starts_with("->")));
    if arrows.count() > 1 {
        return None;
    }
    ["sub", "role", "email"].into_iter().find(|claim| {
        let texts = || {
            text.iter().filter_map(|token| match token {
                Token::Text(text) => Some(text.as_str()),
                _ => None,
            })
        };
        let named =
            |text: &str| text == *claim || text.strip_prefix("request.jwt.claim.") == Some(claim);
        texts().any(named)
            && texts().all(|text| named(text) || text.is_empty() || text == "request.jwt.claims")
    })
}
