//! Rules on single files: length, head, names and forbidden calls.

use super::source::File;

/// The hard limit of a file, in lines.
const LONGEST: usize = 400;

/// What must not stand in the program's code, and why.
pub const IN_SOURCE: [(&str, &str); 5] = [
    ("set_symbol(", "raw escape bytes would reach the terminal"),
    ("thread::sleep", "wait for an event or a deadline"),
    ("todo!", "finish it or leave it out"),
    ("unimplemented!", "finish it or leave it out"),
    ("#[allow(", "write #[expect(.., reason = \"..\")]"),
];

/// What must not stand in tests and benches, and why.
pub const IN_TESTS: [(&str, &str); 4] = [
    ("sleep(", "wait for an event with a deadline"),
    ("todo!", "finish it or leave it out"),
    ("unimplemented!", "finish it or leave it out"),
    ("#[allow(", "write #[expect(.., reason = \"..\")]"),
];

/// Files over the limit.
pub fn too_long(files: &[File]) -> Vec<String> {
    files
        .iter()
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{} has {lines} lines", file.path))
        .collect()
}

/// Files that do not open with `//!`.
pub fn no_head(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| format!("{} does not open with //!", file.path))
        .collect()
}

/// Files named `mod.rs`.
pub fn mod_rs(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.path.ends_with("/mod.rs"))
        .map(|file| format!("{} should stand beside its folder", file.path))
        .collect()
}

/// Calls from a list, with file and line.
pub fn forbidden(files: &[File], list: &[(&str, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (at, line) in file.code().lines().enumerate() {
            for (word, why) in list {
                if holds(line, word) {
                    found.push(format!("{}:{} {word} ({why})", file.path, at + 1));
                }
            }
        }
    }
    found
}

/// Whether the word stands in the line and no longer word ends in it.
fn holds(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Uses of `color_eyre` outside the front door.
pub fn color_eyre(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.path != "src/main.rs" && file.code().contains("color_eyre"))
        .map(|file| format!("{} names color_eyre", file.path))
        .collect()
}

#[test]
fn a_long_file_is_found() {
    let just = File::planted("src/a.rs", &"x\n".repeat(400));
    assert!(too_long(&[just]).is_empty());
    let over = File::planted("src/a.rs", &"x\n".repeat(401));
    assert_eq!(too_long(&[over]), ["src/a.rs has 401 lines"]);
}

#[test]
fn a_file_without_a_head_is_found() {
    let bare = File::planted("src/a.rs", "// not a head\nfn a() {}\n");
    assert_eq!(no_head(&[bare]).len(), 1);
    assert!(no_head(&[File::planted("src/a.rs", "//! A head.\n")]).is_empty());
}

#[test]
fn a_mod_rs_is_found() {
    assert_eq!(mod_rs(&[File::planted("src/ui/mod.rs", "")]).len(), 1);
    assert!(mod_rs(&[File::planted("src/ui/prod_mod.rs", "")]).is_empty());
}

#[test]
fn every_forbidden_call_is_found() {
    for (list, folder) in [(&IN_SOURCE[..], "src"), (&IN_TESTS[..], "tests")] {
        for (word, _) in list {
            let text = format!("fn a() {{\n    {word} }}\n");
            let found = forbidden(&[File::planted(&format!("{folder}/a.rs"), &text)], list);
            assert_eq!(found.len(), 1, "{word}");
            assert!(found[0].contains("/a.rs:2 "), "{found:?}");
        }
    }
    let spoken = File::planted("src/a.rs", "// todo! is fine here\nlet x = \"todo!\";\n");
    assert!(forbidden(&[spoken], &IN_SOURCE).is_empty());
    let other = File::planted("tests/a.rs", "no_pg_sleep(1);\n");
    assert!(forbidden(&[other], &IN_TESTS).is_empty());
}

#[test]
fn color_eyre_elsewhere_is_found() {
    let files = [
        File::planted("src/main.rs", "use color_eyre::Result;"),
        File::planted("src/cli.rs", "use color_eyre::Result;"),
    ];
    assert_eq!(color_eyre(&files), ["src/cli.rs names color_eyre"]);
}
