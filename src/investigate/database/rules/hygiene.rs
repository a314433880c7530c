//! Functions that weaken what guards the rows without handing any out: their
//! names resolve along the caller's path (D08), or they see rows before the
//! policy did (D09).

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::audience::is_outside;
use crate::investigate::database::claim::{Claim, some_of};
use crate::investigate::database::snapshot::{Function, Oid, PUBLIC};
use crate::investigate::database::survey::Survey;
use std::collections::BTreeSet;

/// Security definer functions that leave the search path to their callers:
/// one claim for all of them.
pub fn search_path(survey: &Survey) -> Vec<Claim> {
    let trusted: BTreeSet<Oid> = survey
        .snapshot
        .policies
        .iter()
        .flat_map(|policy| policy.functions.iter().copied())
        .collect();
    let found: Vec<&Function> = survey
        .snapshot
        .functions
        .iter()
        .filter(|function| function.definer && !function.extension && !pinned(function))
        .filter(|function| !matches!(function.returns.as_str(), "trigger" | "event_trigger"))
        .filter(|function| {
            trusted.contains(&function.oid) || callers(survey, function.oid).next().is_some()
        })
        .collect();
    if found.is_empty() {
        return Vec::new();
    }
    // Whoever comes through an API sends no statements of their own, so they
    // cannot create what a bare name would find.
    let own_statements = found.iter().any(|function| {
        callers(survey, function.oid)
            .filter_map(|role| survey.roles.get(role))
            .any(|role| role.login)
    });
    let severity = if own_statements {
        Severity::Medium
    } else {
        Severity::Low
    };
    let loose: Vec<String> = found.into_iter().map(Function::full_name).collect();
    let database = &survey.snapshot.server.database;
    let count = loose.len();
    let what = if count == 1 { "function" } else { "functions" };
    vec![
        Claim::about("D08", severity, SubjectKind::Database, database)
            .titled(format!(
                "{count} security definer {what} without a fixed search_path"
            ))
            .shown_by("functions", &some_of(&loose))
            .shown_by(
                "why it matters",
                "a caller who can create objects, if only temporary ones, decides what a bare name in them means",
            )
            .hinted(
                "alter function .. set search_path = '' on each, and write their names with schemas"
                    .to_owned(),
            ),
    ]
}

/// Whether its names mean the same for every caller: the path is pinned, or
/// the body was bound when it was created.
fn pinned(function: &Function) -> bool {
    let set = function.settings.iter().flatten();
    let bound = function.language == "sql"
        && function
            .source
            .as_deref()
            .is_some_and(|source| source.starts_with("CREATE "));
    bound || set.into_iter().any(|s| s.starts_with("search_path="))
}

/// The callers from outside, PUBLIC among them.
fn callers(survey: &Survey, function: Oid) -> impl Iterator<Item = Oid> {
    survey
        .callers(function)
        .filter(|role| *role == PUBLIC || is_outside(survey, *role))
}

/// Functions of users that are declared leakproof and may be called by
/// strangers.
pub fn leakproof(survey: &Survey) -> Vec<Claim> {
    survey
        .snapshot
        .functions
        .iter()
        .filter(|function| function.leakproof && !function.extension)
        // An alias of the server's own code is as leakproof as that code.
        .filter(|function| function.language != "internal")
        .filter_map(|function| on_leakproof(survey, function))
        .collect()
}

fn on_leakproof(survey: &Survey, function: &Function) -> Option<Claim> {
    let roles: Vec<Oid> = callers(survey, function.oid).collect();
    if roles.is_empty() {
        return None;
    }
    let names: Vec<&str> = roles.iter().map(|role| survey.roles.name(*role)).collect();
    let name = function.full_name();
    let claim = Claim::about("D09", Severity::Medium, SubjectKind::Function, &name)
        .titled(format!(
            "{name} is declared LEAKPROOF and sees rows before the policies"
        ))
        .shown_by("may be called by", &names.join(", "))
        .shown_by("language", &function.language)
        .hinted(format!(
            "alter function {name} not leakproof, or revoke EXECUTE on it from PUBLIC and these roles"
        ))
        .for_roles(roles);
    Some(claim)
}
