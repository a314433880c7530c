//! Which Postgres: the candidates in their order, and why each was taken or
//! passed over.
//!
//! Looks only; fetching one is `fetch.rs`. To look in another place, add it
//! to `places`.

use super::account::Account;
use super::error::LabError;
use super::packages::{npm_bin, wheel_bin};
use super::process::ask;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The oldest server the lab's schema and the checks are made for.
const OLDEST: u32 = 14;

/// How long a program may take to print its version.
const LIMIT: Duration = Duration::from_secs(20);

/// Where a candidate comes from, in the order they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// `FIRSTHOUR_PG_BIN`.
    Named,
    /// The wheel in our cache.
    Cache,
    /// A server installed on this machine.
    Installed,
    /// The npm package in our cache.
    Npm,
}

impl Origin {
    /// The words shown.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Named => "named by FIRSTHOUR_PG_BIN",
            Self::Cache => "our cache",
            Self::Installed => "installed",
            Self::Npm => "npm package in our cache",
        }
    }
}

/// A folder with `postgres` and `initdb` that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PgBin {
    pub dir: PathBuf,
    /// As the server prints it: `18.6`.
    pub version: String,
    pub major: u32,
    pub origin: Origin,
}

/// A folder that was looked at, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub dir: PathBuf,
    pub origin: Origin,
    /// The server, or the reason it was passed over.
    pub verdict: Result<PgBin, String>,
}

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The value of `FIRSTHOUR_PG_BIN`.
    pub named: Option<&'a str>,
    /// The lab's cache, see [`Account::cache`].
    pub cache: &'a Path,
    /// The value of `PATH`.
    pub path: Option<&'a str>,
}

/// Every candidate in order of preference, each with its verdict.
pub fn candidates(look: &Look<'_>) -> Vec<Candidate> {
    let mut seen: Vec<Candidate> = Vec::new();
    for (origin, dir) in places(look) {
        let dir = dir.canonicalize().unwrap_or(dir);
        if seen.iter().any(|other| other.dir == dir) {
            continue;
        }
        let verdict = judge(&dir, origin);
        seen.push(Candidate {
            dir,
            origin,
            verdict,
        });
    }
    seen
}

/// The first usable candidate. A folder named by the person is never passed
/// over in silence: if it is unusable, that is the error.
pub fn resolve(look: &Look<'_>) -> Result<PgBin, LabError> {
    let mut passed = Vec::new();
    for candidate in candidates(look) {
        match candidate.verdict {
            Ok(bin) => return Ok(bin),
            Err(why) => passed.push(format!("{}: {why}", candidate.dir.display())),
        }
        if candidate.origin == Origin::Named {
            break;
        }
    }
    Err(LabError::NoPostgres { passed })
}

/// The folders to look in. A folder that is merely possible is listed only if
/// it exists; the cache is always listed, so that its absence has a reason.
fn places(look: &Look<'_>) -> Vec<(Origin, PathBuf)> {
    let mut found = Vec::new();
    found.extend(look.named.map(|dir| (Origin::Named, PathBuf::from(dir))));
    found.push((Origin::Cache, wheel_bin(look.cache)));
    found.extend(
        installed(look.path)
            .into_iter()
            .map(|dir| (Origin::Installed, dir)),
    );
    found.push((Origin::Npm, npm_bin(look.cache)));
    found
}

fn installed(path: Option<&str>) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    let on_path = |name: &str| {
        path.into_iter()
            .flat_map(std::env::split_paths)
            .map(|dir| dir.join(name))
            .find(|file| file.is_file())
    };
    if let Some(config) = on_path("pg_config")
        && let Ok(said) = ask(Command::new(config).arg("--bindir"), LIMIT)
    {
        dirs.push(PathBuf::from(said.trim()));
    }
    if let Some(server) = on_path("postgres").and_then(|file| file.canonicalize().ok()) {
        dirs.extend(server.parent().map(Path::to_owned));
    }
    dirs.extend(versioned("/usr/lib/postgresql", "", "bin"));
    dirs.extend(versioned("/usr", "pgsql-", "bin"));
    dirs.extend(versioned("/opt/homebrew/opt", "postgresql@", "bin"));
    dirs.extend(versioned("/usr/local/opt", "postgresql@", "bin"));
    dirs.retain(|dir| dir.join("postgres").is_file());
    dirs
}

/// `PARENT/PREFIX<number>/TAIL` for every number there is, newest first.
fn versioned(parent: &str, prefix: &str, tail: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = name.strip_prefix(prefix)?.parse().ok()?;
            Some((number, entry.path().join(tail)))
        })
        .collect();
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.into_iter().map(|(_, dir)| dir).collect()
}

/// A folder's server, unless it is too old for the lab.
fn judge(dir: &Path, origin: Origin) -> Result<PgBin, String> {
    let bin = inspect(dir, origin)?;
    if bin.major < OLDEST {
        return Err(format!(
            "version {} is too old, {OLDEST} or newer is needed",
            bin.version
        ));
    }
    Ok(bin)
}

/// Runs the server's `--version` as the account the lab would use, which also
/// shows that this account can reach and execute it. Any version will do.
///
/// # Errors
/// Says why this folder's server can't be used.
pub fn inspect(dir: &Path, origin: Origin) -> Result<PgBin, String> {
    for name in ["postgres", "initdb"] {
        if !dir.join(name).is_file() {
            return Err(match origin {
                Origin::Cache | Origin::Npm => "not fetched yet".to_owned(),
                Origin::Named | Origin::Installed => format!("has no {name}"),
            });
        }
    }
    let mut command = Command::new(dir.join("postgres"));
    let said = ask(
        Account::for_server().dress(&mut command).arg("--version"),
        LIMIT,
    )
    .map_err(|error| match error {
        LabError::Spawn { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
            "the user the lab runs as cannot execute it".to_owned()
        }
        other => other.to_string(),
    })?;
    let version = parse_version(&said).ok_or("its version could not be read")?;
    let major = version
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .and_then(|digits| digits.parse().ok())
        .ok_or("its version could not be read")?;
    Ok(PgBin {
        dir: dir.to_owned(),
        version,
        major,
        origin,
    })
}

/// Takes `15.18` out of `postgres (PostgreSQL) 15.18 (Debian 15.18-0)`.
fn parse_version(said: &str) -> Option<String> {
    let rest = said.split_once("(PostgreSQL)")?.1.trim_start();
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let version = &rest[..end];
    version
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_servers_print() {
        let read = |said| parse_version(said);
        assert_eq!(
            read("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n").as_deref(),
            Some("15.18")
        );
        assert_eq!(
            read("postgres (PostgreSQL) 19beta1\n").as_deref(),
            Some("19beta1")
        );
        assert_eq!(read("something else"), None);
    }

    #[test]
    fn a_named_folder_without_a_server_is_an_error_not_a_detour() {
        let empty = tempfile::tempdir().unwrap();
        let named = empty.path().to_str();
        let found = resolve(&Look {
            named,
            cache: empty.path(),
            path: None,
        });
        let LabError::NoPostgres { passed } = found.unwrap_err() else {
            panic!("another error was expected");
        };
        assert_eq!(passed.len(), 1);
        assert!(passed[0].ends_with("has no postgres"), "{passed:?}");
    }
}
