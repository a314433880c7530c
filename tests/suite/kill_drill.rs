//! kill -9 of the whole program at any moment of a drill: what was
//! acknowledged is on disk, the lab is gone, and the incident goes on.

use crate::support::cli::{Ran, firsthour};
use crate::support::play::incident;
use crate::support::script::Script;
use std::collections::BTreeMap;
use std::path::Path;

/// Up to the proof, then the plan and its approval: more than 34 entries.
const CONTAIN: &str = "go\ngo\nstaff\ngo\ngo\ngo\ngo\ngo\nplan\napprove lab\n";

/// Plays, kills once `wait` is over, and looks at the disk. Says whether the
/// kill fell between intent and result.
fn killed_after(home: &Path, wait: impl FnOnce(&mut Script)) -> bool {
    let args = ["drill", "--seed", "7", "--plain", "--no-fetch"];
    let mut script = Script::start(home, &args);
    script.say(CONTAIN);
    wait(&mut script);
    let count = script.acknowledged().len();
    script.kill();
    let id = incident(home);
    let verified = firsthour(home, &["verify", &id]).go();
    // A torn last line is no alteration; resume cuts it off.
    assert!(
        matches!(verified.code, Some(0 | 2)),
        "{count}: {verified:?}"
    );
    let kinds = recorded(home, &id);
    for (seq, kind) in script.acknowledged() {
        assert_eq!(kinds.get(&seq), Some(&kind), "killed after {count}");
    }
    let has = |kind: &str| kinds.values().any(|recorded| recorded == kind);
    has("action.intent") && !has("action.done")
}

/// The kind of every recorded entry.
fn recorded(home: &Path, id: &str) -> BTreeMap<u64, String> {
    let lines = firsthour(home, &["export", id, "--as", "jsonl"]).go();
    assert_eq!(lines.code, Some(0), "{lines:?}");
    let entries = lines.stdout.lines().map(|line| {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap();
        let kind = entry["kind"].as_str().unwrap().to_owned();
        (entry["seq"].as_u64().unwrap(), kind)
    });
    entries.collect()
}

/// Goes on with the incident; its record is whole afterwards.
fn resumed(home: &Path, script: &str) -> Ran {
    let id = incident(home);
    let ran = firsthour(home, &["resume", &id, "--plain", "--no-fetch"])
        .stdin(script)
        .go();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("incident.resume"), "{}", ran.stdout);
    let verified = firsthour(home, &["verify", &id]).go();
    assert_eq!(verified.code, Some(0), "{verified:?}");
    ran
}

fn killed_at(counts: impl IntoIterator<Item = usize>) {
    for count in counts {
        let home = tempfile::tempdir().unwrap();
        killed_after(home.path(), |script| script.wait_recorded(count));
        resumed(home.path(), "");
    }
}

#[test]
fn nothing_acknowledged_is_lost_by_a_kill_while_looking() {
    killed_at([1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16]);
}

#[test]
fn nothing_acknowledged_is_lost_by_a_kill_while_proving_and_planning() {
    killed_at([17, 18, 19, 20, 22, 24, 27, 29, 30, 31, 33, 34]);
}

#[test]
fn a_kill_between_intent_and_result_is_an_unknown_outcome_probed_again() {
    // The kill races the deed, so it is tried until it falls between.
    let between = (0..10).find_map(|_| {
        let home = tempfile::tempdir().unwrap();
        killed_after(home.path(), |script| script.wait_kind("action.intent")).then_some(home)
    });
    let home = between.expect("one kill in ten comes before the result");
    let ran = resumed(home.path(), "plans\n");
    assert!(ran.stdout.contains("OUTCOME UNKNOWN"), "{}", ran.stdout);
    assert!(ran.stdout.contains("probe ["), "{}", ran.stdout);
    let kinds = recorded(home.path(), &incident(home.path()));
    let intents = kinds.values().filter(|kind| *kind == "action.intent");
    assert_eq!(intents.count(), 1, "the deed is never sent again by itself");
}
