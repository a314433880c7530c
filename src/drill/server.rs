//! Starts a Postgres from the template and ends it again.
//!
//! The server listens on a unix socket that only this user can reach, or on
//! loopback with a password; never on anything else. With a guard (see
//! `guard.rs`) it also ends when this process is killed; without one it ends
//! on drop, and what a kill leaves behind is found by the next sweep.

use super::account::Account;
use super::error::LabError;
use super::guard::Guard;
use super::postgres::PgBin;
use super::process::{Identity, Watched};
use super::run_folder::{self, RunFolder};
use super::template;
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
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

/// Where the server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// A unix socket in the run folder.
    Socket,
    /// The socket and a free port of 127.0.0.1, with a password.
    Loopback,
}

/// How to start a server.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The lab's cache, see [`Account::cache`].
    pub cache: &'a Path,
    pub listen: Listen,
    /// The program that understands `__lab-guard`; `None` for no guard.
    pub guard: Option<&'a Path>,
    /// Further server settings, as `name=value`.
    pub settings: &'a [&'a str],
}

/// What it takes to launch a server in a prepared run folder.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub run: PathBuf,
    bin: PathBuf,
    port: Option<u16>,
    settings: Vec<String>,
}

/// A running server. Dropping it shuts the server down and removes its data.
#[derive(Debug)]
pub struct Server {
    folder: RunFolder,
    port: Option<u16>,
    password: Secret,
    /// Behind a lock only so that a server can be shared between threads.
    keeper: Mutex<Option<Keeper>>,
}

#[derive(Debug)]
enum Keeper {
    Child(Watched),
    Guard(Guard),
}

impl Server {
    /// Starts a server from the template, which is made first if need be.
    /// Returns when it accepts connections.
    pub fn start(bin: &PgBin, options: &Options<'_>) -> Result<Self, Failure> {
        Self::try_start(bin, options).map_err(Failure::from)
    }

    pub(super) fn try_start(bin: &PgBin, options: &Options<'_>) -> Result<Self, LabError> {
        let account = Account::for_server();
        let template = template::ensure(options.cache, bin, account)?;
        let password = template.join("password");
        let password = fs::read_to_string(&password).map_err(LabError::file("read", &password))?;
        let folder = RunFolder::create(options.cache, account)?;
        let mut server = Self {
            port: match options.listen {
                Listen::Socket => None,
                Listen::Loopback => Some(free_port()?),
            },
            folder,
            password: Secret::new(password),
            keeper: Mutex::new(None),
        };
        template::copy(&template.join("data"), &server.folder.data(), account)?;
        let mut settings: Vec<String> = options.settings.iter().map(ToString::to_string).collect();
        if has_library(&bin.dir, "pg_stat_statements") {
            settings.push("shared_preload_libraries=pg_stat_statements".to_owned());
        }
        let order = Order {
            run: server.folder.path().to_owned(),
            bin: bin.dir.clone(),
            port: server.port,
            settings,
        };
        server.keeper = Mutex::new(Some(match options.guard {
            Some(program) => Keeper::Guard(Guard::start(program, &order)?),
            None => Keeper::Child(launch(&server.folder, &order)?),
        }));
        Ok(server)
    }

    /// The folder of the unix socket, for `host=`.
    pub fn socket_dir(&self) -> &Path {
        self.folder.sockets()
    }

    /// The port on 127.0.0.1, if it was asked for.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The superuser's password over loopback; the socket needs none.
    pub const fn password(&self) -> &Secret {
        &self.password
    }

    /// What the server has logged so far is in this file.
    pub fn log(&self) -> PathBuf {
        self.folder.log()
    }

    /// The server's process, while it runs.
    pub fn process(&self) -> Option<Identity> {
        self.folder.recorded().filter(Identity::alive)
    }

    /// How to reach a database of this server over the socket, as a role.
    pub fn config(&self, role: &str, database: &str) -> tokio_postgres::Config {
        let mut config = tokio_postgres::Config::new();
        config
            .host_path(self.socket_dir())
            .port(SOCKET_PORT)
            .user(role)
            .dbname(database)
            .connect_timeout(Duration::from_secs(10));
        config
    }

    /// The same as a connection string.
    pub fn url(&self, role: &str, database: &str) -> String {
        let host = percent(&self.socket_dir().to_string_lossy());
        format!("postgresql:///{database}?host={host}&user={role}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let keeper = self
            .keeper
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        match keeper.take() {
            Some(Keeper::Child(mut child)) => stop(&mut child),
            Some(Keeper::Guard(guard)) => guard.release(),
            None => {}
        }
        // The guard may have been killed before it could do its part.
        if let Some(left) = self.process() {
            run_folder::end(&left);
        }
        self.folder.remove();
    }
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

/// A port that was free a moment ago. Should somebody take it in between,
/// the server says so and the start fails; nothing is shared by mistake.
fn free_port() -> Result<u16, LabError> {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(LabError::file("listen on", Path::new("127.0.0.1")))
}

/// Whether a server library is there; preloading a missing one would keep the
/// server from starting.
fn has_library(bin: &Path, name: &str) -> bool {
    let Some(root) = bin.parent() else {
        return false;
    };
    ["lib", "lib/postgresql", "lib64/pgsql"].iter().any(|lib| {
        ["so", "dylib"]
            .iter()
            .any(|end| root.join(lib).join(format!("{name}.{end}")).is_file())
    })
}

/// Percent-encodes what would end a query value of a connection string.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
