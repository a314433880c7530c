//! Showing whether a cut, or its undo, is in effect.

use super::told::RIGHTS;
use crate::contain::action::Relation;
use crate::contain::restrict::grant::Kind;
use crate::contain::restrict::prove::{of_cells, undone, unshown};
use crate::contain::restrict::reading::{self, Still};
use crate::contain::restrict::record::{COLUMN, PRINCIPAL, RELATION, THING, read_back};
use crate::contain::restrict::refusal::{self, Answer};
use crate::contain::restrict::things::Thing;
use crate::domain::action::{Plan, Proof};
use crate::domain::exposure::Principal;
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use crate::providers::postgres::Session;

/// See [`crate::contain::action::Action::verify`].
pub async fn verify(session: &Session, plan: &Plan) -> Proof {
    let proof = if plan.undoes.is_some() {
        undone(session, plan, &RIGHTS).await
    } else {
        cut(session, plan).await
    };
    proof.unwrap_or_else(|failure| unshown(&failure))
}

async fn cut(session: &Session, plan: &Plan) -> Result<Proof, Failure> {
    let principals: Vec<Principal> = read_back(plan, PRINCIPAL);
    let relations: Vec<Relation> = read_back(plan, RELATION);
    let columns: Vec<String> = read_back(plan, COLUMN);
    let things: Vec<Thing> = read_back(plan, THING);
    if !columns.is_empty() {
        let answers = refusal::of_columns(session, &principals, &relations, &columns).await?;
        return Ok(of_answers(plan, &answers));
    }
    match things.first().map(|thing| thing.kind) {
        None => {
            let cells = reading::after(session, &principals, &relations, Still::Right).await?;
            Ok(of_cells(plan, cells))
        }
        Some(Kind::Routine) => {
            let answers = refusal::of_routines(session, &principals, &things).await?;
            Ok(of_answers(plan, &answers))
        }
        Some(_) => {
            let answers = refusal::of_schemas(session, &principals, &things).await?;
            let cells = reading::after(session, &principals, &relations, Still::Usage).await?;
            if cells.is_empty() {
                return Ok(of_answers(plan, &answers));
            }
            Ok(of_cells(plan, cells))
        }
    }
}

/// A proof from the server's answers about rights and from refused tries.
fn of_answers(plan: &Plan, answers: &[Answer]) -> Proof {
    let those = |wanted: fn(&Answer) -> bool| -> Vec<String> {
        let kept = answers.iter().filter(|answer| wanted(answer));
        kept.map(|answer| format!("{} ({})", visible(&answer.who), answer.basis()))
            .collect()
    };
    let held = those(|answer| answer.held);
    let (holds, text) = if answers.is_empty() {
        (None, "nothing of the plan is there any more".to_owned())
    } else if held.is_empty() {
        (
            Some(true),
            format!("refused: {}", those(|_| true).join(", ")),
        )
    } else {
        (Some(false), format!("still allowed: {}", held.join(", ")))
    };
    Proof {
        holds,
        text: format!("{}: {text}", plan.subject.name),
        cells: Vec::new(),
    }
}
