//! Showing whether a cut, or its undo, is in effect.

use crate::contain::restrict::reading;
use crate::contain::restrict::record::{AFTER, PRINCIPAL, RELATION, live_digest, noted, read_back};
use crate::contain::restrict::relations::Relation;
use crate::domain::action::{Plan, Proof};
use crate::domain::exposure::{Cell, Principal, Verdict};
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use crate::providers::postgres::Session;

/// See [`crate::contain::action::Action::verify`].
pub async fn verify(session: &Session, plan: &Plan) -> Proof {
    let undone = |error: Failure| Proof {
        holds: None,
        text: format!("could not be shown: {}", error.why),
        cells: Vec::new(),
    };
    let relations: Vec<Relation> = read_back(plan, RELATION);
    let principals: Vec<Principal> = read_back(plan, PRINCIPAL);
    let cells = match reading::after(session, &principals, &relations).await {
        Ok(cells) => cells,
        Err(error) => return undone(error.into()),
    };
    if plan.undoes.is_none() {
        return proof_of_cut(plan, cells);
    }
    match live_digest(session, plan).await {
        Ok(live) => {
            let holds = Some(live.as_str()) == noted(plan, AFTER);
            let text = if holds {
                "the rights are those recorded before the cut"
            } else {
                "the rights are not those recorded before the cut"
            };
            Proof {
                holds: Some(holds),
                text: text.to_owned(),
                cells,
            }
        }
        Err(failure) => undone(failure),
    }
}

/// Who, and on what where that is another relation than the plan's own.
fn told(cell: &Cell, subject: &str) -> String {
    let who = visible(&cell.principal);
    if cell.relation == subject {
        who
    } else {
        format!("{who} on {}", cell.relation)
    }
}

fn proof_of_cut(plan: &Plan, cells: Vec<Cell>) -> Proof {
    let those = |wanted: fn(Verdict) -> bool| -> Vec<String> {
        cells
            .iter()
            .filter(|cell| wanted(cell.verdict))
            .map(|cell| told(cell, &plan.subject.name))
            .collect()
    };
    let reading = those(Verdict::leaks);
    let open = those(|v| matches!(v, Verdict::Undecided | Verdict::Own));
    let (holds, text) = if cells.is_empty() {
        (None, "the plan names nobody to probe".to_owned())
    } else if !reading.is_empty() {
        (Some(false), format!("still reads: {}", reading.join(", ")))
    } else if !open.is_empty() {
        (
            None,
            format!("not refused, and not decided: {}", open.join(", ")),
        )
    } else {
        let refused = those(|v| v == Verdict::None);
        (Some(true), format!("refused: {}", refused.join(", ")))
    };
    Proof {
        holds,
        text: format!("{}: {text}", plan.subject.name),
        cells,
    }
}
