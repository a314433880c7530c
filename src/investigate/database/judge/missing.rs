//! What a condition lets through when the caller's claim or setting is not
//! there: P07 and P08.

use super::super::atom::{choices, literal, selects, subselect_mask};
use super::super::expression::{Node, Token, closing, comparison, parse, plain};
use super::super::helpers::calls;
use super::super::hole::Hole;
use super::super::roles::Station;
use super::Lens;
use super::truth::Test;

/// Calls of helpers that are put in place of one text at most.
const SPELLED: usize = 8;

/// The claims that every token of somebody signed in carries.
const CARRIED: [&str; 8] = [
    "sub",
    "role",
    "aud",
    "exp",
    "iat",
    "iss",
    "aal",
    "session_id",
];

impl Lens<'_> {
    /// A missing claim opens the row, unless the role always carries it.
    pub(super) fn null_claim(&self, tested: &[Token]) -> Option<Hole> {
        let opens = self.station != Station::SignedIn || !self.always_there(tested);
        opens.then_some(Hole::NullClaim)
    }

    /// Whether whoever signed in carries the claim.
    fn always_there(&self, tested: &[Token]) -> bool {
        let text = self.spelled_out(tested);
        let called = |name: &str| calls(&text).iter().any(|(called, _)| called == name);
        if called("auth.uid") || called("auth.role") {
            return true;
        }
        let says = |wanted: &dyn Fn(&str) -> bool| {
            let mut texts = text.iter();
            texts.any(|t| matches!(t, Token::Text(s) if wanted(s)))
        };
        let arrows = text.iter().filter(
            |t| matches!(t, Token::Sign(s) if s.starts_with("->") || s.starts_with("#>") || s.starts_with('?')),
        );
        match arrows.count() {
            0 => {
                called("auth.jwt")
                    || says(&|s| s == "request.jwt.claims")
                    || says(&|s| s.ends_with(".claim.sub") || s.ends_with(".claim.role"))
            }
            1 => says(&|s| CARRIED.contains(&s)),
            _ => false,
        }
    }

    /// Whether whoever reaches an API carries it, signed in or not.
    pub(super) fn sent_by_all(&self, tested: &[Token]) -> bool {
        let text = self.spelled_out(tested);
        let arrows = text
            .iter()
            .filter(|t| matches!(t, Token::Sign(s) if s.starts_with("->")));
        let says = |word: &str| {
            let mut texts = text.iter();
            texts.any(|t| matches!(t, Token::Text(s) if s == word))
        };
        let whole =
            calls(&text).iter().any(|(name, _)| name == "auth.jwt") || says("request.jwt.claims");
        match arrows.count() {
            0 => {
                whole
                    || calls(&text).iter().any(|(name, _)| name == "auth.role")
                    || text.iter().any(|t| {
                        ["current_user", "session_user", "current_role"]
                            .iter()
                            .any(|word| t.is_word(word))
                    })
            }
            1 => whole && says("role"),
            _ => false,
        }
    }

    /// The text with calls of helpers that take nothing replaced by what they
    /// return. The claim functions of a platform are known by name and stay.
    pub(super) fn spelled_out(&self, text: &[Token]) -> Vec<Token> {
        let mut out = text.to_vec();
        for _ in 0..SPELLED {
            let found = calls(&out).into_iter().find_map(|(name, open)| {
                let empty = out.get(open + 1).is_some_and(|t| t.is_sign(")"));
                let [oid] = self.survey.helpers.named(&name) else {
                    return None;
                };
                let result = self.survey.helpers.get(*oid)?.result.clone()?;
                let start = if name.contains('.') {
                    open - 3
                } else {
                    open - 1
                };
                (empty && !name.starts_with("auth.")).then_some((start, open + 1, result))
            });
            let Some((start, end, result)) = found else {
                break;
            };
            let mut value = vec![Token::Sign("(".to_owned())];
            value.extend(result);
            value.push(Token::Sign(")".to_owned()));
            out.splice(start..=end, value);
        }
        plain(&out)
    }

    /// Judges a condition that passes also when its answer is unknown.
    pub(super) fn unless_false(&self, node: &Node) -> Option<Hole> {
        match node {
            Node::Or(parts) => parts
                .iter()
                .filter_map(|part| self.unless_false(part))
                .max_by_key(Hole::width),
            Node::And(parts) => {
                let holes: Option<Vec<Hole>> =
                    parts.iter().map(|part| self.unless_false(part)).collect();
                holes?.into_iter().min_by_key(Hole::width)
            }
            Node::Not(_) => self.node(node),
            Node::Atom(atom) => self.node(node).or_else(|| {
                let atom = plain(atom);
                // EXISTS always answers, and so may a function.
                let strict = comparison(&atom).is_some() || calls(&atom).len() < 2;
                let asked = self.identity(&atom) && !selects(&atom) && strict;
                (asked && self.boolean_helper(&atom).is_none())
                    .then(|| self.null_claim(&atom))
                    .flatten()
            }),
        }
    }

    /// `COALESCE(claim, 'x') = 'x'`: what stands in for a missing claim
    /// passes the test.
    pub(super) fn stands_in(&self, asked: &[Token], operator: &str, wanted: &str) -> Option<Hole> {
        let [name, _, inside @ .., _] = asked else {
            return None;
        };
        let whole = name.is_word("coalesce") && closing(asked, 1) == Some(asked.len() - 1);
        let choices = choices(inside);
        let (last, asked) = choices.split_last().filter(|_| whole)?;
        let instead = literal(last)?;
        let passes = match operator {
            "=" => instead == wanted,
            "<>" => instead != wanted,
            _ => false,
        };
        let claim = asked.iter().find(|choice| self.identity(choice))?;
        passes.then(|| self.null_claim(claim)).flatten()
    }

    /// `COALESCE(claim, column)`: when the claim is missing, the choice falls
    /// on a value of the row. Inside a sub-select other parts may bind.
    pub(super) fn falls_back(&self, atom: &[Token]) -> bool {
        let inside = subselect_mask(atom);
        calls(atom).iter().any(|(name, open)| {
            let body = closing(atom, *open).and_then(|end| atom.get(open + 1..end));
            name == "coalesce"
                && !inside[*open]
                && body.is_some_and(|body| self.reaches_row(&choices(body)))
        })
    }

    fn reaches_row(&self, choices: &[&[Token]]) -> bool {
        let mut missing = false;
        for choice in choices {
            if self.identity(choice) {
                // A sub-select finds nothing for a caller who is nowhere.
                if !selects(choice) && self.null_claim(choice).is_none() {
                    return false;
                }
                missing = true;
            } else if self.rows(choice) {
                return missing;
            } else if literal(choice).is_some() {
                return false;
            }
        }
        false
    }

    /// A test of truth around another condition.
    pub(super) fn tested(&self, test: &Test<'_>) -> Option<Hole> {
        let inner = parse(test.inner);
        let node = if test.wanted {
            inner
        } else {
            Node::Not(Box::new(inner))
        };
        if test.unknown {
            self.unless_false(&node)
        } else {
            self.node(&node)
        }
    }
}
