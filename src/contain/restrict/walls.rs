//! Row-level security as it stands on tables: the switches and the policies
//! that restrictions change and compare.

use super::manner::Manner;
use super::paths::Around;
use super::prove::{of_cells, undone, unshown};
use super::reading;
use super::record::{PRINCIPAL, RELATION, no_plan, read_back};
use super::relations::{Family, able};
use crate::contain::action::{Boxed, On, PlanRequest, Relation};
use crate::domain::action::{Plan, Proof};
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::domain::finding::SubjectKind;
use crate::domain::untrusted::visible;
use crate::providers::postgres::{Session, literal};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A change of a table's walls waits this long for its lock, this often.
/// While it waits, every later reader of the table waits behind it.
const LOCK: Duration = Duration::from_millis(700);
const TRIES: u8 = 3;

/// What it locks, for plans.
pub const LOCKS: &str = "an exclusive lock on each table, held for a moment: it waits up to 0.7 s \
     for open transactions, three times, and new readers wait behind it; if it is not to be had, \
     nothing is changed";

/// How walls are compared and changed.
pub static WALLS: Manner = Manner {
    of: "the row security settings",
    live,
    lock: LOCK,
    tries: TRIES,
    apart: false,
    undo_locks: LOCKS,
};

/// The wall of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wall {
    #[serde(flatten)]
    pub on: Relation,
    pub enabled: bool,
    pub forced: bool,
    pub policies: Vec<Policy>,
}

/// One policy, by everything that decides whom it lets through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Policy {
    pub name: String,
    pub permissive: bool,
    /// `pg_policy.polcmd`.
    pub command: String,
    /// PUBLIC is `public`, as the server writes it.
    pub roles: Vec<String>,
    pub using: Option<String>,
    pub check: Option<String>,
}

/// Reads the walls of tables, in the order given.
///
/// # Errors
/// When the server cannot be read.
pub async fn of(session: &Session, relations: &[Relation]) -> Result<Vec<Wall>, Failure> {
    if relations.is_empty() {
        return Err(no_plan("the plan names no table", "make a new plan"));
    }
    let rows = relations.iter().enumerate().map(|(at, relation)| {
        let (schema, name) = (literal(&relation.schema), literal(&relation.relation));
        format!("({schema}, {name}, {at})")
    });
    let rows: Vec<String> = rows.collect();
    let sql = format!(
        "SELECT v.s AS schema, v.r AS relation, c.relrowsecurity AS enabled, \
         c.relforcerowsecurity AS forced, (SELECT coalesce(json_agg(json_build_object(\
          'name', p.polname, 'permissive', p.polpermissive, 'command', p.polcmd::text, \
          'roles', (SELECT json_agg(CASE WHEN o.oid = 0 THEN 'public' ELSE pg_get_userbyid(o.oid) END \
           ORDER BY o.i) FROM unnest(p.polroles) WITH ORDINALITY o(oid, i)), \
          'using', pg_get_expr(p.polqual, p.polrelid), \
          'check', pg_get_expr(p.polwithcheck, p.polrelid)) ORDER BY p.polname), '[]') \
          FROM pg_policy p WHERE p.polrelid = c.oid) AS policies \
         FROM (VALUES {}) v(s, r, i) JOIN pg_namespace n ON n.nspname = v.s \
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = v.r ORDER BY v.i",
        rows.join(", ")
    );
    Ok(session.read(&sql).await?)
}

/// Names the state of walls.
pub fn digest(walls: &[Wall]) -> Digest {
    // Serialising plain strings cannot fail; an empty image would only look
    // like drift, never hide it.
    Digest::of(&serde_json::to_vec(walls).unwrap_or_default())
}

fn live<'a>(session: &'a Session, plan: &'a Plan) -> Boxed<'a, Result<Digest, Failure>> {
    Box::pin(async move {
        let relations: Vec<Relation> = read_back(plan, RELATION);
        Ok(digest(&of(session, &relations).await?))
    })
}

/// The tables a plan is about, if they can have walls and are ours to change.
///
/// # Errors
/// When the request is about something else, or the login may not.
pub async fn tables<'a>(
    session: &Session,
    request: &'a PlanRequest,
) -> Result<(&'a Relation, Family), Failure> {
    let (On::Relation(wanted) | On::Columns(wanted, _)) = &request.on else {
        return Err(no_plan(
            "row-level security guards tables, and this is none",
            "plan restrict.revoke for it",
        ));
    };
    if request.watched.is_empty() {
        return Err(no_plan(
            "no principal was named",
            "say whose access to take away",
        ));
    }
    let family = able(session, wanted).await?;
    if family.kind != SubjectKind::Table {
        return Err(no_plan(
            format!(
                "{} is a {}, which policies do not guard",
                wanted.shown(),
                family.kind.word()
            ),
            "plan restrict.revoke for it, or guard the tables below it",
        ));
    }
    Ok((wanted, family))
}

/// The roles that no policy stops: they are told, since the wall would look
/// whole to everyone else.
pub fn passing(around: &[Around], owner: &str, forced: bool) -> Vec<String> {
    let mut out = Vec::new();
    for role in around {
        let name = visible(&role.role);
        let owns = role.role == owner || role.inherits.iter().any(|group| group == owner);
        if role.superuser {
            out.push(format!("{name} is a superuser: no policy stops it"));
        } else if role.bypass {
            out.push(format!("{name} bypasses row-level security"));
        } else if owns && !forced {
            out.push(format!(
                "{name} acts as the owner, whom policies do not stop"
            ));
        }
    }
    out
}

/// See [`crate::contain::action::Action::verify`].
pub async fn verify(session: &Session, plan: &Plan) -> Proof {
    let proof = if plan.undoes.is_some() {
        undone(session, plan, &WALLS).await
    } else {
        let (principals, relations) = (read_back(plan, PRINCIPAL), read_back(plan, RELATION));
        let cells = reading::walled(session, &principals, &relations).await;
        cells
            .map(|cells| of_cells(plan, cells))
            .map_err(Failure::from)
    };
    proof.unwrap_or_else(|failure| unshown(&failure))
}
