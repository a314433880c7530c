//! Where bytes come from: files, folders, standard input, and what is packed
//! in them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// One stream of the input, not yet opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    File { path: PathBuf, size: u64 },
    Stdin,
}

impl Piece {
    /// What it is called on screens and in places.
    pub fn name(&self) -> String {
        match self {
            Self::File { path, .. } => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
        }
    }

    /// Bytes as stored, where that is known.
    pub const fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } => *size,
            Self::Stdin => 0,
        }
    }

    /// Opens it, decompressed.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        match self {
            Self::File { path, .. } => Ok(Box::new(File::open(path)?)),
            Self::Stdin => Ok(Box::new(std::io::stdin())),
        }
    }
}

/// The pieces of paths in order of their names; folders are walked. What can't
/// be looked at is told with why.
pub fn pieces(paths: &[PathBuf]) -> (Vec<Piece>, Vec<(String, String)>) {
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    for path in paths {
        if path.as_os_str() == "-" {
            found.push(Piece::Stdin);
        } else {
            walk(path, &mut found, &mut failed, 0);
        }
    }
    (found, failed)
}

/// Folders below each other that are walked.
const DEEPEST: usize = 32;

fn walk(path: &Path, found: &mut Vec<Piece>, failed: &mut Vec<(String, String)>, depth: usize) {
    let mut note = |why: String| failed.push((path.display().to_string(), why));
    let about = match std::fs::metadata(path) {
        Ok(about) => about,
        Err(error) => return note(error.to_string()),
    };
    if !about.is_dir() {
        found.push(Piece::File {
            path: path.to_owned(),
            size: about.len(),
        });
        return;
    }
    if depth >= DEEPEST {
        return note(format!("more than {DEEPEST} folders deep"));
    }
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => return note(error.to_string()),
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        walk(&path, found, failed, depth + 1);
    }
}
