//! Drafts for a table without row security: taken out of reach where it only
//! repeats another, guarded and scoped where it is one of its own.

use super::draft::{Draft, listed, named};
use super::{doors, policy};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::idiom::Idioms;
use crate::investigate::database::judge::policy_hole;
use crate::investigate::database::roles::Station;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::Survey;

/// Rules about rows that nobody from outside reads for themselves: children
/// that are read through their parent, copies, secrets, and what was granted
/// by column.
const OUT_OF_REACH: [&str; 6] = ["G03", "G06", "G07", "G08", "G10", "G11"];

/// The name of a drafted policy.
const NAME: &str = "own rows";

/// Guards a table whose row security is off.
pub fn guard(
    survey: &Survey,
    idioms: &Idioms<'_>,
    claim: &Claim,
    relation: &Relation,
) -> Option<Draft> {
    if !claim.shows_all || claim.roles.is_empty() {
        return None;
    }
    if OUT_OF_REACH.contains(&claim.check) {
        return doors::revoke(survey, relation, &claim.roles);
    }
    let table = named(relation);
    let mut draft = Draft::because("deny by default, then each role its own rows".to_owned())
        .run(format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"));
    if !survey.roles.logins_of(relation.owner).is_empty() {
        draft = draft.run(format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"));
    }
    let mut unserved = Vec::new();
    if survey.policies(relation.oid).is_empty() {
        let (groups, without) = policy::grouped(idioms, survey, relation, &claim.roles, 0);
        for (i, group) in groups.iter().enumerate() {
            draft.add(policy::create(survey, relation, NAME, i, "*", group));
        }
        unserved = without;
    } else {
        draft.add(waking(survey, idioms, relation, &claim.roles));
    }
    Some(losses(survey, relation, draft, &unserved, &claim.roles))
}

/// The policies that row security wakes: those that are open are narrowed in
/// the same go.
fn waking(survey: &Survey, idioms: &Idioms<'_>, relation: &Relation, roles: &[Oid]) -> Draft {
    let mut draft = Draft::because("the policies are there and were never in force".to_owned());
    for read in survey.policies(relation.oid) {
        let open: Vec<Oid> = roles
            .iter()
            .copied()
            .filter(|role| {
                read.policy.permissive
                    && read.policy.reads()
                    && read
                        .policy
                        .roles
                        .iter()
                        .any(|to| survey.roles.has(*role, *to))
                    && policy_hole(survey, *role, relation, read).is_some()
            })
            .collect();
        if !open.is_empty() {
            draft.add(policy::replace(survey, idioms, relation, read, &open));
        }
    }
    draft
}

fn losses(
    survey: &Survey,
    relation: &Relation,
    mut draft: Draft,
    unserved: &[Oid],
    roles: &[Oid],
) -> Draft {
    let name = relation.full_name();
    draft = draft.losing(format!(
        "{}: rows of {name} that are not their own",
        listed(survey, roles)
    ));
    let nobody = |role: &Oid| survey.roles.station(*role) == Station::Anonymous;
    let (strangers, known): (Vec<Oid>, Vec<Oid>) = unserved.iter().copied().partition(nobody);
    if !strangers.is_empty() {
        draft = draft.losing(format!(
            "{}: every row of {name}",
            listed(survey, &strangers)
        ));
    }
    // Server logins that no policy ever bound read through the same grant.
    let logins = survey
        .readers(relation.oid)
        .map(|(role, _)| role)
        .filter(|role| matches!(survey.roles.station(*role), Station::App | Station::Service))
        .filter(|role| !roles.contains(role) && !survey.roles.skips_policies(*role))
        .filter(|role| {
            let mut policies = survey.policies_for(*role, relation.oid);
            !policies.any(|read| read.policy.permissive)
        });
    let stranded: Vec<Oid> = known.into_iter().chain(logins).collect();
    if !stranded.is_empty() {
        let who = listed(survey, &stranded);
        draft = draft
            .losing(format!("{who}: every row of {name}"))
            .deciding(format!(
                "write a policy for {who}; until then they read nothing of {name}"
            ));
    }
    draft
}
