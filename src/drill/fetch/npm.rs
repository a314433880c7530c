//! The second way: an npm package. Its install scripts are not run; the one
//! thing they do, restoring library links, is done here.

use super::work::{draft, open_up, publish, run};
use crate::drill::error::LabError;
use crate::drill::packages::{NPM, npm_root, shelf};
use serde::Deserialize;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

const PACKAGE: &str = include_str!("../../../assets/npm/package.json");
const LOCK: &str = include_str!("../../../assets/npm/package-lock.json");

pub(super) fn fetch(cache: &Path, say: &mut dyn FnMut(&str)) -> Result<(), LabError> {
    let draft = draft(cache)?;
    for (name, text) in [("package.json", PACKAGE), ("package-lock.json", LOCK)] {
        let path = draft.path().join(name);
        fs::write(&path, text).map_err(LabError::file("write", &path))?;
    }
    let mut command = Command::new("npm");
    command
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--no-update-notifier", "--omit=dev"])
        .current_dir(draft.path());
    run(&mut command, say)?;
    let package = npm_root(draft.path());
    restore_links(&package)?;
    open_up(draft.path(), &package.join("native/bin"))?;
    publish(draft, &shelf(cache).join(NPM))
}

/// A link the package lists instead of holding it.
#[derive(Debug, Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// Restores the listed links. Each must stay in its own folder below
/// `native/`; anything else in the list is refused.
fn restore_links(package: &Path) -> Result<(), LabError> {
    let list = package.join("native/pg-symlinks.json");
    let text = fs::read(&list).map_err(LabError::file("read", &list))?;
    let links: Vec<Link> = serde_json::from_slice(&text)
        .map_err(|error| LabError::file("read", &list)(error.into()))?;
    for link in links {
        let inside = link.target.starts_with("native")
            && link.source.parent() == link.target.parent()
            && link
                .target
                .components()
                .all(|part| matches!(part, Component::Normal(_)));
        let Some(name) = link.source.file_name().filter(|_| inside) else {
            let refused = std::io::Error::other("it lists a link that leads elsewhere");
            return Err(LabError::file("use", &list)(refused));
        };
        let place = package.join(&link.target);
        if place.symlink_metadata().is_err() {
            symlink(name, &place).map_err(LabError::file("create", &place))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_links(list: &str) -> (tempfile::TempDir, Result<(), LabError>) {
        let package = tempfile::tempdir().unwrap();
        let lib = package.path().join("native/lib");
        fs::create_dir_all(&lib).unwrap();
        fs::write(lib.join("libx.so.1.2"), "x").unwrap();
        fs::write(package.path().join("native/pg-symlinks.json"), list).unwrap();
        let outcome = restore_links(package.path());
        (package, outcome)
    }

    #[test]
    fn listed_links_are_restored() {
        let (package, outcome) =
            with_links(r#"[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so"}]"#);
        outcome.unwrap();
        let link = package.path().join("native/lib/libx.so");
        assert_eq!(fs::read(link).unwrap(), b"x");
    }

    #[test]
    fn links_that_lead_elsewhere_are_refused() {
        for (source, target) in [
            ("native/lib/a", "native/bin/a"),
            ("native/../../a", "native/../../b"),
            ("/native/a", "/native/b"),
            ("other/a", "other/b"),
        ] {
            let list = format!(r#"[{{"source":"{source}","target":"{target}"}}]"#);
            assert!(with_links(&list).1.is_err(), "{target}");
        }
    }

    #[test]
    fn the_pin_names_the_folder_and_every_package_has_a_digest() {
        let version = NPM.trim_start_matches("npm-");
        assert_eq!(PACKAGE.matches(version).count(), 4);
        assert_eq!(LOCK.matches("\"integrity\": \"sha512-").count(), 4);
        assert!(!LOCK.contains("\"resolved\""));
    }
}
