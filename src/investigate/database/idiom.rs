//! The house's own way to keep a role to its rows: conditions of good
//! policies, moved from the table they stand on to one that lacks them.
//!
//! A condition is taken only if it names one column of the row, the tenant's
//! or the owner's, and no look has shown its policy to leak. Wherever it ends
//! up it is judged again, as any policy is.

use super::cells::Matrix;
use super::claims::Claims;
use super::expression::tokens;
use super::judge::policy_hole;
use super::members::{kind_of, membership_table};
use super::moving::{moved, one_line};
use super::principals::Actor;
use super::roles::Station;
use super::snapshot::{Oid, Policy, Relation};
use super::survey::{ReadPolicy, Survey};
use crate::providers::postgres::{ident, literal, qualified};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// A condition for some roles of one table, and where it was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub condition: String,
    pub from: String,
}

/// A good policy with the one column it looks at.
#[derive(Debug)]
struct Good<'a> {
    relation: &'a Relation,
    read: &'a ReadPolicy,
    column: &'a str,
    /// Whether that column is the tenant's, not the owner's.
    tenant: bool,
}

/// What a database's own policies teach.
#[derive(Debug)]
pub struct Idioms<'a> {
    survey: &'a Survey,
    good: Vec<Good<'a>>,
    blamed: BTreeSet<Oid>,
    /// Relations, with the roles that were seen to read foreign rows there.
    leaking: BTreeSet<(Oid, Oid)>,
    /// A setting in which the application says whose tenant it works for.
    setting: Option<String>,
    /// Which good policies hold for which role: every draft asks it of all.
    holding: Mutex<HashMap<(Oid, Oid), bool>>,
}

impl<'a> Idioms<'a> {
    /// Collects the policies to learn from.
    pub fn new(survey: &'a Survey, matrix: &Matrix, actors: &[Actor]) -> Self {
        let leaks = matrix.probed.iter().filter(|p| p.cell.verdict.leaks());
        let leaking = leaks.map(|p| (p.relation, actors[p.actor].role)).collect();
        let blamed: BTreeSet<Oid> = matrix.culprits.values().flatten().copied().collect();
        let relations = survey.snapshot.relations.iter();
        let guarded = relations.filter(|r| r.is_table() && r.rls && !r.extension);
        let good = guarded
            .flat_map(|relation| {
                let policies = survey.policies(relation.oid).iter();
                policies.filter_map(move |read| good(survey, relation, read))
            })
            .filter(|good| !blamed.contains(&good.read.policy.oid))
            .collect();
        Self {
            survey,
            good,
            blamed,
            leaking,
            setting: Claims::find(survey).tenant_setting(),
            holding: Mutex::default(),
        }
    }

    /// Whether a good policy keeps this role, whom it names, to its rows.
    fn holds(&self, role: Oid, good: &Good<'_>) -> bool {
        let judge = || {
            let mut named = good.read.policy.roles.iter();
            named.any(|to| self.survey.roles.has(role, *to))
                && policy_hole(self.survey, role, good.relation, good.read).is_none()
        };
        let mut known = self.holding.lock().unwrap_or_else(PoisonError::into_inner);
        *known
            .entry((role, good.read.policy.oid))
            .or_insert_with(judge)
    }

    /// Policies of the relation that were seen to admit foreign rows.
    pub fn blamed_on(&self, relation: Oid) -> Vec<&'a ReadPolicy> {
        let policies = self.survey.policies(relation).iter();
        policies
            .filter(|read| self.blamed.contains(&read.policy.oid))
            .collect()
    }

    /// Roles other than strangers whom an open policy serves as it should: its
    /// condition keeps them to their rows, and no look showed otherwise.
    pub fn served(&self, relation: &Relation, read: &ReadPolicy) -> Vec<Oid> {
        let survey = self.survey;
        let readers = survey.readers(relation.oid).map(|(role, _)| role);
        readers
            .filter(|role| {
                matches!(
                    survey.roles.station(*role),
                    Station::SignedIn | Station::App
                )
            })
            .filter(|role| {
                let mut named = read.policy.roles.iter();
                named.any(|to| survey.roles.has(*role, *to))
                    && !survey.skips(*role, relation)
                    && !self.leaking.contains(&(relation.oid, *role))
                    && policy_hole(survey, *role, relation, read).is_none()
            })
            .collect()
    }

    /// A policy of the same table that already keeps the role to its rows.
    pub fn sibling(&self, role: Oid, relation: &Relation, but: Oid) -> Option<&'a ReadPolicy> {
        self.survey
            .policies_for(role, relation.oid)
            .filter(|read| read.policy.permissive && read.policy.oid != but && read.identity)
            .find(|read| {
                !self.blamed.contains(&read.policy.oid)
                    && policy_hole(self.survey, role, relation, read).is_none()
            })
    }

    /// A condition that keeps the role to its rows of the relation.
    pub fn scope(&self, role: Oid, relation: &Relation, but: Oid) -> Option<Scope> {
        if let Some(read) = self.sibling(role, relation, but) {
            return Some(Scope {
                condition: one_line(read.policy.using.as_deref()?),
                from: format!("as policy {} of the same table does", read.policy.name),
            });
        }
        let survey = self.survey;
        let column = survey
            .tenant(relation.oid)
            .map(|column| (column, true))
            .or_else(|| Some((survey.owner(relation.oid)?, false)));
        let scope = match column {
            Some((column, tenant)) => self
                .taught(role, relation, column, tenant)
                .or_else(|| self.composed(role, relation, column, tenant)),
            None => self.by_parent(role, relation),
        };
        scope.filter(|scope| self.closed(role, relation, &scope.condition))
    }

    /// Whether the rules find nothing wrong with a condition there.
    pub fn closed(&self, role: Oid, relation: &Relation, condition: &str) -> bool {
        let read = tokens(condition);
        let all = self.survey.snapshot.relations.iter();
        let inner = all.filter(|r| {
            read.windows(3)
                .any(|w| w[0].is_word(&r.schema) && w[1].is_sign(".") && w[2].is_word(&r.name))
        });
        let policy = Policy {
            relation: relation.oid,
            command: "*".to_owned(),
            permissive: true,
            using: Some(condition.to_owned()),
            relations: inner.map(|r| r.oid).collect(),
            ..Policy::default()
        };
        let drafted = ReadPolicy {
            policy,
            identity: self.survey.helpers.identity_in(&read),
            tokens: read,
        };
        policy_hole(self.survey, role, relation, &drafted).is_none()
    }

    /// The condition that most tables with such a column have for this role.
    fn taught(&self, role: Oid, relation: &Relation, column: &str, tenant: bool) -> Option<Scope> {
        let kind = kind_of(relation, column);
        let mut votes: BTreeMap<String, (usize, &Good<'_>)> = BTreeMap::new();
        for good in &self.good {
            let applies = good.tenant == tenant
                && good.relation.oid != relation.oid
                && kind_of(good.relation, good.column) == kind
                && self.holds(role, good);
            if !applies {
                continue;
            }
            let text = good.read.policy.using.as_deref().unwrap_or_default();
            if let Some(text) = moved(text, (good.relation, good.column), (relation, column)) {
                votes.entry(text).or_insert((0, good)).0 += 1;
            }
        }
        let (condition, (_, good)) = votes
            .into_iter()
            .max_by_key(|(text, (votes, _))| (*votes, std::cmp::Reverse(text.len())))?;
        Some(Scope {
            condition,
            from: format!(
                "as policy {} on {} does",
                good.read.policy.name,
                good.relation.full_name()
            ),
        })
    }

    /// Where no policy teaches: the membership table behind an API, the
    /// setting of a login.
    fn composed(
        &self,
        role: Oid,
        relation: &Relation,
        column: &str,
        tenant: bool,
    ) -> Option<Scope> {
        let survey = self.survey;
        let own = ident(column);
        match survey.roles.station(role) {
            Station::SignedIn if !survey.helpers.named("auth.uid").is_empty() && tenant => {
                let (members, user, key) = membership_table(survey)?;
                let fits = kind_of(members, key) == kind_of(relation, column)
                    && kind_of(members, user) == "uuid"
                    && survey.access(role, members.oid).is_some()
                    && members.oid != relation.oid;
                fits.then(|| Scope {
                    condition: format!(
                        "{own} IN (SELECT m.{} FROM {} m WHERE m.{} = (SELECT auth.uid()))",
                        ident(key),
                        qualified(&members.schema, &members.name),
                        ident(user)
                    ),
                    from: format!("by membership in {}", members.full_name()),
                })
            }
            Station::App if tenant => {
                let setting = self.setting.as_ref()?;
                Some(Scope {
                    condition: format!(
                        "{own} = NULLIF(current_setting({}, true), '')::{}",
                        literal(setting),
                        kind_of(relation, column)
                    ),
                    from: format!("by the setting {setting}"),
                })
            }
            _ => None,
        }
    }

    /// Rows whose guarded parent the caller sees.
    fn by_parent(&self, role: Oid, relation: &Relation) -> Option<Scope> {
        let survey = self.survey;
        let key = survey.kin_key(relation.oid)?;
        let parent = survey.relation(key.parent)?;
        let ([child], [target]) = (&key.child_columns[..], &key.parent_columns[..]) else {
            return None;
        };
        let seen = survey.access(role, parent.oid).is_some();
        let bound = parent.rls && !survey.skips(role, parent);
        (seen && bound && self.blamed_on(parent.oid).is_empty()).then(|| Scope {
            condition: format!(
                "EXISTS (SELECT 1 FROM {} fh_parent WHERE fh_parent.{} = {}.{})",
                qualified(&parent.schema, &parent.name),
                ident(target),
                ident(&relation.name),
                ident(child)
            ),
            from: format!("as far as the caller sees {}", parent.full_name()),
        })
    }
}

/// The policy, if its condition can be moved to another table.
fn good<'a>(survey: &'a Survey, relation: &'a Relation, read: &'a ReadPolicy) -> Option<Good<'a>> {
    let policy = &read.policy;
    let [own] = policy.own[..] else { return None };
    let column = relation.columns.iter().find(|column| column.num == own)?;
    let tenant = survey.tenant(relation.oid) == Some(&column.name);
    let keyed = tenant || survey.owner(relation.oid) == Some(&column.name);
    (policy.permissive && policy.reads() && read.identity && keyed).then_some(Good {
        relation,
        read,
        column: &column.name,
        tenant,
    })
}
