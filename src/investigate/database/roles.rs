//! Who can become whom, and which roles a reader from outside can hold.
//!
//! Works on the rows of the snapshot alone. The names of vendors' own roles
//! live here; add new platforms to the lists below.

use super::snapshot::{Membership, Oid, PUBLIC, Role};
use crate::investigate::check::Naming;
use std::collections::{BTreeMap, BTreeSet};

/// How a role stands to the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Station {
    /// Held by a caller who did not sign in.
    Anonymous,
    /// Held by every caller who signed in.
    SignedIn,
    /// A login or role an application uses.
    App,
    /// Skips or is exempt from row security by design of the platform.
    Service,
    /// Belongs to the platform or the server; never probed.
    Platform,
}

/// Roles a platform ships, by exact name or by prefix.
const PLATFORM: [&str; 18] = [
    "postgres",
    "dashboard_user",
    "pgbouncer",
    "authenticator",
    "cloud_admin",
    "neon_superuser",
    "neon_service",
    "databricks_superuser",
    "rdsadmin",
    "rds_superuser",
    "rds_replication",
    "cloudsqladmin",
    "cloudsqlsuperuser",
    "azuresu",
    "azure_pg_admin",
    "doadmin",
    "pgtle_admin",
    "alloydbsuperuser",
];
const PLATFORM_PREFIXES: [&str; 6] = [
    "pg_",
    "supabase_",
    "pgsodium_",
    "rds_",
    "cloudsql",
    "alloydb",
];

/// Whether the role belongs to a platform rather than to this application.
pub fn is_platform(name: &str) -> bool {
    PLATFORM.contains(&name) || PLATFORM_PREFIXES.iter().any(|p| name.starts_with(p))
}

/// Whether the name says that the role works for everybody at once: a back
/// end, a job runner, an administrator.
pub fn is_service_name(name: &str) -> bool {
    const WORDS: [&str; 16] = [
        "service",
        "admin",
        "backend",
        "internal",
        "worker",
        "etl",
        "backup",
        "migrat",
        "monitor",
        "report",
        "analytic",
        "replica",
        "cron",
        "job",
        "superuser",
        "system",
    ];
    let name = name.to_lowercase();
    WORDS.iter().any(|word| name.contains(word))
        || name
            .split('_')
            .any(|part| matches!(part, "bi" | "ops" | "root" | "dba"))
}

/// The roles of a database and the ways between them.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    by_oid: BTreeMap<Oid, Role>,
    stations: BTreeMap<Oid, Station>,
    inherits: BTreeMap<Oid, BTreeSet<Oid>>,
    becomes: BTreeMap<Oid, BTreeSet<Oid>>,
}

impl Roles {
    /// Computes both closures and every station, once. `named` are the roles
    /// that policies or grants name; `own` is the login of this audit, which
    /// is no gateway even if it may take every role.
    pub fn new(
        roles: &[Role],
        memberships: &[Membership],
        named: &BTreeSet<Oid>,
        own: Oid,
    ) -> Self {
        let mut all = Self {
            by_oid: roles.iter().map(|role| (role.oid, role.clone())).collect(),
            ..Self::default()
        };
        all.inherits = closure(roles, memberships, |edge| edge.inherits);
        all.becomes = closure(roles, memberships, |edge| edge.inherits || edge.can_set);
        let api = all.api_roles(memberships, own);
        let pinned = pinned_anonymous(roles);
        for role in roles {
            let station = if pinned.contains(role.name.as_str()) {
                Station::Anonymous
            } else {
                station(role, &api, named)
            };
            all.stations.insert(role.oid, station);
        }
        all.drop_groups(own);
        all
    }

    /// Puts the roles a person named where they belong.
    pub fn rename(&mut self, naming: &Naming) {
        let mut put = |name: &str, station: Station| {
            if let Some(oid) = self
                .by_oid
                .values()
                .find(|role| role.name == name)
                .map(|role| role.oid)
            {
                self.stations.insert(oid, station);
            }
        };
        for name in &naming.applications {
            put(name, Station::App);
        }
        for (name, station) in [
            (&naming.anonymous, Station::Anonymous),
            (&naming.signed_in, Station::SignedIn),
            (&naming.service, Station::Service),
        ] {
            if let Some(name) = name {
                put(name, station);
            }
        }
    }

    /// A group whose members are logins of applications is looked at through
    /// them, not by itself.
    fn drop_groups(&mut self, own: Oid) {
        let groups: Vec<Oid> = self
            .at(&[Station::App])
            .into_iter()
            .filter(|group| !group.login)
            .filter(|group| {
                self.logins_of(group.oid)
                    .iter()
                    .any(|login| login.oid != own)
            })
            .map(|group| group.oid)
            .collect();
        for group in groups {
            self.stations.insert(group, Station::Platform);
        }
    }

    /// Roles a gateway login switches to: it inherits nothing itself.
    fn api_roles(&self, memberships: &[Membership], own: Oid) -> BTreeSet<Oid> {
        memberships
            .iter()
            .filter(|edge| edge.member != own)
            .filter(|edge| {
                self.by_oid.get(&edge.member).is_some_and(|gateway| {
                    gateway.login
                        && !gateway.superuser
                        && (gateway.name.contains("authenticator") || !edge.inherits)
                }) && edge.can_set
                    && self.by_oid.get(&edge.role).is_some_and(|role| !role.login)
            })
            .map(|edge| edge.role)
            .collect()
    }

    /// The role of that oid.
    pub fn get(&self, oid: Oid) -> Option<&Role> {
        self.by_oid.get(&oid)
    }

    /// The role's name; `public` for [`PUBLIC`].
    pub fn name(&self, oid: Oid) -> &str {
        if oid == PUBLIC {
            return "public";
        }
        self.by_oid.get(&oid).map_or("?", |role| role.name.as_str())
    }

    /// How the role stands to the outside; PUBLIC counts as anonymous.
    pub fn station(&self, oid: Oid) -> Station {
        if oid == PUBLIC {
            return Station::Anonymous;
        }
        self.stations
            .get(&oid)
            .copied()
            .unwrap_or(Station::Platform)
    }

    /// Every role at one of these stations, by name.
    pub fn at(&self, stations: &[Station]) -> Vec<&Role> {
        let mut found: Vec<&Role> = self
            .by_oid
            .values()
            .filter(|role| stations.contains(&self.station(role.oid)))
            .collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// Whether `role` holds the rights of `group` without doing anything.
    pub fn has(&self, role: Oid, group: Oid) -> bool {
        group == PUBLIC
            || role == group
            || self
                .inherits
                .get(&role)
                .is_some_and(|set| set.contains(&group))
    }

    /// Whether `role` can come to hold the rights of `group`.
    pub fn can_become(&self, role: Oid, group: Oid) -> bool {
        role == group
            || self
                .becomes
                .get(&role)
                .is_some_and(|set| set.contains(&group))
    }

    /// Every role `role` can become, itself not included.
    pub fn reachable(&self, role: Oid) -> impl Iterator<Item = Oid> + '_ {
        self.becomes.get(&role).into_iter().flatten().copied()
    }

    /// Logins of applications that hold or can take the role, by name.
    pub fn logins_of(&self, role: Oid) -> Vec<&Role> {
        self.at(&[Station::App, Station::Service])
            .into_iter()
            .filter(|login| login.login && !login.superuser && self.can_become(login.oid, role))
            .collect()
    }

    /// Whether the role skips row security wherever it may read.
    pub fn skips_policies(&self, oid: Oid) -> bool {
        self.by_oid
            .get(&oid)
            .is_some_and(|role| role.superuser || role.bypassrls)
    }
}

fn station(role: &Role, api: &BTreeSet<Oid>, named: &BTreeSet<Oid>) -> Station {
    let gateway = role.name.contains("authenticator");
    if role.superuser || is_platform(&role.name) || gateway {
        return Station::Platform;
    }
    match role.name.as_str() {
        "anon" | "anonymous" | "web_anon" => return Station::Anonymous,
        "authenticated" => return Station::SignedIn,
        "service_role" => return Station::Service,
        _ => {}
    }
    if !role.login && (role.bypassrls || is_service_name(&role.name)) {
        return Station::Service;
    }
    if api.contains(&role.oid) {
        return if role.name.contains("anon") {
            Station::Anonymous
        } else {
            Station::SignedIn
        };
    }
    if role.login || named.contains(&role.oid) {
        return Station::App;
    }
    Station::Platform
}

/// The anonymous role a `PostgREST` server reads from the database itself.
fn pinned_anonymous(roles: &[Role]) -> BTreeSet<&str> {
    roles
        .iter()
        .flat_map(|role| role.settings.iter().flatten())
        .filter_map(|setting| setting.strip_prefix("pgrst.db_anon_role="))
        .collect()
}

fn closure(
    roles: &[Role],
    memberships: &[Membership],
    follows: impl Fn(&Membership) -> bool,
) -> BTreeMap<Oid, BTreeSet<Oid>> {
    let mut edges: BTreeMap<Oid, Vec<Oid>> = BTreeMap::new();
    for edge in memberships.iter().filter(|edge| follows(edge)) {
        edges.entry(edge.member).or_default().push(edge.role);
    }
    roles
        .iter()
        .map(|role| {
            let mut seen = BTreeSet::new();
            let mut todo = vec![role.oid];
            while let Some(at) = todo.pop() {
                for next in edges.get(&at).into_iter().flatten() {
                    if seen.insert(*next) {
                        todo.push(*next);
                    }
                }
            }
            (role.oid, seen)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(oid: Oid, name: &str, login: bool) -> Role {
        Role {
            oid,
            name: name.into(),
            login,
            ..Role::default()
        }
    }

    fn edge(member: Oid, role: Oid, inherits: bool, can_set: bool) -> Membership {
        Membership {
            member,
            role,
            inherits,
            can_set,
        }
    }

    #[test]
    fn rights_flow_only_along_inheriting_edges() {
        let roles = [
            role(1, "app", true),
            role(2, "team", false),
            role(3, "deep", false),
        ];
        let edges = [edge(1, 2, true, true), edge(2, 3, false, true)];
        let all = Roles::new(&roles, &edges, &BTreeSet::new(), 0);
        assert!(all.has(1, 2) && !all.has(1, 3));
        assert!(all.can_become(1, 3));
        assert!(all.has(1, PUBLIC));
    }

    #[test]
    fn an_edge_without_both_rights_is_no_path() {
        let roles = [role(1, "app", true), role(2, "team", false)];
        let all = Roles::new(&roles, &[edge(1, 2, false, false)], &BTreeSet::new(), 0);
        assert!(!all.can_become(1, 2));
    }

    #[test]
    fn roles_behind_a_gateway_are_what_callers_hold() {
        let roles = [
            role(1, "authenticator", true),
            role(2, "site_anon", false),
            role(3, "site_user", false),
            role(4, "service_role", false),
        ];
        let edges = [
            edge(1, 2, false, true),
            edge(1, 3, false, true),
            edge(1, 4, false, true),
        ];
        let all = Roles::new(&roles, &edges, &BTreeSet::new(), 0);
        assert_eq!(all.station(2), Station::Anonymous);
        assert_eq!(all.station(3), Station::SignedIn);
        assert_eq!(all.station(4), Station::Service);
        assert_eq!(all.station(1), Station::Platform);
    }

    #[test]
    fn service_words_are_whole_ideas() {
        assert!(is_service_name("app_backend") && is_service_name("bi"));
        assert!(!is_service_name("mobile_app") && !is_service_name("app_user"));
    }
}
