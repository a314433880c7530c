//! Row policies whose condition lets strangers through: P01 to P21.
//!
//! Judged per role over all policies that apply to it, since the server ORs
//! them: one bad policy opens what a good one closes, and a restrictive one
//! may close it again.

use crate::domain::finding::Severity;
use crate::investigate::database::audience::{any_anonymous, audience};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::expression::Token;
use crate::investigate::database::hole::Hole;
use crate::investigate::database::judge::policy_hole;
use crate::investigate::database::roles::is_service_name;
use crate::investigate::database::rules::storage;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::{Access, ReadPolicy, Survey};
use std::collections::BTreeMap;

/// One open policy and for whom.
#[derive(Debug)]
struct Open<'a> {
    read: &'a ReadPolicy,
    hole: Hole,
    roles: Vec<Oid>,
    /// A sibling for the same role is closed, so this one undoes it.
    undoes: bool,
    sensitive: bool,
}

/// Looks at every table under row security.
pub fn open_policies(survey: &Survey) -> Vec<Claim> {
    survey
        .snapshot
        .relations
        .iter()
        .filter(|relation| relation.is_table() && relation.rls && !relation.extension)
        .flat_map(|relation| on_relation(survey, relation))
        .collect()
}

fn on_relation(survey: &Survey, relation: &Relation) -> Vec<Claim> {
    let mut open: BTreeMap<Oid, Open<'_>> = BTreeMap::new();
    for (role, access) in audience(survey, relation.oid) {
        if survey.skips(role, relation) || restricted(survey, role, relation) {
            continue;
        }
        collect(survey, relation, role, access, &mut open);
    }
    let mut claims: Vec<Claim> = open
        .into_values()
        .map(|open| claim(survey, relation, &open))
        .collect();
    claims.sort_by_key(|claim| std::cmp::Reverse(claim.severity));
    claims
}

/// Whether a restrictive policy narrows the role's rows.
fn restricted(survey: &Survey, role: Oid, relation: &Relation) -> bool {
    survey
        .policies_for(role, relation.oid)
        .any(|read| !read.policy.permissive && policy_hole(survey, role, relation, read).is_none())
}

fn collect<'a>(
    survey: &'a Survey,
    relation: &Relation,
    role: Oid,
    access: &Access,
    open: &mut BTreeMap<Oid, Open<'a>>,
) {
    let judged: Vec<_> = survey
        .policies_for(role, relation.oid)
        .filter(|read| read.policy.permissive)
        .map(|read| (read, policy_hole(survey, role, relation, read)))
        .collect();
    let closed = judged.iter().any(|(_, hole)| hole.is_none());
    for (read, hole) in judged {
        let Some(hole) = hole else { continue };
        let entry = open.entry(read.policy.oid).or_insert_with(|| Open {
            read,
            hole: hole.clone(),
            roles: Vec::new(),
            undoes: false,
            sensitive: false,
        });
        if hole.width() > entry.hole.width() {
            entry.hole = hole;
        }
        entry.roles.push(role);
        entry.undoes |= closed;
        entry.sensitive |= survey.sensitive_in(relation.oid, access);
    }
}

fn claim(survey: &Survey, relation: &Relation, open: &Open<'_>) -> Claim {
    let policy = &open.read.policy;
    let undone = open.undoes
        && matches!(
            open.hole,
            Hole::Unscoped { published: false } | Hole::NullTest
        );
    let id = if storage::lists_bucket(relation, open.read, &open.hole) {
        "D16"
    } else if undone {
        "P11"
    } else {
        open.hole.id()
    };
    let title = if id == "D16" {
        format!(
            "policy {} lists every file of a bucket: it asks for no folder and no owner",
            policy.name
        )
    } else if undone {
        format!(
            "policy {} undoes its stricter sibling: it {}",
            policy.name,
            open.hole.clause()
        )
    } else {
        format!("policy {} {}", policy.name, open.hole.clause())
    };
    let mut claim = Claim::on_policy(id, severity(survey, relation, open), relation, policy)
        .titled(title)
        .for_roles(open.roles.clone())
        .shown_by("relation", &relation.full_name())
        .shown_by("condition", policy.using.as_deref().unwrap_or("none"))
        .described(survey, relation)
        .hinted(format!(
            "tie the condition of {} to the caller, or revoke SELECT on {} until it is",
            policy.name,
            relation.full_name()
        ));
    // A caller made up here may lack what a real token says of itself.
    let lacking =
        open.read.text.tokens.iter().any(
            |t| matches!(t, Token::Text(text) if matches!(text.as_str(), "iss" | "aud" | "aal")),
        );
    let plain = open.roles.iter().all(|role| {
        let mut policies = survey.policies_for(*role, relation.oid);
        policies.all(|read| read.policy.permissive)
    });
    claim.shows_all = open.hole.shows_all() && plain && !lacking;
    claim
}

fn severity(survey: &Survey, relation: &Relation, open: &Open<'_>) -> Severity {
    // One caller from outside among the server's own roles opens it to them.
    let named_service = open
        .read
        .policy
        .roles
        .iter()
        .all(|role| *role != 0 && is_service_name(survey.roles.name(*role)));
    let public_files = storage::public_by_name(relation, open.read);
    if !open.sensitive || named_service || public_files {
        return Severity::Info;
    }
    let private = survey.private(relation.oid);
    match open.hole {
        Hole::Unscoped { published: true } if private => Severity::Low,
        Hole::Unscoped { published: true } => Severity::Info,
        Hole::NullTenant if private => Severity::Medium,
        Hole::NullTenant => Severity::Low,
        Hole::EmailPart => Severity::Medium,
        Hole::TokenPresent => Severity::High,
        Hole::NullClaim => Severity::Critical,
        _ if any_anonymous(survey, &open.roles) => Severity::Critical,
        _ => Severity::High,
    }
}
