//! Policies: commands, roles, conditions, and how wide the judge finds each.

use super::super::portrait::{Facet, Kind, Presence, Thing, part, qualified};
use super::drawing::Drawing;
use crate::domain::check::Gap;
use crate::investigate::database::hole::Hole;
use crate::investigate::database::judge::policy_hole;
use crate::investigate::database::snapshot::{Oid, PUBLIC, Policy, Relation};
use crate::investigate::database::survey::{ReadPolicy, Survey};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

#[derive(Debug, Deserialize)]
struct Check {
    policy: Oid,
    unread: bool,
    #[serde(rename = "check")]
    text: Option<String>,
}

pub(super) const CHECKS: &str = include_str!("../../sql/drift_checks.sql");

/// Adds every policy.
pub(super) fn draw(drawing: &mut Drawing<'_>) {
    let what = "conditions on new rows";
    let checks: Vec<Check> = drawing.read(CHECKS, Kind::Policy, what);
    let survey = &drawing.look.survey;
    let checks: HashMap<Oid, Check> = checks.into_iter().map(|c| (c.policy, c)).collect();
    for relation in &survey.snapshot.relations {
        for read in survey.policies(relation.oid) {
            let check = checks.get(&read.policy.oid);
            if check.is_some_and(|check| check.unread) && !read.policy.unread {
                let what = format!(
                    "the condition on new rows of policy {} on {}",
                    read.policy.name,
                    relation.full_name()
                );
                let why =
                    "a table it reads is locked by another session; look again when it is free";
                drawing.portrait.gaps.push(Gap::new(&what, why));
            }
            drawing
                .portrait
                .things
                .push(drawn(survey, relation, read, check));
        }
    }
}

fn drawn(survey: &Survey, relation: &Relation, read: &ReadPolicy, check: Option<&Check>) -> Thing {
    let policy = &read.policy;
    let mut facets = BTreeMap::new();
    let mut add = |name: &str, facet| drop(facets.insert(name.to_owned(), facet));
    add("commands", Facet::Set(commands(&policy.command)));
    let roles = policy
        .roles
        .iter()
        .map(|oid| survey.roles.name(*oid).to_owned());
    add("roles", Facet::Set(roles.collect()));
    add("permissive", Facet::Opens(policy.permissive));
    let hidden = policy.unread || check.is_some_and(|check| check.unread);
    if hidden {
        add("condition", Facet::Hidden);
    } else if let Some(text) = &policy.using {
        let hole = widest(survey, relation, read);
        let condition = Facet::Condition {
            text: text.clone(),
            width: hole.as_ref().map_or(0, Hole::width),
            hole: hole.as_ref().map(Hole::clause),
        };
        add("condition", condition);
    }
    if let Some(check) = check.filter(|_| !hidden) {
        let facet = match &check.text {
            Some(text) => Facet::Condition {
                text: text.clone(),
                width: 0,
                hole: None,
            },
            None => Facet::Hidden,
        };
        add("condition on new rows", facet);
    }
    Thing {
        kind: Kind::Policy,
        name: part(&policy.name),
        on: Some(qualified(&relation.schema, &relation.name)),
        presence: presence(policy, hidden, check.is_some()),
        facets,
    }
}

/// What the policy does by being there, when its table has row security on. A
/// condition of its own on new rows always counts for something.
fn presence(policy: &Policy, hidden: bool, on_new: bool) -> Presence {
    let using = policy.using.as_deref().map(str::trim);
    let empty = if policy.permissive { "false" } else { "true" };
    if hidden {
        Presence::Unclear
    } else if using == Some(empty) && !on_new {
        Presence::Nothing
    } else if policy.permissive {
        Presence::Opens
    } else {
        Presence::Closes
    }
}

/// The widest hole for any role the policy applies to.
fn widest(survey: &Survey, relation: &Relation, read: &ReadPolicy) -> Option<Hole> {
    let readers = survey.readers(relation.oid).map(|(role, _)| role);
    let applies = |role: &Oid| {
        let to = &read.policy.roles;
        to.iter()
            .any(|to| *to == PUBLIC || survey.roles.has(*role, *to))
    };
    let named = read.policy.roles.iter().copied();
    let roles: BTreeSet<Oid> = readers.filter(applies).chain(named).collect();
    roles
        .into_iter()
        .filter_map(|role| policy_hole(survey, role, relation, read))
        .max_by_key(Hole::width)
}

fn commands(letter: &str) -> BTreeSet<String> {
    let words: &[&str] = match letter {
        "r" => &["select"],
        "a" => &["insert"],
        "w" => &["update"],
        "d" => &["delete"],
        _ => &["delete", "insert", "select", "update"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}
