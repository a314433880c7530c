//! Doing what an approved plan says, once, and telling what came of it.

use super::blockers;
use super::manner::Manner;
use super::record::{BEFORE, RELATION, noted, read_back};
use crate::contain::action::Relation;
use crate::domain::action::{Outcome, Plan};
use crate::domain::approval::Approval;
use crate::domain::failure::Failure;
use crate::providers::postgres::{ChangeError, PgError, Session};

/// See [`crate::contain::action::Action::apply`].
pub async fn apply(
    session: &Session,
    plan: &Plan,
    approval: &Approval,
    manner: &Manner,
) -> Outcome {
    if *approval.plan() != plan.digest() {
        return stopped("the approval names another plan");
    }
    let mut batches = batches(plan, manner.apart).into_iter();
    let first = batches.next().unwrap_or_default();
    let changed = match first_batch(session, plan, manner, &first).await {
        Ok(changed) => changed,
        Err(outcome) => return outcome,
    };
    match changed {
        Ok(()) => {}
        Err(ChangeError::Failed(error)) => return untouched(session, plan, error).await,
        Err(ChangeError::Unknown(error)) => {
            return Outcome::Unknown(Failure::new(
                format!("it is not known whether {} were changed", manner.of),
                error.to_string(),
                "connect again and verify the plan before doing anything else",
            ));
        }
    }
    for batch in batches {
        if let Err(error) = session.change(&batch, manner.lock).await {
            return Outcome::Unknown(Failure::new(
                "the plan was carried out in part",
                format!("its first statement is in effect; then {error}"),
                "verify the plan: it shows what is missing; or plan the way back",
            ));
        }
    }
    Outcome::Applied
}

fn stopped(why: &str) -> Outcome {
    Outcome::Failed(Failure::new(
        "nothing was changed",
        why,
        "show a new plan and approve it",
    ))
}

fn batches(plan: &Plan, apart: bool) -> Vec<Vec<String>> {
    let all: Vec<String> = plan.statements.iter().map(|s| s.sql.clone()).collect();
    if apart {
        all.into_iter().map(|sql| vec![sql]).collect()
    } else {
        vec![all]
    }
}

/// Changes, if the state is still the planned one. A try that changed nothing
/// is safe to repeat; the state is read again first, since somebody may just
/// have changed something.
async fn first_batch(
    session: &Session,
    plan: &Plan,
    manner: &Manner,
    batch: &[String],
) -> Result<Result<(), ChangeError>, Outcome> {
    let mut tries = manner.tries;
    let mut retried = false;
    loop {
        match (manner.live)(session, plan).await {
            Ok(live) if Some(live.as_str()) == noted(plan, BEFORE) => {}
            Ok(_) => {
                let why = format!("{} have changed since the plan was made", manner.of);
                return Err(stopped(&why));
            }
            Err(failure) => return Err(Outcome::Failed(failure)),
        }
        tries = tries.saturating_sub(1);
        match session.change(batch, manner.lock).await {
            Err(ChangeError::Failed(error)) if collided(&error) && !retried => retried = true,
            Err(ChangeError::Failed(error)) if waited(&error) && tries > 0 => {}
            changed => return Ok(changed),
        }
    }
}

/// Nothing was changed: why, and if a lock was in the way, who holds it.
async fn untouched(session: &Session, plan: &Plan, error: PgError) -> Outcome {
    let in_the_way = if waited(&error) {
        let relations: Vec<Relation> = read_back(plan, RELATION);
        blockers::of(session, &relations).await.unwrap_or_default()
    } else {
        Vec::new()
    };
    let told = Failure::from(error);
    Outcome::Failed(if in_the_way.is_empty() {
        Failure::new("nothing was changed", told.why, told.hint)
    } else {
        Failure::new(
            "nothing was changed",
            format!("the lock is held: {}", in_the_way.join("; ")),
            "wait for these sessions or end them with pg_terminate_backend(pid), then plan again",
        )
    })
}

/// The lock was not to be had in time.
fn waited(error: &PgError) -> bool {
    error.code() == Some("55P03")
}

/// Two changes of the same list of rights met; the later one is told so, with
/// a code that has no name.
fn collided(error: &PgError) -> bool {
    matches!(error, PgError::Server { code, message }
        if code == "XX000" && message.contains("concurrently"))
}
