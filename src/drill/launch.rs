//! Launching one server in a prepared run folder, and ending it. The guard
//! and the direct way both come through here.

use super::account::Account;
use super::error::LabError;
use super::process::Watched;
use super::run_folder::RunFolder;
use super::template;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long the server may take until it accepts connections.
pub(super) const START_LIMIT: Duration = Duration::from_mins(1);

/// How long a fast shutdown may take before it is made immediate.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// The port in the socket's name, and the one on loopback unless asked.
pub const SOCKET_PORT: u16 = 5432;

/// What every lab server is started with. The data is disposable, so nothing
/// waits for the disk.
const SETTINGS: [&str; 14] = [
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=16MB",
    "min_wal_size=2MB",
    "max_wal_size=256MB",
    "max_connections=100",
    "autovacuum=off",
    "jit=off",
    "logging_collector=off",
    "lc_messages=C",
    "timezone=UTC",
    "log_timezone=UTC",
    "cluster_name=firsthour-lab",
];

/// What it takes to launch a server in a prepared run folder.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub run: PathBuf,
    pub bin: PathBuf,
    pub port: Option<u16>,
    pub settings: Vec<String>,
}

/// Launches the server in a prepared folder, writes down who it is, and waits
/// until it accepts connections.
pub(super) fn launch(folder: &RunFolder, order: &Order) -> Result<Watched, LabError> {
    let account = Account::for_server();
    let log = folder.log();
    let said = File::create(&log).map_err(LabError::file("create", &log))?;
    let mut command = Command::new(order.bin.join("postgres"));
    command.arg("-D").arg(folder.data());
    command.arg("-k").arg(folder.sockets());
    let (address, port) = order
        .port
        .map_or(("", SOCKET_PORT), |port| ("127.0.0.1", port));
    command.args(["-c", &format!("listen_addresses={address}")]);
    command.args(["-c", &format!("port={port}")]);
    for setting in SETTINGS
        .into_iter()
        .chain(order.settings.iter().map(String::as_str))
    {
        command.args(["-c", setting]);
    }
    command.stdin(Stdio::null()).stderr(said);
    let mut server = Watched::spawn(account.dress(&mut command))?;
    if let Some(identity) = server.identity() {
        folder.record(&identity)?;
    }
    let status = folder.data().join("postmaster.pid");
    let ready = || accepts(&status);
    if server.wait_until(START_LIMIT, ready).is_none() {
        server.kill();
        return Err(LabError::Slow {
            program: "postgres".to_owned(),
            limit: START_LIMIT,
            said: template::tail(&log),
        });
    }
    Ok(server)
}

/// Shuts down fast, then at once, then by force.
pub(super) fn stop(server: &mut Watched) {
    for signal in [Signal::INT, Signal::QUIT] {
        if let Some(identity) = server.identity() {
            identity.signal(signal);
        }
        if server.wait_end(STOP_LIMIT).is_some() {
            return;
        }
    }
    server.kill();
}

/// Whether the server's own status file says it takes connections. It is the
/// eighth line, and `pg_ctl` waits for the same word.
fn accepts(status: &Path) -> bool {
    fs::read_to_string(status).is_ok_and(|text| {
        text.lines()
            .nth(7)
            .is_some_and(|line| line.trim() == "ready")
    })
}
