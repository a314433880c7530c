//! The table that says who belongs to which tenant, and two members of
//! different tenants as expressions over it. No value is read.

use super::expression::Token;
use super::names;
use super::snapshot::{Oid, Relation};
use super::survey::Survey;
use crate::providers::postgres::ident;
use std::collections::{BTreeMap, BTreeSet};

/// A user and a tenant, as two scalar SQL expressions.
#[derive(Debug, Clone)]
pub struct Membership {
    pub user: Option<String>,
    pub tenant: String,
    /// All tenants of that user, as a json array.
    pub tenants: String,
    /// The type of the user's id, if there is one.
    kind: String,
    /// Where the user's tenants stand: table, user column, tenant column.
    place: Option<[String; 3]>,
}

impl Membership {
    fn of(user: &str, kind: &str, place: [String; 3]) -> Self {
        let [table, u, t] = &place;
        Self {
            user: Some(user.to_owned()),
            tenant: format!(
                "(SELECT m.{t} FROM {table} m WHERE m.{u} = {user} AND m.{t} IS NOT NULL ORDER BY m.{t} LIMIT 1)"
            ),
            tenants: format!(
                "(SELECT coalesce(jsonb_agg(DISTINCT m.{t}), '[]') FROM {table} m WHERE m.{u} = {user})"
            ),
            kind: kind.to_owned(),
            place: Some(place),
        }
    }

    /// The same once the user's id stands in `firsthour.sub`: short, and the
    /// id is looked for only once.
    pub fn settled(&self) -> Self {
        let Some(place) = &self.place else {
            return self.clone();
        };
        let user = format!(
            "nullif(current_setting('firsthour.sub'), '')::{}",
            self.kind
        );
        Self::of(&user, &self.kind, place.clone())
    }
}

/// The name of the column's type; `uuid` if there is no such column.
pub fn kind_of(relation: &Relation, column: &str) -> String {
    relation
        .column(column)
        .map_or_else(|| "uuid".to_owned(), |column| column.kind.clone())
}

/// Only built-in types are compared with the login's own power.
fn plain_type(relation: &Relation, column: &str) -> bool {
    matches!(
        kind_of(relation, column).as_str(),
        "uuid" | "text" | "varchar" | "int4" | "int8" | "int2"
    )
}

/// The table that says which user belongs to which tenant.
pub fn membership_table(survey: &Survey) -> Option<(&Relation, &str, &str)> {
    let mut trusted: BTreeMap<Oid, usize> = BTreeMap::new();
    for policy in &survey.snapshot.policies {
        for oid in policy
            .relations
            .iter()
            .filter(|oid| **oid != policy.relation)
        {
            *trusted.entry(*oid).or_default() += 1;
        }
    }
    let mut bodies: BTreeSet<&str> = BTreeSet::new();
    for function in &survey.snapshot.functions {
        let helper = survey
            .helpers
            .get(function.oid)
            .filter(|helper| helper.identity);
        for token in helper.into_iter().flat_map(|helper| &helper.body) {
            if let Token::Word(word) = token {
                bodies.insert(word);
            }
        }
    }
    survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| relation.is_table() && !relation.partition && !relation.extension)
        .filter_map(|relation| {
            let tenant = survey.tenant(relation.oid)?;
            let user = user_column(survey, relation).filter(|user| *user != tenant)?;
            if !plain_type(relation, tenant) || !plain_type(relation, user) {
                return None;
            }
            let name = relation.name.to_lowercase();
            let named = match () {
                () if name.contains("member") => 6,
                () if name.contains("user")
                    || name.contains("profile")
                    || name.contains("staff") =>
                {
                    4
                }
                () => 0,
            };
            let leaned = 3 * trusted
                .get(&relation.oid)
                .copied()
                .unwrap_or_default()
                .min(3)
                + 3 * usize::from(bodies.contains(relation.name.as_str()));
            Some((named + leaned, relation, user, tenant)).filter(|(score, ..)| *score >= 3)
        })
        .max_by_key(|(score, relation, ..)| (*score, std::cmp::Reverse(relation.oid)))
        .map(|(_, relation, user, tenant)| (relation, user, tenant))
}

/// The user's column; a table of users carries it as its key.
pub fn user_column<'a>(survey: &'a Survey, relation: &'a Relation) -> Option<&'a str> {
    let key = || {
        relation
            .columns
            .iter()
            .find(|column| names::folded(&column.name) == "id")
    };
    survey.owner(relation.oid).or_else(|| {
        let key = names::lists_users(relation).then(key).flatten()?;
        Some(key.name.as_str())
    })
}

/// A table to take two tenants from when nobody's membership is known.
pub fn tenant_table(survey: &Survey) -> Option<(&Relation, &str)> {
    survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| relation.is_table() && !relation.partition && !relation.extension)
        .filter_map(|relation| Some((relation, survey.tenant(relation.oid)?)))
        .filter(|(relation, tenant)| plain_type(relation, tenant))
        .max_by_key(|(relation, tenant)| {
            // The table of tenants itself names each of them once.
            let listed = survey.owner(relation.oid).is_none()
                && (*tenant == "id" || names::lists_tenants(relation));
            (
                relation.filled == Some(true),
                listed,
                relation.rls,
                relation.rows,
                std::cmp::Reverse(relation.oid),
            )
        })
}

/// An expression that sorts staff last: they may see more than members. A
/// bare constant is not allowed in ORDER BY, hence the column.
pub fn staff(relation: &Relation) -> String {
    relation
        .columns
        .iter()
        .find_map(
            |column| match (column.name.as_str(), column.kind.as_str()) {
                ("role" | "kind" | "type", _) => Some(format!(
                    "(m.{}::text ~* 'admin|owner|super|staff|support')",
                    ident(&column.name)
                )),
                ("is_admin" | "admin" | "is_staff" | "is_superadmin", "bool") => {
                    Some(format!("coalesce(m.{}, false)", ident(&column.name)))
                }
                _ => None,
            },
        )
        .unwrap_or_else(|| "(false AND m.tableoid IS NULL)".to_owned())
}

/// Two users of different tenants; `kind` is the type of the users' ids.
pub fn pair(
    table: &str,
    (user, kind): (&str, &str),
    tenant: &str,
    staff: &str,
) -> (Membership, Membership) {
    let (u, t) = (ident(user), ident(tenant));
    let first = format!(
        "(SELECT m.{u} FROM {table} m WHERE m.{u} IS NOT NULL AND m.{t} IS NOT NULL ORDER BY {staff}, m.{t}, m.{u} LIMIT 1)"
    );
    let of_first =
        format!("SELECT n.{t} FROM {table} n WHERE n.{u} = {first} AND n.{t} IS NOT NULL");
    let second = format!(
        "(SELECT m.{u} FROM {table} m WHERE m.{u} <> {first} AND m.{t} NOT IN ({of_first}) \
         ORDER BY {staff}, m.{t} DESC, m.{u} LIMIT 1)"
    );
    let member = |who: &str| Membership::of(who, kind, [table.to_owned(), u.clone(), t.clone()]);
    (member(&first), member(&second))
}

pub fn tenants(table: &str, tenant: &str) -> (Membership, Membership) {
    let t = ident(tenant);
    let member = |order: &str| {
        let one = format!(
            "(SELECT m.{t} FROM {table} m WHERE m.{t} IS NOT NULL ORDER BY m.{t} {order} LIMIT 1)"
        );
        Membership {
            user: None,
            tenants: format!("jsonb_build_array({one})"),
            tenant: one,
            kind: String::new(),
            place: None,
        }
    };
    (member("ASC"), member("DESC"))
}
