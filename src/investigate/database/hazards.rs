//! Relations that must not be read while nobody is watching: reading them
//! runs code whose effects a read-only transaction does not hold back.

use super::snapshot::Oid;
use super::survey::Survey;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Relations that must not be read headless, and why.
pub fn hazards(survey: &Survey) -> BTreeMap<Oid, String> {
    let mut found: BTreeMap<Oid, String> = BTreeMap::new();
    for relation in &survey.snapshot.relations {
        if relation.kind == "f" {
            found.insert(
                relation.oid,
                "reading it would call another server".to_owned(),
            );
            continue;
        }
        let policies = survey
            .policies(relation.oid)
            .iter()
            .flat_map(|read| &read.policy.functions);
        let functions = policies.chain(survey.uses(relation.oid).1);
        let risky = functions.copied().find_map(|oid| {
            let name = survey.function(oid)?.full_name();
            survey
                .helpers
                .hazard(oid)
                .map(|why| format!("it runs {name}, and {why}"))
        });
        if let Some(why) = risky {
            found.insert(relation.oid, why);
        }
    }
    spread(survey, found)
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
