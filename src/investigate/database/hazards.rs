//! Relations that must not be read while nobody is watching: reading them
//! runs code whose effects a read-only transaction does not hold back.

use super::effects::effect;
use super::expression::tokens;
use super::snapshot::{Oid, Relation};
use super::survey::Survey;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How a person allows them: said behind each reason.
const CONSENT: &str = "--probe-helpers or the key H probes it too";

/// Relations that must not be read unasked, and why.
pub fn hazards(survey: &Survey) -> BTreeMap<Oid, String> {
    let mut found: BTreeMap<Oid, String> = BTreeMap::new();
    for relation in &survey.snapshot.relations {
        if let Some(why) = hazard(survey, relation) {
            found.insert(relation.oid, format!("not probed: {why}; {CONSENT}"));
        }
    }
    spread(survey, found)
}

/// Whether a cell stays open because nobody was asked yet.
pub fn unasked(basis: &str) -> bool {
    basis.ends_with(CONSENT)
}

fn hazard(survey: &Survey, relation: &Relation) -> Option<String> {
    if relation.kind == "f" {
        return Some("reading it calls another server".to_owned());
    }
    let policies = || {
        survey
            .policies(relation.oid)
            .iter()
            .filter(|read| read.policy.reads())
    };
    let view = relation
        .definition
        .as_deref()
        .filter(|_| relation.is_view());
    let own = policies()
        .find_map(|read| effect(&read.text.tokens))
        .or_else(|| effect(&tokens(view?)));
    if let Some(word) = own {
        return Some(format!(
            "its own condition uses {word}, which a read-only transaction does not stop"
        ));
    }
    policies()
        .flat_map(|read| &read.policy.functions)
        .chain(survey.uses(relation.oid).1)
        .copied()
        .find_map(|oid| {
            let name = survey.function(oid)?.full_name();
            let why = survey.helpers.hazard(oid)?;
            Some(format!("it runs {name}, and {why}"))
        })
}

/// A view, or a policy's sub-select, over such a relation runs the same code.
fn spread(survey: &Survey, mut found: BTreeMap<Oid, String>) -> BTreeMap<Oid, String> {
    if found.is_empty() {
        return found;
    }
    let mut users: HashMap<Oid, BTreeSet<Oid>> = HashMap::new();
    for used in &survey.snapshot.view_uses {
        for oid in &used.relations {
            users.entry(*oid).or_default().insert(used.view);
        }
    }
    for policy in &survey.snapshot.policies {
        for oid in &policy.relations {
            users.entry(*oid).or_default().insert(policy.relation);
        }
    }
    let mut todo: Vec<Oid> = found.keys().copied().collect();
    while let Some(at) = todo.pop() {
        let why = found.get(&at).cloned().unwrap_or_default();
        for user in users.get(&at).into_iter().flatten() {
            // A stored copy is read without running what made it.
            let stored = survey
                .relation(*user)
                .is_some_and(|relation| relation.kind == "m");
            if !stored && !found.contains_key(user) {
                found.insert(*user, why.clone());
                todo.push(*user);
            }
        }
    }
    found
}
