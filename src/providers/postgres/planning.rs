//! What the planner says a query costs, without and with an index: never run,
//! only planned.
//!
//! An index is either made up by HypoPG, in a read-only transaction, or built
//! in one that is always rolled back. Building keeps writers out of the table
//! for as long as it takes: that is for labs and staging, and whoever calls it
//! has to see to that.

use super::error::PgError;
use super::principal::Assumed;
use super::quiet::last_cell;
use super::session::{Session, Turn, settled};
use super::text::{ident, literal};
use std::time::Duration;

/// How long planning one query may take, and how long it waits for a lock.
const PLAN: Duration = Duration::from_secs(3);
const PLAN_LOCK: Duration = Duration::from_millis(100);

/// How long a built index may take, and how long it waits for its lock.
const BUILD: Duration = Duration::from_secs(30);
const BUILD_LOCK: Duration = Duration::from_secs(1);

const GRACE: Duration = Duration::from_secs(10);

/// Plans the query that a setting holds. Constant, so that it is one entry in
/// the statement statistics however many queries there are.
const BLOCK: &str = "DECLARE plan jsonb; BEGIN
  EXECUTE 'EXPLAIN (FORMAT JSON) ' || current_setting('firsthour.todo') INTO plan;
  PERFORM set_config('firsthour.result', plan->0->'Plan'->>'Total Cost', true);
END ";

/// One query, and who asks it.
#[derive(Debug, Clone)]
pub struct Query {
    pub who: Assumed,
    pub sql: String,
}

/// How an index is tried.
#[derive(Debug, Clone)]
pub enum Trial<'a> {
    /// By the functions of HypoPG in that schema.
    Hypothetical { schema: &'a str },
    /// Built and rolled back.
    Built,
}

/// A cost, or why there is none: an SQLSTATE, or a sentence.
pub type Planned = Result<f64, String>;

/// What was planned, in the order of the queries.
#[derive(Debug, Clone)]
pub struct Costs {
    pub before: Vec<Planned>,
    /// With the index; the reason instead when it could not be tried, and
    /// nothing when nobody asked.
    pub after: Option<Result<Vec<Planned>, String>>,
}

impl Session {
    /// Plans the queries, with the index of `create` too if a way to try it is
    /// given, and ends the transaction without a trace of the index.
    ///
    /// # Errors
    /// When the connection is lost, or a principal may not be composed. What
    /// the server refuses is an answer.
    pub async fn costs(
        &self,
        queries: &[Query],
        create: &str,
        trial: Option<&Trial<'_>>,
    ) -> Result<Costs, PgError> {
        for query in queries {
            self.admit(&query.who).await?;
        }
        let mut turn = self.take().await;
        let planned = within(&mut turn, queries, create, trial).await;
        // If this fails the connection is gone, and with it the transaction.
        let closed = turn.close().await;
        let planned = planned?;
        closed.map(|()| planned)
    }
}

async fn within(
    turn: &mut Turn,
    queries: &[Query],
    create: &str,
    trial: Option<&Trial<'_>>,
) -> Result<Costs, PgError> {
    let mode = match trial {
        Some(Trial::Built) => "READ WRITE",
        _ => "READ ONLY",
    };
    let begin = format!(
        "BEGIN TRANSACTION {mode};{}SAVEPOINT firsthour",
        settled(PLAN, PLAN_LOCK)
    );
    turn.send(&begin, PLAN + GRACE).await?;
    let before = plan(turn, queries).await?;
    let after = match trial {
        None => None,
        Some(Trial::Built) => Some(built(turn, queries, create).await?),
        Some(Trial::Hypothetical { schema }) => {
            Some(hypothetical(turn, queries, create, schema).await?)
        }
    };
    Ok(Costs { before, after })
}

/// Plans each query within the savepoint, which takes role and settings back.
async fn plan(turn: &Turn, queries: &[Query]) -> Result<Vec<Planned>, PgError> {
    let mut all = Vec::with_capacity(queries.len());
    for query in queries {
        let message = format!(
            "ROLLBACK TO SAVEPOINT firsthour;\
             SELECT pg_catalog.set_config('firsthour.todo', {}, true) IS NULL;{}\
             DO $firsthour$\n{BLOCK}$firsthour$;\
             SELECT pg_catalog.current_setting('firsthour.result');\
             ROLLBACK TO SAVEPOINT firsthour",
            literal(&query.sql),
            query.who.statements().concat(),
        );
        let reply = refused(turn.wait(&message, PLAN * 2 + GRACE).await)?;
        all.push(match reply {
            Ok(rows) => cost(&last_cell(&rows).unwrap_or_default()),
            Err(code) => Err(code),
        });
    }
    Ok(all)
}

async fn hypothetical(
    turn: &Turn,
    queries: &[Query],
    create: &str,
    schema: &str,
) -> Result<Result<Vec<Planned>, String>, PgError> {
    let schema = ident(schema);
    let make = format!(
        "ROLLBACK TO SAVEPOINT firsthour;\
         SELECT h.indexrelid FROM {schema}.hypopg_create_index({}) h",
        literal(create)
    );
    let reply = match refused(turn.wait(&make, PLAN + GRACE).await)? {
        Ok(rows) => last_cell(&rows),
        Err(code) => return Ok(Err(code)),
    };
    let oid = reply.filter(|oid| !oid.is_empty() && oid.chars().all(|c| c.is_ascii_digit()));
    let Some(oid) = oid else {
        return Ok(Err("HypoPG made no index".to_owned()));
    };
    let planned = plan(turn, queries).await?;
    // It outlives the transaction: it belongs to the server's process, which a
    // pooler hands on.
    let drop = format!(
        "ROLLBACK TO SAVEPOINT firsthour;SELECT {schema}.hypopg_drop_index({oid}::pg_catalog.oid)"
    );
    match refused(turn.wait(&drop, PLAN + GRACE).await)? {
        Ok(_) => Ok(Ok(planned)),
        Err(code) => Ok(Err(code)),
    }
}

async fn built(
    turn: &Turn,
    queries: &[Query],
    create: &str,
) -> Result<Result<Vec<Planned>, String>, PgError> {
    let limit = |statement: Duration, lock: Duration| {
        format!(
            "SELECT pg_catalog.set_config('statement_timeout', '{}', true),\
             pg_catalog.set_config('lock_timeout', '{}', true)",
            statement.as_millis(),
            lock.as_millis()
        )
    };
    // From here on the transaction only reads, whatever the planner calls.
    let make = format!(
        "ROLLBACK TO SAVEPOINT firsthour;{};{create};{};RELEASE SAVEPOINT firsthour;\
         SET TRANSACTION READ ONLY;SAVEPOINT firsthour;{UNUSABLE}",
        limit(BUILD, BUILD_LOCK),
        limit(PLAN, PLAN_LOCK),
    );
    match refused(turn.wait(&make, BUILD + GRACE).await)? {
        Ok(rows) if last_cell(&rows).as_deref() == Some("0") => {}
        Ok(_) => {
            let why = "rows that are still seen by older transactions keep a new index from being used at once";
            return Ok(Err(why.to_owned()));
        }
        Err(code) => return Ok(Err(code)),
    }
    plan(turn, queries).await.map(Ok)
}

/// Indexes of this transaction that it may not use itself.
const UNUSABLE: &str = "SELECT pg_catalog.count(*) FROM pg_catalog.pg_index i \
    WHERE i.indcheckxmin AND pg_catalog.age(i.xmin) <= 0";

/// An error of the server is an answer; any other ends the looking.
fn refused<T>(reply: Result<T, PgError>) -> Result<Result<T, String>, PgError> {
    match reply {
        Ok(reply) => Ok(Ok(reply)),
        Err(PgError::Server { code, .. }) => Ok(Err(code)),
        Err(error) => Err(error),
    }
}

fn cost(text: &str) -> Planned {
    let cost: Option<f64> = text.parse().ok().filter(|cost: &f64| cost.is_finite());
    cost.ok_or_else(|| "the plan has another shape than expected".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_no_cost() {
        assert_eq!(cost("12.5"), Ok(12.5));
        assert!(cost("").is_err() && cost("NaN").is_err());
    }
}
