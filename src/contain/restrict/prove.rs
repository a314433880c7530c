//! What a probe shows about a restriction or its undo, in one sentence.

use super::manner::Manner;
use super::reading::{self, Still};
use super::record::{AFTER, PRINCIPAL, RELATION, noted, read_back};
use crate::domain::action::{Plan, Proof};
use crate::domain::exposure::{Cell, Verdict};
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use crate::providers::postgres::Session;

/// The probe itself failed.
pub fn unshown(failure: &Failure) -> Proof {
    Proof {
        holds: None,
        text: format!("could not be shown: {}", failure.why),
        cells: Vec::new(),
    }
}

/// An undo holds when the live state is the one recorded before.
///
/// # Errors
/// When the server cannot be read.
pub async fn undone(session: &Session, plan: &Plan, manner: &Manner) -> Result<Proof, Failure> {
    let principals = read_back(plan, PRINCIPAL);
    let relations = read_back(plan, RELATION);
    let cells = reading::after(session, &principals, &relations, Still::Right).await?;
    let live = (manner.live)(session, plan).await?;
    let holds = Some(live.as_str()) == noted(plan, AFTER);
    let is = if holds { "are" } else { "are not" };
    Ok(Proof {
        holds: Some(holds),
        text: format!("{} {is} those recorded before", manner.of),
        cells,
    })
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

/// A restriction holds when every cell shows that nothing is read.
pub fn of_cells(plan: &Plan, cells: Vec<Cell>) -> Proof {
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
            format!("not shut out, and not decided: {}", open.join(", ")),
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
