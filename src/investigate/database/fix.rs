//! Drafts of what would close a finding: the deny that is sure, narrowed to
//! the house's own way of scoping wherever one is to be learnt.
//!
//! A draft follows from the kind of thing a claim accuses, not from its id, so
//! that new rules get one too or none. To draft for another kind of thing, add
//! an arm here and a file beside the others. Nothing here runs anything.

mod doors;
mod draft;
mod logins;
mod policy;
mod table;
mod writes;

use super::cells::UNEXPLAINED;
use super::claim::Claim;
use super::idiom::Idioms;
use super::snapshot::{Oid, Relation};
use super::survey::Survey;
use crate::domain::finding::{Severity, SubjectKind};
use crate::domain::fix::Fix;
use draft::Draft;

/// The rule of writes; on a table without row security it is about the grant.
const UNGUARDED: &str = "P23";

/// What would close it; `None` where nothing can be written down.
pub fn draft(survey: &Survey, idioms: &Idioms<'_>, claim: &Claim) -> Option<Fix> {
    if claim.severity < Severity::Medium {
        return None;
    }
    let draft = match claim.subject.kind {
        SubjectKind::Policy if claim.relations.is_empty() => writes::close(survey, idioms, claim)?,
        SubjectKind::Policy => {
            let (relation, read) = policy::accused(survey, claim)?;
            let mut draft = policy::replace(survey, idioms, relation, read, &claim.roles);
            draft.add(writes::columns(survey, relation, claim));
            draft
        }
        SubjectKind::Function => doors::function(survey, claim)?,
        SubjectKind::Role => logins::role(survey, claim)?,
        _ => on_relation(survey, idioms, claim)?,
    };
    draft.finish()
}

fn on_relation(survey: &Survey, idioms: &Idioms<'_>, claim: &Claim) -> Option<Draft> {
    let relation = survey.relation(claim.object?)?;
    match relation.kind.as_str() {
        "v" => doors::view(survey, relation, &claim.roles),
        _ if claim.check == UNGUARDED && !relation.rls => {
            doors::revoke_writes(survey, relation, &claim.roles)
        }
        "m" | "f" => doors::revoke(survey, relation, &claim.roles),
        _ if !relation.rls => table::guard(survey, idioms, claim, relation),
        _ if claim.check == UNEXPLAINED => unexplained(survey, idioms, relation, &claim.roles),
        _ => logins::owned(survey, claim, relation),
    }
}

/// Every policy that was seen to admit the rows, else the grant itself.
fn unexplained(
    survey: &Survey,
    idioms: &Idioms<'_>,
    relation: &Relation,
    roles: &[Oid],
) -> Option<Draft> {
    let mut all = Draft::default();
    for read in idioms.blamed_on(relation.oid) {
        all.add(policy::replace(survey, idioms, relation, read, roles));
    }
    if all.is_empty() {
        return doors::revoke(survey, relation, roles);
    }
    Some(all)
}
