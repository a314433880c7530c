//! The file of saved rights: written once and for its owner's eyes, read with
//! a bound.

use crate::domain::failure::Failure;
use crate::investigate::database::drift::{LARGEST, Portrait};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Refuses a place where something is already.
///
/// # Errors
/// When there is something.
pub fn vacant(path: &Path) -> Result<(), Failure> {
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    Err(unsaved(
        "there is a file of that name, and it is kept",
        "choose another name",
    ))
}

/// Writes a new file.
///
/// # Errors
/// When it cannot be written, or there is one.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| unsaved(&error.to_string(), "choose another place"))
}

fn unsaved(why: &str, hint: &str) -> Failure {
    Failure::new("the rights could not be saved", why, hint)
}

/// Reads a saved file.
///
/// # Errors
/// When it cannot be read, is too large, or is no such file.
pub fn read(path: &Path) -> Result<Portrait, Failure> {
    let refused = |why: String| {
        let hint = "give a file that check database --save wrote";
        Failure::new("the saved rights cannot be used", why, hint)
    };
    let kind = path
        .metadata()
        .map_err(|error| refused(error.to_string()))?;
    if !kind.is_file() {
        return Err(refused("it is not a file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| refused(error.to_string()))?;
    let taken = file.take(LARGEST + 1).read_to_end(&mut bytes);
    taken.map_err(|error| refused(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(refused(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    Portrait::read(&bytes)
}
