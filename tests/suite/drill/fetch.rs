//! Finding a Postgres, and refusing to fetch one.

use crate::support::lab::cache;
use firsthour::drill::fetch::ready;
use firsthour::drill::postgres::{Look, Origin, candidates};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

fn look<'a>(cache: &'a Path, path: &'a str) -> Look<'a> {
    Look {
        named: None,
        cache,
        path: Some(path),
    }
}

/// A folder with programs that claim a version.
fn pretend(root: &Path, version: &str) {
    for name in ["postgres", "initdb"] {
        let file = root.join(name);
        let text = format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n");
        std::fs::write(&file, text).expect("a write");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&file, mode).expect("a mode");
    }
}

#[test]
fn an_old_server_is_passed_over_with_the_reason() {
    let root = tempfile::tempdir_in(cache()).unwrap();
    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    pretend(root.path(), "12.4");
    let path = root.path().to_str().unwrap();
    let found = candidates(&look(root.path(), path));
    let old = found
        .iter()
        .find(|candidate| candidate.dir == root.path())
        .unwrap();
    assert_eq!(old.origin, Origin::Installed);
    let why = old.verdict.as_ref().unwrap_err();
    assert_eq!(why, "version 12.4 is too old, 14 or newer is needed");
}

#[test]
fn a_server_reached_through_a_link_is_listed_once_at_its_real_place() {
    let root = tempfile::tempdir_in(cache()).unwrap();
    std::fs::set_permissions(root.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (real, links) = (root.path().join("real"), root.path().join("links"));
    for dir in [&real, &links] {
        std::fs::create_dir(dir).unwrap();
    }
    pretend(&real, "17.2");
    symlink(real.join("postgres"), links.join("postgres")).unwrap();
    let path = format!("{}:{}", links.display(), real.display());
    let found = candidates(&look(root.path(), &path));
    let here: Vec<_> = found
        .iter()
        .filter(|candidate| candidate.dir == real)
        .collect();
    assert_eq!(here.len(), 1);
    let bin = here[0].verdict.as_ref().unwrap();
    assert_eq!((bin.major, bin.version.as_str()), (17, "17.2"));
}

#[test]
fn the_cache_comes_before_what_is_installed_and_says_when_it_is_empty() {
    let root = tempfile::tempdir_in(cache()).unwrap();
    let found = candidates(&look(root.path(), ""));
    assert_eq!(found[0].origin, Origin::Cache);
    assert_eq!(found[0].verdict, Err("not fetched yet".to_owned()));
}

#[test]
fn without_a_server_and_without_leave_to_fetch_the_next_step_is_told() {
    let root = tempfile::tempdir_in(cache()).unwrap();
    let found = candidates(&look(root.path(), ""));
    if found.iter().any(|candidate| candidate.verdict.is_ok()) {
        // This machine has a server in a fixed place; it is used, as told.
        let mut said = Vec::new();
        let bin = ready(&look(root.path(), ""), false, &mut |line| {
            said.push(line.to_owned());
        });
        assert_eq!(bin.unwrap().origin, Origin::Installed);
        assert_eq!(said, Vec::<String>::new(), "nothing was fetched");
        return;
    }
    let failure = ready(&look(root.path(), ""), false, &mut |_| ()).unwrap_err();
    assert!(failure.hint.contains("without --no-fetch"), "{failure:?}");
}
