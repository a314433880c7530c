//! Reads the snapshot: a fixed handful of catalog queries, none of which
//! touches a relation or function of the database's users.

mod ways;

use super::roles::{Roles, Station};
use super::snapshot::{Oid, PUBLIC, Server, Snapshot};
use super::survey::Survey;
use super::vote;
use crate::domain::check::Gap;
use crate::domain::failure::Failure;
use crate::investigate::check::{Naming, Sink};
use crate::providers::postgres::Session;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// At most this many roles are watched; beyond them a gap is told.
const WATCHED: usize = 64;

/// Reads everything and indexes it. Gaps say what the server refused.
///
/// # Errors
/// When the server cannot be asked who we are or what roles and relations
/// there are: without these nothing can be said.
pub async fn survey(
    session: &Session,
    naming: &Naming,
    sink: &dyn Sink,
) -> Result<(Survey, Vec<Gap>), Failure> {
    sink.progress(0, 4, "server and roles");
    let server: Server = session
        .read(include_str!("sql/server.sql"))
        .await?
        .pop()
        .ok_or_else(|| {
            Failure::new(
                "the login could not be looked up",
                "it has no row in pg_roles",
                "check the connection with psql",
            )
        })?;
    let mut reader = Reader {
        session,
        gaps: Vec::new(),
    };
    let mut snapshot = Snapshot {
        server,
        roles: session.read(include_str!("sql/roles.sql")).await?,
        memberships: reader
            .part(include_str!("sql/memberships.sql"), "role memberships")
            .await,
        ..Snapshot::default()
    };
    sink.progress(1, 4, "relations and policies");
    snapshot.relations = session.read(include_str!("sql/relations.sql")).await?;
    snapshot.policies = reader
        .part(include_str!("sql/policies.sql"), "policies")
        .await;
    let locked = locked(&snapshot);
    reader.gaps.extend(locked);
    sink.progress(2, 4, "functions, views and keys");
    snapshot.functions = reader
        .part(include_str!("sql/functions.sql"), "functions")
        .await;
    snapshot.view_uses = reader
        .part(include_str!("sql/view_uses.sql"), "views")
        .await;
    let what = "inheritance and foreign keys";
    snapshot.links = reader.part(include_str!("sql/links.sql"), what).await;
    sink.progress(3, 4, "grants");
    let named = named_roles(&snapshot, naming);
    let login = snapshot.server.login;
    let mut roles = Roles::new(&snapshot.roles, &snapshot.memberships, &named, login);
    roles.rename(naming);
    let watched = watched(&snapshot, &roles, &named, &mut reader.gaps);
    let with_roles = |sql: &str| sql.replace("{ROLES}", &format!("{{{watched}}}"));
    let reach = with_roles(include_str!("sql/reach.sql"));
    snapshot.grants = reader.part(&reach, "grants on relations").await;
    let keys = with_roles(include_str!("sql/keys.sql"));
    snapshot.keys = reader.part(&keys, "unique and foreign keys").await;
    let callable = with_roles(include_str!("sql/callable.sql"));
    snapshot.callables = reader.part(&callable, "grants on functions").await;
    snapshot.ways = reader.ways(&snapshot, &roles, &watched).await;
    let mut survey = Survey::new(snapshot, roles);
    vote::cast(&mut survey, naming.tenant_column.as_deref());
    Ok((survey, reader.gaps))
}

/// Reads parts that the audit can do without, noting what was refused.
#[derive(Debug)]
struct Reader<'a> {
    session: &'a Session,
    gaps: Vec<Gap>,
}

impl Reader<'_> {
    async fn part<T: DeserializeOwned>(&mut self, sql: &str, what: &str) -> Vec<T> {
        match self.session.read(sql).await {
            Ok(rows) => rows,
            Err(error) => {
                self.gaps.push(Gap::new(what, &Failure::from(error).why));
                Vec::new()
            }
        }
    }
}

/// What was left out because another session holds an exclusive lock.
fn locked(snapshot: &Snapshot) -> Vec<Gap> {
    let relations = snapshot.relations.iter().filter(|r| r.locked);
    let texts = relations.map(|relation| {
        let why = "another session holds or awaits an exclusive lock; look again when it is gone";
        Gap::new(&format!("text and size of {}", relation.full_name()), why)
    });
    let policies = snapshot.policies.iter().filter(|policy| policy.unread);
    let conditions = policies.map(|policy| {
        let relation = snapshot.relations.iter().find(|r| r.oid == policy.relation);
        let table = relation.map_or_else(String::new, |r| format!(" on {}", r.full_name()));
        let why = "a table it reads is locked by another session; look again when it is free";
        Gap::new(
            &format!("the condition of policy {}{table}", policy.name),
            why,
        )
    });
    texts.chain(conditions).collect()
}

/// Roles that policies or grants name, or that the caller asked for: also
/// without a login somebody may hold them.
fn named_roles(snapshot: &Snapshot, naming: &Naming) -> BTreeSet<Oid> {
    let mut named: BTreeSet<Oid> = snapshot
        .policies
        .iter()
        .flat_map(|policy| policy.roles.iter().copied())
        .collect();
    named.extend(
        snapshot
            .relations
            .iter()
            .flat_map(|relation| relation.grantees.iter().flatten().copied()),
    );
    for role in unheld_view_owners(snapshot) {
        named.remove(&role);
    }
    named.extend(
        snapshot
            .roles
            .iter()
            .filter(|role| naming.applications.contains(&role.name))
            .map(|role| role.oid),
    );
    named.remove(&PUBLIC);
    named
}

/// Roles that own views and that nobody logs in as or belongs to: their
/// rights count through their views alone.
fn unheld_view_owners(snapshot: &Snapshot) -> BTreeSet<Oid> {
    let views = snapshot.relations.iter().filter(|r| r.is_view());
    let owners: BTreeSet<Oid> = views.map(|view| view.owner).collect();
    let held = |oid: Oid| snapshot.memberships.iter().any(|edge| edge.role == oid);
    let roles = snapshot.roles.iter();
    roles
        .filter(|role| !role.login && owners.contains(&role.oid) && !held(role.oid))
        .map(|role| role.oid)
        .collect()
}

/// The oids of the watched roles, PUBLIC among them, joined by commas. A
/// login that nothing here names has the rights of PUBLIC and stands for no
/// more than that, unless there is nobody else.
fn watched(
    snapshot: &Snapshot,
    roles: &Roles,
    named: &BTreeSet<Oid>,
    gaps: &mut Vec<Gap>,
) -> String {
    let outside = [Station::Anonymous, Station::SignedIn];
    let logins = roles.at(&[Station::App, Station::Service]);
    let owners: BTreeSet<Oid> = snapshot.relations.iter().map(|r| r.owner).collect();
    let known = |oid: Oid| named.contains(&oid) || owners.contains(&oid);
    let related: Vec<Oid> = logins
        .iter()
        .map(|role| role.oid)
        .filter(|oid| known(*oid) || roles.reachable(*oid).any(known))
        .collect();
    let mut all: Vec<Oid> = roles.at(&outside).iter().map(|role| role.oid).collect();
    if related.is_empty() && all.is_empty() {
        all.extend(logins.iter().map(|role| role.oid));
    }
    all.extend(related);
    if all.len() > WATCHED {
        gaps.push(Gap::new(
            &format!("{} further roles", all.len() - WATCHED),
            &format!("only {WATCHED} roles are looked at in one run"),
        ));
    }
    let kept = all.into_iter().take(WATCHED);
    let oids: Vec<String> = std::iter::once(PUBLIC)
        .chain(kept)
        .map(|oid| oid.to_string())
        .collect();
    oids.join(",")
}
