//! Which user the server runs as, and folders that suit it.
//!
//! Postgres refuses to run as root. When we are root it gets the ids below;
//! otherwise it runs as we do and nothing changes hands.

use super::error::LabError;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The ids given to the server when we are root: `nobody` by convention, an
/// account that owns nothing.
const UNPRIVILEGED: u32 = 65534;

/// Where root keeps the lab's cache: the server's user can enter it, and
/// nobody but root can write to it.
const SYSTEM_CACHE: &str = "/var/cache/firsthour";

/// The user the server runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Ids to change to; `None` when the server runs as we do.
    ids: Option<u32>,
}

impl Account {
    /// The account for this process: another one only when we are root.
    pub fn for_server() -> Self {
        Self {
            ids: rustix::process::geteuid().is_root().then_some(UNPRIVILEGED),
        }
    }

    /// Whether the server runs as somebody else than we do.
    pub const fn differs(self) -> bool {
        self.ids.is_some()
    }

    /// Makes the command run as this account, in its own process group (so a
    /// Ctrl-C at the terminal does not reach it) and with a bare environment.
    pub fn dress(self, command: &mut Command) -> &mut Command {
        if let Some(id) = self.ids {
            command.uid(id).gid(id);
        }
        command
            .process_group(0)
            .current_dir("/")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
    }

    /// Gives one file or folder to the account.
    pub fn own(self, path: &Path) -> Result<(), LabError> {
        let Some(id) = self.ids else { return Ok(()) };
        chown(path, Some(id), Some(id)).map_err(LabError::file("hand over", path))
    }

    /// Takes a tree back from the account, so that nothing running as it can
    /// alter what later runs are copied from.
    pub fn reclaim(self, path: &Path) -> Result<(), LabError> {
        if self.ids.is_none() {
            return Ok(());
        }
        chown(path, Some(0), Some(0)).map_err(LabError::file("take back", path))?;
        if path.is_dir() {
            for entry in fs::read_dir(path).map_err(LabError::file("read", path))? {
                self.reclaim(&entry.map_err(LabError::file("read", path))?.path())?;
            }
        }
        Ok(())
    }

    /// The folder the lab's cache lives in: the user's own, or for root one
    /// that the server's account can enter. Creates nothing.
    pub fn cache_place(self, of_user: &Path) -> PathBuf {
        if self.differs() && unfit(of_user).is_some() {
            PathBuf::from(SYSTEM_CACHE)
        } else {
            of_user.to_owned()
        }
    }

    /// Creates the folder of [`Account::cache_place`].
    ///
    /// # Errors
    /// When it cannot be made, or the server's account could not rely on it.
    pub fn cache(self, of_user: &Path) -> Result<PathBuf, LabError> {
        let place = self.cache_place(of_user);
        let mode = if self.differs() { 0o755 } else { 0o700 };
        create_folder(&place, mode)?;
        match unfit(&place).filter(|_| self.differs()) {
            Some(reason) => Err(LabError::UnfitCache {
                path: place,
                reason,
            }),
            None => Ok(place),
        }
    }
}

/// Why the server's account could not be trusted with this path: a folder on
/// the way that others may change or may not enter. Parts that do not exist
/// yet are no reason.
fn unfit(path: &Path) -> Option<String> {
    path.ancestors().find_map(|part| {
        let meta = fs::metadata(part).ok()?;
        let (mode, sticky) = (meta.mode(), meta.mode() & 0o1000 != 0);
        let part = part.display();
        if mode & 0o001 == 0 {
            return Some(format!("cannot be entered by other users ({part})"));
        }
        if mode & 0o022 != 0 && !sticky {
            return Some(format!("can be changed by other users ({part})"));
        }
        (meta.uid() != 0).then(|| format!("does not belong to root ({part})"))
    })
}

/// Creates a folder and its parents with the given mode, whatever the umask.
pub fn create_folder(path: &Path, mode: u32) -> Result<(), LabError> {
    if path.is_dir() {
        return Ok(());
    }
    fs::DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .map_err(LabError::file("create", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(LabError::file("set the mode of", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_others_can_change_is_unfit() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("cache");
        create_folder(&place, 0o755).unwrap();
        fs::set_permissions(&place, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(unfit(&place).unwrap().contains("changed by other users"));
        fs::set_permissions(&place, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(unfit(&place).unwrap().contains("cannot be entered"));
    }

    #[test]
    fn an_ordinary_user_keeps_the_cache_asked_for() {
        let root = tempfile::tempdir().unwrap();
        let wanted = root.path().join("deep/cache");
        let place = Account { ids: None }.cache(&wanted).unwrap();
        assert_eq!(place, wanted);
        assert_eq!(fs::metadata(&place).unwrap().mode() & 0o777, 0o700);
    }
}
