//! Where real users and tenants come from, and how a caller's claims or
//! settings are composed from them on the server.
//!
//! Looks for the table that says who belongs to which tenant, for the claim
//! names and for the settings that policies read. No value enters here.

use super::classes;
use super::expression::{Token, tokens};
use super::helpers::calls;
use super::made_up::random_uuid;
use super::snapshot::{Oid, Relation};
use super::survey::Survey;
use crate::providers::postgres::{Assumed, Source, ident, literal, qualified};
use std::collections::{BTreeMap, BTreeSet};

/// A user and a tenant, as two scalar SQL expressions.
#[derive(Debug, Clone)]
pub struct Membership {
    user: Option<String>,
    tenant: String,
    /// All tenants of that user, as a json array.
    tenants: String,
}

/// What was found about users and tenants.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    members: Vec<(char, Membership)>,
    source: Vec<Source>,
    /// Names under which policies look for the tenant in the claims.
    keys: BTreeSet<String>,
    /// Settings of the application's own that policies read.
    settings: Vec<String>,
    tenant_type: String,
}

impl Claims {
    /// Looks through the survey.
    pub fn find(survey: &Survey) -> Self {
        let mut claims = Self {
            tenant_type: "uuid".to_owned(),
            ..Self::default()
        };
        claims.read_names(survey);
        if let Some((relation, user, tenant)) = membership_table(survey) {
            claims.tenant_type = kind_of(relation, tenant);
            claims.source = vec![source(relation)];
            let table = qualified(&relation.schema, &relation.name);
            let (a, b) = pair(&table, user, tenant, &staff(relation));
            claims.members = vec![('A', a), ('B', b)];
        } else if let Some((relation, tenant)) = tenant_table(survey) {
            claims.tenant_type = kind_of(relation, tenant);
            claims.source = vec![source(relation)];
            let table = qualified(&relation.schema, &relation.name);
            let (a, b) = tenants(&table, tenant);
            claims.members = vec![('A', a), ('B', b)];
        }
        claims
    }

    /// Two members of different tenants, if any were found.
    pub fn memberships(&self) -> Vec<(char, Membership)> {
        self.members.clone()
    }

    /// The application's settings that policies read.
    pub fn settings(&self) -> &[String] {
        &self.settings
    }

    /// A signed-in caller behind an API.
    pub fn signed_in(&self, role: &str, member: &Membership) -> Assumed {
        let made_up = format!("'{}'", random_uuid());
        let user = member.user.as_ref().unwrap_or(&made_up);
        let tenant = &member.tenant;
        let pairs = self.keys.iter().fold(String::new(), |pairs, key| {
            pairs + ", " + &literal(key) + ", " + tenant
        });
        let claims = format!(
            "jsonb_build_object('sub', {user}, 'role', {}, 'aal', 'aal1', 'app_metadata', \
             jsonb_build_object('provider', 'email'{pairs}){pairs})",
            literal(role)
        );
        let mut who = self
            .own(Assumed::role(role), member)
            .composed("request.jwt.claims", &claims, &self.source)
            .composed("request.jwt.claim.sub", user, &self.source)
            .with("request.jwt.claim.role", role);
        for key in &self.keys {
            who = who.composed(&format!("request.jwt.claim.{key}"), tenant, &self.source);
        }
        who
    }

    /// A login whose application sets the tenant.
    pub fn login(&self, plain: &Assumed, member: &Membership) -> Assumed {
        self.settings
            .iter()
            .fold(self.own(plain.clone(), member), |who, setting| {
                match (&member.user, speaks_of_user(setting)) {
                    (Some(user), true) => who.composed(setting, user, &self.source),
                    (None, true) => who.with(setting, &random_uuid()),
                    _ if speaks_of_tenant(setting) => {
                        who.composed(setting, &member.tenant, &self.source)
                    }
                    _ => who,
                }
            })
    }

    /// A login with a tenant and a user that do not exist.
    pub fn made_up(&self, plain: &Assumed) -> Assumed {
        self.settings.iter().fold(plain.clone(), |who, setting| {
            let number = self.tenant_type.starts_with("int") && !speaks_of_user(setting);
            let value = if number {
                "2147483600".to_owned()
            } else {
                random_uuid()
            };
            if speaks_of_user(setting) || speaks_of_tenant(setting) {
                who.with(setting, &value)
            } else {
                who
            }
        })
    }

    fn own(&self, who: Assumed, member: &Membership) -> Assumed {
        let who = who.composed("firsthour.own", &member.tenants, &self.source);
        match &member.user {
            Some(user) => who.composed("firsthour.sub", user, &self.source),
            None => who.with("firsthour.sub", ""),
        }
    }

    /// Claim names and settings, from policies, helper bodies and views.
    fn read_names(&mut self, survey: &Survey) {
        let mut settings = BTreeSet::new();
        for text in texts(survey) {
            for pair in text.windows(2) {
                if let (Token::Sign(arrow), Token::Text(key)) = (&pair[0], &pair[1])
                    && matches!(arrow.as_str(), "->" | "->>")
                    && classes::tenant_name(key)
                {
                    self.keys.insert(key.clone());
                }
            }
            for (name, open) in calls(&text) {
                if name.ends_with("current_setting")
                    && let Some(Token::Text(setting)) = text.get(open + 1)
                {
                    settings.insert(setting.clone());
                }
            }
        }
        for setting in settings {
            if let Some(key) = setting.strip_prefix("request.jwt.claim.") {
                if classes::tenant_name(key) {
                    self.keys.insert(key.to_owned());
                }
            } else if well_formed(&setting) {
                self.settings.push(setting);
            }
        }
    }
}

/// A dotted name that is neither the API's nor ours.
fn well_formed(setting: &str) -> bool {
    let reserved = ["request.", "pgrst.", "firsthour.", "plpgsql."];
    setting.contains('.')
        && !reserved.iter().any(|prefix| setting.starts_with(prefix))
        && setting
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'))
}

fn speaks_of_user(setting: &str) -> bool {
    let last = setting.rsplit('.').next().unwrap_or(setting).to_lowercase();
    ["user", "uid", "sub", "owner", "actor", "person", "member"]
        .iter()
        .any(|word| last.contains(word))
}

fn speaks_of_tenant(setting: &str) -> bool {
    let last = setting.rsplit('.').next().unwrap_or(setting).to_lowercase();
    [
        "org",
        "tenant",
        "company",
        "account",
        "team",
        "workspace",
        "merchant",
        "customer",
        "client",
        "clinic",
    ]
    .iter()
    .any(|word| last.contains(word))
}

fn texts(survey: &Survey) -> Vec<Vec<Token>> {
    let policies = survey
        .snapshot
        .relations
        .iter()
        .flat_map(|relation| survey.policies(relation.oid));
    let bodies = survey
        .snapshot
        .functions
        .iter()
        .filter_map(|function| survey.helpers.get(function.oid))
        .filter(|helper| helper.identity)
        .map(|helper| helper.body.clone());
    let views = survey
        .snapshot
        .relations
        .iter()
        .filter_map(|r| r.definition.as_deref())
        .map(tokens);
    policies
        .map(|read| read.tokens.clone())
        .chain(bodies)
        .chain(views)
        .collect()
}

fn source(relation: &Relation) -> Source {
    Source {
        schema: relation.schema.clone(),
        relation: relation.name.clone(),
    }
}

fn kind_of(relation: &Relation, column: &str) -> String {
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
fn membership_table(survey: &Survey) -> Option<(&Relation, &str, &str)> {
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
fn user_column<'a>(survey: &'a Survey, relation: &'a Relation) -> Option<&'a str> {
    let people =
        ["users", "profiles", "user_profiles", "app_users"].contains(&relation.name.as_str());
    survey
        .owner(relation.oid)
        .or_else(|| (people && relation.column("id").is_some()).then_some("id"))
}

/// A table to take two tenants from when nobody's membership is known.
fn tenant_table(survey: &Survey) -> Option<(&Relation, &str)> {
    survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| relation.is_table() && !relation.partition && !relation.extension)
        .filter_map(|relation| Some((relation, survey.tenant(relation.oid)?)))
        .filter(|(relation, tenant)| plain_type(relation, tenant))
        .max_by_key(|(relation, tenant)| {
            let listed = survey.owner(relation.oid).is_none() && *tenant == "id";
            (
                relation.rls,
                listed,
                relation.filled == Some(true),
                relation.rows,
                std::cmp::Reverse(relation.oid),
            )
        })
}

/// An expression that sorts staff last: they may see more than members. A
/// bare constant is not allowed in ORDER BY, hence the column.
fn staff(relation: &Relation) -> String {
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

fn pair(table: &str, user: &str, tenant: &str, staff: &str) -> (Membership, Membership) {
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
    let member = |who: &str| Membership {
        user: Some(who.to_owned()),
        tenant: format!(
            "(SELECT m.{t} FROM {table} m WHERE m.{u} = {who} AND m.{t} IS NOT NULL ORDER BY m.{t} LIMIT 1)"
        ),
        tenants: format!(
            "(SELECT coalesce(jsonb_agg(DISTINCT m.{t}), '[]') FROM {table} m WHERE m.{u} = {who})"
        ),
    };
    (member(&first), member(&second))
}

fn tenants(table: &str, tenant: &str) -> (Membership, Membership) {
    let t = ident(tenant);
    let member = |order: &str| {
        let one = format!(
            "(SELECT m.{t} FROM {table} m WHERE m.{t} IS NOT NULL ORDER BY m.{t} {order} LIMIT 1)"
        );
        Membership {
            user: None,
            tenants: format!("jsonb_build_array({one})"),
            tenant: one,
        }
    };
    (member("ASC"), member("DESC"))
}
