//! `firsthour verify` as a person and a script see it, and the way by hand.

use crate::support::journal::{PLAYBOOK, Place, actor, meta, note, now, opening};
use firsthour::cli::verify;
use firsthour::cli::world::World;
use firsthour::config::{Env, Paths};
use firsthour::domain::failure::Failure;
use firsthour::journal::{Journal, read};
use std::path::Path;
use std::process::Command;

/// Runs the subcommand on a folder: its exit code, and what it printed.
fn run(folder: &Path, json: bool, since: Option<&str>) -> Result<(u8, String), Failure> {
    let home = folder.parent().unwrap();
    let (code, out, _) = named(home, folder.to_str().unwrap(), json, since)?;
    Ok((code, out))
}

/// Runs the subcommand as typed, with incidents under `home`: its exit code,
/// and what it printed on both outputs.
fn named(
    home: &Path,
    name: &str,
    json: bool,
    since: Option<&str>,
) -> Result<(u8, String, String), Failure> {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let env = Env::default();
    let paths = Paths::under(home);
    let mut world = World {
        env: &env,
        paths: &paths,
        now,
        out: &mut out,
        err: &mut err,
    };
    let args = verify::Args {
        incident: name.to_owned(),
        json,
        since: since.map(str::to_owned),
    };
    let code = verify::run(&args, &mut world)?;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ok((code, text(out), text(err)))
}

#[test]
fn a_good_record_is_told_in_eight_lines() {
    let place = Place::with(2);
    let wid = place.writer_dir();
    let wid = wid.file_name().unwrap().to_str().unwrap();
    let head = read(&place.folder).unwrap().entries[3].h.clone();
    let (code, text) = run(&place.folder, false, None).unwrap();
    assert_eq!(code, 0, "{text}");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "incident inc-20260822-k7f3  drill  playbook data-leak 0b74adf35da5 (pinned, matches)",
            &format!(
                "writer   ada/mbp {wid}  0..3  chain ok  head 3 {} unsigned",
                head.short()
            ),
            "evidence 1 referenced, 1 present, 1 match",
        ]
    );
    assert!(lines[5].starts_with("PROVES   no entry was altered"));
    assert!(lines[6].starts_with("NOT PROVEN  that entries are true"));
    assert_eq!(lines[7], "result   OK (unsigned)");
}

#[test]
fn the_json_holds_the_same_facts() {
    let place = Place::with(2);
    let bytes = std::fs::read(place.segment()).unwrap();
    std::fs::write(place.segment(), &bytes[..bytes.len() - 9]).unwrap();
    place.writer("ada").append(now(), &[note("after")]).unwrap();
    std::fs::remove_file(place.blob()).unwrap();
    let (code, text) = run(&place.folder, true, None).unwrap();
    assert_eq!(code, 2);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["result"], "incomplete");
    assert_eq!(json["writers"][0]["entries"], 5);
    assert_eq!(json["writers"][0]["signed"], false);
    assert!(json["writers"][0]["torn"][0]["bytes"].as_u64().unwrap() > 300);
    assert_eq!(json["evidence"]["present"], 0);
    assert_eq!(json["faults"][0]["kind"], "absent");
}

#[test]
fn a_kept_head_is_looked_for() {
    let place = Place::with(2);
    let head = read(&place.folder).unwrap().entries[2].h.clone();
    let (code, text) = run(&place.folder, false, Some(head.short())).unwrap();
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("changed since that head was kept; 1 entries follow it"));
    let (code, _) = run(&place.folder, false, Some("0:0123456789ab")).unwrap();
    assert_eq!(code, 1);
    assert!(run(&place.folder, false, Some("not a head")).is_err());
}

#[test]
fn an_incident_is_found_by_each_of_its_names() {
    let home = tempfile::tempdir().unwrap();
    let incidents = Paths::under(home.path()).incidents;
    std::fs::create_dir_all(&incidents).unwrap();
    for id in ["inc-20260822-k7f3", "inc-20260823-a2b3"] {
        let mut journal =
            Journal::create(&incidents, &meta(id), PLAYBOOK, actor("ada"), now()).unwrap();
        journal.append(now(), &[opening()]).unwrap();
    }
    let folder = incidents.join("inc-20260822-k7f3");
    for name in ["inc-20260822-k7f3", "20260822", folder.to_str().unwrap()] {
        let (code, out, err) = named(home.path(), name, false, None).unwrap();
        assert_eq!((code, err.as_str()), (0, ""), "{name}: {out}");
        assert!(out.starts_with("incident inc-20260822-k7f3 "), "{out}");
    }
    // Both have the one codename: it is told, and nothing is verified.
    let (code, out, err) = named(home.path(), "quiet harbour", true, None).unwrap();
    assert_eq!((code, out.as_str()), (4, ""));
    assert!(err.contains("more than one incident fits"), "{err}");
    std::fs::remove_dir_all(&folder).unwrap();
    let (code, ..) = named(home.path(), "quiet harbour", false, None).unwrap();
    assert_eq!(code, 0);
}

#[test]
fn what_is_not_there_or_no_incident_cannot_be_read() {
    let home = tempfile::tempdir().unwrap();
    for name in ["/nonexistent/inc-1", "inc-1", ""] {
        let (code, out, err) = named(home.path(), name, false, None).unwrap();
        assert_eq!((code, out.as_str()), (4, ""), "{name}");
        assert!(err.contains("was not found") || err.contains("no incident fits"));
    }
    // A folder that holds no incident is judged, and the verdict says so.
    let (code, text) = run(home.path(), false, None).unwrap();
    assert_eq!(code, 4);
    assert!(text.contains("CANNOT BE READ"), "{text}");
}

#[test]
fn the_way_by_hand_in_the_readme_works() {
    let place = Place::with(2);
    let readme = std::fs::read_to_string(place.folder.join("README.txt")).unwrap();
    let id = place.writer_dir();
    let command = readme
        .lines()
        .find(|line| line.trim_start().starts_with("sed -n 3p"))
        .unwrap()
        .replace("ID", id.file_name().unwrap().to_str().unwrap());
    let out = Command::new("sh")
        .args(["-c", &command])
        .current_dir(&place.folder)
        .output()
        .unwrap();
    let hash = String::from_utf8(out.stdout).unwrap();
    let entry = &read(&place.folder).unwrap().entries[2];
    assert_eq!(hash.split(' ').next().unwrap(), entry.h.as_str());
}
