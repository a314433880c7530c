//! Starting and ending a lab's server, in every way it can end.

use crate::support::lab::{GUARD, bin, block_on, cache, lab, lab_blocking, rows, server};
use firsthour::drill::process::wait_gone;
use firsthour::drill::server::{Listen, Options, Server};
use std::path::Path;
use std::time::Duration;
use tokio_postgres::NoTls;

const LONG: Duration = Duration::from_mins(1);

fn start(guard: Option<&Path>, listen: Listen) -> Server {
    let cache = cache();
    let options = Options {
        cache: &cache,
        listen,
        guard,
        settings: &[],
    };
    Server::start(&bin(), &options).expect("a server")
}

#[test]
fn a_server_answers_and_is_gone_when_dropped() {
    for guard in [None, Some(Path::new(GUARD))] {
        let server = start(guard, Listen::Socket);
        let answer = block_on(async {
            let config = server.config("postgres", "postgres");
            let (client, connection) = config.connect(NoTls).await.unwrap();
            tokio::spawn(connection);
            rows(&client, "select current_user, inet_server_addr()").await
        });
        assert_eq!(answer, [[Some("postgres".to_owned()), None]]);
        let process = server.process().unwrap();
        let sockets = server.socket_dir().to_owned();
        drop(server);
        assert!(wait_gone(&process, LONG));
        assert!(!sockets.exists());
    }
}

#[test]
fn loopback_needs_the_password() {
    let server = start(None, Listen::Loopback);
    let mut config = tokio_postgres::Config::new();
    config
        .host("127.0.0.1")
        .port(server.port().unwrap())
        .user("postgres")
        .dbname("postgres");
    block_on(async {
        assert!(config.connect(NoTls).await.is_err());
        config.password(server.password().expose());
        assert!(config.connect(NoTls).await.is_ok());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_does_not_run_as_root() {
    let server = start(None, Listen::Socket);
    let pid = server.process().unwrap().pid;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let uid = status
        .lines()
        .find(|line| line.starts_with("Uid:"))
        .unwrap();
    assert!(!uid.contains("\t0"), "{uid}");
}

#[tokio::test]
async fn every_test_has_a_database_of_its_own() {
    let (one, two) = (lab().await, lab().await);
    one.exec("create table only_here ()").await;
    let seen = two
        .exec("select count(*) from pg_class where relname = 'only_here'")
        .await;
    assert_eq!(seen, [[Some("0".to_owned())]]);
}

#[test]
fn the_connection_string_says_what_the_config_says() {
    let lab = lab_blocking();
    let config: tokio_postgres::Config = lab.url("postgres").parse().unwrap();
    let host = tokio_postgres::config::Host::Unix(server().socket_dir().to_owned());
    assert_eq!(config.get_hosts(), [host]);
    assert_eq!(config.get_dbname(), Some(lab.database.as_str()));
    let name = lab.exec_blocking("select current_database()");
    assert_eq!(name, [[Some(lab.database)]]);
}
