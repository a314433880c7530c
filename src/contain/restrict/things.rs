//! What else a restriction can be about: functions and schemas.

use super::grant::Kind;
use super::record::no_plan;
use crate::contain::action::Relation;
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use crate::providers::postgres::{Session, ident, literal};
use serde::{Deserialize, Serialize};

/// One object as later steps find it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thing {
    pub kind: Kind,
    pub schema: String,
    /// The exact signature as SQL, or the name of the schema.
    pub name: String,
}

/// The objects a name stands for.
#[derive(Debug)]
pub struct Found {
    /// Every overload, when no signature was given.
    pub things: Vec<Thing>,
    pub owner: String,
    /// Whether this login may act for the owner of each.
    pub ours: bool,
}

#[derive(Deserialize)]
struct Row {
    schema: String,
    name: String,
    owner: String,
    ours: bool,
}

/// Relations of a schema that are probed to show a cut of it.
const SHOWN: usize = 25;

/// Finds functions by `schema.name`, with or without the argument types.
///
/// # Errors
/// When there is none.
pub async fn routines(session: &Session, wanted: &str) -> Result<Found, Failure> {
    let sql = format!(
        "SELECT n.nspname AS schema, p.oid::regprocedure::text AS name, \
         pg_get_userbyid(p.proowner) AS owner, pg_has_role(p.proowner, 'USAGE') AS ours \
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
         CROSS JOIN LATERAL (SELECT n.nspname || '.' || p.proname AS s) f \
         WHERE {} IN (f.s, f.s || '(' || oidvectortypes(p.proargtypes) || ')', \
         f.s || '(' || pg_get_function_identity_arguments(p.oid) || ')', p.oid::regprocedure::text) \
         ORDER BY p.oid",
        literal(wanted)
    );
    found(session, &sql, Kind::Routine, wanted).await
}

/// Finds a schema by its name.
///
/// # Errors
/// When there is none.
pub async fn schema(session: &Session, wanted: &str) -> Result<Found, Failure> {
    let sql = format!(
        "SELECT nspname AS schema, nspname AS name, pg_get_userbyid(nspowner) AS owner, \
         pg_has_role(nspowner, 'USAGE') AS ours FROM pg_namespace WHERE oid = to_regnamespace({})",
        literal(&ident(wanted))
    );
    found(session, &sql, Kind::Schema, wanted).await
}

async fn found(session: &Session, sql: &str, kind: Kind, wanted: &str) -> Result<Found, Failure> {
    let rows: Vec<Row> = session.read(sql).await?;
    let Some(first) = rows.first() else {
        let word = if kind == Kind::Schema {
            "schema"
        } else {
            "function"
        };
        return Err(no_plan(
            format!("there is no {word} {}", visible(wanted)),
            "check the name; names are case-sensitive here",
        ));
    };
    Ok(Found {
        owner: first.owner.clone(),
        ours: rows.iter().all(|row| row.ours),
        things: rows
            .into_iter()
            .map(|row| Thing {
                kind,
                schema: row.schema,
                name: row.name,
            })
            .collect(),
    })
}

/// The largest relations of a schema that one of the roles may read: where a
/// cut of the schema can be shown on live rows.
pub async fn readable(
    session: &Session,
    schema: &str,
    roles: &[String],
) -> Result<Vec<Relation>, Failure> {
    let names: Vec<String> = roles.iter().map(|role| literal(role)).collect();
    let sql = format!(
        "SELECT n.nspname AS schema, c.relname AS relation FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.oid = to_regnamespace({}) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') \
         AND EXISTS (SELECT FROM pg_roles r WHERE r.rolname IN ({}) \
         AND has_any_column_privilege(r.oid, c.oid, 'SELECT')) \
         ORDER BY c.reltuples DESC, c.relname LIMIT {SHOWN}",
        literal(&ident(schema)),
        names.join(", ")
    );
    Ok(session.read(&sql).await?)
}
