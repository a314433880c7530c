//! What a plan keeps of the before-state so that later steps, perhaps after a
//! restart, can read it back; and the live rights to hold against it.

use super::acl::{self, Grant};
use super::relations::Relation;
use crate::domain::action::Plan;
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::domain::finding::Evidence;
use crate::providers::postgres::Session;

/// Names of the evidence that later steps read back.
pub const RELATION: &str = "relation";
pub const PRINCIPAL: &str = "principal";
pub const BEFORE: &str = "rights before, digest";
pub const AFTER: &str = "rights afterwards, digest";

/// The failure of planning.
pub fn no_plan(why: impl Into<String>, hint: &str) -> Failure {
    Failure::new("no plan was made", why, hint)
}

/// The live rights to the plan's relations.
pub async fn live_digest(session: &Session, plan: &Plan) -> Result<Digest, Failure> {
    let relations: Vec<Relation> = read_back(plan, RELATION);
    Ok(acl::digest(&acl_of(session, &relations).await?))
}

/// The rights to read relations and their columns, a missing list of rights
/// spelled out as the server understands it.
pub async fn acl_of(session: &Session, relations: &[Relation]) -> Result<Vec<Grant>, Failure> {
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

/// Evidence a later step reads back: JSON in ASCII, so that making it
/// printable leaves it as it is.
pub fn kept<T: serde::Serialize>(what: &str, value: &T) -> Evidence {
    // Serialising plain strings cannot fail; an empty one is not read back.
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && !c.is_control() {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Evidence::new(what, &ascii)
}

/// Every piece of evidence of one name that [`kept`] wrote.
pub fn read_back<T: serde::de::DeserializeOwned>(plan: &Plan, what: &str) -> Vec<T> {
    plan.before
        .iter()
        .filter(|evidence| evidence.what == what)
        .filter_map(|evidence| serde_json::from_str(&evidence.value).ok())
        .collect()
}

/// The value of the first piece of evidence of one name.
pub fn noted<'a>(plan: &'a Plan, what: &str) -> Option<&'a str> {
    plan.before
        .iter()
        .find(|evidence| evidence.what == what)
        .map(|evidence| evidence.value.as_str())
}
