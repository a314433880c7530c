//! Drafts for logins that policies do not bind.

use super::draft::{Draft, named};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::Survey;
use crate::providers::postgres::ident;

/// Tables forced in one draft; more are left to the person.
const FORCED: usize = 40;

/// Binds an owner by the policies of the table it owns.
pub fn owned(survey: &Survey, claim: &Claim, relation: &Relation) -> Option<Draft> {
    let owners = claim
        .roles
        .iter()
        .all(|role| survey.roles.can_become(*role, relation.owner));
    (!relation.force && owners && !claim.roles.is_empty()).then(|| force(survey, &[relation]))
}

fn force(survey: &Survey, tables: &[&Relation]) -> Draft {
    let mut draft = Draft::because("policies then bind the owner too".to_owned());
    for table in tables {
        let name = table.full_name();
        let owner = survey.roles.name(table.owner);
        draft = draft
            .run(format!(
                "ALTER TABLE {} FORCE ROW LEVEL SECURITY",
                named(table)
            ))
            .losing(format!("{owner}: rows of {name} that no policy gives it"));
    }
    draft
}

/// Takes from a login what puts it above the policies.
pub fn role(survey: &Survey, claim: &Claim) -> Option<Draft> {
    let role = survey.roles.get(claim.object?)?;
    let owned: Vec<&Relation> = claim
        .relations
        .iter()
        .filter_map(|oid| survey.relation(*oid))
        .filter(|table| table.owner == role.oid && table.rls && !table.force)
        .collect();
    if !owned.is_empty() && owned.len() <= FORCED {
        return Some(force(survey, &owned));
    }
    if role.bypassrls && role.login && !role.superuser {
        let name = ident(&role.name);
        return Some(
            Draft::because("policies then bind this login too".to_owned())
                .run(format!("ALTER ROLE {name} NOBYPASSRLS"))
                .losing(format!("{}: rows that no policy gives it", role.name)),
        );
    }
    leave(survey, role.oid)
}

/// Ends the memberships over which a login can come to skip the policies.
fn leave(survey: &Survey, login: Oid) -> Option<Draft> {
    let above = |oid: Oid| {
        survey
            .roles
            .get(oid)
            .is_some_and(|role| role.superuser || (role.bypassrls && role.name != "service_role"))
    };
    let leads = |group: Oid| above(group) || survey.roles.reachable(group).any(above);
    let edges = survey.snapshot.memberships.iter();
    let groups = edges.filter(|edge| edge.member == login && leads(edge.role));
    let mut draft =
        Draft::because("it can then no longer become a role that policies do not bind".to_owned());
    let who = survey.roles.name(login);
    for edge in groups {
        let group = survey.roles.name(edge.role);
        draft = draft
            .run(format!("REVOKE {} FROM {}", ident(group), ident(who)))
            .losing(format!("{who}: whatever it does as {group}"));
    }
    (!draft.is_empty()).then_some(draft)
}
