//! Two programs on one incident: the first writes, the second reads and says
//! who holds it.

use crate::support::cli::firsthour;
use crate::support::play::{incident, whole_record};
use crate::support::script::Script;

#[test]
fn a_second_program_reads_only_and_names_the_holder() {
    let home = tempfile::tempdir().unwrap();
    let args = ["drill", "--seed", "7", "--plain", "--no-fetch"];
    let mut first = Script::start(home.path(), &args);
    first.say("note written by the first\n");
    first.wait_recorded(2);
    let id = incident(home.path());
    let second = firsthour(home.path(), &["resume", &id, "--plain"])
        .stdin("note written by the second\ngo\ntimeline\n")
        .go();
    assert_eq!(second.code, Some(0), "{second:?}");
    let said = &second.stdout;
    assert!(said.contains("READ-ONLY"), "{said}");
    assert!(said.contains("note is not available:"), "{said}");
    assert!(said.contains("written by the first"), "{said}");
    let holder = said
        .lines()
        .find_map(|line| line.split("journal: read-only, ").nth(1))
        .unwrap_or_else(|| panic!("{said}"));
    assert!(
        holder.starts_with(&format!("held by process {} of ", first.pid())),
        "{holder}"
    );
    assert!(!said.contains("Go on with:"), "{said}");
    first.say("note the first goes on\n");
    first.wait_recorded(3);
    assert_eq!(first.finish(), Some(0));
    let record = whole_record(home.path(), &id);
    assert!(record.contains("the first goes on"), "{record}");
    assert!(!record.contains("written by the second"), "{record}");
    assert_eq!(record.lines().count(), 3, "{record}");
}
