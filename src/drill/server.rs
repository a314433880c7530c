//! Starts a Postgres from the template and ends it again.
//!
//! The server listens on a unix socket that only this user can reach, or on
//! loopback with a password; never on anything else. With a guard (see
//! `guard.rs`) it also ends when this process is killed; without one it ends
//! on drop, and what a kill leaves behind is found by the next sweep.

use super::account::Account;
use super::error::LabError;
use super::guard::Guard;
use super::launch::{Order, SOCKET_PORT, launch, stop};
use super::postgres::PgBin;
use super::process::{Identity, Watched};
use super::run_folder::{self, RunFolder};
use super::template;
use crate::domain::failure::Failure;
use crate::domain::secret::Secret;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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
