//! Taking the right to read some columns of a relation. A right to the whole
//! relation covers every column, so it is exchanged for rights to the others.

use super::told::{SPEC, rights_told};
use crate::contain::action::{PlanRequest, Relation};
use crate::contain::restrict::acl::{self, Cut, Effect};
use crate::contain::restrict::grant::Grant;
use crate::contain::restrict::record::{
    AFTER, BEFORE, COLUMN, PRINCIPAL, RELATION, kept, no_plan, recordable,
};
use crate::contain::restrict::relations::{Family, able};
use crate::contain::restrict::{paths, rights};
use crate::domain::action::{Plan, Statement};
use crate::domain::failure::Failure;
use crate::domain::finding::{Evidence, Subject};
use crate::domain::untrusted::visible;
use crate::providers::postgres::{Session, ident, literal};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The columns of one relation that are not cut.
#[derive(Debug, Deserialize)]
struct Others {
    #[serde(flatten)]
    relation: Relation,
    columns: Vec<String>,
    /// How many of the columns to cut it has.
    cut: usize,
}

/// Rights that change hands.
struct Exchange {
    effect: Effect,
    /// What is given instead of rights to whole relations.
    given: Vec<Grant>,
}

/// Plans the cut of some columns.
pub async fn plan(
    session: &Session,
    request: &PlanRequest,
    wanted: &Relation,
    columns: &[String],
    cut: &Cut,
) -> Result<Plan, Failure> {
    let family = able(session, wanted).await?;
    let others = others(session, &family, columns).await?;
    if others.first().is_none_or(|o| o.cut < columns.len()) || columns.is_empty() {
        return Err(no_plan(
            format!(
                "{} does not have all of the columns named: {}",
                wanted.shown(),
                visible(&columns.join(", "))
            ),
            "check the names of the columns; they are case-sensitive here",
        ));
    }
    let around = paths::around(session, cut).await?;
    let before = rights::to_relations(session, &family.members).await?;
    let exchange = exchange(&before, columns, cut, &others);
    if exchange.effect.taken.is_empty() {
        return Err(no_plan(
            "no right to read these columns is granted to these roles",
            "look for memberships, or for views that show the columns",
        ));
    }
    if !exchange.effect.dependent.is_empty() {
        return Err(no_plan(
            "one of these roles has given the right on, and all that hangs on it would fall",
            "take the right to the whole relation instead: plan restrict.revoke",
        ));
    }
    let owner = &family.owner;
    let left = &exchange.effect.left;
    let open = paths::left_open(session, &around, &family.members, owner, left).await?;
    recordable(written(request, wanted, columns, &family, &exchange, &open))
}

async fn others(
    session: &Session,
    family: &Family,
    columns: &[String],
) -> Result<Vec<Others>, Failure> {
    let rows = family.members.iter().enumerate().map(|(at, relation)| {
        let (schema, name) = (literal(&relation.schema), literal(&relation.relation));
        format!("({schema}, {name}, {at})")
    });
    let rows: Vec<String> = rows.collect();
    let names: Vec<String> = columns.iter().map(|name| literal(name)).collect();
    let wanted = format!("a.attname = ANY (ARRAY[{}]::name[])", names.join(", "));
    let sql = format!(
        "SELECT v.s AS schema, v.r AS relation, count(*) FILTER (WHERE {wanted}) AS cut, \
         coalesce(json_agg(a.attname ORDER BY a.attnum) FILTER (WHERE NOT {wanted}), '[]') AS columns \
         FROM (VALUES {}) v(s, r, i) JOIN pg_namespace n ON n.nspname = v.s \
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = v.r \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         GROUP BY v.s, v.r, v.i ORDER BY v.i",
        rows.join(", ")
    );
    Ok(session.read(&sql).await?)
}

/// Whether a role has a right to the whole relation that this grant is about.
fn whole(before: &[Grant], grant: &Grant) -> bool {
    before
        .iter()
        .any(|g| g.on_same(grant) && g.column.is_none() && g.grantee == grant.grantee)
}

fn exchange(before: &[Grant], columns: &[String], cut: &Cut, others: &[Others]) -> Exchange {
    let named = |grant: &Grant| grant.column.as_ref().is_some_and(|c| columns.contains(c));
    let effect = acl::effect(before, |grant| {
        cut.takes(grant) && (named(grant) || whole(before, grant))
    });
    let mut given = Vec::new();
    for grant in effect.taken.iter().filter(|g| g.column.is_none()) {
        let rest = others
            .iter()
            .filter(|o| o.relation.schema == grant.schema && o.relation.relation == grant.name)
            .flat_map(|o| &o.columns);
        given.extend(rest.map(|column| Grant {
            column: Some(column.clone()),
            ..grant.clone()
        }));
    }
    Exchange { effect, given }
}

/// Grants of one list, so that one statement names all of their columns.
fn gathered(grants: &[Grant]) -> BTreeMap<(String, &str, String, bool), Vec<&Grant>> {
    let mut out: BTreeMap<_, Vec<&Grant>> = BTreeMap::new();
    for grant in grants {
        let key = (
            grant.object(),
            grant.grantor.as_str(),
            grant.to(),
            grant.grantable,
        );
        out.entry(key).or_default().push(grant);
    }
    out
}

fn list(group: &[&Grant]) -> String {
    let columns = group.iter().filter_map(|g| g.column.as_deref());
    columns.map(ident).collect::<Vec<_>>().join(", ")
}

/// The statements there: whole rights are taken and others given instead;
/// rights to single columns are taken alone.
fn there(exchange: &Exchange) -> Vec<Statement> {
    let taken = &exchange.effect.taken;
    let (wide, narrow): (Vec<Grant>, Vec<Grant>) =
        taken.iter().cloned().partition(|g| whole(taken, g));
    let wide = Effect {
        taken: wide,
        dependent: Vec::new(),
        left: Vec::new(),
    };
    let mut out = acl::revokes(&wide);
    for ((object, grantor, to, _), group) in gathered(&narrow) {
        let sql = format!("REVOKE SELECT ({}) ON {object} FROM {to}", list(&group));
        let why = "take the right to these columns".to_owned();
        acl::as_grantor(&mut out, &group[0].owner, grantor, Statement { sql, why });
    }
    for ((object, grantor, to, grantable), group) in gathered(&exchange.given) {
        let option = if grantable { " WITH GRANT OPTION" } else { "" };
        let sql = format!(
            "GRANT SELECT ({}) ON {object} TO {to}{option}",
            list(&group)
        );
        let why = "leave the right to the other columns".to_owned();
        acl::as_grantor(&mut out, &group[0].owner, grantor, Statement { sql, why });
    }
    out
}

/// The way back: what was given instead goes, what was taken returns.
fn back(exchange: &Exchange) -> Vec<Statement> {
    let given = Effect {
        taken: exchange.given.clone(),
        dependent: Vec::new(),
        left: Vec::new(),
    };
    let mut out = acl::revokes(&given);
    out.extend(acl::grants(&exchange.effect));
    out
}

fn affects(exchange: &Exchange, columns: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for grant in &exchange.effect.taken {
        let who = grant.grantee.as_deref().map_or_else(
            || "every role without a right of its own (PUBLIC)".to_owned(),
            visible,
        );
        let line = format!("{who}, to {}", visible(&columns.join(", ")));
        if !out.contains(&line) {
            out.push(line);
        }
    }
    if !exchange.given.is_empty() {
        out.push("SELECT * fails for them; columns added later are not readable".to_owned());
    }
    out
}

fn written(
    request: &PlanRequest,
    wanted: &Relation,
    columns: &[String],
    family: &Family,
    exchange: &Exchange,
    open: &[String],
) -> Plan {
    let effect = &exchange.effect;
    let mut all = effect.taken.clone();
    let mut after = effect.left.clone();
    let mut before = rights_told("right taken", &all);
    before.extend(rights_told("right kept", &effect.left));
    all.extend(effect.left.iter().cloned());
    after.extend(exchange.given.iter().cloned());
    before.extend(open.iter().map(|way| Evidence::new("left open", way)));
    before.extend(family.members.iter().map(|r| kept(RELATION, r)));
    before.extend(columns.iter().map(|name| kept(COLUMN, name)));
    let principals = request.watched.iter().map(|w| &w.principal);
    before.extend(principals.map(|principal| kept(PRINCIPAL, principal)));
    before.push(Evidence::new(BEFORE, acl::digest(&all).as_str()));
    before.push(Evidence::new(AFTER, acl::digest(&after).as_str()));
    let names = request.watched.iter().map(|w| visible(&w.principal.name));
    let mut proof = format!(
        "read the columns {} again as {}: the server must refuse each",
        visible(&columns.join(", ")),
        names.collect::<Vec<_>>().join(", ")
    );
    if !open.is_empty() {
        proof.push_str(&format!("; this plan does not close: {}", open.join("; ")));
    }
    Plan {
        action: SPEC.id.to_owned(),
        target: request.target.clone(),
        subject: Subject::new(family.kind, &wanted.shown()),
        confirm: request.target.clone(),
        statements: there(exchange),
        undo: back(exchange),
        before,
        cells: Vec::new(),
        affects: affects(exchange, columns),
        locks: SPEC.locks.to_owned(),
        proof,
        undoes: None,
    }
}
