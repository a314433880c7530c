//! The relations a restriction is about: the one named, and what hangs below
//! it and can be read directly (partitions, inheriting tables).

use super::record::no_plan;
use crate::contain::action::Relation;
use crate::domain::failure::Failure;
use crate::domain::finding::SubjectKind;
use crate::providers::postgres::{Guard, Session, literal};
use serde::Deserialize;

/// The relation named and what hangs below it.
#[derive(Debug)]
pub struct Family {
    pub kind: SubjectKind,
    pub owner: String,
    /// Whether this login may act for the owner.
    pub ours: bool,
    /// The relation itself first.
    pub members: Vec<Relation>,
}

#[derive(Deserialize)]
struct Row {
    schema: String,
    relation: String,
    kind: String,
    owner: String,
    ours: bool,
}

/// Reads the family of one relation.
///
/// # Errors
/// When there is no such relation, or it is of a kind without rows.
pub async fn family(session: &Session, wanted: &Relation) -> Result<Family, Failure> {
    let sql = format!(
        "WITH RECURSIVE f(oid, depth) AS (\
         SELECT c.oid, 0 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = {} AND c.relname = {} \
         UNION SELECT i.inhrelid, f.depth + 1 FROM pg_inherits i JOIN f ON f.oid = i.inhparent) \
         SELECT n.nspname AS schema, c.relname AS relation, c.relkind::text AS kind, \
         pg_get_userbyid(c.relowner) AS owner, pg_has_role(c.relowner, 'USAGE') AS ours \
         FROM (SELECT oid, min(depth) AS depth FROM f GROUP BY oid) f \
         JOIN pg_class c ON c.oid = f.oid JOIN pg_namespace n ON n.oid = c.relnamespace \
         ORDER BY f.depth, n.nspname, c.relname",
        literal(&wanted.schema),
        literal(&wanted.relation)
    );
    let rows: Vec<Row> = session.read(&sql).await?;
    let first = rows.first().ok_or_else(|| {
        no_plan(
            format!("there is no relation {}", wanted.shown()),
            "check schema and name; names are case-sensitive here",
        )
    })?;
    let kind = kind(&first.kind).ok_or_else(|| {
        no_plan(
            format!("{} holds no rows that can be read", wanted.shown()),
            "name a table, view, materialized view or foreign table",
        )
    })?;
    Ok(Family {
        kind,
        owner: first.owner.clone(),
        ours: rows.iter().all(|row| row.ours),
        members: rows
            .into_iter()
            .map(|row| Relation {
                schema: row.schema,
                relation: row.relation,
            })
            .collect(),
    })
}

/// The family, if this login can change rights on all of it.
pub async fn able(session: &Session, wanted: &Relation) -> Result<Family, Failure> {
    let guard = primary(session).await?;
    let family = family(session, wanted).await?;
    if !family.ours {
        return Err(not_ours(&guard, &wanted.shown(), &family.owner));
    }
    Ok(family)
}

/// Who we are, if this server can be changed at all.
pub async fn primary(session: &Session) -> Result<Guard, Failure> {
    let guard = session.guard().await?;
    if guard.recovering {
        return Err(no_plan(
            "this server is a replica, where nothing can be changed",
            "connect to the primary",
        ));
    }
    Ok(guard)
}

/// The refusal of a login that does not own what it would change.
pub fn not_ours(guard: &Guard, what: &str, owner: &str) -> Failure {
    no_plan(
        format!(
            "{} may not change {what}, which belongs to {owner}",
            guard.user
        ),
        "connect as the owner or as a superuser",
    )
}

fn kind(letter: &str) -> Option<SubjectKind> {
    match letter {
        "r" | "p" => Some(SubjectKind::Table),
        "v" => Some(SubjectKind::View),
        "m" => Some(SubjectKind::MaterializedView),
        "f" => Some(SubjectKind::ForeignTable),
        _ => None,
    }
}
