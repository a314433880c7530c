//! Doing what an approved plan says, once, and telling what came of it.

use crate::contain::restrict::record::{BEFORE, live_digest, noted};
use crate::domain::action::{Outcome, Plan};
use crate::domain::approval::Approval;
use crate::domain::failure::Failure;
use crate::providers::postgres::{ChangeError, PgError, Session};
use std::time::Duration;

/// Rights are rows of a catalog: nobody holds them for long.
const LOCK: Duration = Duration::from_secs(2);

/// See [`crate::contain::action::Action::apply`].
pub async fn apply(session: &Session, plan: &Plan, approval: &Approval) -> Outcome {
    let stopped = |why: &str| {
        Outcome::Failed(Failure::new(
            "nothing was changed",
            why,
            "show a new plan and approve it",
        ))
    };
    if *approval.plan() != plan.digest() {
        return stopped("the approval names another plan");
    }
    let statements: Vec<String> = plan.statements.iter().map(|s| s.sql.clone()).collect();
    let mut retried = false;
    let changed = loop {
        match live_digest(session, plan).await {
            Ok(live) if Some(live.as_str()) == noted(plan, BEFORE) => {}
            Ok(_) => return stopped("the rights have changed since the plan was made"),
            Err(failure) => return Outcome::Failed(failure),
        }
        match session.change(&statements, LOCK).await {
            // Nothing was changed, so once more is safe; the rights are read
            // again first, since somebody has just changed something.
            Err(ChangeError::Failed(error)) if collided(&error) && !retried => retried = true,
            changed => break changed,
        }
    };
    match changed {
        Ok(()) => Outcome::Applied,
        Err(ChangeError::Failed(error)) => {
            let told = Failure::from(error);
            Outcome::Failed(Failure::new("nothing was changed", told.why, told.hint))
        }
        Err(ChangeError::Unknown(error)) => Outcome::Unknown(Failure::new(
            "it is not known whether the rights were changed",
            error.to_string(),
            "connect again and verify the plan before doing anything else",
        )),
    }
}

/// Two changes of the same list of rights met; the later one is told so, with
/// a code that has no name.
fn collided(error: &PgError) -> bool {
    matches!(error, PgError::Server { code, message }
        if code == "XX000" && message.contains("concurrently"))
}
