//! What contradicts a suspicion: everybody it speaks of was asked, the table
//! holds rows, and nobody saw one that is not theirs.
//!
//! Members are asked once more whether they see rows at all: two members of
//! different tenants who each see their own prove that there was something to
//! be seen. Rules whose leak no look of ours can show are never contradicted.

use super::cells::{Matrix, Probed};
use super::claim::Claim;
use super::errors::broken::before_any_row;
use super::principals::{Actor, Right};
use super::snapshot::Oid;
use super::survey::Survey;
use crate::domain::exposure::{PrincipalKind, Verdict};
use crate::providers::postgres::{ProbeCell, ProbeLimits, Session};
use std::collections::{BTreeMap, BTreeSet};

/// Rules that promise rows to the very callers who are probed. Left out are
/// those whose rows may come to that state later (P05, P11, P12, P19, P21), whose caller
/// or claim is not among the probed (P07 to P10, P17), and all that is not
/// about reading a relation.
const CONTRADICTED: [&str; 11] = [
    "P01", "P02", "P03", "P04", "P06", "P13", "P14", "P15", "D01", "D02", "D05",
];

/// Asks every member whom a claim speaks of whether it sees any row of the
/// claim's relations. Only relations where it was shown to see no foreign row
/// are asked; a look that fails leaves the suspicion standing.
pub async fn look_for_own_rows(
    session: &Session,
    survey: &Survey,
    actors: &[Actor],
    limits: &ProbeLimits,
    claims: &[Claim],
    matrix: &mut Matrix,
) {
    let mut wanted: BTreeSet<(Oid, Oid)> = BTreeSet::new();
    for claim in claims.iter().filter(|c| CONTRADICTED.contains(&c.check)) {
        for relation in &claim.relations {
            wanted.extend(claim.roles.iter().map(|role| (*relation, *role)));
        }
    }
    let mut asked: BTreeMap<usize, Vec<Oid>> = BTreeMap::new();
    for probed in &matrix.probed {
        let actor = &actors[probed.actor];
        if actor.right == Right::OwnTenant
            && probed.cell.verdict == Verdict::Own
            && wanted.contains(&(probed.relation, actor.role))
        {
            asked.entry(probed.actor).or_default().push(probed.relation);
        }
    }
    for (actor, relations) in asked {
        let known = relations.iter().filter_map(|oid| survey.relation(*oid));
        let cells: Vec<ProbeCell> = known
            .map(|relation| ProbeCell::new(&relation.schema, &relation.name))
            .collect();
        if let Ok(answers) = session.probe(&actors[actor].assumed, &cells, limits).await {
            let seen = relations.iter().zip(answers);
            matrix.own_seen.extend(
                seen.filter(|(_, answer)| answer.visible == Some(true))
                    .map(|(relation, _)| (actor, *relation)),
            );
        }
    }
}

/// Why the claim is ruled out; `None` if it stands.
pub fn ruled_out(
    survey: &Survey,
    actors: &[Actor],
    matrix: &Matrix,
    claim: &Claim,
    cells: &[&Probed],
) -> Option<&'static str> {
    let rule = claim.check;
    let decided = !cells.is_empty() && cells.iter().all(|probed| !probed.failed);
    let nothing = |cells: &[&Probed]| cells.iter().all(|p| p.cell.verdict == Verdict::None);
    let filled = cells.iter().all(|probed| {
        survey
            .relation(probed.relation)
            .is_some_and(|relation| relation.rows.unwrap_or(0) > 0)
    });
    if rule.starts_with('P') && !cells.is_empty() && cells.iter().all(|p| before_any_row(p)) {
        return Some("every read fails before any row is looked at, so none is returned");
    }
    if !decided {
        return None;
    }
    if claim.shows_all && rule.starts_with('P') && nothing(cells) && filled {
        return Some("these roles see no row, though the table is filled");
    }
    if !CONTRADICTED.contains(&rule) || claim.relations.is_empty() {
        return None;
    }
    let held = claim.relations.iter().all(|relation| {
        claim.roles.iter().all(|role| {
            let of_role: Vec<&Probed> = cells
                .iter()
                .filter(|p| p.relation == *relation && actors[p.actor].role == *role)
                .copied()
                .collect();
            kept_apart(actors, matrix, &of_role)
        })
    });
    held.then_some(
        "members of two tenants see rows of their own and none of each other's; strangers see none",
    )
}

/// Whether strangers in this role saw nothing and two members their own.
fn kept_apart(actors: &[Actor], matrix: &Matrix, cells: &[&Probed]) -> bool {
    let (members, strangers): (Vec<&Probed>, Vec<&Probed>) = cells
        .iter()
        .partition(|probed| actors[probed.actor].right == Right::OwnTenant);
    let unseen = !strangers.is_empty() && strangers.iter().all(|p| p.cell.verdict == Verdict::None);
    if members.is_empty() {
        // Nobody signed in: another role's members show that there are rows.
        let nobody = |p: &&Probed| actors[p.actor].principal.kind == PrincipalKind::Anonymous;
        let rows = |p: &&Probed| matrix.own_seen.iter().any(|(_, oid)| *oid == p.relation);
        return unseen && strangers.iter().all(|p| nobody(p) && rows(p));
    }
    unseen
        && members.len() >= 2
        && members.iter().all(|p| {
            p.cell.verdict == Verdict::Own && matrix.own_seen.contains(&(p.actor, p.relation))
        })
}
