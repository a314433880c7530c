//! Several reads that see one state of the database.
//!
//! One read-only transaction at REPEATABLE READ, so that what one read says
//! about a relation holds for the next. Reads may be sent without waiting for
//! each other: polled together, they share round trips. Each begins by going
//! back to one savepoint; a refused read therefore spoils no other, and the
//! locks that a read took are gone before the next.

use super::error::PgError;
use super::quiet::{decode, enclosed, last_cell, plain, way_refused};
use super::session::{GRACE, Session, Turn, preamble};
use serde::de::DeserializeOwned;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::MutexGuard;

/// One open reading transaction. Dropped without [`Reading::end`] it is
/// closed before the session's next message.
#[derive(Debug)]
pub struct Reading<'a> {
    turn: MutexGuard<'a, Turn>,
    limit: Duration,
    /// Reads sent and not yet answered: the server takes them in turn.
    ahead: AtomicU32,
}

impl Session {
    /// Opens a transaction for several reads.
    ///
    /// # Errors
    /// When the server does not open it, or the connection is gone.
    pub async fn reading(&self) -> Result<Reading<'_>, PgError> {
        let limit = self.settings().statement_timeout;
        let mut turn = self.take().await;
        let begin = format!(
            "{}SAVEPOINT firsthour",
            preamble(limit, Duration::from_millis(500)),
        );
        turn.send(&begin, limit + GRACE).await?;
        Ok(Reading {
            turn,
            limit,
            ahead: AtomicU32::new(0),
        })
    }
}

impl Reading<'_> {
    /// Runs one query, as [`Session::read`] does but within this transaction.
    ///
    /// # Errors
    /// When the server refuses the query or its time runs out; other reads go
    /// on. After a lost connection every read fails.
    pub async fn read<T: DeserializeOwned>(&self, sql: &str) -> Result<Vec<T>, PgError> {
        match self.ask(&enclosed(sql)).await {
            Err(error) if way_refused(&error) => self.ask(&plain(sql)).await,
            asked => asked,
        }
    }

    async fn ask<T: DeserializeOwned>(&self, statement: &str) -> Result<Vec<T>, PgError> {
        let message = format!("ROLLBACK TO SAVEPOINT firsthour;{statement}");
        let before = self.ahead.fetch_add(1, Ordering::Relaxed);
        let answer = self
            .turn
            .wait(&message, self.limit * (before + 1) + GRACE)
            .await;
        self.ahead.fetch_sub(1, Ordering::Relaxed);
        let cell = last_cell(&answer?);
        decode(&cell.ok_or_else(|| PgError::Shape("no row came back".to_owned()))?)
    }

    /// Ends the transaction.
    ///
    /// # Errors
    /// When the connection is gone; what was read holds all the same.
    pub async fn end(mut self) -> Result<(), PgError> {
        self.turn.close().await
    }
}
