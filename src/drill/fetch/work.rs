//! What both ways of fetching share: a draft folder, running a client,
//! opening the tree up, and the one rename that makes it count.

use crate::domain::untrusted::visible;
use crate::drill::account::{Account, create_folder};
use crate::drill::error::LabError;
use crate::drill::packages::shelf;
use crate::drill::process::follow;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// How long one client may take.
const LIMIT: Duration = Duration::from_mins(10);

/// Settings of the clients and of databases that must not steer a fetch or
/// reach a child that does not need them.
const LEFT_OUT: [&str; 9] = [
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PIP_TARGET",
    "PIP_USER",
    "PIP_REQUIREMENT",
    "NODE_OPTIONS",
    "DATABASE_URL",
    "PGPASSWORD",
];

/// An empty folder to unpack into, on the same file system as its later place.
pub fn draft(cache: &Path) -> Result<TempDir, LabError> {
    let shelf = shelf(cache);
    let mode = if Account::for_server().differs() {
        0o755
    } else {
        0o700
    };
    create_folder(&shelf, mode)?;
    tempfile::Builder::new()
        .prefix(&format!(".new-{}-", std::process::id()))
        .tempdir_in(&shelf)
        .map_err(LabError::file("create a folder in", &shelf))
}

/// Runs a client; only its progress lines are handed on.
pub fn run(command: &mut Command, say: &mut dyn FnMut(&str)) -> Result<(), LabError> {
    for name in LEFT_OUT {
        command.env_remove(name);
    }
    follow(command, LIMIT, &mut |line| {
        let line = line.trim();
        if ["Collecting", "Downloading", "Installing", "added"]
            .iter()
            .any(|word| line.starts_with(word))
        {
            say(&visible(line));
        }
    })
}

/// Makes a tree readable, and its programs runnable, for the server's account.
pub fn open_up(folder: &Path, programs: &Path) -> Result<(), LabError> {
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(LabError::file("set the mode of", path))
    };
    set(folder, 0o755)?;
    for entry in fs::read_dir(folder).map_err(LabError::file("read", folder))? {
        let entry = entry.map_err(LabError::file("read", folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(LabError::file("read", &path))?;
        if kind.is_dir() {
            open_up(&path, programs)?;
        } else if kind.is_file() {
            set(&path, if folder == programs { 0o755 } else { 0o644 })?;
        }
    }
    Ok(())
}

/// Gives a complete draft its final name. If another process was first, its
/// copy is the same and stays.
pub fn publish(draft: TempDir, place: &Path) -> Result<(), LabError> {
    match fs::rename(draft.path(), place) {
        Ok(()) => {
            // The folder has its final name; there is nothing left to remove.
            let _ = draft.keep();
            Ok(())
        }
        Err(_) if place.is_dir() => Ok(()),
        Err(source) => Err(LabError::file("move into place", place)(source)),
    }
}
