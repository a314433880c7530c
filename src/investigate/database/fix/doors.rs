//! Drafts for doors around the policies: views, stored copies, functions, and
//! the plain grant.

use super::draft::{Draft, listed, named, to_roles};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::snapshot::{Function, Oid, PUBLIC, Relation};
use crate::investigate::database::survey::Survey;
use crate::providers::postgres::qualified;
use std::collections::BTreeSet;

/// The first major version with views that read as their caller.
const INVOKER: u32 = 150_000;

/// How many views deep a chain is followed.
const DEPTH: usize = 8;

/// Takes the right to read a relation from whatever gives it to these roles.
pub fn revoke(survey: &Survey, relation: &Relation, roles: &[Oid]) -> Option<Draft> {
    let mut from: Vec<Oid> = relation
        .grantees
        .iter()
        .flatten()
        .copied()
        .filter(|to| roles.iter().any(|role| survey.roles.has(*role, *to)))
        .collect();
    if survey.access(PUBLIC, relation.oid).is_some() {
        from.push(PUBLIC);
    }
    let name = relation.full_name();
    let writes = writable(survey, relation, &from);
    let rights = if writes {
        "SELECT, INSERT, UPDATE, DELETE"
    } else {
        "SELECT"
    };
    (!from.is_empty()).then(|| {
        let draft = Draft::because(format!("nothing but its grant guards {name}"))
            .run(format!(
                "REVOKE {rights} ON {} FROM {}",
                named(relation),
                to_roles(survey, &from)
            ))
            .losing(format!("{}: every row of {name}", listed(survey, &from)));
        if writes {
            draft.losing(format!("{}: writing {name}", listed(survey, &from)))
        } else {
            draft
        }
    })
}

/// Takes the right to write a table that no policy guards.
pub fn revoke_writes(survey: &Survey, relation: &Relation, roles: &[Oid]) -> Option<Draft> {
    let mut from = roles.to_vec();
    from.push(PUBLIC);
    let writers: Vec<Oid> = survey
        .snapshot
        .writes
        .iter()
        .filter(|write| write.relation == relation.oid)
        .map(|write| write.role)
        .collect();
    from.retain(|role| writers.contains(role));
    let name = relation.full_name();
    (!from.is_empty()).then(|| {
        Draft::because(format!("nothing but its grant guards {name}"))
            .run(format!(
                "REVOKE INSERT, UPDATE, DELETE ON {} FROM {}",
                named(relation),
                to_roles(survey, &from)
            ))
            .losing(format!("{}: writing {name}", listed(survey, &from)))
    })
}

/// Whether one of these may write it, with no policy to ask.
fn writable(survey: &Survey, relation: &Relation, roles: &[Oid]) -> bool {
    let mut writes = survey.snapshot.writes.iter();
    relation.is_table()
        && !relation.rls
        && writes.any(|write| write.relation == relation.oid && roles.contains(&write.role))
}

/// A helper of policies that is declared IMMUTABLE.
const FROZEN: &str = "P16";

/// What a view reads, down to the tables.
#[derive(Debug, Default)]
struct Below<'a> {
    /// Views that read with their owner's rights.
    definers: Vec<&'a Relation>,
    views: Vec<&'a Relation>,
    tables: Vec<&'a Relation>,
}

fn walk<'a>(survey: &'a Survey, view: &'a Relation, depth: usize, below: &mut Below<'a>) {
    if !view.invoker {
        below.definers.push(view);
    }
    for relation in survey
        .uses(view.oid)
        .0
        .iter()
        .filter_map(|oid| survey.relation(*oid))
    {
        if relation.is_view() && depth > 0 {
            below.views.push(relation);
            walk(survey, relation, depth - 1, below);
        } else {
            below.tables.push(relation);
        }
    }
}

/// Lets a view read as its caller where that leaves somebody their own rows;
/// else takes it away.
pub fn view(survey: &Survey, view: &Relation, roles: &[Oid]) -> Option<Draft> {
    let mut below = Below::default();
    walk(survey, view, DEPTH, &mut below);
    let bound = |role: &Oid| {
        below.tables.iter().all(|t| {
            t.is_table() && survey.access(*role, t.oid).is_some() && !survey.skips(*role, t)
        }) && below
            .views
            .iter()
            .all(|v| survey.access(*role, v.oid).is_some())
    };
    let unbound = |role: &Oid| {
        below.tables.iter().any(|t| {
            survey.access(*role, t.oid).is_some() && (!t.is_table() || survey.skips(*role, t))
        })
    };
    let serves = roles.iter().any(bound) && !roles.iter().any(unbound);
    if survey.snapshot.server.version < INVOKER || !serves || below.definers.is_empty() {
        return revoke(survey, view, roles);
    }
    let names: BTreeSet<String> = below.tables.iter().map(|t| t.full_name()).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let mut draft = Draft::because(format!(
        "the view then reads with its caller's rights, and the policies of {names} hold"
    ));
    for definer in &below.definers {
        draft = draft.run(format!(
            "ALTER VIEW {} SET (security_invoker = true)",
            named(definer)
        ));
    }
    Some(draft.losing(format!(
        "every reader of {}: rows that {names} does not give them, and all of it without SELECT there",
        view.full_name()
    )))
}

/// Takes the right to call a function from whatever gives it to these roles.
/// A helper that policies call is left alone: without it they fail.
pub fn function(survey: &Survey, claim: &Claim) -> Option<Draft> {
    let function = survey.function(claim.object?)?;
    if claim.check == FROZEN {
        return Some(thawed(function));
    }
    let leaned = survey
        .snapshot
        .policies
        .iter()
        .any(|policy| policy.functions.contains(&function.oid));
    if leaned {
        return None;
    }
    let from: Vec<Oid> = function
        .callers
        .iter()
        .flatten()
        .copied()
        .filter(|to| claim.roles.iter().any(|role| survey.roles.has(*role, *to)))
        .collect();
    let name = function.full_name();
    (!from.is_empty()).then(|| {
        Draft::because(format!("{name} hands out rows with its owner's rights"))
            .run(format!(
                "REVOKE EXECUTE ON ROUTINE {}({}) FROM {}",
                qualified(&function.schema, &function.name),
                function.signature,
                to_roles(survey, &from)
            ))
            .losing(format!("{}: calling {name}", listed(survey, &from)))
    })
}

/// Declares a function as one whose answer depends on who is asking.
fn thawed(function: &Function) -> Draft {
    Draft::because(format!("{} reads who is asking", function.full_name()))
        .run(format!(
            "ALTER FUNCTION {}({}) STABLE",
            qualified(&function.schema, &function.name),
            function.signature
        ))
        .deciding("let poolers open new connections after it: kept plans remember".to_owned())
}
