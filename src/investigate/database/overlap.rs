//! Decides relations without a tenant column: do members of two different
//! tenants see the same rows?
//!
//! Rows are compared by a hash keyed anew for each run, so no value leaves
//! the server. Shared rows of a table that holds people are foreign to one of
//! the two; rows of a view may look alike without being the same.

use super::cells::{Matrix, NOBODY_KNOWS};
use super::principals::{Actor, Right};
use super::snapshot::{Oid, Relation};
use super::survey::Survey;
use crate::domain::exposure::{Cell, Verdict};
use crate::providers::postgres::{PgError, Session, qualified};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of each member that are compared.
const ROWS: usize = 500;

/// One row's keyed hash. Text, since JSON numbers lose 64-bit precision.
#[derive(Debug, Deserialize)]
struct Row {
    h: String,
}

/// Looks again at the members' cells that nothing else could tell apart.
pub async fn settle(session: &Session, survey: &Survey, actors: &[Actor], matrix: &mut Matrix) {
    let seed = fastrand::i64(..);
    let mut open: BTreeMap<(Oid, Oid), Vec<usize>> = BTreeMap::new();
    for (i, probed) in matrix.probed.iter().enumerate() {
        let actor = &actors[probed.actor];
        if actor.right == Right::OwnTenant && probed.cell.basis == NOBODY_KNOWS {
            open.entry((probed.relation, actor.role))
                .or_default()
                .push(i);
        }
    }
    for ((relation, role), cells) in open {
        let Some(relation) = survey.relation(relation) else {
            continue;
        };
        let members: Vec<usize> = (0..actors.len())
            .filter(|i| actors[*i].role == role && actors[*i].right == Right::OwnTenant)
            .collect();
        // Further members go by the first one's name with other claims.
        let [a, b, ..] = members[..] else { continue };
        let mut pairs: BTreeMap<(usize, usize), Option<usize>> = BTreeMap::new();
        for i in cells {
            let actor = matrix.probed[i].actor;
            let pair = if actor == b { (a, b) } else { (actor, b) };
            let known = pairs.get(&pair).copied();
            let shared = match known {
                Some(shared) => shared,
                None => shared(session, &actors[pair.0], &actors[pair.1], relation, seed)
                    .await
                    .ok(),
            };
            pairs.insert(pair, shared);
            if let Some(shared) = shared {
                tell(&mut matrix.probed[i].cell, shared, relation);
            }
        }
    }
}

/// What rows shared by members of two tenants say of a cell.
fn tell(cell: &mut Cell, shared: usize, relation: &Relation) {
    match shared {
        0 => {
            cell.verdict = Verdict::Own;
            cell.basis = format!("of {ROWS} rows at most, members of two tenants share none");
        }
        n if relation.is_table() => {
            cell.verdict = Verdict::Foreign;
            cell.basis =
                format!("members of two tenants see {n} of the same rows, compared by keyed hash");
        }
        _ => {}
    }
}

async fn shared(
    session: &Session,
    a: &Actor,
    b: &Actor,
    relation: &Relation,
    seed: i64,
) -> Result<usize, PgError> {
    let place = if relation.is_table() {
        "t.tableoid::text || t.ctid::text ||"
    } else {
        ""
    };
    let sql = format!(
        "SELECT hashtextextended({place} t::text, {seed})::text AS h FROM {} t LIMIT {ROWS}",
        qualified(&relation.schema, &relation.name)
    );
    let first: Vec<Row> = session.look_as(&a.assumed, &sql).await?;
    let second: Vec<Row> = session.look_as(&b.assumed, &sql).await?;
    let known: BTreeSet<String> = first.into_iter().map(|row| row.h).collect();
    Ok(second.iter().filter(|row| known.contains(&row.h)).count())
}
