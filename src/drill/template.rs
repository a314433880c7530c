//! A cluster that `initdb` made once and every run copies.
//!
//! It is keyed by server and layout, appears by one rename (so it is whole or
//! absent, also when two processes make it at once), and is never started.

use super::account::{Account, create_folder};
use super::error::LabError;
use super::postgres::PgBin;
use super::process::Watched;
use crate::domain::digest::{Digest, hex};
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Raised when the flags below change, so that old templates are not used.
const LAYOUT: u32 = 2;

/// The first version whose `initdb` can be told not to say how to go on.
const NO_INSTRUCTIONS: u32 = 14;

/// How long `initdb` may take. It needs about a second.
const LIMIT: Duration = Duration::from_mins(2);

/// Returns the template of this server, making it first if there is none.
/// The folder holds `data/` and `password`, the superuser's over loopback.
pub fn ensure(cache: &Path, bin: &PgBin, account: Account) -> Result<PathBuf, LabError> {
    let server = format!("{} {}", bin.version, bin.dir.display());
    let key = format!(
        "pg{}-{}-{LAYOUT}",
        bin.version,
        Digest::of(server.as_bytes()).short()
    );
    let shelf = cache.join("templates");
    let place = shelf.join(key);
    if place.is_dir() {
        return Ok(place);
    }
    create_folder(&shelf, if account.differs() { 0o755 } else { 0o700 })?;
    let draft = tempfile::Builder::new()
        .prefix(&format!(".new-{}-", std::process::id()))
        // The password in it is nobody else's business.
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(&shelf)
        .map_err(LabError::file("create a folder in", &shelf))?;
    make(draft.path(), bin, account)?;
    match fs::rename(draft.path(), &place) {
        Ok(()) => {
            // The folder has its final name; there is nothing left to remove.
            let _ = draft.keep();
            Ok(place)
        }
        // Somebody else was first, with the same outcome.
        Err(_) if place.is_dir() => Ok(place),
        Err(source) => Err(LabError::file("move into place", &place)(source)),
    }
}

fn make(draft: &Path, bin: &PgBin, account: Account) -> Result<(), LabError> {
    let data = draft.join("data");
    let password = draft.join("password");
    fs::write(&password, fresh_password()?).map_err(LabError::file("write", &password))?;
    create_folder(&data, 0o700)?;
    for path in [draft, &data, &password] {
        account.own(path)?;
    }
    let log = draft.join("initdb.log");
    let said = fs::File::create(&log).map_err(LabError::file("create", &log))?;
    let mut command = Command::new(bin.dir.join("initdb"));
    command
        .args(["-U", "postgres", "-E", "UTF8", "--locale=C", "-D"])
        .arg(&data)
        .args(["--auth-local=trust", "--auth-host=scram-sha-256"])
        .arg("--pwfile")
        .arg(&password)
        .arg("--wal-segsize=1")
        .stdin(Stdio::null())
        .stderr(said);
    if bin.major >= NO_INSTRUCTIONS {
        command.arg("--no-instructions");
    }
    let mut child = Watched::spawn(account.dress(&mut command))?;
    let program = "initdb".to_owned();
    let Some(status) = child.wait_end(LIMIT) else {
        child.kill();
        return Err(LabError::Slow {
            program,
            limit: LIMIT,
            said: tail(&log),
        });
    };
    if !status.success() {
        return Err(LabError::Program {
            program,
            status: status.to_string(),
            said: tail(&log),
        });
    }
    account.reclaim(draft)
}

/// A password nobody needs to type: 24 bytes of the system's randomness.
fn fresh_password() -> Result<String, LabError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; 24];
    fs::File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(LabError::file("read", source))?;
    Ok(hex(&bytes))
}

/// The last lines of a log, for an error message.
pub fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join(" / ")
}

/// Copies a cluster for one run and hands it to the server's account. The
/// system shares blocks between copies where the file system can.
pub fn copy(from: &Path, to: &Path, account: Account) -> Result<(), LabError> {
    create_folder(to, 0o700)?;
    account.own(to)?;
    for entry in fs::read_dir(from).map_err(LabError::file("read", from))? {
        let entry = entry.map_err(LabError::file("read", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target, account)?;
        } else {
            fs::copy(&source, &target).map_err(LabError::file("copy", &source))?;
            account.own(&target)?;
        }
    }
    Ok(())
}
