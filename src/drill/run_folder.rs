//! The folder one running lab lives in, and the sweep of those left behind.
//!
//! Everybody who needs the folder holds a shared lock on it: the program that
//! asked for the lab and the guard beside it. The kernel drops the lock when
//! they die in any way, so a folder that can be locked alone is a leftover.

use super::account::{Account, create_folder};
use super::error::LabError;
use super::process::{Identity, wait_gone};
use rustix::fs::{FlockOperation, flock};
use rustix::process::Signal;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest path of a unix socket, in bytes.
const SOCKET_PATH: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The file name the server gives its socket.
const SOCKET_NAME: &str = ".s.PGSQL.5432";

/// How long a leftover server may take for a clean end.
const PATIENCE: Duration = Duration::from_secs(5);

/// The folder of one run. Dropping it gives up the lock, not the folder.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    sockets: PathBuf,
    _held: File,
}

impl RunFolder {
    /// Creates a new folder below the cache.
    pub fn create(cache: &Path, account: Account) -> Result<Self, LabError> {
        let shelf = shelf(cache, account)?;
        let _alone = lock(&shelf.join("lock"), FlockOperation::LockExclusive)?;
        let mode = if account.differs() { 0o711 } else { 0o700 };
        let path = loop {
            let path = shelf.join(format!("{:08x}", fastrand::u32(..)));
            if !path.exists() {
                break path;
            }
        };
        create_folder(&path, mode)?;
        let held = lock(&path.join("lock"), FlockOperation::LockShared)?;
        let sockets = socket_folder(&path)?;
        create_folder(&sockets, 0o700)?;
        account.own(&sockets)?;
        Ok(Self {
            path,
            sockets,
            _held: held,
        })
    }

    /// Holds a folder that another process created.
    pub fn join(path: &Path) -> Result<Self, LabError> {
        Ok(Self {
            path: path.to_owned(),
            sockets: socket_folder(path)?,
            _held: lock(&path.join("lock"), FlockOperation::LockShared)?,
        })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The server's data.
    pub fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// What the server logs.
    pub fn log(&self) -> PathBuf {
        self.path.join("postgres.log")
    }

    /// Where the unix socket is.
    pub fn sockets(&self) -> &Path {
        &self.sockets
    }

    /// Writes down the server's process, for the sweep of a later start.
    pub fn record(&self, server: &Identity) -> Result<(), LabError> {
        let path = self.path.join("server.json");
        let text = serde_json::to_vec(server).unwrap_or_default();
        fs::write(&path, text).map_err(LabError::file("write", &path))
    }

    /// The server's process as written down.
    pub fn recorded(&self) -> Option<Identity> {
        recorded(&self.path)
    }

    /// Removes the folder and all it holds.
    pub fn remove(&self) {
        remove(&self.path);
    }
}

/// Ends and removes what earlier runs left behind. Returns one sentence for
/// each thing that was cleaned.
pub fn sweep(cache: &Path, account: Account) -> Result<Vec<String>, LabError> {
    let shelf = shelf(cache, account)?;
    let _alone = lock(&shelf.join("lock"), FlockOperation::LockExclusive)?;
    let mut cleaned = Vec::new();
    let entries = fs::read_dir(&shelf).map_err(LabError::file("read", &shelf))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if !path.is_dir() || in_use(&path) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let server = recorded(&path).filter(Identity::alive);
        cleaned.push(match &server {
            Some(_) => format!("ended the server of an earlier lab ({name}) and removed it"),
            None => format!("removed what an earlier lab left behind ({name})"),
        });
        if let Some(server) = server {
            end(&server);
        }
        remove(&path);
    }
    for shelf in ["templates", "servers"] {
        cleaned.extend(sweep_drafts(&cache.join(shelf)));
    }
    Ok(cleaned)
}

/// Removes drafts (`.new-<process>-..`) whose process is gone.
fn sweep_drafts(shelf: &Path) -> Vec<String> {
    let entries = fs::read_dir(shelf).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let maker = name
                .strip_prefix(".new-")?
                .split('-')
                .next()?
                .parse()
                .ok()?;
            if Identity::of(maker).is_some() {
                return None;
            }
            fs::remove_dir_all(entry.path()).ok()?;
            Some(format!(
                "removed a download or set-up that broke off ({name})"
            ))
        })
        .collect()
}

/// Ends a server that is not our child: fast, then at once, then by force.
pub fn end(server: &Identity) {
    for signal in [Signal::INT, Signal::QUIT, Signal::KILL] {
        server.signal(signal);
        if wait_gone(server, PATIENCE) {
            return;
        }
    }
}

fn recorded(path: &Path) -> Option<Identity> {
    serde_json::from_slice(&fs::read(path.join("server.json")).ok()?).ok()
}

/// Whether a living process holds the folder. What cannot be looked at counts
/// as used.
fn in_use(path: &Path) -> bool {
    lock(&path.join("lock"), FlockOperation::NonBlockingLockExclusive).is_err()
}

fn remove(path: &Path) {
    // What cannot be removed now is found again by the next sweep.
    if let Ok(sockets) = socket_folder(path) {
        let _ = fs::remove_dir_all(sockets);
    }
    let _ = fs::remove_dir_all(path);
}

fn shelf(cache: &Path, account: Account) -> Result<PathBuf, LabError> {
    let shelf = cache.join("runs");
    create_folder(&shelf, if account.differs() { 0o711 } else { 0o700 })?;
    Ok(shelf)
}

/// The folder of the socket: inside the run's own folder.
fn socket_folder(path: &Path) -> Result<PathBuf, LabError> {
    let sockets = path.join("s");
    let length = sockets.as_os_str().len() + 1 + SOCKET_NAME.len();
    if length > SOCKET_PATH {
        return Err(LabError::LongSocketPath {
            length,
            most: SOCKET_PATH,
        });
    }
    Ok(sockets)
}

fn lock(path: &Path, how: FlockOperation) -> Result<File, LabError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(LabError::file("open", path))?;
    flock(&file, how).map_err(|errno| LabError::file("lock", path)(errno.into()))?;
    Ok(file)
}
