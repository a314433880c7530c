//! The Postgres versions that `tests/postgres-versions.sh` puts on a shelf,
//! and a server of each. To add a version, add it there and a test to
//! `database/versions.rs`.

use super::lab::{Lab, lab_blocking, on, start};
use firsthour::config::Env;
use firsthour::drill::postgres::{Origin, PgBin, inspect};
use firsthour::drill::server::Server;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_postgres::NoTls;

/// For slots that decode changes; room for every statement; and a log that says whose statement failed
/// and how.
const SETTINGS: [&str; 3] = [
    "wal_level=logical",
    "pg_stat_statements.max=20000",
    "log_line_prefix=%a|%e|",
];

/// What the audit calls itself to the server.
const OURS: &str = "firsthour|";

/// Refusals that come of who asks or of what others do, not of a statement
/// that the version does not know: rights, locks, time; and a session that was
/// about to end when its database was cleared away.
const OF_THE_MOMENT: [&str; 5] = ["42501", "55P03", "57014", "57P01", "08006"];

/// The running server of one version.
#[derive(Debug)]
pub struct Shelved {
    pub server: Arc<Server>,
    bin: PgBin,
}

impl Shelved {
    /// Starts the server of a version. One that is missing is told loudly; it
    /// is a failure where everything has to be tested.
    pub fn start(major: u32) -> Option<Self> {
        let env = Env::read();
        match find(major, &env) {
            Ok(bin) => Some(Self {
                server: Arc::new(start(&bin, &SETTINGS)),
                bin,
            }),
            Err(why) => {
                let told = format!(
                    "nothing was tested on Postgres {major}: {why}; tests/postgres-versions.sh installs it"
                );
                assert!(env.get("CI").is_none(), "{told}");
                eprintln!("SKIPPED: {told}");
                None
            }
        }
    }

    /// Where a fixture's database is made: here, or on a server of its own if
    /// it wants other settings.
    pub fn place(&self, settings: Option<&[&str]>) -> Lab {
        let own = settings.filter(|settings| !settings.is_empty());
        let server = own.map(|settings| Arc::new(start(&self.bin, settings)));
        on(server.as_ref().unwrap_or(&self.server), lab_blocking)
    }

    /// Takes away every database and role that is not of the server itself.
    pub async fn clear(&self) {
        let config = self.server.config("postgres", "postgres");
        let (client, connection) = config.connect(NoTls).await.expect("a connection");
        tokio::spawn(connection);
        let drops = "select format('drop database %I with (force)', datname) from pg_database
                      where datname not in ('postgres', 'template0', 'template1')
                     union all select format('drop role %I', rolname) from pg_roles
                      where oid >= 16384";
        for row in client.query(drops, &[]).await.expect("a list") {
            let drop: String = row.get(0);
            client.batch_execute(&drop).await.expect("it is gone");
        }
    }

    /// Whether an error of ours is found in this server's log, as the check
    /// of the log needs.
    pub async fn tells_errors(&self) -> bool {
        let before = self.errors().len();
        let mut config = self.server.config("postgres", "postgres");
        config.application_name("firsthour");
        let (client, connection) = config.connect(NoTls).await.expect("a connection");
        tokio::spawn(connection);
        let failed = client.simple_query("select no_such_column").await.is_err();
        failed && self.errors().len() > before
    }

    /// The errors that statements of the audit caused, by the server's log.
    pub fn errors(&self) -> Vec<String> {
        let log = std::fs::read(self.server.log()).expect("a log");
        errors_in(&String::from_utf8_lossy(&log))
    }
}

/// The server of a version, or why there is none.
fn find(major: u32, env: &Env) -> Result<PgBin, String> {
    let tmp = || PathBuf::from(env.get("TMPDIR").unwrap_or("/tmp")).join("firsthour-test-pg");
    let shelf = env.get("FIRSTHOUR_TEST_PG").map_or_else(tmp, PathBuf::from);
    let dir = shelf.join(major.to_string()).join("bin");
    let place = dir.display().to_string();
    let bin = inspect(&dir, Origin::Named).map_err(|why| format!("{place} {why}"))?;
    if bin.major == major {
        Ok(bin)
    } else {
        Err(format!("{place} holds {}", bin.version))
    }
}

/// The errors of the audit's own statements in a log, each with its statement.
fn errors_in(log: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut inside = false;
    for line in log.lines() {
        if line.starts_with('\t') {
            if let Some(last) = found.last_mut().filter(|_| inside) {
                *last = format!("{last}\n{line}");
            }
            continue;
        }
        let said = line
            .strip_prefix(OURS)
            .and_then(|rest| rest.split_once('|'));
        inside = said.is_some_and(|(code, _)| !OF_THE_MOMENT.contains(&code) && code != "00000");
        if inside {
            found.push(line.to_owned());
        }
    }
    found
}

#[test]
fn errors_of_the_audit_alone_are_picked_out_of_a_log() {
    let log = "firsthour|42703|ERROR:  column s.queryid does not exist at character 12\n\
               firsthour|42703|STATEMENT:  BEGIN;\n\tSELECT s.queryid\n\
               |42703|ERROR:  column x does not exist\n\tno line of ours\n\
               firsthour|57014|ERROR:  canceling statement due to statement timeout\n\
               firsthour|57P01|FATAL:  terminating connection due to administrator command\n\
               firsthour|00000|WARNING:  there is no transaction in progress\n\
               |00000|LOG:  checkpoint starting\n";
    assert_eq!(
        errors_in(log),
        [
            "firsthour|42703|ERROR:  column s.queryid does not exist at character 12",
            "firsthour|42703|STATEMENT:  BEGIN;\n\tSELECT s.queryid",
        ]
    );
}

#[test]
fn a_version_that_is_not_there_is_told_with_its_place() {
    let empty = tempfile::tempdir().expect("a folder");
    let shelf = empty.path().to_str().expect("a path");
    let why = find(13, &Env::of([("FIRSTHOUR_TEST_PG", shelf)])).expect_err("no server");
    assert!(
        why.contains("13/bin") && why.contains("has no postgres"),
        "{why}"
    );
}
