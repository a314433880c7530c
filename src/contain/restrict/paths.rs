//! Who else is touched by a cut, and which ways to the rows it leaves open.

use super::acl::{Cut, Effect};
use super::grant::{Grant, Kind};
use crate::contain::action::Relation;
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use crate::providers::postgres::{Session, literal};
use serde::Deserialize;
use std::collections::BTreeSet;

/// A role that is cut, with the roles around it.
#[derive(Debug, Clone, Deserialize)]
pub struct Around {
    pub role: String,
    pub superuser: bool,
    /// Row-level security does not apply to it.
    pub bypass: bool,
    /// Roles whose rights it has without doing anything.
    pub inherits: Vec<String>,
    /// Roles that have its rights, or can take them.
    pub members: Vec<String>,
}

/// Another relation that shows the same rows to a role that is cut.
#[derive(Debug, Clone, Deserialize)]
struct Window {
    schema: String,
    relation: String,
    role: String,
    parent: bool,
}

/// Reads the roles around those that are cut.
///
/// # Errors
/// When a role does not exist, or the server cannot be read.
pub async fn around(session: &Session, cut: &Cut) -> Result<Vec<Around>, Failure> {
    let names: Vec<String> = cut.roles.iter().map(|role| literal(role)).collect();
    let sql = format!(
        "SELECT r.rolname AS role, r.rolsuper AS superuser, r.rolbypassrls AS bypass, \
         (SELECT coalesce(json_agg(g.rolname ORDER BY g.rolname), '[]') FROM pg_roles g \
          WHERE g.oid <> r.oid AND pg_has_role(r.oid, g.oid, 'USAGE')) AS inherits, \
         (SELECT coalesce(json_agg(m.rolname ORDER BY m.rolname), '[]') FROM pg_roles m \
          WHERE m.oid <> r.oid AND NOT m.rolsuper AND pg_has_role(m.oid, r.oid, 'MEMBER')) AS members \
         FROM pg_roles r WHERE r.rolname IN ({}) ORDER BY 1",
        names.join(", ")
    );
    let found: Vec<Around> = session.read(&sql).await?;
    let known: BTreeSet<&String> = found.iter().map(|around| &around.role).collect();
    match cut.roles.iter().find(|role| !known.contains(role)) {
        Some(missing) => Err(Failure::new(
            "no plan was made",
            format!("there is no role {missing}"),
            "check the role's name; names are case-sensitive here",
        )),
        None => Ok(found),
    }
}

/// The ways to a relation that stay open although the rights are gone: rights
/// held through a group, ownership, superuser, and windows onto the same rows.
pub async fn left_open(
    session: &Session,
    around: &[Around],
    family: &[Relation],
    owner: &str,
    left: &[Grant],
) -> Result<Vec<String>, Failure> {
    let mut out = held(around, Kind::Relation, owner, left);
    for window in windows(session, around, family).await? {
        let seen = visible(&format!("{}.{}", window.schema, window.relation));
        let role = visible(&window.role);
        out.push(if window.parent {
            format!("{role} reads the same rows through the parent table {seen}")
        } else {
            format!("{role} may read the same rows through the view {seen}")
        });
    }
    Ok(out)
}

/// The roles that keep the right through a group, ownership or superuser.
pub fn held(around: &[Around], kind: Kind, owner: &str, left: &[Grant]) -> Vec<String> {
    around
        .iter()
        .filter_map(|role| inherited(role, kind, owner, left))
        .collect()
}

fn inherited(role: &Around, kind: Kind, owner: &str, left: &[Grant]) -> Option<String> {
    let name = visible(&role.role);
    if role.superuser {
        return Some(format!("{name} is a superuser: no right has to be granted"));
    }
    if role.role == owner {
        return Some(format!("{name} is the owner: no right has to be granted"));
    }
    let by = role.inherits.iter().find(|group| {
        *group == owner
            || (*group == "pg_read_all_data" && kind != Kind::Routine)
            || left.iter().any(|g| g.grantee.as_ref() == Some(group))
    })?;
    Some(format!(
        "{name} still has the right through its membership in {}",
        visible(by)
    ))
}

/// Logins told by name; the rest are counted.
const LOGINS: usize = 8;

/// The logins that have the right through PUBLIC alone and lose it with it,
/// one line each.
pub async fn losing_public(
    session: &Session,
    effect: &Effect,
    owner: &str,
) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    struct Login {
        name: String,
    }
    if effect.taken.iter().all(|grant| grant.grantee.is_some()) {
        return Ok(Vec::new());
    }
    let holders = effect
        .left
        .iter()
        .filter_map(|grant| grant.grantee.as_deref());
    let holders: BTreeSet<String> = holders.chain([owner]).map(literal).collect();
    let holders: Vec<String> = holders.into_iter().collect();
    let sql = format!(
        "SELECT r.rolname AS name FROM pg_roles r WHERE r.rolcanlogin AND NOT r.rolsuper \
         AND NOT EXISTS (SELECT FROM pg_roles g WHERE g.rolname IN ({}) \
         AND pg_has_role(r.oid, g.oid, 'USAGE')) ORDER BY 1",
        holders.join(", ")
    );
    let logins: Vec<Login> = session.read(&sql).await?;
    let told = logins.iter().take(LOGINS);
    let mut out: Vec<String> = told
        .map(|login| {
            format!(
                "{}, which has it through PUBLIC alone",
                visible(&login.name)
            )
        })
        .collect();
    if logins.len() > LOGINS {
        out.push(format!(
            "and {} more logins like these",
            logins.len() - LOGINS
        ));
    }
    Ok(out)
}

/// Views that are built on the family and that a cut role may read, unless
/// they check the reader's own rights; and parents of the relation.
async fn windows(
    session: &Session,
    around: &[Around],
    family: &[Relation],
) -> Result<Vec<Window>, Failure> {
    let roles: Vec<String> = around.iter().map(|a| literal(&a.role)).collect();
    let rows: Vec<String> = family.iter().map(Relation::row).collect();
    let sql = format!(
        "WITH RECURSIVE base AS (SELECT c.oid FROM (VALUES {}) v(s, r) \
         JOIN pg_namespace n ON n.nspname = v.s JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = v.r), \
         up(oid) AS (SELECT i.inhparent FROM pg_inherits i JOIN base b ON b.oid = i.inhrelid \
          UNION SELECT i.inhparent FROM pg_inherits i JOIN up ON up.oid = i.inhrelid), \
         views(oid) AS (SELECT w.ev_class FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid \
          JOIN base b ON b.oid = d.refobjid \
          WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND w.ev_class <> b.oid \
          UNION SELECT w.ev_class FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid \
          JOIN views b ON b.oid = d.refobjid \
          WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND w.ev_class <> b.oid), \
         seen AS (SELECT oid, true AS parent FROM up WHERE oid NOT IN (SELECT oid FROM base) \
          UNION ALL SELECT oid, false FROM views) \
         SELECT n.nspname AS schema, c.relname AS relation, r.rolname AS role, s.parent \
         FROM seen s JOIN pg_class c ON c.oid = s.oid JOIN pg_namespace n ON n.oid = c.relnamespace \
         CROSS JOIN pg_roles r WHERE r.rolname IN ({}) AND NOT r.rolsuper \
         AND has_schema_privilege(r.oid, n.oid, 'USAGE') AND has_any_column_privilege(r.oid, c.oid, 'SELECT') \
         AND NOT coalesce(c.reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false) \
         ORDER BY 1, 2, 3",
        rows.join(", "),
        roles.join(", ")
    );
    Ok(session.read(&sql).await?)
}
