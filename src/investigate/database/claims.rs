//! Where real users and tenants come from, and how a caller's claims or
//! settings are composed from them on the server.
//!
//! Looks for the table that says who belongs to which tenant, for the claim
//! names and for the settings that policies read. No value enters here.

use super::expression::said::Said;
use super::expression::{Token, tokens};
use super::helpers::calls;
use super::made_up::random_uuid;
use super::members::{Membership, kind_of, membership_table, pair, staff, tenant_table, tenants};
use super::metadata::{Edit, edits, forged};
use super::names;
use super::snapshot::Relation;
use super::survey::Survey;
use crate::providers::postgres::{Assumed, Source, literal, qualified};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// What was found about users and tenants.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    members: Vec<(char, Membership)>,
    source: Vec<Source>,
    /// Names under which policies look for the tenant in the claims.
    keys: BTreeSet<String>,
    /// Names under which they look for the user, `sub` aside.
    user_keys: BTreeSet<String>,
    /// Whether users are numbered.
    numbered: bool,
    /// Settings of the application's own that policies read.
    settings: Vec<String>,
    tenant_type: String,
    /// Keys of the caller's own metadata that policies read.
    edits: BTreeSet<Edit>,
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
            claims.numbered |= kind_of(relation, user).starts_with("int");
            claims.source = vec![source(relation)];
            let table = qualified(&relation.schema, &relation.name);
            let (a, b) = pair(
                &table,
                (user, &kind_of(relation, user)),
                tenant,
                &staff(relation),
            );
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

    /// The setting in which a login says whose tenant it works for.
    pub fn tenant_setting(&self) -> Option<String> {
        let mut settings = self.settings.iter();
        settings.find(|name| speaks_of_tenant(name)).cloned()
    }

    /// A signed-in caller whom nobody knows: claims that say who, none that
    /// say whose.
    pub fn ghost(&self, role: &str) -> Assumed {
        let user = self.nobody();
        let mut claims = serde_json::json!({ "sub": user, "role": role, "aal": "aal1" });
        let mut who = Assumed::role(role);
        for key in &self.user_keys {
            claims[key] = user.as_str().into();
            who = who.with(&format!("request.jwt.claim.{key}"), &user);
        }
        who.with("request.jwt.claims", &claims.to_string())
            .with("request.jwt.claim.sub", &user)
            .with("request.jwt.claim.role", role)
    }

    /// A user who does not exist.
    fn nobody(&self) -> String {
        if self.numbered {
            NO_NUMBER.to_owned()
        } else {
            random_uuid()
        }
    }

    /// A signed-in caller behind an API.
    pub fn signed_in(&self, role: &str, member: &Membership) -> Assumed {
        self.signed_in_with(role, member, "")
    }

    /// A caller who wrote into its own metadata what conditions look for
    /// there: whose name it goes by, its claims, and the keys. `None` if no
    /// condition reads any.
    pub fn edited(&self, role: &str) -> Option<(String, Assumed, Vec<String>)> {
        let edits: Vec<Edit> = self.edits.iter().cloned().collect();
        if let [(letter, member), (_, other)] = &self.members[..] {
            let (metadata, keys) = forged(&edits, Some(other))?;
            let more = format!(", 'user_metadata', {metadata}");
            let who = self.signed_in_with(role, member, &more);
            return Some((format!("member {letter}"), who, keys));
        }
        let (metadata, keys) = forged(&edits, None)?;
        let user = self.nobody();
        let claims = format!(
            "jsonb_build_object('sub', {}, 'role', {}, 'aal', 'aal1', 'aud', 'authenticated', 'is_anonymous', false, 'user_metadata', {metadata})",
            literal(&user),
            literal(role)
        );
        let who = self
            .ghost(role)
            .composed("request.jwt.claims", &claims, &[]);
        Some(("ghost".to_owned(), who, keys))
    }

    /// `more` is further pairs of the claims, each after a comma.
    fn signed_in_with(&self, role: &str, member: &Membership, more: &str) -> Assumed {
        let made_up = literal(&self.nobody());
        let who = self.own(Assumed::role(role), member);
        let member = &member.settled();
        let user = member.user.as_ref().unwrap_or(&made_up);
        let tenant = &member.tenant;
        let pairs = self.keys.iter().fold(String::new(), |pairs, key| {
            pairs + ", " + &literal(key) + ", " + tenant
        });
        let named = self.user_keys.iter().fold(String::new(), |pairs, key| {
            pairs + ", " + &literal(key) + ", " + user
        });
        let claims = format!(
            "jsonb_build_object('sub', {user}, 'role', {}, 'aal', 'aal1', 'aud', 'authenticated', 'is_anonymous', false, 'app_metadata', \
             jsonb_build_object('provider', 'email'{pairs}){named}{pairs}{more})",
            literal(role)
        );
        let mut who = who
            .composed("request.jwt.claims", &claims, &self.source)
            .composed("request.jwt.claim.sub", user, &self.source)
            .with("request.jwt.claim.role", role);
        for key in &self.keys {
            who = who.composed(&format!("request.jwt.claim.{key}"), tenant, &self.source);
        }
        for key in &self.user_keys {
            who = who.composed(&format!("request.jwt.claim.{key}"), user, &self.source);
        }
        who
    }

    /// A login whose application sets the tenant.
    pub fn login(&self, plain: &Assumed, member: &Membership) -> Assumed {
        let own = self.own(plain.clone(), member);
        let member = member.settled();
        self.settings.iter().fold(own, |who, setting| {
            match (&member.user, speaks_of_user(setting)) {
                (Some(user), true) => who.composed(setting, user, &self.source),
                (None, true) => who.with(setting, &self.nobody()),
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
            let value = match (speaks_of_user(setting), &self.tenant_type) {
                (true, _) => self.nobody(),
                (false, kind) if kind.starts_with("int") => NO_NUMBER.to_owned(),
                _ => random_uuid(),
            };
            if speaks_of_user(setting) || speaks_of_tenant(setting) {
                who.with(setting, &value)
            } else {
                who
            }
        })
    }

    fn own(&self, who: Assumed, member: &Membership) -> Assumed {
        let who = match &member.user {
            Some(user) => who.composed("firsthour.sub", user, &self.source),
            None => who.with("firsthour.sub", ""),
        };
        who.composed("firsthour.own", &member.settled().tenants, &self.source)
    }

    /// Keeps the name of a claim about a tenant or a user.
    fn note(&mut self, key: &str) {
        if names::tenant_name(key) {
            self.keys.insert(key.to_owned());
        } else if names::owner_name(key) {
            self.user_keys.insert(key.to_owned());
        }
    }

    /// Claim names and settings, from policies, helper bodies and views.
    fn read_names(&mut self, survey: &Survey) {
        let mut settings = BTreeSet::new();
        for text in texts(survey) {
            for pair in text.windows(2) {
                if let (Token::Sign(arrow), Token::Text(key)) = (&pair[0], &pair[1])
                    && matches!(arrow.as_str(), "->" | "->>")
                {
                    self.note(key);
                }
            }
            self.numbered |= user_cast(&text);
            self.edits.extend(edits(&text));
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
                self.note(key);
            } else if well_formed(&setting) {
                self.settings.push(setting);
            }
        }
    }
}

/// A number that no sequence has reached.
const NO_NUMBER: &str = "2147483600";

/// Whether a claim about the user is cast to a number.
fn user_cast(text: &[Token]) -> bool {
    let names_user = |t: &Token| {
        let Token::Text(key) = t else { return false };
        let key = key.strip_prefix("request.jwt.claim.").unwrap_or(key);
        key == "sub" || names::owner_name(key)
    };
    text.iter().enumerate().any(|(i, token)| {
        names_user(token)
            && text[i + 1..].windows(2).take(12).any(|w| {
                w[0].is_sign("::")
                    && ["int", "integer", "bigint", "int4", "int8"]
                        .iter()
                        .any(|kind| w[1].is_word(kind))
            })
    })
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

/// Each text once, in the order of what says it first.
fn texts(survey: &Survey) -> Vec<Cow<'_, [Token]>> {
    let mut seen: HashSet<*const Said> = HashSet::new();
    let policies = survey
        .snapshot
        .relations
        .iter()
        .flat_map(|relation| survey.policies(relation.oid))
        .filter(move |read| seen.insert(Arc::as_ptr(&read.text)));
    let bodies = survey
        .snapshot
        .functions
        .iter()
        .filter_map(|function| survey.helpers.get(function.oid))
        .filter(|helper| helper.identity)
        .map(|helper| Cow::Borrowed(&helper.body[..]));
    let views = survey
        .snapshot
        .relations
        .iter()
        .filter_map(|r| r.definition.as_deref())
        .map(|text| Cow::Owned(tokens(text)));
    policies
        .map(|read| Cow::Borrowed(&read.text.tokens[..]))
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
