//! Which policy or door lets the foreign rows through that were seen.
//!
//! The server ORs the permissive policies of a role. Where several may be to
//! blame, each one's own condition is tried over the foreign rows, as the
//! principal that read them and within the prober's limits. What was not
//! decided is named as possible, never as seen.

use super::cells::{Matrix, Probed, UNEXPLAINED};
use super::judge::policy_hole;
use super::principals::{Actor, Right};
use super::questions;
use super::snapshot::{Oid, Relation};
use super::survey::{ReadPolicy, Survey};
use crate::providers::postgres::{ProbeCell, ProbeLimits, Session, ident};
use std::collections::BTreeMap;

/// Conditions tried for one principal in one run.
const TRIED: usize = 200;

/// How many views deep the culprit is looked for.
const DEPTH: usize = 8;

/// Tries the policies of every leaking cell and notes those that admit it.
pub async fn find(
    session: &Session,
    survey: &Survey,
    actors: &[Actor],
    limits: &ProbeLimits,
    matrix: &mut Matrix,
) {
    let mut asked: BTreeMap<usize, Vec<(Oid, Oid, ProbeCell)>> = BTreeMap::new();
    for probed in matrix.probed.iter().filter(|p| p.cell.verdict.leaks()) {
        let actor = &actors[probed.actor];
        let Some(relation) = bound(survey, actor, probed) else {
            continue;
        };
        match &admitting(survey, actor.role, relation.oid)[..] {
            [only] => {
                let key = (probed.actor, relation.oid);
                matrix.culprits.insert(key, vec![only.policy.oid]);
            }
            several => {
                let cells = several.iter().filter_map(|read| {
                    Some((read.policy.oid, tried(survey, actor, relation, read)?))
                });
                let asked = asked.entry(probed.actor).or_default();
                let room = TRIED.saturating_sub(asked.len());
                asked.extend(
                    cells
                        .take(room)
                        .map(|(policy, ask)| (relation.oid, policy, ask)),
                );
            }
        }
    }
    for (actor, questions) in asked {
        let cells: Vec<ProbeCell> = questions.iter().map(|(.., ask)| ask.clone()).collect();
        // A look that fails leaves the policies named as possible.
        let answers = session.probe(&actors[actor].assumed, &cells, limits).await;
        for ((relation, policy, _), answer) in questions.iter().zip(answers.unwrap_or_default()) {
            if answer.visible == Some(true) {
                let key = (actor, *relation);
                matrix.culprits.entry(key).or_default().push(*policy);
            }
        }
    }
}

/// The table of a leaking cell, if policies decide what this actor sees of it.
fn bound<'a>(survey: &'a Survey, actor: &Actor, probed: &Probed) -> Option<&'a Relation> {
    let relation = survey.relation(probed.relation)?;
    let decides = actor.right != Right::Everything
        && survey.sensitive(relation.oid)
        && relation.is_table()
        && !survey.skips(actor.role, relation);
    decides.then_some(relation)
}

/// The permissive policies that can admit rows for this role.
fn admitting(survey: &Survey, role: Oid, relation: Oid) -> Vec<&ReadPolicy> {
    survey
        .policies_for(role, relation)
        .filter(|read| read.policy.permissive)
        .collect()
}

/// One policy's own condition over the rows this actor must not see.
fn tried(
    survey: &Survey,
    actor: &Actor,
    relation: &Relation,
    read: &ReadPolicy,
) -> Option<ProbeCell> {
    let condition = read.policy.using.as_ref()?;
    let mut ask = ProbeCell::new(&relation.schema, &relation.name);
    ask.predicate = Some(match questions::foreign_rows(survey, actor, relation) {
        Some(foreign) => format!("({foreign}) AND ({condition})"),
        None => format!("({condition})"),
    });
    ask.sample = questions::sample(survey, relation);
    Some(ask)
}

/// What let a leaking cell through, one line each.
pub fn told(survey: &Survey, matrix: &Matrix, actors: &[Actor], probed: &Probed) -> Vec<String> {
    let Some(relation) = survey.relation(probed.relation) else {
        return Vec::new();
    };
    let name = relation.full_name();
    let role = actors[probed.actor].role;
    match relation.kind.as_str() {
        "v" => through_view(survey, relation, DEPTH).into_iter().collect(),
        "m" => vec![format!("the stored copy {name}, which no policy can guard")],
        "f" => vec![format!(
            "the foreign table {name}, which no policy here guards"
        )],
        _ if !relation.rls => vec![unguarded(survey, relation)],
        _ if survey.skips(role, relation) => vec![unbound(survey, role, relation)],
        _ => policies(survey, matrix, role, probed, relation),
    }
}

fn policies(
    survey: &Survey,
    matrix: &Matrix,
    role: Oid,
    probed: &Probed,
    relation: &Relation,
) -> Vec<String> {
    let seen = matrix.culprits.get(&(probed.actor, probed.relation));
    let line = |read: &ReadPolicy, how: &str| {
        format!(
            "policy {} on {}: USING ({}){how}",
            ident(&read.policy.name),
            relation.full_name(),
            read.policy.using.as_deref().unwrap_or("true")
        )
    };
    let admitting = admitting(survey, role, relation.oid);
    if let Some(seen) = seen {
        let blamed = admitting
            .iter()
            .filter(|read| seen.contains(&read.policy.oid));
        return blamed.map(|read| line(read, "")).collect();
    }
    let open = |read: &&&ReadPolicy| policy_hole(survey, role, relation, read).is_some();
    admitting
        .iter()
        .filter(open)
        .map(|read| line(read, "; by its text, not tried alone"))
        .collect()
}

fn unguarded(survey: &Survey, relation: &Relation) -> String {
    let name = relation.full_name();
    let guarded = survey
        .ancestors(relation.oid)
        .into_iter()
        .filter_map(|oid| survey.relation(oid))
        .find(|parent| parent.rls);
    match guarded {
        Some(parent) => format!(
            "a grant on {name} itself: row security is off there, and that of {} does not count",
            parent.full_name()
        ),
        None => format!("row security is off on {name}"),
    }
}

fn unbound(survey: &Survey, role: Oid, relation: &Relation) -> String {
    let (who, name) = (survey.roles.name(role), relation.full_name());
    if survey.roles.skips_policies(role) {
        format!("{who} bypasses row security everywhere")
    } else {
        format!("{who} owns {name}, and row security is not forced on it")
    }
}

/// The first view of the chain that reads with its owner's rights, else the
/// tables whose own leak it shows.
fn through_view(survey: &Survey, view: &Relation, depth: usize) -> Option<String> {
    let name = view.full_name();
    if !view.invoker {
        let owner = survey.roles.name(view.owner);
        return Some(format!(
            "view {name}, which reads with the rights of {owner}"
        ));
    }
    let below = survey.uses(view.oid).0.iter();
    below
        .filter_map(|oid| survey.relation(*oid))
        .find_map(|relation| match relation.kind.as_str() {
            "v" if depth > 0 => through_view(survey, relation, depth - 1),
            "v" => None,
            _ => Some(format!("what {} itself lets through", relation.full_name())),
        })
}

/// The one policy that was seen to admit the rows of a cell.
pub fn sole<'a>(survey: &'a Survey, matrix: &Matrix, probed: &Probed) -> Option<&'a ReadPolicy> {
    let seen = matrix.culprits.get(&(probed.actor, probed.relation))?;
    let [only] = seen[..] else { return None };
    let mut policies = survey.policies(probed.relation).iter();
    policies.find(|read| read.policy.oid == only)
}

/// The rule a policy belongs to that was seen to leak though its text gave
/// nothing away: what it does not ask about.
pub fn id(read: &ReadPolicy) -> &'static str {
    let policy = &read.policy;
    match (read.identity, policy.own.is_empty()) {
        (false, false) => "P12",
        (false, true) => "P02",
        (true, true) if policy.relations.is_empty() => "P06",
        _ => UNEXPLAINED,
    }
}
