//! The README, held against the program: commands, keys and promises.
//!
//! `just readme` (that is `FIRSTHOUR_README=write`) writes the keys table
//! anew from the bindings, and `docs/checks.md` from the pages of the checks;
//! without it the tests only compare.

mod checks;

use crate::support::cli::firsthour;
use firsthour::app::bindings::{BINDINGS, Binding, Scope};
use firsthour::app::screen::ScreenKind;
use firsthour::config::Env;
use std::collections::BTreeSet;
use std::path::Path;

/// The two commands a new user runs.
const COMMANDS: [&str; 2] = ["cargo run --locked -- drill", "cargo test --locked"];

const KEYS_OPEN: &str = "<!-- keys: generated from the table of bindings -->";
const KEYS_CLOSE: &str = "<!-- keys: end -->";

/// How many screens there are; a row that names them all works everywhere.
const SCREENS: usize = 13;

fn readme() -> String {
    read("README.md")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Every row of the bindings: keys, the word in plain form, what it does and
/// where it works.
fn expected_keys_table() -> String {
    keys_table(BINDINGS.iter().map(|row| {
        [
            row.keys_text(),
            row.name.to_owned(),
            row.long.to_owned(),
            place(row),
        ]
    }))
}

/// The screens a row works on, by their titles.
fn place(row: &Binding) -> String {
    match row.scope {
        Scope::On(screens) if screens.len() < SCREENS => {
            let titles: Vec<&str> = screens.iter().copied().map(ScreenKind::title).collect();
            titles.join(", ")
        }
        _ => "everywhere".to_owned(),
    }
}

/// A table of rows with four cells each.
fn keys_table(rows: impl IntoIterator<Item = [String; 4]>) -> String {
    let mut table =
        String::from("| Keys | Word | What it does | Where |\n| --- | --- | --- | --- |\n");
    for row in rows {
        let cells = row.map(|cell| cell.replace('|', "\\|"));
        table.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    table
}

/// The text between two markers.
fn between<'a>(text: &'a str, open: &str, close: &str) -> &'a str {
    let from = text.find(open).unwrap_or_else(|| panic!("no {open}")) + open.len();
    let rest = &text[from..];
    rest[..rest.find(close).unwrap_or_else(|| panic!("no {close}"))].trim()
}

/// The rows of the promises table, as `(promise, tests)`.
fn promises(readme: &str) -> Vec<(String, Vec<String>)> {
    let from = readme.find("\n## Promises\n").unwrap() + 1;
    let section = &readme[from..];
    let section = &section[..section[3..].find("\n## ").map_or(section.len(), |n| n + 3)];
    section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"))
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
            let tests = cells[1].split('`').skip(1).step_by(2);
            (
                cells[0].trim().to_owned(),
                tests.map(str::to_owned).collect(),
            )
        })
        .collect()
}

/// Every test function of the crate, as `path/of/file.rs::name`.
fn tests_that_exist() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    let mut open = vec![root.join("src"), root.join("tests")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(root).unwrap().display().to_string();
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(test_names(&text).map(|name| format!("{inside}::{name}")));
            }
        }
    }
    found
}

/// Names of functions under a test attribute or inside `proptest!`, which
/// writes the same attribute.
fn test_names(text: &str) -> impl Iterator<Item = String> + '_ {
    let mut marked = false;
    text.lines().filter_map(move |line| {
        let line = line.trim();
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            marked = true;
            return None;
        }
        let name = line
            .trim_start_matches("async ")
            .strip_prefix("fn ")
            .filter(|_| marked)?;
        marked = false;
        Some(name.chars().take_while(|c| *c != '(').collect())
    })
}

/// Subcommands named as `firsthour WORD` between backticks or in a block.
fn named_subcommands(readme: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for (at, _) in readme.match_indices("firsthour ") {
        let quoted = readme[..at].ends_with(['`', '\n']);
        let rest = &readme[at + "firsthour ".len()..];
        let word: String = rest
            .chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '-')
            .collect();
        if quoted && !word.is_empty() && !word.starts_with('-') {
            words.insert(word);
        }
    }
    words
}

#[test]
fn the_two_commands_are_there() {
    let readme = readme();
    for command in COMMANDS {
        assert!(readme.lines().any(|line| line == command), "{command}");
    }
    let ci = read(".ci/run");
    assert!(ci.contains("readme_test_command"), "CI runs what it reads");
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let tests = tests_that_exist();
    let promises = promises(&readme());
    assert!(promises.len() >= 8, "{promises:?}");
    for (promise, named) in promises {
        assert!(!named.is_empty(), "no test for: {promise}");
        for test in named {
            assert!(
                tests.iter().any(|t| t.ends_with(&format!("/{test}"))),
                "{promise}: there is no test {test}"
            );
        }
    }
}

#[test]
fn the_keys_table_is_the_one_in_use() {
    let expected = expected_keys_table();
    let mut readme = readme();
    if Env::read().get("FIRSTHOUR_README") == Some("write") {
        let (before, rest) = readme.split_once(KEYS_OPEN).unwrap();
        let (_, after) = rest.split_once(KEYS_CLOSE).unwrap();
        readme = format!("{before}{KEYS_OPEN}\n\n{expected}\n{KEYS_CLOSE}{after}");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
        std::fs::write(file, &readme).unwrap();
    }
    let told = between(&readme, KEYS_OPEN, KEYS_CLOSE);
    assert!(
        told == expected.trim(),
        "the keys table is not the one in use; run `just readme`"
    );
}

#[test]
fn every_subcommand_it_names_exists() {
    let home = tempfile::tempdir().unwrap();
    let help = firsthour(home.path(), &["--help"]).go().stdout;
    let named = named_subcommands(&readme());
    assert!(named.len() > 5, "{named:?}");
    for word in named {
        let known = help.lines().any(|l| l.trim_start().starts_with(&word));
        assert!(known, "`firsthour {word}` is not in --help");
    }
}

#[test]
fn files_it_points_at_exist() {
    let readme = readme();
    for part in readme.split("](").skip(1) {
        let link = part.split(')').next().unwrap();
        if !link.contains("://") && !link.starts_with('#') {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(link);
            assert!(path.exists(), "{link} does not exist");
        }
    }
}

#[test]
fn the_readers_of_this_test_read() {
    let text = "#[test]\nfn one() {}\nfn two() {}\n#[tokio::test(x)]\nasync fn three() {}\n";
    assert_eq!(test_names(text).collect::<Vec<_>>(), ["one", "three"]);
    let page = "x\n## Promises\n\n| A | B |\n| --- | --- |\n| p | `a.rs::b`, `c.rs::d` |\n\n## Next\n| q | `e` |\n";
    let expected = vec!["a.rs::b".to_owned(), "c.rs::d".to_owned()];
    assert_eq!(promises(page), [("p".to_owned(), expected)]);
    let words = named_subcommands("`firsthour drill` firsthour is\nfirsthour check database");
    assert_eq!(words.into_iter().collect::<Vec<_>>(), ["check", "drill"]);
    let table = keys_table([["a|b", "do", "Does it", "everywhere"].map(str::to_owned)]);
    assert!(table.ends_with("| a\\|b | do | Does it | everywhere |\n"));
    assert_eq!(between("a <x> b <y> c", "<x>", "<y>"), "b");
}
