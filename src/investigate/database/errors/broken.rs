//! Policies that fail instead of deciding (P26): the server refuses every read
//! before it looks at a row, so nothing leaks and nothing works.

use crate::domain::finding::Severity;
use crate::investigate::database::audience::is_outside;
use crate::investigate::database::cells::{Matrix, Probed};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::principals::Actor;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::{Access, Survey};
use std::collections::BTreeMap;

/// Whether the look ended before any row was asked for.
pub fn before_any_row(probed: &Probed) -> bool {
    matches!(probed.code.as_deref(), Some("XX000" | "42P17"))
}

/// One claim a relation that a role can never read for such an error, with
/// the relation.
pub fn policies(survey: &Survey, actors: &[Actor], matrix: &Matrix) -> Vec<(Claim, Oid)> {
    let mut cells: BTreeMap<Oid, BTreeMap<Oid, Vec<&Probed>>> = BTreeMap::new();
    for probed in &matrix.probed {
        let role = actors[probed.actor].role;
        let roles = cells.entry(probed.relation).or_default();
        roles.entry(role).or_default().push(probed);
    }
    let claims = cells.into_iter().filter_map(|(oid, roles)| {
        let relation = survey.relation(oid).filter(|r| r.is_table() && r.rls)?;
        let fails = |role: Oid, cells: &[&Probed]| {
            is_outside(survey, role)
                && !survey.skips(role, relation)
                && cells.iter().all(|p| fails_whole(survey, role, p))
        };
        let failing = roles
            .into_iter()
            .filter(|(role, cells)| fails(*role, cells));
        let failing: Vec<(Oid, &Probed)> = failing.map(|(role, cells)| (role, cells[0])).collect();
        Some((told(survey, relation, &failing)?, oid))
    });
    claims.collect()
}

/// Whether the whole table fails for the role, a privilege that its policies
/// lack among the reasons.
fn fails_whole(survey: &Survey, role: Oid, probed: &Probed) -> bool {
    let refused = probed.code.as_deref() == Some("42501")
        && survey.access(role, probed.relation) == Some(&Access::Whole)
        && survey
            .policies_for(role, probed.relation)
            .any(|read| !read.policy.relations.is_empty() || !read.policy.functions.is_empty());
    refused || before_any_row(probed)
}

fn told(survey: &Survey, relation: &Relation, failing: &[(Oid, &Probed)]) -> Option<Claim> {
    let (first, probed) = failing.first()?;
    let code = probed.code.as_deref()?;
    let reads: Vec<_> = survey.policies_for(*first, relation.oid).collect();
    let why = match code {
        "42P17" => "a policy that reads its own table asks itself without end",
        "42501" => "a policy reads a table, or calls a function, that this role may not",
        _ => {
            "the server cannot plan a condition that names no column, such as auth.uid() = auth.uid()"
        }
    };
    let claim = match reads[..] {
        [only] => Claim::on_policy("P26", Severity::Info, relation, &only.policy),
        _ => Claim::on("P26", Severity::Info, relation),
    };
    let name = relation.full_name();
    let conditions: Vec<&str> = reads
        .iter()
        .filter_map(|read| read.policy.using.as_deref())
        .collect();
    let roles: Vec<&str> = failing
        .iter()
        .map(|(role, _)| survey.roles.name(*role))
        .collect();
    let mut claim = claim
        .titled(format!(
            "every read of {name} fails with error {code}: nothing leaks, and nothing works"
        ))
        .for_roles(failing.iter().map(|(role, _)| *role).collect())
        .shown_by("roles it fails for", &roles.join(", "))
        .shown_by("condition", &conditions.join(" | "))
        .shown_by("why", why)
        .hinted(format!(
            "write the condition of {name} anew and tie it to the caller; do not answer the error with USING (true)"
        ));
    claim.relations.clear();
    Some(claim)
}
