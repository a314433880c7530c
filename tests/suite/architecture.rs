//! The house rules, held against the source text of this very crate.
//!
//! Rules live in `architecture/`, one file a kind; each has a test with a
//! planted violation there, so none of them can pass by looking at nothing.
//! To add a rule: a function in the fitting file, its planted violation, and
//! one test here.

mod imports;
mod rules;
mod source;

use source::{File, read_tree};
use std::path::Path;

fn source() -> Vec<File> {
    let files = read_tree(Path::new(env!("CARGO_MANIFEST_DIR")), "src");
    assert!(files.len() > 15, "only {} files were read", files.len());
    files
}

fn suite() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = read_tree(root, "tests");
    if root.join("benches").is_dir() {
        files.extend(read_tree(root, "benches"));
    }
    files
}

fn assert_none(rule: &str, violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{rule}:\n  {}",
        violations.join("\n  ")
    );
}

#[test]
fn imports_point_down() {
    assert_none(
        "an import points down only, and peers do not import each other",
        &imports::floor_violations(&source()),
    );
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    assert_none("no import circles", &imports::circles(&source()));
}

#[test]
fn files_stay_readable() {
    let mut files = source();
    files.extend(suite());
    assert_none("a file has at most 400 lines", &rules::too_long(&files));
    assert_none("a file says first what it is", &rules::no_head(&files));
    assert_none("no mod.rs", &rules::mod_rs(&files));
}

#[test]
fn forbidden_calls_do_not_appear() {
    assert_none(
        "a call the house does without",
        &rules::forbidden(&source(), &rules::IN_SOURCE),
    );
    assert_none(
        "tests wait for events, they never sleep",
        &rules::forbidden(&suite(), &rules::IN_TESTS),
    );
}

#[test]
fn pretty_reports_stay_at_the_front_door() {
    assert_none(
        "color_eyre appears in main.rs alone",
        &rules::color_eyre(&source()),
    );
}
