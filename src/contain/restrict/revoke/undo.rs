//! Planning the way back from a cut that stands.

use crate::contain::restrict::reading;
use crate::contain::restrict::record::{
    AFTER, BEFORE, PRINCIPAL, RELATION, live_digest, no_plan, noted, read_back,
};
use crate::domain::action::Plan;
use crate::domain::failure::Failure;
use crate::domain::incident::PlanRecord;
use crate::providers::postgres::Session;

/// See [`crate::contain::action::Action::undo`].
pub async fn undo(session: &Session, record: &PlanRecord) -> Result<Plan, Failure> {
    let done = &record.plan;
    if done.undoes.is_some() || !record.standing() {
        return Err(no_plan(
            "this plan is not a containment that stands",
            "choose one from the list of standing containments",
        ));
    }
    let live = live_digest(session, done).await?;
    let (before, after) = (noted(done, BEFORE), noted(done, AFTER));
    if Some(live.as_str()) == before {
        return Err(no_plan(
            "the rights are already those recorded before the cut",
            "verify the containment; it may never have taken effect",
        ));
    }
    if Some(live.as_str()) != after {
        return Err(no_plan(
            "somebody has changed the rights since the cut",
            "compare the rights with the recorded ones and decide by hand which to give back",
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
    undo.undoes = Some(record.digest.clone());
    "no table lock; the next statement reads again".clone_into(&mut undo.locks);
    "read the rights again: they must be those recorded before the cut".clone_into(&mut undo.proof);
    undo.cells = reading::after(
        session,
        &read_back(done, PRINCIPAL),
        &read_back(done, RELATION),
    )
    .await
    .map_err(Failure::from)?;
    Ok(undo)
}
