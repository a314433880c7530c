//! The one way to change something: approved statements, one transaction,
//! and an honest answer to whether it happened.

use super::error::PgError;
use super::session::Session;
use std::time::Duration;

/// How long one changing statement may run, and how long its reply is waited
/// for beyond that.
const STATEMENT: Duration = Duration::from_secs(10);
const GRACE: Duration = Duration::from_secs(10);

/// Why a change was not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Nothing was changed: it ended before `COMMIT` was sent, or the server
    /// answered `COMMIT` with an error.
    #[error("nothing was changed: {0}")]
    Failed(PgError),
    /// `COMMIT` was sent and its reply was lost. It may have happened.
    #[error("the reply to COMMIT was lost: {0}")]
    Unknown(PgError),
}

impl Session {
    /// Runs the statements of an approved plan in one transaction. `COMMIT`
    /// travels alone, after every statement was acknowledged, so a connection
    /// that is lost earlier is known to have changed nothing.
    pub async fn change(
        &self,
        statements: &[String],
        lock_timeout: Duration,
    ) -> Result<(), ChangeError> {
        let mut turn = self.take().await;
        let body = format!(
            "BEGIN TRANSACTION READ WRITE;SET LOCAL statement_timeout = {};\
             SET LOCAL lock_timeout = {};SET LOCAL idle_in_transaction_session_timeout = 10000;\
             SET LOCAL search_path = pg_catalog, pg_temp;{};",
            STATEMENT.as_millis(),
            lock_timeout.as_millis(),
            statements.join(";")
        );
        let limit = STATEMENT * u32::try_from(statements.len().clamp(1, 60)).unwrap_or(60) + GRACE;
        if let Err(error) = turn.send(&body, limit).await {
            if !error.fatal() {
                // If this fails too, the connection is gone and with it the
                // transaction; the first error is the one to tell.
                let _ = turn.close().await;
            }
            return Err(ChangeError::Failed(error));
        }
        match turn.wait("COMMIT", STATEMENT + GRACE).await {
            Ok(_) => {
                turn.ended();
                Ok(())
            }
            Err(error) if error.fatal() => Err(ChangeError::Unknown(error)),
            Err(error) => {
                turn.ended();
                Err(ChangeError::Failed(error))
            }
        }
    }
}
