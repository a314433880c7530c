//! The files below paths, each once.

use super::piece::Piece;
use std::collections::HashSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Folders below each other that are walked.
const DEEPEST: usize = 32;

/// What all files together may weigh: their paths, and what is told of each.
const MOST: usize = 80 << 20;
const EACH: usize = 400;

/// What can't be looked at, and why.
pub type Gaps = Vec<(String, String)>;

/// Pieces, and what can't be looked at.
pub type Found = (Vec<Piece>, Gaps);

/// The pieces of paths in order of their names; folders are walked. What can't
/// be looked at is told with why. A file that is reached twice is one piece.
pub fn pieces(paths: &[PathBuf]) -> Found {
    let mut walk = Walk::default();
    for path in paths {
        if path.as_os_str() == "-" {
            walk.found.push(Piece::Stdin);
        } else {
            walk.enter(path, 0);
        }
    }
    (walk.found, walk.failed)
}

#[derive(Default)]
struct Walk {
    found: Vec<Piece>,
    failed: Vec<(String, String)>,
    weight: usize,
    /// Device and number of what was met.
    met: HashSet<(u64, u64)>,
}

impl Walk {
    fn note(&mut self, path: &Path, why: impl Into<String>) {
        self.failed.push((path.display().to_string(), why.into()));
    }

    fn enter(&mut self, path: &Path, depth: usize) {
        let about = match std::fs::metadata(path) {
            Ok(about) => about,
            Err(error) => return self.note(path, error.to_string()),
        };
        let pipe = !about.is_dir() && !about.is_file();
        if pipe && depth > 0 {
            return self.note(path, "neither a file nor a folder: not read");
        }
        if !pipe && !self.met.insert((about.dev(), about.ino())) {
            return;
        }
        if self.weight > MOST {
            return;
        }
        if !about.is_dir() {
            self.weight += EACH + path.as_os_str().len();
            if self.weight > MOST {
                let many = self.found.len();
                let why = format!(
                    "it comes after {many} others: neither it nor what follows is read; name fewer folders"
                );
                return self.note(path, why);
            }
            return self.found.push(Piece::File {
                path: path.to_owned(),
                size: about.len(),
            });
        }
        if depth >= DEEPEST {
            return self.note(path, format!("more than {DEEPEST} folders deep"));
        }
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.note(path, error.to_string()),
        };
        let mut paths = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => paths.push(entry.path()),
                Err(error) => self.note(path, error.to_string()),
            }
        }
        paths.sort();
        for path in paths {
            self.enter(&path, depth + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_files_than_are_read_is_said_once() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let room = EACH + folder.path().as_os_str().len() + 2;
        let mut walk = Walk {
            weight: MOST - room,
            ..Walk::default()
        };
        walk.enter(folder.path(), 0);
        assert_eq!((walk.found.len(), walk.failed.len()), (1, 1));
        assert!(walk.failed[0].1.contains("neither it nor what follows"));
    }
}
