//! Running drafted statements only to look what they do: one transaction in
//! which every principal is asked before and after, and which never commits.
//!
//! The statements take their locks for as long as the looking lasts: this is
//! for labs and staging, and whoever calls it has to see to that.

use super::error::PgError;
use super::principal::Assumed;
use super::probe::{ProbeAnswer, ProbeCell, ProbeLimits, answers, asking};
use super::quiet::last_cell;
use super::session::{Session, Turn, settled};
use std::time::Duration;

/// How long a drafted statement waits for its lock, and may run.
const LOCK: Duration = Duration::from_secs(1);
const STATEMENT: Duration = Duration::from_secs(10);

/// How much longer than the server's own limit a reply is waited for.
const GRACE: Duration = Duration::from_secs(10);

/// One principal and what it is asked.
#[derive(Debug, Clone)]
pub struct Asked {
    pub who: Assumed,
    pub cells: Vec<ProbeCell>,
}

/// The answers, in the order of the questions.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    pub before: Vec<Vec<ProbeAnswer>>,
    /// The SQLSTATE instead, when a statement failed.
    pub after: Result<Vec<Vec<ProbeAnswer>>, String>,
}

impl Session {
    /// Asks, runs the statements, asks again, and rolls everything back.
    ///
    /// # Errors
    /// When the questions could not be asked. A statement that fails is an
    /// answer.
    pub async fn rehearse(
        &self,
        statements: &[String],
        asked: &[Asked],
        limits: &ProbeLimits,
    ) -> Result<Rehearsed, PgError> {
        for one in asked {
            self.admit(&one.who).await?;
        }
        let mut turn = self.take().await;
        let rehearsed = within(&mut turn, statements, asked, limits).await;
        // If this fails the connection is gone, and with it the transaction.
        let closed = turn.close().await;
        let rehearsed = rehearsed?;
        closed.map(|()| rehearsed)
    }
}

async fn within(
    turn: &mut Turn,
    statements: &[String],
    asked: &[Asked],
    limits: &ProbeLimits,
) -> Result<Rehearsed, PgError> {
    let open = format!("BEGIN TRANSACTION READ WRITE;{}", settled(STATEMENT, LOCK));
    turn.send(&open, STATEMENT + GRACE).await?;
    let before = ask(turn, asked, limits).await?;
    for statement in statements {
        match turn.wait(statement, STATEMENT + GRACE).await {
            Ok(_) => {}
            Err(PgError::Server { code, .. }) => {
                return Ok(Rehearsed {
                    before,
                    after: Err(code),
                });
            }
            Err(error) => return Err(error),
        }
    }
    // Row security that now binds this login would hide whom it composes the
    // principals from, and everything would look closed.
    for one in asked {
        let Some(sql) = one.who.refusals() else {
            continue;
        };
        let count = format!("SELECT count(*) FROM ({sql}) refused");
        let refused = last_cell(&turn.wait(&count, STATEMENT + GRACE).await?);
        if refused.as_deref() != Some("0") {
            let why = "with the draft, row security applies to this login".to_owned();
            return Err(PgError::Source {
                name: one.who.role.clone(),
                why,
            });
        }
    }
    let after = Ok(ask(turn, asked, limits).await?);
    Ok(Rehearsed { before, after })
}

/// Each principal within a savepoint, which takes its role and settings back.
async fn ask(
    turn: &mut Turn,
    asked: &[Asked],
    limits: &ProbeLimits,
) -> Result<Vec<Vec<ProbeAnswer>>, PgError> {
    let mut all = Vec::with_capacity(asked.len());
    for one in asked {
        let mut told = Vec::with_capacity(one.cells.len());
        for batch in one.cells.chunks(limits.batch.clamp(1, 25)) {
            let message = format!(
                "SAVEPOINT firsthour;{};ROLLBACK TO SAVEPOINT firsthour",
                asking(&one.who, batch, limits)
            );
            let reply = turn.wait(&message, STATEMENT + GRACE).await?;
            let text =
                last_cell(&reply).ok_or_else(|| PgError::Shape("no row came back".to_owned()))?;
            told.extend(answers(&text, batch, limits)?);
        }
        all.push(told);
    }
    Ok(all)
}
