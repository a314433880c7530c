//! The house's own way to keep a role to its rows: conditions of good
//! policies, moved from the table they stand on to one that lacks them.
//!
//! A condition is taken only if it names one column of the row, the tenant's
//! or the owner's, and no look has shown its policy to leak. Wherever it ends
//! up it is judged again, as any policy is.

use super::cells::Matrix;
use super::claims::Claims;
use super::expression::Token;
use super::expression::said::Said;
use super::judge::policy_hole;
use super::members::{kind_of, membership_table};
use super::moving::{Form, one_line};
use super::principals::Actor;
use super::roles::Station;
use super::snapshot::{Oid, Policy, Relation};
use super::survey::{ReadPolicy, Survey};
use crate::providers::postgres::{ident, literal, qualified};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

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

/// What good policies have in common that say the same: whether they look at
/// the tenant's column, of which type, and in which words.
type Kind = (bool, String, Form);

/// Good policies by their number.
type Numbers = Arc<Vec<usize>>;

/// What a database's own policies teach.
#[derive(Debug)]
pub struct Idioms<'a> {
    survey: &'a Survey,
    good: Vec<Good<'a>>,
    /// Good policies that say the same, in their order.
    alike: Vec<(Kind, Vec<usize>)>,
    blamed: BTreeSet<Oid>,
    /// Relations, with the roles that were seen to read foreign rows there.
    leaking: BTreeSet<(Oid, Oid)>,
    /// A setting in which the application says whose tenant it works for.
    setting: Option<String>,
    /// Tables by schema and name.
    named: HashMap<(&'a str, &'a str), Oid>,
    /// Which of those alike hold for which role: every draft asks it of all.
    holding: Mutex<HashMap<(Oid, usize), Numbers>>,
}

impl<'a> Idioms<'a> {
    /// Collects the policies to learn from.
    pub fn new(survey: &'a Survey, matrix: &Matrix, actors: &[Actor]) -> Self {
        let leaks = matrix.probed.iter().filter(|p| p.cell.verdict.leaks());
        let leaking = leaks.map(|p| (p.relation, actors[p.actor].role)).collect();
        let blamed: BTreeSet<Oid> = matrix.culprits.values().flatten().copied().collect();
        let relations = survey.snapshot.relations.iter();
        let guarded = relations.filter(|r| r.is_table() && r.rls && !r.extension);
        let good: Vec<Good<'_>> = guarded
            .flat_map(|relation| {
                let policies = survey.policies(relation.oid).iter();
                policies.filter_map(move |read| good(survey, relation, read))
            })
            .filter(|good| !blamed.contains(&good.read.policy.oid))
            .collect();
        Self {
            survey,
            alike: alike(&good),
            good,
            blamed,
            leaking,
            setting: Claims::find(survey).tenant_setting(),
            named: relations_by_name(survey),
            holding: Mutex::default(),
        }
    }

    /// Those of the alike that keep this role, whom they name, to its rows.
    fn holding(&self, role: Oid, kind: usize) -> Numbers {
        let holds = |good: &Good<'_>| {
            let mut named = good.read.policy.roles.iter();
            named.any(|to| self.survey.roles.has(role, *to))
                && policy_hole(self.survey, role, good.relation, good.read).is_none()
        };
        let mut known = self.holding.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.entry((role, kind)).or_insert_with(|| {
            let all = self.alike[kind].1.iter().copied();
            Arc::new(all.filter(|i| holds(&self.good[*i])).collect())
        });
        Arc::clone(found)
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
        let said = Arc::new(Said::new(condition));
        let inner: BTreeSet<Oid> = said
            .tokens
            .windows(3)
            .filter_map(|w| match w {
                [Token::Word(schema), dot, Token::Word(name)] if dot.is_sign(".") => {
                    self.named.get(&(schema.as_str(), name.as_str())).copied()
                }
                _ => None,
            })
            .collect();
        // A condition that asks its own table, or one that asks back, is read
        // without end.
        let asks_back = |oid: &Oid| {
            let mut policies = self.survey.policies_for(role, *oid);
            *oid == relation.oid
                || policies.any(|read| read.policy.relations.contains(&relation.oid))
        };
        if inner.iter().any(asks_back) {
            return false;
        }
        let policy = Policy {
            relation: relation.oid,
            command: "*".to_owned(),
            permissive: true,
            using: Some(condition.to_owned()),
            relations: inner.into_iter().collect(),
            ..Policy::default()
        };
        let drafted = ReadPolicy {
            policy,
            identity: self.survey.helpers.identity_in(&said.tokens),
            new_text: Arc::clone(&said),
            text: said,
        };
        policy_hole(self.survey, role, relation, &drafted).is_none()
    }

    /// The condition that most tables with such a column have for this role.
    fn taught(&self, role: Oid, relation: &Relation, column: &str, tenant: bool) -> Option<Scope> {
        let kind = kind_of(relation, column);
        let mut votes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (i, ((of_tenant, of_kind, form), _)) in self.alike.iter().enumerate() {
            if *of_tenant != tenant || *of_kind != kind {
                continue;
            }
            let holding = self.holding(role, i);
            let others = holding.iter().copied();
            let mut others = others.filter(|i| self.good[*i].relation.oid != relation.oid);
            let Some(first) = others.next() else { continue };
            if let Some(text) = form.on(relation, column) {
                let (votes, earliest) = votes.entry(text).or_insert((0, first));
                *votes += 1 + others.count();
                *earliest = first.min(*earliest);
            }
        }
        let (condition, (_, first)) = votes
            .into_iter()
            .max_by_key(|(text, (votes, _))| (*votes, std::cmp::Reverse(text.len())))?;
        let good = &self.good[first];
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

fn relations_by_name(survey: &Survey) -> HashMap<(&str, &str), Oid> {
    let relations = survey.snapshot.relations.iter();
    relations
        .map(|r| ((r.schema.as_str(), r.name.as_str()), r.oid))
        .collect()
}

/// Good policies by what they say; those that cannot be moved are left out.
fn alike(good: &[Good<'_>]) -> Vec<(Kind, Vec<usize>)> {
    let mut kinds: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
    for (i, good) in good.iter().enumerate() {
        let text = good.read.policy.using.as_deref().unwrap_or_default();
        if let Some(form) = Form::of(text, good.relation, good.column) {
            let kind = (good.tenant, kind_of(good.relation, good.column), form);
            kinds.entry(kind).or_default().push(i);
        }
    }
    kinds.into_iter().collect()
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
