//! Judges a policy's helper function by its body, in place of its call.

use super::atom::constant;
use super::expression::{Token, closing, comparison, parse, plain};
use super::helpers::{Helper, calls};
use super::hole::Hole;
use super::judge::Lens;
use std::collections::BTreeSet;

impl Lens<'_> {
    /// The user function that is all of the atom, or compared with true.
    pub(super) fn boolean_helper<'b>(&'b self, atom: &[Token]) -> Option<(String, &'b Helper)> {
        let atom = match comparison(atom) {
            Some((left, "=", right)) if right.len() == 1 && right[0].is_word("true") => left,
            Some(_) => return None,
            None => atom,
        };
        let (name, open) = calls(atom).into_iter().next()?;
        let whole = closing(atom, open) == Some(atom.len() - 1)
            && open == if name.contains('.') { 3 } else { 1 };
        let oid = *self.survey.helpers.named(&name).first().filter(|_| whole)?;
        Some((name, self.survey.helpers.get(oid)?))
    }

    /// Judges a helper's body in place of its call.
    pub(super) fn helper(&self, name: &str, helper: &Helper, atom: &[Token]) -> Option<Hole> {
        if !helper.readable
            || self.depth == 0
            || self.survey.helpers.named(name).len() > 1 && self.overloads_differ(name)
        {
            return None;
        }
        let asked = self.rows(atom);
        if let Some(result) = &helper.result {
            let inside = Lens {
                row: helper.arguments.clone(),
                table: name.rsplit('.').next().unwrap_or(name).to_owned(),
                relation: None,
                inner: &[],
                depth: self.depth - 1,
                ..self.clone()
            };
            if constant(&plain(result)) == Some(false) {
                return None;
            }
            let hole = inside.node(&parse(result));
            if let Some(hole) = hole {
                return Some(match hole {
                    Hole::Unscoped { .. } | Hole::NullTenant => Hole::Unscoped { published: false },
                    Hole::SignedIn | Hole::NullClaim if !asked => hole,
                    _ => Hole::Helper(name.to_owned()),
                });
            }
        }
        let ignores = asked && !helper.arguments.is_empty() && !helper.uses_arguments;
        ignores.then(|| Hole::Helper(name.to_owned()))
    }

    fn overloads_differ(&self, name: &str) -> bool {
        let uses: BTreeSet<bool> = self
            .survey
            .helpers
            .named(name)
            .iter()
            .filter_map(|oid| self.survey.helpers.get(*oid))
            .map(|helper| helper.uses_arguments)
            .collect();
        uses.len() > 1
    }
}
