//! What looks like protection and is none, or is more than was meant: helpers
//! declared unable to see who asks (P16), restrictions that restrict nothing
//! (P22), and row security without a single policy (P27).

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::audience::audience;
use crate::investigate::database::claim::{Claim, some_of};
use crate::investigate::database::expression::said::Said;
use crate::investigate::database::expression::{Token, closing};
use crate::investigate::database::helpers::calls;
use crate::investigate::database::hole::Hole;
use crate::investigate::database::judge::policy_hole;
use crate::investigate::database::snapshot::{Function, Oid, Relation};
use crate::investigate::database::survey::{ReadPolicy, Survey};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How many helpers deep a call is followed.
const DEPTH: usize = 3;

/// Helpers of policies that read the session and are declared IMMUTABLE: one
/// answer, kept in a plan, then serves every later caller.
pub fn frozen_helpers(survey: &Survey) -> Vec<Claim> {
    let mut used: BTreeMap<Oid, BTreeSet<Oid>> = BTreeMap::new();
    // Few texts serve many policies: each is followed once.
    let mut texts: HashMap<*const Said, BTreeSet<Oid>> = HashMap::new();
    for read in survey.all_policies().filter(|read| read.policy.reads()) {
        let text = texts
            .entry(Arc::as_ptr(&read.text))
            .or_insert_with(|| called(survey, &read.text.tokens, DEPTH));
        for function in &*text {
            let relations = used.entry(*function).or_default();
            relations.insert(read.policy.relation);
        }
    }
    let frozen = used.into_iter().filter_map(|(oid, relations)| {
        let function = survey.function(oid)?;
        let asks = survey
            .helpers
            .get(oid)
            .is_some_and(|helper| helper.identity);
        (function.volatility == "i" && asks).then(|| frozen(survey, function, &relations))
    });
    frozen.collect()
}

/// Functions that a text calls, by itself or through others, with nothing of
/// a row among the arguments: what takes a column is worked out row by row.
fn called(survey: &Survey, text: &[Token], depth: usize) -> BTreeSet<Oid> {
    let mut found = BTreeSet::new();
    for (name, open) in calls(text) {
        let inside = closing(text, open).and_then(|end| text.get(open + 1..end));
        let fixed = !inside.unwrap_or_default().iter().any(|token| {
            matches!(token, Token::Word(_))
                || matches!(token, Token::Number(n) if n.starts_with('$'))
        });
        for oid in survey.helpers.named(&name) {
            if fixed {
                found.insert(*oid);
            }
            if let Some(helper) = survey.helpers.get(*oid).filter(|_| depth > 0) {
                found.extend(called(survey, &helper.body, depth - 1));
            }
        }
    }
    found
}

fn frozen(survey: &Survey, function: &Function, relations: &BTreeSet<Oid>) -> Claim {
    let tables = relations.iter().filter_map(|oid| survey.relation(*oid));
    let names: Vec<String> = tables.map(Relation::full_name).collect();
    let sensitive = relations
        .iter()
        .any(|oid| survey.sensitive(*oid) && !audience(survey, *oid).is_empty());
    let severity = if sensitive {
        Severity::High
    } else {
        Severity::Info
    };
    let name = function.full_name();
    Claim::about("P16", severity, SubjectKind::Function, &name)
        .of(function.oid)
        .titled(format!(
            "{name} reads who is asking and is declared IMMUTABLE: a kept plan answers for its first caller"
        ))
        .shown_by("policies that lean on it, on", &some_of(&names))
        .hinted(format!(
            "alter function {name}({}) stable, then let poolers open new connections",
            function.signature
        ))
}

/// Restrictive policies whose condition is true for everybody.
pub fn idle_restrictions(survey: &Survey) -> Vec<Claim> {
    let relations = survey.snapshot.relations.iter();
    let guarded = relations.filter(|r| r.is_table() && r.rls && !r.extension);
    let pairs = guarded.flat_map(|relation| {
        let policies = survey.policies(relation.oid).iter();
        policies.filter_map(move |read| idle(survey, relation, read))
    });
    pairs.collect()
}

fn idle(survey: &Survey, relation: &Relation, read: &ReadPolicy) -> Option<Claim> {
    let policy = &read.policy;
    // With a WITH CHECK of its own it may be there for writes alone.
    let writes = policy.check.as_deref().is_some_and(|check| check != "true");
    if policy.permissive || !policy.reads() || writes {
        return None;
    }
    let mut sensitive = false;
    let mut roles = Vec::new();
    for (role, access) in audience(survey, relation.oid) {
        let named = policy.roles.iter().any(|to| survey.roles.has(role, *to));
        // Where no policy lets anything through there is nothing to restrict.
        let shut = survey
            .policies_for(role, relation.oid)
            .all(|other| !other.policy.permissive);
        if !named || shut || survey.skips(role, relation) {
            continue;
        }
        let hole = policy_hole(survey, role, relation, read);
        if !matches!(
            hole,
            Some(Hole::Always | Hole::Tautology | Hole::SelfColumn | Hole::SelfIdentity)
        ) {
            return None;
        }
        roles.push(role);
        sensitive |= survey.sensitive_in(relation.oid, access);
    }
    if roles.is_empty() {
        return None;
    }
    let severity = if sensitive {
        Severity::Medium
    } else {
        Severity::Info
    };
    let mut claim = Claim::on_policy("P22", severity, relation, policy)
        .titled(format!(
            "policy {} is restrictive and restricts nothing: its condition is always true",
            policy.name
        ))
        .for_roles(roles)
        .shown_by("relation", &relation.full_name())
        .shown_by("condition", policy.using.as_deref().unwrap_or("none"))
        .hinted(format!(
            "write what {} was meant to demand, or drop it so that nobody counts on it",
            policy.name
        ));
    // It lets nothing through by itself, so no leak is put down to it.
    claim.relations.clear();
    Some(claim)
}

/// Tables under row security that have no policy: one claim for all of them.
pub fn no_policy(survey: &Survey) -> Vec<Claim> {
    let relations = survey.snapshot.relations.iter();
    let shut: Vec<String> = relations
        .filter(|r| r.is_table() && r.rls && !r.extension && !r.partition)
        .filter(|r| survey.policies(r.oid).is_empty())
        .filter(|r| {
            let readers = audience(survey, r.oid);
            readers.iter().any(|(role, _)| !survey.skips(*role, r))
        })
        .map(Relation::full_name)
        .collect();
    if shut.is_empty() {
        return Vec::new();
    }
    let what = if shut.len() == 1 { "table" } else { "tables" };
    vec![
        Claim::about(
            "P27",
            Severity::Info,
            SubjectKind::Database,
            &survey.snapshot.server.database,
        )
        .titled(format!(
            "{} {what} under row security without any policy: granted, and shut",
            shut.len()
        ))
        .shown_by("tables", &some_of(&shut))
        .hinted(
            "leave them so, or write a policy that asks who is calling; USING (true) would open them"
                .to_owned(),
        ),
    ]
}
