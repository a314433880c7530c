//! The rights that read, as they stand on the server.

use super::acl;
use super::grant::{Grant, Kind};
use super::record::{RELATION, THING, no_plan, read_back};
use super::things::Thing;
use crate::contain::action::{Boxed, Relation};
use crate::domain::action::Plan;
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::providers::postgres::{Session, ident, literal};

/// The digest of the live rights to what the plan is about.
pub fn live<'a>(session: &'a Session, plan: &'a Plan) -> Boxed<'a, Result<Digest, Failure>> {
    Box::pin(async move {
        let things: Vec<Thing> = read_back(plan, THING);
        let rights = if things.is_empty() {
            to_relations(session, &read_back(plan, RELATION)).await?
        } else {
            to_things(session, &things).await?
        };
        Ok(acl::digest(&rights))
    })
}

/// The rights to read relations and their columns, a missing list of rights
/// spelled out as the server understands it.
pub async fn to_relations(
    session: &Session,
    relations: &[Relation],
) -> Result<Vec<Grant>, Failure> {
    let rows: Vec<String> = relations.iter().map(Relation::row).collect();
    if rows.is_empty() {
        return Err(no_plan("the plan names no relation", "make a new plan"));
    }
    let sql = format!(
        "WITH base AS (SELECT c.oid, c.relacl, c.relowner, v.s, v.r FROM (VALUES {}) v(s, r) \
         JOIN pg_namespace n ON n.nspname = v.s \
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = v.r), \
         lists AS (SELECT s, r, relowner, NULL::name AS col, \
         coalesce(relacl, acldefault('r', relowner)) AS acl FROM base \
         UNION ALL SELECT b.s, b.r, b.relowner, a.attname, a.attacl FROM base b \
         JOIN pg_attribute a ON a.attrelid = b.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped) \
         SELECT l.s AS schema, l.r AS relation, l.col AS \"column\", \
         pg_get_userbyid(l.relowner) AS owner, pg_get_userbyid(x.grantor) AS grantor, \
         CASE WHEN x.grantee <> 0 THEN pg_get_userbyid(x.grantee) END AS grantee, \
         x.is_grantable AS grantable \
         FROM lists l CROSS JOIN LATERAL aclexplode(l.acl) x WHERE x.privilege_type = 'SELECT' \
         ORDER BY 1, 2, 3, 5, 6",
        rows.join(", ")
    );
    Ok(session.read(&sql).await?)
}

/// The rights to call routines or to look into schemas, spelled out alike.
pub async fn to_things(session: &Session, things: &[Thing]) -> Result<Vec<Grant>, Failure> {
    let lists: Vec<String> = things.iter().map(list).collect();
    if lists.is_empty() {
        return Err(no_plan("the plan names no object", "make a new plan"));
    }
    let sql = format!(
        "SELECT l.s AS schema, l.n AS relation, l.kind, NULL AS \"column\", \
         pg_get_userbyid(l.owner) AS owner, pg_get_userbyid(x.grantor) AS grantor, \
         CASE WHEN x.grantee <> 0 THEN pg_get_userbyid(x.grantee) END AS grantee, \
         x.is_grantable AS grantable FROM ({}) l(s, n, kind, owner, acl) \
         CROSS JOIN LATERAL aclexplode(l.acl) x WHERE x.privilege_type IN ('EXECUTE', 'USAGE') \
         ORDER BY 1, 2, 6, 7",
        lists.join(" UNION ALL ")
    );
    Ok(session.read(&sql).await?)
}

fn list(thing: &Thing) -> String {
    let names = format!("{}, {}", literal(&thing.schema), literal(&thing.name));
    match thing.kind {
        Kind::Routine => format!(
            "SELECT {names}, 'routine', proowner, coalesce(proacl, acldefault('f', proowner)) \
             FROM pg_proc WHERE oid = to_regprocedure({})",
            literal(&thing.name)
        ),
        Kind::Schema | Kind::Relation => format!(
            "SELECT {names}, 'schema', nspowner, coalesce(nspacl, acldefault('n', nspowner)) \
             FROM pg_namespace WHERE oid = to_regnamespace({})",
            literal(&ident(&thing.name))
        ),
    }
}
