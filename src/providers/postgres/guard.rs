//! What this login could do beyond reading, asked before the first query.

use super::error::PgError;
use super::session::Session;
use crate::domain::untrusted::visible;
use serde::Deserialize;

/// Who we are on the server. Built from world-readable catalogs, so every
/// login can ask.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the server's own yes-or-no columns"
)]
pub struct Guard {
    pub user: String,
    pub database: String,
    pub superuser: bool,
    /// Row-level security does not apply to it.
    pub bypass: bool,
    pub create_role: bool,
    pub replication: bool,
    /// Ordinary tables it owns, itself or through a group.
    pub owned: i64,
    /// Predefined roles it belongs to that reach beyond reading tables.
    pub powers: Vec<String>,
    /// Statements inside of others are counted in the statistics, too.
    pub nested: bool,
    /// The server is a replica: nothing can be changed here.
    pub recovering: bool,
    /// For example 150018.
    pub version: i32,
    /// The server session is older than our connection, so a pooler stands in
    /// between. `true` is certain; `false` only says that it did not show.
    #[serde(skip)]
    pub pooled: bool,
}

#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    guard: Guard,
    backend_age: Option<f64>,
}

// The function behind pg_stat_activity: the view may have been taken away.
const WHO: &str = "SELECT current_user AS \"user\", current_database() AS database, \
    r.rolsuper AS superuser, r.rolbypassrls AS bypass, r.rolcreaterole AS create_role, \
    r.rolreplication AS replication, \
    (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') \
     AND n.nspname NOT LIKE 'pg\\_toast%' AND pg_has_role(c.relowner, 'USAGE')) AS owned, \
    (SELECT coalesce(json_agg(p.rolname ORDER BY p.rolname), '[]') FROM pg_roles p \
     WHERE p.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_read_server_files', \
     'pg_execute_server_program', 'pg_signal_backend', 'pg_maintain', 'pg_create_subscription') \
     AND pg_has_role(p.oid, 'MEMBER')) AS powers, \
    coalesce(current_setting('pg_stat_statements.track', true) = 'all', false) AS nested, \
    pg_is_in_recovery() AS recovering, \
    current_setting('server_version_num')::int AS version, \
    (SELECT extract(epoch FROM clock_timestamp() - a.backend_start)::float8 \
     FROM pg_stat_get_activity(pg_backend_pid()) a) AS backend_age \
    FROM pg_roles r WHERE r.rolname = current_user";

impl Session {
    /// Asks who we are. Run it first and show [`Guard::warnings`].
    pub async fn guard(&self) -> Result<Guard, PgError> {
        let mut rows: Vec<Row> = self.read(WHO).await?;
        let row = rows
            .pop()
            .ok_or_else(|| PgError::Shape("the login has no row in pg_roles".to_owned()))?;
        // Both are durations, so the two clocks need not agree; 50 ms covers
        // a start of the server session before our own stopwatch.
        let pooled = row
            .backend_age
            .is_some_and(|age| age > self.age().as_secs_f64() + 0.05);
        Ok(Guard {
            pooled,
            ..row.guard
        })
    }
}

impl Guard {
    /// What every reader of a result must know about the login, one sentence
    /// each; empty for a login that can only read.
    pub fn warnings(&self) -> Vec<String> {
        let user = visible(&self.user);
        let mut out = Vec::new();
        if self.nested {
            out.push(
                "pg_stat_statements.track is all: each probe adds rows of its own to the statistics and may \
                 push out what others left there; save them first"
                    .to_owned(),
            );
        }
        if self.superuser {
            out.push(format!(
                "{user} is a superuser: READ ONLY does not stop it from writing files or running programs"
            ));
        }
        if self.bypass && !self.superuser {
            out.push(format!("{user} bypasses row-level security"));
        }
        if self.create_role && !self.superuser {
            out.push(format!("{user} may create and change roles"));
        }
        if self.replication && !self.superuser {
            out.push(format!("{user} may replicate every new row"));
        }
        if self.owned > 0 && !self.superuser {
            out.push(format!(
                "{user} owns {} of the tables and may change them",
                self.owned
            ));
        }
        if !self.superuser {
            for power in &self.powers {
                out.push(format!("{user} is a member of {}", visible(power)));
            }
        }
        out
    }

    /// What is shown about the connection, one line each.
    pub fn lines(&self) -> Vec<String> {
        let server = if self.recovering {
            "replica: nothing can be changed here"
        } else {
            "primary"
        };
        let way = if self.pooled {
            "through a pooler"
        } else {
            "no pooler seen"
        };
        let mut out = vec![
            format!(
                "login {} on {}",
                visible(&self.user),
                visible(&self.database)
            ),
            format!(
                "PostgreSQL {}.{}, {server}, {way}",
                self.version / 10_000,
                self.version % 10_000
            ),
        ];
        out.extend(self.warnings());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Guard {
        Guard {
            user: "audit".to_owned(),
            database: "app".to_owned(),
            superuser: false,
            bypass: false,
            create_role: false,
            replication: false,
            owned: 0,
            powers: Vec::new(),
            nested: false,
            recovering: false,
            version: 150_018,
            pooled: false,
        }
    }

    #[test]
    fn a_login_that_only_reads_is_not_warned_about() {
        assert_eq!(plain().warnings(), Vec::<String>::new());
        assert_eq!(
            plain().lines(),
            [
                "login audit on app",
                "PostgreSQL 15.18, primary, no pooler seen"
            ]
        );
    }

    #[test]
    fn each_power_is_told_once() {
        let mut guard = plain();
        guard.bypass = true;
        guard.owned = 3;
        guard.powers = vec!["pg_write_all_data".to_owned()];
        assert_eq!(guard.warnings().len(), 3);
        guard.superuser = true;
        assert_eq!(guard.warnings().len(), 1);
    }
}
