//! What callers may write about themselves: the keys of `user_metadata` that
//! conditions read, and the value that would open each of them.
//!
//! The values are SQL expressions; no value of a user is read here.

use super::expression::Token;
use super::members::Membership;
use super::names;
use crate::providers::postgres::literal;
use std::collections::BTreeMap;

/// The claim that a signed-in caller may edit.
const CLAIM: &str = "user_metadata";

/// One key that a condition reads, outermost name first, and the text it is
/// compared with, if it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    path: Vec<String>,
    compared: Option<String>,
}

/// Every key of the caller's own metadata that the text reads.
pub fn edits(text: &[Token]) -> Vec<Edit> {
    let mut found = Vec::new();
    for (i, token) in text.iter().enumerate() {
        let Token::Text(word) = token else { continue };
        let mut path: Vec<String> = match word.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
            Some(inside) => inside.split(',').map(|key| key.trim().to_owned()).collect(),
            None => vec![word.clone()],
        };
        if path.remove(0) != CLAIM {
            continue;
        }
        let (mut at, mut truth) = past_casts(text, i + 1);
        while let (Some(Token::Sign(sign)), Some(Token::Text(key))) =
            (text.get(at), text.get(at + 1))
            && matches!(sign.as_str(), "->" | "->>" | ",")
        {
            path.push(key.clone());
            (at, truth) = past_casts(text, at + 2);
        }
        if !path.is_empty() {
            let compared = if truth {
                Some("true".to_owned())
            } else {
                compared(text, at)
            };
            found.push(Edit { path, compared });
        }
    }
    found
}

/// The first position behind casts and closing parentheses, and whether one
/// of the casts was to a truth value.
fn past_casts(text: &[Token], mut at: usize) -> (usize, bool) {
    let mut truth = false;
    loop {
        match (text.get(at), text.get(at + 1)) {
            (Some(sign), Some(Token::Word(kind))) if sign.is_sign("::") => {
                truth |= kind.starts_with("bool");
                at += 2;
            }
            (Some(sign), _) if [")", "[", "]", "[]"].iter().any(|s| sign.is_sign(s)) => at += 1,
            _ => return (at, truth),
        }
    }
}

/// What the value that ends before `at` is compared with.
fn compared(text: &[Token], at: usize) -> Option<String> {
    let compares = text
        .get(at)
        .is_some_and(|t| t.is_sign("=") || t.is_word("in"));
    let near = compares.then(|| text.iter().skip(at + 1).take(5))?;
    near.take_while(|t| !t.is_word("and") && !t.is_word("or"))
        .find_map(|t| match t {
            Token::Text(value) => Some(value.clone()),
            _ => None,
        })
}

/// The metadata that somebody would write to be taken for `other`, or for
/// staff, as the text of a jsonb expression with the names of its keys;
/// `None` if no condition reads any.
pub fn forged(edits: &[Edit], other: Option<&Membership>) -> Option<(String, Vec<String>)> {
    let mut pairs: BTreeMap<&str, String> = BTreeMap::new();
    for edit in edits {
        let (Some(first), Some(last)) = (edit.path.first(), edit.path.last()) else {
            continue;
        };
        let Some(value) = opening(last, edit, other) else {
            continue;
        };
        let nested = edit.path[1..].iter().rev().fold(value, |value, key| {
            format!("jsonb_build_object({}, {value})", literal(key))
        });
        pairs.insert(first, nested);
    }
    if pairs.is_empty() {
        return None;
    }
    let list: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{}, {value}", literal(key)))
        .collect();
    let keys = pairs.keys().map(|key| (*key).to_owned()).collect();
    Some((format!("jsonb_build_object({})", list.join(", ")), keys))
}

fn opening(key: &str, edit: &Edit, other: Option<&Membership>) -> Option<String> {
    let one = key.strip_suffix('s').unwrap_or(key);
    if names::tenant_name(key) {
        return other.map(|member| member.tenant.clone());
    }
    if names::tenant_name(one) {
        return other.map(|member| member.tenants.clone());
    }
    if names::owner_name(key) {
        return other.and_then(|member| member.user.clone());
    }
    Some(literal(edit.compared.as_deref().unwrap_or("admin")))
}

#[cfg(test)]
mod tests {
    use super::super::expression::tokens;
    use super::*;
    use crate::investigate::database::members::tenants;

    fn read(text: &str) -> Vec<(String, Option<String>)> {
        edits(&tokens(text))
            .into_iter()
            .map(|edit| (edit.path.join("."), edit.compared))
            .collect()
    }

    #[test]
    fn keys_are_found_with_what_they_are_compared_with() {
        let of = |key: &str, value: Option<&str>| vec![(key.to_owned(), value.map(str::to_owned))];
        assert_eq!(
            read("(org_id = (((auth.jwt() -> 'user_metadata'::text) ->> 'org_id'::text))::uuid)"),
            of("org_id", None)
        );
        assert_eq!(
            read("(((auth.jwt() -> 'user_metadata'::text) ->> 'role'::text) = 'boss'::text)"),
            of("role", Some("boss"))
        );
        assert_eq!(
            read("((((auth.jwt() -> 'user_metadata'::text) ->> 'is_admin'::text))::boolean)"),
            of("is_admin", Some("true"))
        );
        assert_eq!(
            read("((auth.jwt() #>> '{user_metadata,flags,staff}'::text[]))::boolean"),
            of("flags.staff", Some("true"))
        );
        assert_eq!(
            read("auth.jwt() #>> '{user_metadata,access,level}'"),
            of("access.level", None)
        );
        assert_eq!(
            read("(auth.jwt() -> 'app_metadata'::text) ->> 'org_id'::text"),
            []
        );
    }

    #[test]
    fn another_tenant_is_composed_and_nothing_is_forged_without_a_key() {
        let edits = edits(&tokens("auth.jwt() -> 'user_metadata' ->> 'org_id'"));
        let (other, _) = tenants("t", "org_id");
        let (text, keys) = forged(&edits, Some(&other)).unwrap();
        let wanted = format!("jsonb_build_object('org_id', {})", other.tenant);
        assert_eq!(text, wanted);
        assert_eq!(keys, ["org_id"]);
        assert_eq!(forged(&edits, None), None);
        assert_eq!(forged(&[], Some(&other)), None);
    }
}
