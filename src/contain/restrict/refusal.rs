//! Whether the server refuses what was cut: its own answer about the right,
//! and, once that is gone, a try that cannot get as far as running anything.

use super::things::Thing;
use crate::contain::action::Relation;
use crate::domain::exposure::Principal;
use crate::domain::failure::Failure;
use crate::providers::postgres::{Assumed, PgError, Session, ident, literal, qualified};
use serde::Deserialize;

/// What was found for one principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub who: String,
    /// The server says that the right is there.
    pub held: bool,
    /// The server was seen to refuse.
    pub refused: bool,
}

impl Answer {
    /// What the answer rests on.
    pub const fn basis(&self) -> &'static str {
        match (self.held, self.refused) {
            (true, _) => "the server says that the right is there",
            (false, true) => "42501",
            (false, false) => "the right is gone; no try was possible",
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    role: String,
    held: bool,
    /// A query that needs the right and nothing else.
    attempt: Option<String>,
}

/// Functions: the call is made only where the right is gone, so that nothing
/// of the database's users runs.
///
/// # Errors
/// When the server cannot be read.
pub async fn of_routines(
    session: &Session,
    principals: &[Principal],
    things: &[Thing],
) -> Result<Vec<Answer>, Failure> {
    let signatures: Vec<String> = things
        .iter()
        .map(|t| format!("to_regprocedure({})", literal(&t.name)))
        .collect();
    // The arguments are no constants, or the planner would leave a strict
    // function out; the result is looked at, or it would leave out any.
    let sql = format!(
        "SELECT r.rolname AS role, has_function_privilege(r.oid, p.oid, 'EXECUTE') AS held, \
         CASE WHEN p.prokind = 'f' THEN 'SELECT count(*) AS n FROM (SELECT ' \
         || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || coalesce((\
          SELECT string_agg('CASE WHEN v.i > 2 THEN NULL::' || format_type(t.oid, NULL) || ' END', ', ' ORDER BY t.i) \
          FROM unnest(p.proargtypes) WITH ORDINALITY t(oid, i)), '') \
         || ') AS x FROM (VALUES (1), (2)) v(i) OFFSET 0) q WHERE q.x IS NOT NULL' END AS attempt \
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN pg_roles r \
         WHERE p.oid IN ({}) AND r.rolname IN ({}) ORDER BY p.oid, 1",
        signatures.join(", "),
        roles(principals)
    );
    answers(session, principals, &sql).await
}

/// Columns: the try reads no row.
///
/// # Errors
/// When the server cannot be read.
pub async fn of_columns(
    session: &Session,
    principals: &[Principal],
    relations: &[Relation],
    columns: &[String],
) -> Result<Vec<Answer>, Failure> {
    let rows: Vec<String> = relations
        .iter()
        .flat_map(|relation| {
            columns.iter().map(move |column| {
                let attempt = format!(
                    "SELECT count(q.x) AS n FROM (SELECT {} AS x FROM {} LIMIT 0) q",
                    ident(column),
                    qualified(&relation.schema, &relation.relation)
                );
                format!(
                    "({}, {}, {}, {})",
                    literal(&relation.schema),
                    literal(&relation.relation),
                    literal(column),
                    literal(&attempt)
                )
            })
        })
        .collect();
    let sql = format!(
        "SELECT r.rolname AS role, has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT') AS held, \
         v.attempt FROM (VALUES {}) v(s, r, a, attempt) JOIN pg_namespace n ON n.nspname = v.s \
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = v.r \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = v.a AND NOT a.attisdropped \
         CROSS JOIN pg_roles r WHERE r.rolname IN ({}) ORDER BY 3, 1",
        rows.join(", "),
        roles(principals)
    );
    answers(session, principals, &sql).await
}

/// Schemas: only asked; tries are the probes of what is inside.
///
/// # Errors
/// When the server cannot be read.
pub async fn of_schemas(
    session: &Session,
    principals: &[Principal],
    things: &[Thing],
) -> Result<Vec<Answer>, Failure> {
    let names: Vec<String> = things.iter().map(|thing| literal(&thing.name)).collect();
    let sql = format!(
        "SELECT r.rolname AS role, has_schema_privilege(r.oid, n.oid, 'USAGE') AS held, \
         NULL AS attempt FROM pg_namespace n CROSS JOIN pg_roles r \
         WHERE n.nspname IN ({}) AND r.rolname IN ({}) ORDER BY n.oid, 1",
        names.join(", "),
        roles(principals)
    );
    answers(session, principals, &sql).await
}

fn roles(principals: &[Principal]) -> String {
    let names: Vec<String> = principals.iter().map(|p| literal(&p.role)).collect();
    if names.is_empty() {
        "NULL".to_owned()
    } else {
        names.join(", ")
    }
}

async fn answers(
    session: &Session,
    principals: &[Principal],
    sql: &str,
) -> Result<Vec<Answer>, Failure> {
    let mut out: Vec<Answer> = Vec::new();
    for Asked {
        role,
        held,
        attempt,
    } in session.read::<Asked>(sql).await?
    {
        let refused = match attempt {
            Some(attempt) if !held => refuses(session, &role, &attempt).await?,
            _ => false,
        };
        for principal in principals.iter().filter(|p| p.role == role) {
            let answer = Answer {
                who: principal.name.clone(),
                held,
                refused,
            };
            if !out.contains(&answer) {
                out.push(answer);
            }
        }
    }
    Ok(out)
}

/// Whether the server refuses a try for want of a right. Another error says
/// nothing about rights.
async fn refuses(session: &Session, role: &str, attempt: &str) -> Result<bool, Failure> {
    let tried: Result<Vec<serde_json::Value>, PgError> =
        session.read_as(&Assumed::role(role), attempt).await;
    match tried {
        Ok(_) => Ok(false),
        Err(error @ PgError::Server { .. }) => Ok(error.code() == Some("42501")),
        Err(error) => Err(error.into()),
    }
}
