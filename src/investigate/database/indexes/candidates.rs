//! Which indexes are missing: look-ups that nothing serves, put together so
//! that one index is drafted for all that it would serve.

use super::key::Key;
use super::known::Known;
use super::leaning::{Form, Group, groups};
use super::scope::Names;
use crate::domain::check::Gap;
use crate::investigate::database::snapshot::Oid;
use crate::investigate::database::survey::Survey;
use crate::providers::postgres::qualified;
use std::collections::BTreeSet;

/// An index that is not there.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub relation: Oid,
    /// What it would be looked up by; the tenant's column first.
    pub keys: Vec<Key>,
    pub forms: BTreeSet<Form>,
    /// The policies that lean on it.
    pub policies: BTreeSet<Oid>,
    /// Functions in which the look-ups stand; [`None`] for a policy's own.
    pub functions: BTreeSet<Option<Oid>>,
}

/// What was found, how many look-ups there are, and what could not be read.
#[derive(Debug)]
pub struct Found {
    pub candidates: Vec<Candidate>,
    pub looked: usize,
    pub gaps: Vec<Gap>,
}

/// Goes through every policy that decides about rows there are.
pub fn find(survey: &Survey, known: &Known) -> Found {
    let names = Names::new(survey);
    let (mut looked, mut opaque, mut missing) = (0, BTreeSet::new(), Vec::new());
    for relation in &survey.snapshot.relations {
        if !relation.rls || relation.extension {
            continue;
        }
        for read in survey.policies(relation.oid) {
            let (found, unread) = groups(survey, &names, read);
            opaque.extend(unread);
            looked += found.len();
            missing.extend(
                found
                    .into_iter()
                    .filter(|group| !known.serves(survey, group)),
            );
        }
    }
    let mut gaps: Vec<Gap> = opaque
        .into_iter()
        .filter_map(|oid| survey.function(oid))
        .map(|function| {
            let what = format!("what {} looks up", function.full_name());
            let why = format!("its language, {}, is not read", function.language);
            Gap::new(&what, &why)
        })
        .collect();
    gaps.extend(known.unread().map(|index| {
        let why = "its table is locked by another session; look again when it is free";
        Gap::new(&format!("what index {} is on", index.name), why)
    }));
    Found {
        candidates: together(survey, missing),
        looked,
        gaps,
    }
}

/// One candidate for all groups it would serve: those that look up least come
/// first, since what serves them narrows the others too.
fn together(survey: &Survey, mut missing: Vec<Group>) -> Vec<Candidate> {
    missing.sort_by_key(|group| (group.leans.len(), group.relation));
    let mut candidates: Vec<Candidate> = Vec::new();
    for group in missing {
        let array = |form: Form| matches!(form, Form::Contains | Form::Member);
        let kind = |forms: &BTreeSet<Form>| forms.iter().copied().find(|form| array(*form));
        let form = group
            .leans
            .iter()
            .map(|lean| lean.form)
            .find(|form| array(*form));
        let serves = |candidate: &Candidate| {
            let first = candidate.keys.first();
            candidate.relation == group.relation
                && kind(&candidate.forms) == form
                && group.leans.iter().any(|lean| Some(&lean.key) == first)
        };
        let found = candidates.iter().position(serves);
        let at = found.unwrap_or_else(|| {
            candidates.push(Candidate {
                relation: group.relation,
                keys: keys(survey, &group),
                forms: BTreeSet::new(),
                policies: BTreeSet::new(),
                functions: BTreeSet::new(),
            });
            candidates.len() - 1
        });
        let Some(candidate) = candidates.get_mut(at) else {
            continue;
        };
        let led = |key: &Key| candidate.keys.contains(key);
        let forms = group.leans.iter().filter(|lean| led(&lean.key));
        candidate.forms.extend(forms.map(|lean| lean.form));
        candidate.policies.insert(group.policy);
        candidate.functions.insert(group.function);
    }
    candidates
}

/// The keys of a group that one index can use, the tenant's first, then the
/// owner's, each once.
fn keys(survey: &Survey, group: &Group) -> Vec<Key> {
    let usable = |form: Form| matches!(form, Form::Equal | Form::Contains | Form::Member);
    let any = group.leans.iter().any(|lean| usable(lean.form));
    let leans = group.leans.iter().filter(|lean| !any || usable(lean.form));
    let mut keys: Vec<Key> = Vec::new();
    for lean in leans {
        if !keys.contains(&lean.key) {
            keys.push(lean.key.clone());
        }
    }
    let rank = |key: &Key| {
        let name = Some(key.column.as_str());
        (
            name != survey.tenant(group.relation),
            name != survey.owner(group.relation),
        )
    };
    keys.sort_by_key(rank);
    keys
}

impl Candidate {
    /// Whether the policies' form lets any index serve it.
    pub fn servable(&self) -> bool {
        self.forms
            .iter()
            .any(|form| matches!(form, Form::Equal | Form::Contains))
    }

    /// The index's definition after ON, without its name.
    fn definition(&self, survey: &Survey, relation: Oid) -> Option<String> {
        let relation = survey.relation(relation)?;
        let elements: Vec<String> = self.keys.iter().map(Key::element).collect();
        let method = if self.forms.contains(&Form::Contains) {
            " USING gin"
        } else {
            ""
        };
        let table = qualified(&relation.schema, &relation.name);
        Some(format!("{table}{method} ({})", elements.join(", ")))
    }

    /// The statement that would be tried within a transaction.
    pub fn trial(&self, survey: &Survey) -> Option<String> {
        let definition = self.definition(survey, self.relation)?;
        self.servable()
            .then(|| format!("CREATE INDEX ON {definition}"))
    }

    /// The drafted statements. A partitioned table takes no index while others
    /// write: its partitions get theirs one by one, and the last statement
    /// only joins them.
    pub fn draft(&self, survey: &Survey, known: &Known) -> Vec<String> {
        if self.forms.contains(&Form::Member) {
            return Vec::new();
        }
        let concurrently = |relation: Oid| {
            let definition = self.definition(survey, relation)?;
            Some(format!("CREATE INDEX CONCURRENTLY ON {definition}"))
        };
        let partitioned = survey
            .relation(self.relation)
            .is_some_and(|r| r.kind == "p");
        if !partitioned {
            return concurrently(self.relation).into_iter().collect();
        }
        let below = survey.below(self.relation);
        let leaves = below.into_iter().filter(|oid| {
            let stores = survey.relation(*oid).is_some_and(|r| r.kind == "r");
            stores && !known.leads(*oid, &self.keys)
        });
        let mut all: Vec<String> = leaves.filter_map(concurrently).collect();
        all.extend(
            self.definition(survey, self.relation)
                .map(|definition| format!("CREATE INDEX ON {definition}")),
        );
        all
    }
}
