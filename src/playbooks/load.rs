//! A playbook's text from the registry or from a file.

use super::suggest::hint;
use super::{Shipped, shipped};
use crate::domain::failure::Failure;
use std::io::Read as _;
use std::path::Path;

/// Largest file read, in bytes.
const LARGEST: u64 = 1 << 20;

/// A playbook's Markdown and the name it goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub source: String,
    /// The shipped name, or the path as given.
    pub origin: String,
}

impl From<&Shipped> for Text {
    fn from(shipped: &Shipped) -> Self {
        Self {
            source: shipped.source.to_owned(),
            origin: shipped.name.to_owned(),
        }
    }
}

/// Loads a playbook by shipped name or by path. A plain word is looked up
/// among the shipped ones first.
///
/// # Errors
/// When there is no such file, it is larger than 1 MiB, or it is not UTF-8.
pub fn load(path: &Path) -> Result<Text, Failure> {
    let origin = path.to_string_lossy().into_owned();
    if let Some(found) = shipped().iter().find(|s| s.name == origin) {
        return Ok(found.into());
    }
    let failed = |why: String, hint: String| {
        Failure::new(format!("the playbook {origin} was not read"), why, hint)
    };
    let names: Vec<&str> = shipped().iter().map(|s| s.name).collect();
    let file = std::fs::File::open(path).map_err(|error| {
        let near = hint(&origin, "shipped playbooks", &names);
        failed(
            error.to_string(),
            format!("give a file or a shipped name; {near}"),
        )
    })?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| {
            failed(
                error.to_string(),
                "give the path of a Markdown file".to_owned(),
            )
        })?;
    if bytes.len() as u64 > LARGEST {
        return Err(failed(
            "it is larger than 1 MiB".to_owned(),
            "give the playbook itself, not a bundle or a log".to_owned(),
        ));
    }
    let source = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..at]).into_owned();
        let line = before.matches('\n').count() + 1;
        failed(
            format!("line {line} is not UTF-8 text"),
            "save the file as UTF-8 and try again".to_owned(),
        )
    })?;
    Ok(Text { source, origin })
}
