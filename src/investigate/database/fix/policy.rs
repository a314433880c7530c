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
) -> Option<Draft> {
    let policy = &read.policy;
    let (table, name) = (named(relation), ident(&policy.name));
    let drop = format!("DROP POLICY {name} ON {table}");
    let (groups, without) = grouped(idioms, survey, relation, roles, policy.oid);
    let covered = |role: &Oid| idioms.sibling(*role, relation, policy.oid).is_some();
    let strangers = |role: &Oid| survey.roles.station(*role) == Station::Anonymous;
    let served = idioms.served(relation, read);
    if roles.iter().all(strangers) && !served.is_empty() {
        let draft = Draft::because(format!(
            "its condition keeps {} to their own rows and lets strangers through",
            listed(survey, &served)
        ));
        let to = to_roles(survey, &served);
        return Some(
            draft
                .run(format!("ALTER POLICY {name} ON {table} TO {to}"))
                .losing(format!(
                    "{}: every row of {} that this policy gave",
                    listed(survey, roles),
                    relation.full_name()
                )),
        );
    }
    let signed: Vec<Oid> = groups.iter().flat_map(|g| g.roles.clone()).collect();
    let mut draft = if groups.is_empty() {
        let draft = Draft::because(format!(
            "no policy here shows how {} should be scoped, so nothing is let through",
            relation.full_name()
        ));
        draft.run(drop).deciding(format!(
            "write a policy for those who should read {}; until then they read nothing of it",
            relation.full_name()
        ))
    } else if policy.command == "r" && signed.iter().all(covered) {
        Draft::because(format!(
            "the other policies of {} already give these roles their own rows",
            relation.full_name()
        ))
        .run(drop)
    } else if let [only] = &groups[..] {
        alter(survey, idioms, relation, read, roles, only)
    } else {
        let mut draft = Draft::because("each kind of role is scoped in its own way".to_owned());
        draft.add(Draft::default().run(drop));
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
    };
    if !without.is_empty() {
        draft = draft.losing(format!(
            "{}: every row of {} that this policy gave",
            listed(survey, &without),
            relation.full_name()
        ));
    }
    if !signed.is_empty() {
        draft = draft.losing(format!(
            "{}: rows of {} that are not their own",
            listed(survey, &signed),
            relation.full_name()
        ));
    }
    Some(draft)
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
    Draft::because(format!("scoped {}", group.scope.from)).run(format!(
        "ALTER POLICY {} ON {}{to} USING ({condition})",
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
