//! Who holds a lock that a change of a table would wait for. Query texts are
//! left out: they hold customer values.

use super::record::IN_THE_WAY;
use crate::contain::action::Relation;
use crate::domain::failure::Failure;
use crate::domain::finding::Evidence;
use crate::domain::untrusted::visible;
use crate::providers::postgres::Session;
use serde::Deserialize;

/// Sessions told; the rest are counted.
const TOLD: usize = 8;

#[derive(Deserialize)]
struct Holder {
    pid: Option<i32>,
    user: Option<String>,
    state: Option<String>,
    mode: String,
    seconds: Option<i64>,
}

impl Holder {
    fn told(&self) -> String {
        let Some(pid) = self.pid else {
            return format!("a prepared transaction holds {}", self.mode);
        };
        let user = self.user.as_deref().unwrap_or("an unknown user");
        let state = self.state.as_deref().unwrap_or("in a state not shown");
        let age = self
            .seconds
            .map_or_else(String::new, |s| format!(", transaction open for {s} s"));
        visible(&format!(
            "pid {pid} of {user}, {state}{age}, holds {}",
            self.mode
        ))
    }
}

/// The sessions that hold any lock on the relations, the oldest first: an
/// exclusive lock has to wait for each of them.
///
/// # Errors
/// When the server cannot be read.
pub async fn of(session: &Session, relations: &[Relation]) -> Result<Vec<String>, Failure> {
    if relations.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<String> = relations.iter().map(Relation::row).collect();
    let sql = format!(
        "SELECT l.pid, a.usename AS \"user\", a.state, max(l.mode) AS mode, \
         extract(epoch FROM clock_timestamp() - min(a.xact_start))::bigint AS seconds \
         FROM (VALUES {}) v(s, r) JOIN pg_namespace n ON n.nspname = v.s \
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = v.r \
         JOIN pg_locks l ON l.locktype = 'relation' AND l.relation = c.oid \
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         LEFT JOIN pg_stat_activity a ON a.pid = l.pid \
         WHERE l.granted AND l.pid IS DISTINCT FROM pg_backend_pid() \
         GROUP BY l.pid, a.usename, a.state ORDER BY 5 DESC NULLS LAST, 1",
        rows.join(", ")
    );
    let holders: Vec<Holder> = session.read(&sql).await?;
    let mut out: Vec<String> = holders.iter().take(TOLD).map(Holder::told).collect();
    if holders.len() > TOLD {
        out.push(format!("and {} more sessions", holders.len() - TOLD));
    }
    Ok(out)
}

/// The same as evidence of a plan.
///
/// # Errors
/// When the server cannot be read.
pub async fn told(session: &Session, relations: &[Relation]) -> Result<Vec<Evidence>, Failure> {
    let holders = of(session, relations).await?;
    if holders.is_empty() {
        return Ok(vec![Evidence::new(IN_THE_WAY, "no session")]);
    }
    let told = holders.iter();
    Ok(told.map(|line| Evidence::new(IN_THE_WAY, line)).collect())
}
