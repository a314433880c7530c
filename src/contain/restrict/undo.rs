//! Planning the way back from a cut that stands.

use super::blockers;
use super::manner::Manner;
use super::reading::{self, Still};
use super::record::{AFTER, BEFORE, IN_THE_WAY, PRINCIPAL, RELATION, no_plan, noted, read_back};
use crate::contain::action::Relation;
use crate::domain::action::Plan;
use crate::domain::failure::Failure;
use crate::domain::incident::PlanRecord;
use crate::providers::postgres::Session;

/// See [`crate::contain::action::Action::undo`].
pub async fn undo(
    session: &Session,
    record: &PlanRecord,
    manner: &Manner,
) -> Result<Plan, Failure> {
    let of = manner.of;
    let done = &record.plan;
    if done.undoes.is_some() || !record.standing() {
        return Err(no_plan(
            "this plan is not a containment that stands",
            "choose one from the list of standing containments",
        ));
    }
    let live = (manner.live)(session, done).await?;
    let (before, after) = (noted(done, BEFORE), noted(done, AFTER));
    if Some(live.as_str()) == before {
        return Err(no_plan(
            format!("{of} are already those recorded before"),
            "verify the containment; it may never have taken effect",
        ));
    }
    if Some(live.as_str()) != after {
        return Err(no_plan(
            format!("somebody has changed {of} since then"),
            "compare them with the recorded ones and decide by hand what to give back",
        ));
    }
    let mut undo = done.clone();
    std::mem::swap(&mut undo.statements, &mut undo.undo);
    for evidence in &mut undo.before {
        let swapped = match evidence.what.as_str() {
            BEFORE => AFTER,
            AFTER => BEFORE,
            "right taken" => "right given back",
            same => same,
        };
        evidence.what = swapped.to_owned();
    }
    let relations: Vec<Relation> = read_back(done, RELATION);
    if noted(done, IN_THE_WAY).is_some() {
        undo.before.retain(|evidence| evidence.what != IN_THE_WAY);
        undo.before
            .extend(blockers::told(session, &relations).await?);
    }
    undo.undoes = Some(record.digest.clone());
    manner.undo_locks.clone_into(&mut undo.locks);
    undo.proof = format!("read {of} again: they must be those recorded before");
    undo.cells = reading::after(
        session,
        &read_back(done, PRINCIPAL),
        &relations,
        Still::Right,
    )
    .await
    .map_err(Failure::from)?;
    Ok(undo)
}
