//! New files for their owner's eyes: what counts or tells of a customer's
//! logs. A leaf.

use crate::domain::failure::Failure;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a new file that only its owner can read; one that exists is kept.
/// `what` is what would have been written, such as "the aggregates".
///
/// # Errors
/// When there is a file of that name, or none can be made.
pub fn create(path: &Path, what: &str) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
        .open(path)
        .map_err(|error| unwritten(path, what, &error))
}

/// The failure of a file that can't be written.
pub fn unwritten(path: &Path, what: &str, error: &std::io::Error) -> Failure {
    let hint = if error.kind() == std::io::ErrorKind::AlreadyExists {
        "give a name that is not taken; a file that exists is kept"
    } else {
        "give a name in a folder you may write to, with room left"
    };
    Failure::new(
        format!("{what} were not written to {}", path.display()),
        error.to_string(),
        hint,
    )
}
