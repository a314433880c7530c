//! What roles hold through other roles or by their settings: grants of a group
//! that callers belong to (G04), the server's predefined roles (G17, G18, G22),
//! settings that open a policy's hatch (G20).

use crate::domain::finding::{Severity, SubjectKind};
use crate::investigate::database::claim::{Claim, some_of};
use crate::investigate::database::roles::{Station, is_platform, is_service_name};
use crate::investigate::database::snapshot::{Oid, PUBLIC, Policy, Relation, Role};
use crate::investigate::database::survey::Survey;
use std::collections::{BTreeMap, BTreeSet};

/// A predefined role, the id it is told under, and what it allows.
const PREDEFINED: [(&str, &str, Severity, &str); 6] = [
    (
        "pg_read_all_data",
        "G17",
        Severity::High,
        "may read every table and view",
    ),
    (
        "pg_execute_server_program",
        "G18",
        Severity::High,
        "may run programs on the server",
    ),
    (
        "pg_read_server_files",
        "G18",
        Severity::High,
        "may read every file of the server, the tables' own among them",
    ),
    (
        "pg_write_server_files",
        "G18",
        Severity::High,
        "may write files of the server, and so become its superuser",
    ),
    (
        "pg_read_all_stats",
        "G22",
        Severity::Low,
        "may read the statements of every other login, with what values they spell out",
    ),
    (
        "pg_monitor",
        "G22",
        Severity::Low,
        "may read the statements of every other login, with what values they spell out",
    ),
];

/// Logins that hold, or can take, a predefined role of the server.
pub fn predefined(survey: &Survey) -> Vec<Claim> {
    let logins = survey.roles.at(&[Station::App, Station::Service]);
    let sensitive = |relation: &Relation| survey.sensitive(relation.oid);
    let holds = survey.snapshot.relations.iter().any(sensitive);
    let logins = logins.into_iter().filter(|login| {
        holds
            && login.login
            && !is_platform(&login.name)
            && login.oid != survey.snapshot.server.login
    });
    let mut claims: Vec<Claim> = Vec::new();
    for login in logins {
        let held: BTreeSet<&str> = survey
            .roles
            .reachable(login.oid)
            .map(|oid| survey.roles.name(oid))
            .collect();
        let mut told = BTreeSet::new();
        for (name, id, severity, allows) in PREDEFINED {
            if held.contains(name) && told.insert(id) {
                claims.push(power(login, name, id, severity, allows));
            }
        }
    }
    claims
}

fn power(login: &Role, name: &str, id: &'static str, severity: Severity, allows: &str) -> Claim {
    // Reports read everything and monitors see everything by agreement.
    let agreed = id != "G18" && is_service_name(&login.name);
    let severity = match severity {
        Severity::Low if agreed => Severity::Info,
        _ if agreed => Severity::Low,
        severity => severity,
    };
    Claim::about(id, severity, SubjectKind::Role, &login.name)
        .titled(format!("{} {allows}", login.name))
        .shown_by("through", name)
        .hinted(format!(
            "revoke {name} from {} or from the group in between; grant what it needs by name",
            login.name
        ))
}

/// Tables that callers read with the rights of a group, and that nothing
/// narrows: the membership is what to take away.
pub fn inherited(survey: &Survey) -> Vec<Claim> {
    let low = survey.roles.at(&[Station::Anonymous, Station::SignedIn]);
    let mut claims = Vec::new();
    for group in &survey.snapshot.roles {
        if low.iter().any(|role| role.oid == group.oid) {
            continue;
        }
        let members: Vec<&Role> = low
            .iter()
            .copied()
            .filter(|role| survey.roles.has(role.oid, group.oid))
            .collect();
        let tables: Vec<&Relation> = survey
            .snapshot
            .relations
            .iter()
            .filter(|r| through(survey, r, group.oid, &members))
            .collect();
        if !tables.is_empty() {
            claims.push(edge(group, &members, &tables));
        }
    }
    claims
}

/// Whether the group is all that lets its members read an open table.
fn through(survey: &Survey, relation: &Relation, group: Oid, members: &[&Role]) -> bool {
    let granted = relation.grantees.as_deref().unwrap_or_default();
    let reads = |role: &&&Role| survey.access(role.oid, relation.oid).is_some();
    relation.is_table()
        && !relation.rls
        && !relation.extension
        && survey.sensitive(relation.oid)
        && (granted.contains(&group) || relation.owner == group)
        && survey.access(PUBLIC, relation.oid).is_none()
        && !members.iter().any(|role| granted.contains(&role.oid))
        && members.iter().any(|role| reads(&role))
}

fn edge(group: &Role, members: &[&Role], tables: &[&Relation]) -> Claim {
    let who: Vec<&str> = members.iter().map(|role| role.name.as_str()).collect();
    let who = who.join(", ");
    let names: Vec<String> = tables.iter().map(|table| table.full_name()).collect();
    let mut claim = Claim::about("G04", Severity::Medium, SubjectKind::Role, &group.name)
        .titled(format!(
            "{who} reads {} with the rights of {}, and no row security narrows it",
            some_of(&names),
            group.name
        ))
        .for_roles(members.iter().map(|role| role.oid).collect())
        .shown_by("members that callers hold", &who)
        .shown_by("tables", &some_of(&names))
        .hinted(format!("revoke {} from {who}", group.name));
    claim.relations = tables.iter().map(|table| table.oid).collect();
    claim
}

/// Roles that begin with a setting, and the tables it opens.
type Opened<'a> = (Vec<&'a Role>, Vec<String>);

/// Settings pinned to a role or to the database under which a policy's
/// condition lets every row through.
pub fn pinned(survey: &Survey) -> Vec<Claim> {
    let mut opened: BTreeMap<(&str, &str), Opened<'_>> = BTreeMap::new();
    let outside = [Station::Anonymous, Station::SignedIn];
    let held = survey.snapshot.roles.iter().filter(|role| {
        !role.superuser && (role.login || outside.contains(&survey.roles.station(role.oid)))
    });
    for role in held.clone() {
        let settings = role.settings.iter().flatten();
        for (name, value) in settings.filter_map(|setting| setting.split_once('=')) {
            let policies = survey.snapshot.policies.iter();
            let tables: Vec<String> = policies
                .filter(|policy| {
                    policy.permissive
                        && binds(survey, policy, role)
                        && opens(survey, policy, name, value)
                })
                .filter_map(|policy| survey.relation(policy.relation).map(Relation::full_name))
                .collect();
            if !tables.is_empty() {
                let entry = opened.entry((name, value)).or_default();
                entry.0.push(role);
                entry.1 = tables;
            }
        }
    }
    let all = held.count();
    let mut claims = Vec::new();
    for ((name, _), (roles, tables)) in opened {
        let database = &survey.snapshot.server.database;
        if roles.len() == all && all > 1 {
            claims.push(hatch(SubjectKind::Database, database, name, &tables));
            continue;
        }
        let ours = roles.iter().filter(|role| !is_platform(&role.name));
        claims.extend(ours.map(|role| hatch(SubjectKind::Role, &role.name, name, &tables)));
    }
    claims
}

fn binds(survey: &Survey, policy: &Policy, role: &Role) -> bool {
    let mut to = policy.roles.iter();
    to.any(|group| survey.roles.has(role.oid, *group))
}

fn hatch(kind: SubjectKind, subject: &str, name: &str, tables: &[String]) -> Claim {
    Claim::about("G20", Severity::High, kind, subject)
        .titled(format!(
            "every session of {subject} begins with the value of {name} that opens the policies of {}",
            some_of(tables)
        ))
        .shown_by("pinned", name)
        .shown_by("tables", &some_of(tables))
        .hinted(format!("reset {name} for {subject}, and take that way out of the policies"))
}

/// Whether the condition, or a helper it calls, compares the setting with that
/// very value. A setting that is compared with a column scopes instead.
fn opens(survey: &Survey, policy: &Policy, name: &str, value: &str) -> bool {
    let compared = |text: &str| {
        let setting = format!("current_setting('{name}'");
        text.match_indices(&setting).any(|(at, found)| {
            let rest = &text[at + found.len()..];
            let rest = rest.split_once(')').map_or("", |(_, rest)| rest);
            // Within a sub-select, or with a value for where it is not set.
            let rest = rest.strip_prefix(" AS current_setting)").unwrap_or(rest);
            let rest = rest.strip_prefix(", ''").unwrap_or(rest);
            let rest = rest
                .trim_start_matches("::text")
                .trim_start_matches([' ', ')', '=']);
            rest.strip_prefix('\'')
                .and_then(|rest| rest.strip_prefix(value))
                .is_some_and(|rest| rest.starts_with('\''))
        })
    };
    let dotted = name.contains('.') && !name.starts_with("pgrst.");
    let helpers = policy.functions.iter();
    let mut helpers = helpers.filter_map(|oid| survey.function(*oid)?.source.as_deref());
    dotted && (policy.using.as_deref().is_some_and(compared) || helpers.any(compared))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_compared_with_its_value_opens_and_one_compared_with_a_column_does_not() {
        let survey = Survey::default();
        let policy = |using: &str| Policy {
            using: Some(using.to_owned()),
            ..Policy::default()
        };
        let hatch = policy("((current_setting('app.bypass'::text, true) = 'on'::text) OR (a = b))");
        assert!(opens(&survey, &hatch, "app.bypass", "on"));
        assert!(!opens(&survey, &hatch, "app.bypass", "off"));
        let wrapped = policy(
            "(COALESCE(( SELECT current_setting('app.bypass'::text, true) AS current_setting), ''::text) = 'on'::text)",
        );
        assert!(opens(&survey, &wrapped, "app.bypass", "on"));
        let scope = policy("(tenant = current_setting('app.tenant'::text, true))");
        assert!(!opens(&survey, &scope, "app.tenant", "7"));
    }

    #[test]
    fn what_is_agreed_weighs_less_but_a_way_onto_the_server_does_not() {
        let role = |name: &str| Role {
            name: name.to_owned(),
            ..Role::default()
        };
        let weigh = |login: &str, id| power(&role(login), "x", id, Severity::High, "may").severity;
        assert_eq!(weigh("shop", "G17"), Severity::High);
        assert_eq!(weigh("bi", "G17"), Severity::Low);
        assert_eq!(weigh("backup", "G18"), Severity::High);
    }
}
