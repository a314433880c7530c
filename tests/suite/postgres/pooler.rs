//! Through PgBouncer in transaction mode with a single server connection:
//! whatever we leave behind, the next client would find.
//!
//! The tests need the `pgbouncer` program and say so when it is missing.

use super::{role, settings};
use crate::support::lab::{Lab, lab, rows};
use firsthour::drill::account::Account;
use firsthour::providers::postgres::{
    Assumed, ConnectSettings, Host, PgError, ProbeCell, ProbeLimits, Session,
};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio_postgres::{Client, NoTls};

const LIMIT: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct Pooler {
    folder: TempDir,
    _child: Child,
}

#[expect(clippy::print_stderr, reason = "a test that was not run must be loud")]
fn say_skipped() {
    eprintln!("SKIPPED: pgbouncer is not installed, so nothing was tested through a pooler");
}

/// Starts a pooler in front of the shared server; `None` if there is none.
pub async fn pooler(lab: &Lab, users: &[&str]) -> Option<Pooler> {
    let program = [
        "/usr/sbin/pgbouncer",
        "/usr/bin/pgbouncer",
        "/usr/local/bin/pgbouncer",
    ]
    .into_iter()
    .find(|path| Path::new(path).exists());
    let Some(program) = program else {
        say_skipped();
        return None;
    };
    let folder = tempfile::Builder::new()
        .prefix("fhp")
        .tempdir_in("/tmp")
        .expect("a folder");
    let at = folder.path().display();
    let names = users.join(
        "\" \"\"
\"",
    );
    let ini = format!(
        "[databases]\n* = host={} port=5432\n[pgbouncer]\nunix_socket_dir = {at}\nlisten_port = 6432\n\
         auth_type = trust\nauth_file = {at}/users\npool_mode = transaction\ndefault_pool_size = 1\n\
         server_reset_query =\n",
        lab.socket_dir().display()
    );
    std::fs::write(folder.path().join("users"), format!("\"{names}\" \"\"\n")).expect("users");
    std::fs::write(folder.path().join("pooler.ini"), ini).expect("settings");
    let account = Account::for_server();
    for name in ["", "users", "pooler.ini"] {
        account.own(&folder.path().join(name)).expect("an owner");
    }
    let mut command = std::process::Command::new(program);
    account.dress(command.arg(folder.path().join("pooler.ini")));
    let mut child = Command::from(command)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("a pooler");
    let mut said = BufReader::new(child.stderr.take().expect("its words")).lines();
    let up = async {
        while let Ok(Some(line)) = said.next_line().await {
            if line.contains("process up") {
                // The pipe must be read on, or the pooler would stop at a
                // full one.
                tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
                return true;
            }
        }
        false
    };
    let up = tokio::time::timeout(LIMIT, up).await;
    assert_eq!(up, Ok(true), "the pooler did not start");
    Some(Pooler {
        folder,
        _child: child,
    })
}

impl Pooler {
    /// The connection string through the pooler.
    pub fn url(&self, lab: &Lab, user: &str) -> String {
        let folder = self.folder.path().display();
        format!(
            "host={folder} port=6432 user={user} dbname={}",
            lab.database
        )
    }

    fn settings(&self, lab: &Lab, user: &str) -> ConnectSettings {
        let mut settings = settings(lab, user);
        settings.host = Host::Socket(self.folder.path().to_owned());
        settings.port = 6432;
        settings
    }

    /// Some other application's connection.
    pub async fn other(&self, lab: &Lab, user: &str) -> Client {
        let mut config = tokio_postgres::Config::new();
        config
            .host_path(self.folder.path())
            .port(6432)
            .user(user)
            .dbname(&lab.database);
        let (client, connection) = config.connect(NoTls).await.expect("a connection");
        tokio::spawn(connection);
        client
    }
}

/// Asks as the other application; a held server connection would never answer.
pub async fn ask(client: &Client, sql: &str) -> Vec<Vec<Option<String>>> {
    tokio::time::timeout(LIMIT, rows(client, sql))
        .await
        .expect("the one server connection is free")
}

/// What a client finds set on its connection, and whose it is.
pub const STATE: &str = "select name, setting from pg_settings where name in ('role', 'search_path', \
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'row_security', \
    'jit', 'max_parallel_workers_per_gather', 'transaction_read_only', 'default_transaction_read_only', \
    'transaction_isolation', 'client_connection_check_interval', 'quote_all_identifiers') \
    union all select 'pid', pg_backend_pid()::text \
    union all select 'claims', nullif(current_setting('request.jwt.claims', true), '') \
    union all select 'who', current_user order by 1";

#[tokio::test]
async fn nothing_bleeds_into_the_next_client() {
    let lab = lab().await;
    let Some(pooler) = pooler(&lab, &["postgres"]).await else {
        return;
    };
    let anon = role(&lab, "anon", "").await;
    lab.exec(&format!(
        "create table public.t(a int); insert into public.t values (1); grant select on public.t to {anon}"
    ))
    .await;
    let other = pooler.other(&lab, "postgres").await;
    let before = ask(&other, STATE).await;

    let session = Session::connect(&pooler.settings(&lab, "postgres"))
        .await
        .unwrap();
    let who = Assumed::role(&anon).with("request.jwt.claims", "{\"role\":\"anon\"}");
    let cells = [
        ProbeCell::new("public", "t"),
        ProbeCell::new("public", "none"),
    ];
    let answers = session
        .probe(&who, &cells, &ProbeLimits::default())
        .await
        .unwrap();
    assert_eq!(answers[0].visible, Some(true));
    assert_eq!(ask(&other, STATE).await, before, "after a probe");

    let failed = session.read_as::<Value>(&who, "SELECT 1/0").await;
    assert!(matches!(failed, Err(PgError::Server { .. })), "{failed:?}");
    assert_eq!(ask(&other, STATE).await, before, "after an error");

    session
        .change(
            &["create table public.made()".to_owned()],
            Duration::from_secs(1),
        )
        .await
        .unwrap();
    let failed = session
        .change(
            &["set local role nobody_here".to_owned()],
            Duration::from_secs(1),
        )
        .await;
    assert!(failed.is_err());
    assert_eq!(ask(&other, STATE).await, before, "after a change");
    ask(&other, "insert into public.t values (2)").await;
}

#[tokio::test]
async fn what_another_client_left_behind_does_not_change_what_is_read() {
    let lab = lab().await;
    let Some(pooler) = pooler(&lab, &["postgres"]).await else {
        return;
    };
    lab.exec(
        "create schema evil; create function evil.set_config(text, text, bool) returns text \
         language sql as 'select ''evil''::text'",
    )
    .await;
    let other = pooler.other(&lab, "postgres").await;
    ask(
        &other,
        "set search_path = evil, pg_catalog; set row_security = off; set quote_all_identifiers = on; \
         set standard_conforming_strings = off; create temp table pg_class(relname name, oid oid)",
    )
    .await;
    let session = Session::connect(&pooler.settings(&lab, "postgres"))
        .await
        .unwrap();
    let rows: Vec<Value> = session
        .read("SELECT count(*) > 100 AS many, current_setting('row_security') AS rls FROM pg_class")
        .await
        .unwrap();
    assert_eq!(rows[0], serde_json::json!({"many": true, "rls": "on"}));
    let who = Assumed::role("postgres").with("app.odd", "back\\slash'quote");
    let rows: Vec<Value> = session
        .read_as(&who, "SELECT current_setting('app.odd') AS odd")
        .await
        .unwrap();
    assert_eq!(rows[0]["odd"], "back\\slash'quote");
}

#[tokio::test]
async fn the_guard_sees_the_pooler() {
    let lab = lab().await;
    let Some(pooler) = pooler(&lab, &["postgres"]).await else {
        return;
    };
    let other = pooler.other(&lab, "postgres").await;
    ask(&other, "select pg_sleep(0.2)").await;
    let session = Session::connect(&pooler.settings(&lab, "postgres"))
        .await
        .unwrap();
    let guard = session.guard().await.unwrap();
    assert!(guard.pooled, "{guard:?}");
    assert!(guard.lines()[1].ends_with("through a pooler"));
}

#[tokio::test]
async fn refusals_of_the_pooler_are_understood() {
    let lab = lab().await;
    let Some(pooler) = pooler(&lab, &["postgres"]).await else {
        return;
    };
    let mut nowhere = pooler.settings(&lab, "postgres");
    nowhere.database = "nowhere".to_owned();
    let error = Session::connect(&nowhere).await.expect_err("no database");
    assert!(matches!(error, PgError::NoDatabase(_)), "{error:?}");
    let stranger = pooler.settings(&lab, "stranger");
    let error = Session::connect(&stranger).await.expect_err("no user");
    assert!(matches!(error, PgError::Password(_)), "{error:?}");
}
