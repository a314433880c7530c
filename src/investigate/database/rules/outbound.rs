//! Ways to other servers that strangers may use: stored credentials (D11) and
//! functions of extensions that open connections (D12).

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::audience::is_outside;
use crate::investigate::database::claim::{Claim, some_of};
use crate::investigate::database::snapshot::{Function, Oid, PUBLIC};
use crate::investigate::database::survey::Survey;
use std::collections::{BTreeMap, BTreeSet};

/// Credentials that every user of a server shares.
pub fn credentials(survey: &Survey) -> Vec<Claim> {
    let mappings = &survey.snapshot.ways.mappings;
    mappings
        .iter()
        .filter_map(|mapping| {
            let roles = mapping.users.iter().copied();
            let roles: Vec<Oid> = roles.filter(|role| stranger(survey, *role)).collect();
            let who: Vec<&str> = roles.iter().map(|role| survey.roles.name(*role)).collect();
            let server = &mapping.server;
            let claim = Claim::about("D11", Severity::High, SubjectKind::ForeignServer, server)
                .titled(format!("everybody shares one account on server {server}"))
                .shown_by("may be used by", &who.join(", "))
                .hinted(format!(
                    "drop user mapping for public server {server}, after mapping the one role that needs it"
                ));
            (!roles.is_empty()).then(|| claim.for_roles(roles))
        })
        .collect()
}

fn stranger(survey: &Survey, role: Oid) -> bool {
    role == PUBLIC || is_outside(survey, role)
}

/// The functions of one family and who may call any of them.
#[derive(Debug, Default)]
struct Way {
    names: BTreeSet<String>,
    roles: BTreeSet<Oid>,
}

/// One claim a schema and family of such functions.
pub fn callable(survey: &Survey) -> Vec<Claim> {
    let mut families: BTreeMap<(&str, &str), Way> = BTreeMap::new();
    for function in &survey.snapshot.functions {
        let Some(family) = family(function) else {
            continue;
        };
        let roles: BTreeSet<Oid> = survey
            .callers(function.oid)
            .filter(|role| stranger(survey, *role))
            .collect();
        if !roles.is_empty() {
            let entry = families.entry((&function.schema, family)).or_default();
            entry.names.insert(function.full_name());
            entry.roles.extend(roles);
        }
    }
    families
        .into_iter()
        .map(|((schema, family), way)| claim(survey, schema, family, way))
        .collect()
}

/// The extension it comes from, by name: its objects may have been moved to
/// any schema.
fn family(function: &Function) -> Option<&'static str> {
    let name = function.name.as_str();
    let foreign = matches!(function.language.as_str(), "c" | "internal") || function.extension;
    if function.schema == "net" && name.starts_with("http_") {
        return Some("net");
    }
    // Answers and handles of connections already open carry nothing out.
    let inert = ["get_", "build_", "current_query", "disconnect", "is_busy"];
    if let Some(rest) = name.strip_prefix("dblink") {
        let rest = rest.trim_start_matches('_');
        let opens = !inert.iter().any(|start| rest.starts_with(start));
        return (foreign && opens && rest != "fdw_validator").then_some("dblink");
    }
    let http = matches!(
        name,
        "http" | "http_get" | "http_post" | "http_put" | "http_patch" | "http_delete" | "http_head"
    );
    (http && foreign).then_some("http")
}

fn claim(survey: &Survey, schema: &str, family: &str, way: Way) -> Claim {
    let Way { names, roles } = way;
    let names: Vec<String> = names.into_iter().collect();
    let who: Vec<&str> = roles.iter().map(|role| survey.roles.name(*role)).collect();
    let subject = names.first().cloned().unwrap_or_default();
    let served = served(survey, schema, &roles);
    let severity = if served {
        Severity::High
    } else {
        Severity::Low
    };
    let mut claim = Claim::about("D12", severity, SubjectKind::Function, &subject)
        .titled(format!(
            "{} can send data to other servers through {family}",
            who.join(", ")
        ))
        .shown_by("functions", &some_of(&names))
        .hinted(format!(
            "revoke EXECUTE on all functions of schema {schema} that reach out from PUBLIC and these roles"
        ))
        .for_roles(roles.into_iter().collect());
    if !served {
        claim = claim.shown_by(
            "in the way",
            &format!("these roles come through an API, which does not serve schema {schema} unless it is told to"),
        );
    }
    claim
}

/// Whether a caller can get at the schema: with SQL of its own always, through
/// an API if it serves the schema.
fn served(survey: &Survey, schema: &str, roles: &BTreeSet<Oid>) -> bool {
    let logs_in = |role: &Oid| *role == PUBLIC || survey.roles.get(*role).is_some_and(|r| r.login);
    let pinned = survey
        .snapshot
        .roles
        .iter()
        .flat_map(|role| role.settings.iter().flatten())
        .filter_map(|setting| setting.strip_prefix("pgrst.db_schemas="))
        .any(|list| list.split(',').any(|name| name.trim() == schema));
    schema == "public" || pinned || roles.iter().any(logs_in)
}
