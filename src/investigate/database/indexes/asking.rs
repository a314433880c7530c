//! Which query shows what a missing index costs, and as whom it is planned.

use super::candidates::Candidate;
use crate::domain::exposure::PrincipalKind;
use crate::domain::untrusted::visible;
use crate::investigate::database::principals::{Actor, Right};
use crate::investigate::database::snapshot::{Oid, Policy, Relation};
use crate::investigate::database::survey::Survey;
use crate::providers::postgres::{Query, ident, qualified};
use std::collections::{BTreeMap, BTreeSet};

/// Relations a candidate is planned on; policies of more lean on few indexes.
const QUERIES: usize = 4;

/// A query to plan, as people read it.
#[derive(Debug)]
pub struct Asked {
    pub query: Query,
    pub shown: String,
    pub principal: String,
}

/// Why there is no cost at all.
#[derive(Debug)]
pub enum Silent {
    /// Only changed rows are decided about.
    Writes,
    /// Nobody was asked whether functions with effects may run.
    Unasked(String),
    /// Nobody whom the policies bind may read it.
    Nobody(String),
    Refused(String),
}

impl Silent {
    /// Whether there is a cost that was not seen.
    pub const fn unknown(&self) -> bool {
        matches!(self, Self::Unasked(_) | Self::Refused(_))
    }

    pub fn why(&self) -> &str {
        match self {
            Self::Writes => "its policies decide about changed rows only, which no query shows",
            Self::Unasked(why) | Self::Nobody(why) | Self::Refused(why) => why,
        }
    }
}

/// What queries are chosen by.
#[derive(Debug)]
pub struct Asker<'a> {
    pub survey: &'a Survey,
    pub actors: &'a [Actor],
    /// Relations that are not planned unasked, and why.
    pub hazards: BTreeMap<Oid, String>,
}

impl Asker<'_> {
    /// The policy of that oid.
    pub fn policy(&self, oid: Oid) -> Option<&Policy> {
        let all = &self.survey.snapshot.policies;
        all.iter().find(|policy| policy.oid == oid)
    }

    /// The queries that show the cost, or why there is none to be had.
    pub fn asked(&self, candidate: &Candidate, relation: &Relation) -> Result<Vec<Asked>, Silent> {
        let mut why = Silent::Writes;
        let mut asked = Vec::new();
        let mut seen = BTreeSet::new();
        let policies = candidate
            .policies
            .iter()
            .filter_map(|oid| self.policy(*oid));
        for policy in policies.filter(|policy| policy.reads()) {
            let Some(on) = self.survey.relation(policy.relation) else {
                continue;
            };
            if let Some(hazard) = self.hazards.get(&on.oid) {
                why = Silent::Unasked(hazard.clone());
                continue;
            }
            let Some(actor) = self.actor(on, Some(policy)) else {
                let name = on.full_name();
                why = Silent::Nobody(format!(
                    "no principal that its policies bind may read {name}"
                ));
                continue;
            };
            if seen.insert(on.oid) && asked.len() < QUERIES {
                let from = qualified(&on.schema, &on.name);
                asked.push(one(actor, &format!("SELECT count(*) FROM {from}")));
            }
        }
        asked.extend(self.lookup(candidate, relation));
        if asked.is_empty() {
            Err(why)
        } else {
            Ok(asked)
        }
    }

    /// What stands inside a function that the planner does not look into is
    /// planned by itself, for a value that is not known.
    fn lookup(&self, candidate: &Candidate, relation: &Relation) -> Option<Asked> {
        const TYPES: [&str; 8] = [
            "uuid", "text", "varchar", "int2", "int4", "int8", "name", "bpchar",
        ];
        if candidate.functions.iter().all(Option::is_none)
            || self.hazards.contains_key(&relation.oid)
        {
            return None;
        }
        let key = candidate.keys.first().filter(|key| key.plain())?;
        let kind = &relation.column(&key.column)?.kind;
        let actor = self.actor(relation, None)?;
        let kind = TYPES.iter().find(|known| *known == kind)?;
        let from = qualified(&relation.schema, &relation.name);
        let sql = format!(
            "SELECT count(*) FROM {from} WHERE {} = (SELECT NULL::pg_catalog.{kind})",
            ident(&key.column)
        );
        Some(one(actor, &sql))
    }

    /// A member that reads the relation under the policy, if there is one.
    fn actor(&self, relation: &Relation, policy: Option<&Policy>) -> Option<&Actor> {
        let survey = self.survey;
        let bound = |actor: &&Actor| {
            let reads = survey.access(actor.role, relation.oid).is_some();
            let applies = policy.is_none_or(|policy| {
                let mut all = survey.policies_for(actor.role, relation.oid);
                !survey.skips(actor.role, relation) && all.any(|read| read.policy.oid == policy.oid)
            });
            reads && applies && actor.right != Right::Everything
        };
        self.actors.iter().filter(bound).min_by_key(|actor| {
            let member = actor.right == Right::OwnTenant && actor.told.is_none();
            (!member, actor.principal.kind != PrincipalKind::Member)
        })
    }
}

fn one(actor: &Actor, sql: &str) -> Asked {
    Asked {
        query: Query {
            who: actor.assumed.clone(),
            sql: sql.to_owned(),
        },
        shown: visible(sql),
        principal: actor.principal.name.clone(),
    }
}
