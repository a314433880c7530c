//! Reads the snapshot: a fixed handful of catalog queries, none of which
//! touches a relation or function of the database's users.

mod texts;
mod ways;

use super::along::Along;
use super::roles::{Roles, Station};
use super::snapshot::{Oid, PUBLIC, Server, Snapshot};
use super::survey::Survey;
use super::vote;
use crate::domain::check::Gap;
use crate::domain::failure::Failure;
use crate::investigate::check::{Naming, Sink};
use crate::providers::postgres::{Reading, Session};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// At most this many roles are watched; beyond them a gap is told.
const WATCHED: usize = 64;

/// Reads everything in one transaction and indexes it, and what further
/// catalog queries say of the same moment. Gaps say what the server refused.
///
/// # Errors
/// When the server cannot be asked who we are or what roles and relations
/// there are: without these nothing can be said.
pub async fn survey(
    session: &Session,
    naming: &Naming,
    sink: &dyn Sink,
    further: &[&'static str],
) -> Result<(Survey, Vec<Gap>, Along), Failure> {
    sink.progress(0, 2, "roles, relations and policies");
    let reader = Reader {
        reading: session.reading().await?,
        gaps: Mutex::default(),
    };
    let mut snapshot = reader.catalogs().await?;
    reader.note(locked(&snapshot));
    sink.progress(1, 2, "grants");
    let named = named_roles(&snapshot, naming);
    let login = snapshot.server.login;
    let mut roles = Roles::new(&snapshot.roles, &snapshot.memberships, &named, login);
    roles.rename(naming);
    let (watched, beyond) = watched(&snapshot, &roles, &named);
    reader.note(beyond);
    reader.rights(&mut snapshot, &watched).await;
    snapshot.ways = reader.ways(&snapshot, &roles, &watched).await;
    let mut along = Along::default();
    for sql in further {
        along.put(sql, reader.reading.read(sql).await);
    }
    let gaps = reader.end().await;
    let mut survey = Survey::new(snapshot, roles);
    vote::cast(&mut survey, naming.tenant_column.as_deref());
    Ok((survey, gaps, along))
}

/// Reads the parts, noting what was refused of those that the audit can do
/// without. The parts of one function share their round trips.
#[derive(Debug)]
struct Reader<'a> {
    reading: Reading<'a>,
    gaps: Mutex<Vec<Gap>>,
}

impl Reader<'_> {
    /// What there is.
    async fn catalogs(&self) -> Result<Snapshot, Failure> {
        let mut s = Snapshot::default();
        let (server, roles, relations, ..) = tokio::join!(
            biased;
            self.reading.read::<Server>(include_str!("sql/server.sql")),
            self.reading.read(include_str!("sql/roles.sql")),
            self.reading.read(include_str!("sql/relations.sql")),
            self.part(&mut s.memberships, include_str!("sql/memberships.sql"), "role memberships"),
            self.part(&mut s.policies, include_str!("sql/policies.sql"), "policies"),
            self.part(&mut s.functions, include_str!("sql/functions.sql"), "functions"),
            self.part(&mut s.view_uses, include_str!("sql/view_uses.sql"), "views"),
            self.part(&mut s.links, include_str!("sql/links.sql"), "inheritance and foreign keys"),
        );
        s.server = server?.pop().ok_or_else(|| {
            Failure::new(
                "the login could not be looked up",
                "it has no row in pg_roles",
                "check the connection with psql",
            )
        })?;
        s.roles = roles?;
        s.relations = relations?;
        self.texts(&mut s).await;
        Ok(s)
    }

    /// What the watched roles, oids joined by commas, may do.
    async fn rights(&self, s: &mut Snapshot, watched: &str) {
        let with_roles = |sql: &str| sql.replace("{ROLES}", &format!("{{{watched}}}"));
        tokio::join!(
            biased;
            self.part(&mut s.grants, with_roles(include_str!("sql/reach.sql")), "grants on relations"),
            self.part(&mut s.keys, with_roles(include_str!("sql/keys.sql")), "unique and foreign keys"),
            self.part(&mut s.callables, with_roles(include_str!("sql/callable.sql")), "grants on functions"),
            self.part(&mut s.writes, with_roles(include_str!("sql/writes.sql")), "rights to write"),
            self.part(&mut s.triggers, include_str!("sql/triggers.sql"), "triggers"),
        );
    }

    async fn part<T: DeserializeOwned>(&self, into: &mut Vec<T>, sql: impl AsRef<str>, what: &str) {
        match self.reading.read(sql.as_ref()).await {
            Ok(rows) => *into = rows,
            Err(error) => self.note([Gap::new(what, &Failure::from(error).why)]),
        }
    }

    fn note(&self, gaps: impl IntoIterator<Item = Gap>) {
        let mut all = self.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(gaps);
    }

    /// Ends the transaction. A connection that is lost here shows itself at
    /// the next message; what was read holds.
    async fn end(self) -> Vec<Gap> {
        let _ = self.reading.end().await;
        self.gaps
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
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
/// more than that, unless there is nobody else. With it the gap, if there are
/// too many.
fn watched(snapshot: &Snapshot, roles: &Roles, named: &BTreeSet<Oid>) -> (String, Option<Gap>) {
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
    let beyond = (all.len() > WATCHED).then(|| {
        Gap::new(
            &format!("{} further roles", all.len() - WATCHED),
            &format!("only {WATCHED} roles are looked at in one run"),
        )
    });
    let kept = all.into_iter().take(WATCHED);
    let oids: Vec<String> = std::iter::once(PUBLIC)
        .chain(kept)
        .map(|oid| oid.to_string())
        .collect();
    (oids.join(","), beyond)
}
