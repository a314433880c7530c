//! Logins that policies do not bind: owners, BYPASSRLS, and those one SET
//! ROLE away from it (G05, G13, G14, G15).

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::claim::Claim;
use crate::investigate::database::roles::{Station, is_platform, is_service_name};
use crate::investigate::database::snapshot::{Oid, Relation, Role};
use crate::investigate::database::survey::Survey;
use std::collections::{BTreeMap, BTreeSet};

/// Up to this many tables of one owner are named one by one.
const NAMED: usize = 5;

/// Looks at every login of an application.
pub fn around_policies(survey: &Survey) -> Vec<Claim> {
    let mut claims = owners(survey);
    for login in survey.roles.at(&[Station::App, Station::Service]) {
        if !login.login || login.superuser || login.oid == survey.snapshot.server.login {
            continue;
        }
        claims.extend(bypass(survey, login));
        claims.extend(one_step_away(survey, login));
    }
    claims.extend(unscoped_logins(survey));
    claims
}

/// Sensitive tables under row security.
fn guarded(survey: &Survey) -> impl Iterator<Item = &Relation> {
    survey.snapshot.relations.iter().filter(|relation| {
        relation.is_table() && relation.rls && !relation.extension && survey.sensitive(relation.oid)
    })
}

fn owners(survey: &Survey) -> Vec<Claim> {
    let mut owned: BTreeMap<Oid, Vec<&Relation>> = BTreeMap::new();
    for relation in guarded(survey).filter(|relation| !relation.force) {
        owned.entry(relation.owner).or_default().push(relation);
    }
    let mut claims = Vec::new();
    for (owner, tables) in owned {
        let Some(role) = survey.roles.get(owner) else {
            continue;
        };
        // Callers behind an API who own the table, or belong to who does, are
        // as free as a login.
        let callers = survey.roles.at(&[Station::Anonymous, Station::SignedIn]);
        let callers = callers.into_iter().filter(|caller| {
            !caller.login
                && survey.roles.has(caller.oid, owner)
                && tables
                    .iter()
                    .any(|t| survey.access(caller.oid, t.oid).is_some())
        });
        let logins = survey.roles.logins_of(owner).into_iter().chain(callers);
        let logins: Vec<&Role> = logins
            .filter(|login| survey.snapshot.server.login != login.oid)
            .collect();
        if role.superuser || is_platform(&role.name) || logins.is_empty() {
            continue;
        }
        let names: Vec<&str> = logins.iter().map(|login| login.name.as_str()).collect();
        let who = names.join(", ");
        let roles: Vec<Oid> = logins.iter().map(|login| login.oid).collect();
        if tables.len() > NAMED {
            let list: Vec<String> = tables.iter().map(|table| table.full_name()).collect();
            let mut claim = Claim::about("G13", Severity::High, SubjectKind::Role, &role.name)
                .of(role.oid)
                .titled(format!("{who} owns {} tables under row security, so their policies do not bind it", tables.len()))
                .for_roles(roles)
                .shown_by("tables", &list.join(", "))
                .hinted(format!("let the application log in as another role than {who}, or FORCE ROW LEVEL SECURITY on these tables"));
            claim.relations = tables.iter().map(|table| table.oid).collect();
            claims.push(claim);
            continue;
        }
        for table in tables {
            claims.push(
                Claim::on("G13", Severity::High, table)
                    .titled(format!("{who} owns {}, so its policies do not bind that login", table.full_name()))
                    .for_roles(roles.clone())
                    .shown_by("owner", &role.name)
                    .shown_by("forced row security", "off")
                    .hinted(format!("let the application log in as another role than {who}, or FORCE ROW LEVEL SECURITY on {}", table.full_name())),
            );
        }
    }
    claims
}

fn bypass(survey: &Survey, login: &Role) -> Option<Claim> {
    if !login.bypassrls || is_platform(&login.name) {
        return None;
    }
    let read: Vec<&Relation> = guarded(survey)
        .filter(|relation| survey.access(login.oid, relation.oid).is_some())
        .collect();
    if read.is_empty() {
        return None;
    }
    let list: Vec<String> = read.iter().map(|relation| relation.full_name()).collect();
    let mut claim = Claim::about("G14", Severity::High, SubjectKind::Role, &login.name)
        .of(login.oid)
        .titled(format!(
            "{} bypasses row security and may read {} guarded tables",
            login.name,
            read.len()
        ))
        .for_roles(vec![login.oid])
        .shown_by("tables", &list.join(", "))
        .hinted(format!(
            "take BYPASSRLS from {}, or revoke its SELECT on these tables",
            login.name
        ));
    claim.relations = read.iter().map(|relation| relation.oid).collect();
    Some(claim)
}

/// A login that may SET ROLE to one that policies do not bind.
fn one_step_away(survey: &Survey, login: &Role) -> Option<Claim> {
    if login.bypassrls || is_platform(&login.name) || survey.snapshot.server.login == login.oid {
        return None;
    }
    let target = survey
        .roles
        .reachable(login.oid)
        .filter_map(|oid| survey.roles.get(oid))
        .find(|role| role.superuser || (role.bypassrls && role.name != "service_role"))?;
    guarded(survey).next()?;
    Some(
        Claim::about("G15", Severity::High, SubjectKind::Role, &login.name)
            .of(login.oid)
            .titled(format!(
                "{} is one SET ROLE away from {}, which policies do not bind",
                login.name, target.name
            ))
            .shown_by("may become", &target.name)
            .hinted(format!("revoke {} from {}", target.name, login.name)),
    )
}

/// Logins that read tenant tables with no policy in between, told once: in
/// many applications the code does the filtering.
fn unscoped_logins(survey: &Survey) -> Option<Claim> {
    let mut roles = Vec::new();
    let mut relations = BTreeSet::new();
    for login in survey.roles.at(&[Station::App, Station::Service]) {
        let outside = survey.scoped(login.oid) && !is_service_name(&login.name);
        if outside || survey.roles.skips_policies(login.oid) {
            continue;
        }
        let read: Vec<Oid> = survey
            .snapshot
            .relations
            .iter()
            .filter(|r| survey.sensitive(r.oid) && survey.access(login.oid, r.oid).is_some())
            .map(|r| r.oid)
            .collect();
        if !read.is_empty() {
            roles.push(login.oid);
            relations.extend(read);
        }
    }
    if roles.is_empty() {
        return None;
    }
    let names: Vec<&str> = roles.iter().map(|role| survey.roles.name(*role)).collect();
    let mut claim = Claim::about(
        "G05",
        Severity::Info,
        SubjectKind::Database,
        &survey.snapshot.server.database,
    )
    .titled(format!(
        "{} read rows of all tenants; only the application's code narrows them",
        names.join(", ")
    ))
    .for_roles(roles.clone())
    .shown_by("relations", &relations.len().to_string())
    .hinted(
        "confirm that this is by design, and that these logins are used by server code alone"
            .to_owned(),
    );
    claim.relations = relations.into_iter().collect();
    Some(claim)
}
