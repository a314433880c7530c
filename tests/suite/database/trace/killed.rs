//! A program that is killed leaves nothing running on the server.

use super::{lab, paused};
use crate::support::cli::clean_env;
use crate::support::lab::{block_on, rows};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long a query may run on without its program.
const LEFT: Duration = Duration::from_secs(2);

#[test]
fn a_killed_program_leaves_no_query_running_for_two_seconds() {
    let lab = lab(&[]);
    let home = tempfile::tempdir().expect("a folder");
    block_on(async {
        let client = lab.connect("postgres").await;
        rows(&client, "select pg_advisory_lock(7)").await;
        let mut program = Command::new(env!("CARGO_BIN_EXE_firsthour"))
            .args(["check", "database", &lab.url("postgres")])
            .env_clear()
            .envs(clean_env(home.path()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let pid = paused(&lab, &client).await;
        program.kill().expect("SIGKILL");
        let sql = format!("select 1 from pg_stat_activity where pid = {pid}");
        let gone = async { while !rows(&client, &sql).await.is_empty() {} };
        let gone = tokio::time::timeout(LEFT, gone).await;
        program.wait().expect("its end");
        assert!(gone.is_ok(), "the query runs on");
        // Not by the statement's own limit, which a slower moment would reach.
        let log = lab.log();
        assert!(log.contains("connection to client lost"), "{log}");
    });
}
