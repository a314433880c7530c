//! Drafts against one permissive policy: scoped as its neighbours are, or
//! dropped where another policy already does its honest part.

use super::draft::{Draft, listed, named, to_roles};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::idiom::{Idioms, Scope};
use crate::investigate::database::roles::Station;
use crate::investigate::database::snapshot::{Oid, Relation};
use crate::investigate::database::survey::{ReadPolicy, Survey};
use crate::providers::postgres::ident;

/// The policy a claim accuses, with its table. Only what lets rows be read
/// can be narrowed here.
pub fn accused<'a>(survey: &'a Survey, claim: &Claim) -> Option<(&'a Relation, &'a ReadPolicy)> {
    let policy = claim.policy()?;
    let relation = survey.relation(*claim.relations.first()?)?;
    let mut policies = survey.policies(relation.oid).iter();
    let read = policies.find(|read| read.policy.oid == policy)?;
    (read.policy.permissive && read.policy.reads()).then_some((relation, read))
}

/// Roles that share one condition.
#[derive(Debug)]
pub struct Group {
    pub roles: Vec<Oid>,
    pub scope: Scope,
}

/// The roles with a condition each, those alike together, and those for whom
/// none was found. Whoever did not sign in belongs to nobody.
pub fn grouped(
    idioms: &Idioms<'_>,
    survey: &Survey,
    relation: &Relation,
    roles: &[Oid],
    but: Oid,
) -> (Vec<Group>, Vec<Oid>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut without = Vec::new();
    for role in roles {
        let known = survey.roles.station(*role) != Station::Anonymous;
        match known.then(|| idioms.scope(*role, relation, but)).flatten() {
            Some(scope) => match groups
                .iter_mut()
                .find(|group| group.scope.condition == scope.condition)
            {
                Some(group) => group.roles.push(*role),
                None => groups.push(Group {
                    roles: vec![*role],
                    scope,
                }),
            },
            None => without.push(*role),
        }
    }
    (groups, without)
}

/// Closes a policy that lets strangers through for these roles.
pub fn replace(
    survey: &Survey,
    idioms: &Idioms<'_>,
    relation: &Relation,
    read: &ReadPolicy,
    roles: &[Oid],
) -> Draft {
    let name = relation.full_name();
    let strangers = |role: &Oid| survey.roles.station(*role) == Station::Anonymous;
    let served = idioms.served(relation, read);
    if roles.iter().all(strangers) && !served.is_empty() {
        return only_for(survey, relation, read, &served).losing(format!(
            "{}: every row of {name} that this policy gave",
            listed(survey, roles)
        ));
    }
    let (groups, without) = grouped(idioms, survey, relation, roles, read.policy.oid);
    let mut draft = scoped(survey, idioms, relation, read, roles, &groups);
    if !without.is_empty() {
        draft = draft.losing(format!(
            "{}: every row of {name} that this policy gave",
            listed(survey, &without)
        ));
    }
    let signed: Vec<Oid> = groups.iter().flat_map(|g| g.roles.clone()).collect();
    if !signed.is_empty() {
        draft = draft.losing(format!(
            "{}: rows of {name} that are not their own",
            listed(survey, &signed)
        ));
    }
    draft
}

/// Leaves the policy to those whom it keeps to their own rows.
fn only_for(survey: &Survey, relation: &Relation, read: &ReadPolicy, served: &[Oid]) -> Draft {
    Draft::because(format!(
        "its condition keeps {} to their own rows and lets strangers through",
        listed(survey, served)
    ))
    .run(format!(
        "ALTER POLICY {} ON {} TO {}",
        ident(&read.policy.name),
        named(relation),
        to_roles(survey, served)
    ))
}

/// The statements that put the groups' conditions in the policy's place.
fn scoped(
    survey: &Survey,
    idioms: &Idioms<'_>,
    relation: &Relation,
    read: &ReadPolicy,
    roles: &[Oid],
    groups: &[Group],
) -> Draft {
    let policy = &read.policy;
    let name = relation.full_name();
    let drop = format!("DROP POLICY {} ON {}", ident(&policy.name), named(relation));
    let covered = |role: &Oid| idioms.sibling(*role, relation, policy.oid).is_some();
    match groups {
        [] => Draft::because(format!(
            "no policy here shows how {name} should be scoped, so nothing is let through"
        ))
        .run(drop)
        .deciding(format!(
            "write a policy for those who should read {name}; until then they read nothing of it"
        )),
        _ if policy.command == "r" && groups.iter().all(|g| g.roles.iter().all(covered)) => {
            Draft::because(format!(
                "the other policies of {name} already give these roles their own rows"
            ))
            .run(drop)
        }
        [only] => alter(survey, idioms, relation, read, roles, only),
        _ => {
            let mut draft =
                Draft::because("each kind of role is scoped in its own way".to_owned()).run(drop);
            for (i, group) in groups.iter().enumerate() {
                draft.add(create(
                    survey,
                    relation,
                    &policy.name,
                    i,
                    &policy.command,
                    group,
                ));
            }
            draft
        }
    }
}

/// Gives the policy the condition of its kind; whom it names stays, unless
/// the condition does not hold for all of them.
fn alter(
    survey: &Survey,
    idioms: &Idioms<'_>,
    relation: &Relation,
    read: &ReadPolicy,
    roles: &[Oid],
    group: &Group,
) -> Draft {
    let condition = &group.scope.condition;
    let all = roles
        .iter()
        .all(|role| idioms.closed(*role, relation, condition));
    let to = if all {
        String::new()
    } else {
        format!(" TO {}", to_roles(survey, &group.roles))
    };
    // What is said apart of new rows and is as wide narrows with it.
    let apart = read.policy.check.as_deref();
    let wide =
        apart.is_some_and(|text| text == "true" || Some(text) == read.policy.using.as_deref());
    let new = if wide {
        format!(" WITH CHECK ({condition})")
    } else {
        String::new()
    };
    Draft::because(format!("scoped {}", group.scope.from)).run(format!(
        "ALTER POLICY {} ON {}{to} USING ({condition}){new}",
        ident(&read.policy.name),
        named(relation)
    ))
}

/// A policy for one group of roles.
pub fn create(
    survey: &Survey,
    relation: &Relation,
    name: &str,
    number: usize,
    command: &str,
    group: &Group,
) -> Draft {
    let name = match number {
        0 => name.to_owned(),
        n => format!("{name} {}", n + 1),
    };
    let command = if command == "r" { "SELECT" } else { "ALL" };
    Draft::because(format!("scoped {}", group.scope.from)).run(format!(
        "CREATE POLICY {} ON {} FOR {command} TO {} USING ({})",
        ident(&name),
        named(relation),
        to_roles(survey, &group.roles),
        group.scope.condition
    ))
}
