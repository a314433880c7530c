//! Who imports whom: floors, peers and circles.
//!
//! Arrows are read from `use` trees and from paths in the code (`crate::`,
//! `super::`, `self::`, and a child module named directly). A glob counts as
//! an arrow to the module it opens.

use super::source::File;
use std::collections::{BTreeMap, BTreeSet};

/// The floor of each room, by the first name of its path.
const FLOORS: [(&str, u8); 15] = [
    ("domain", 0),
    ("providers", 1),
    ("app", 2),
    ("config", 2),
    ("contain", 2),
    ("drill", 2),
    ("investigate", 2),
    ("journal", 2),
    ("playbooks", 2),
    ("report", 2),
    ("plain", 3),
    ("ui", 3),
    ("runtime", 4),
    ("cli", 5),
    ("main", 6),
];

/// An arrow from one file to another, both as module paths.
type Arrow = (String, String);

/// Arrows that point up or to a peer, and rooms without a floor.
pub fn floor_violations(files: &[File]) -> Vec<String> {
    let floor = |room: &str| FLOORS.iter().find(|(name, _)| *name == room).map(|f| f.1);
    let mut found = Vec::new();
    for file in files.iter().filter(|f| f.path != "src/lib.rs") {
        let room = room_of(&module_path(&file.path)).to_owned();
        if floor(&room).is_none() {
            found.push(format!("{} is in a room without a floor", file.path));
        }
    }
    for (from, to) in arrows(files) {
        let (a, b) = (room_of(&from), room_of(&to));
        let (Some(above), Some(below)) = (floor(a), floor(b)) else {
            continue;
        };
        if a != b && below >= above {
            let how = if below == above { "its peer" } else { "up to" };
            found.push(format!("{from} imports {how} {to}"));
        }
    }
    found
}

/// One line for each circle of files that import one another.
pub fn circles(files: &[File]) -> Vec<String> {
    let mut next: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (from, to) in arrows(files) {
        next.entry(from).or_default().push(to);
    }
    let mut done = BTreeSet::new();
    let mut found = Vec::new();
    for start in next.keys() {
        walk(start, &next, &mut Vec::new(), &mut done, &mut found);
    }
    found
}

fn walk(
    at: &str,
    next: &BTreeMap<String, Vec<String>>,
    trail: &mut Vec<String>,
    done: &mut BTreeSet<String>,
    found: &mut Vec<String>,
) {
    if let Some(from) = trail.iter().position(|name| name == at) {
        found.push(format!("{} -> {at}", trail[from..].join(" -> ")));
        return;
    }
    if done.contains(at) {
        return;
    }
    trail.push(at.to_owned());
    for to in next.get(at).into_iter().flatten() {
        walk(to, next, trail, done, found);
    }
    trail.pop();
    done.insert(at.to_owned());
}

/// `src/domain/finding.rs` -> `domain::finding`.
fn module_path(path: &str) -> String {
    path.trim_start_matches("src/")
        .trim_end_matches(".rs")
        .replace('/', "::")
}

fn room_of(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

/// Every arrow of the tree, each once, none from a file to itself.
fn arrows(files: &[File]) -> BTreeSet<Arrow> {
    let modules: BTreeSet<String> = files.iter().map(|f| module_path(&f.path)).collect();
    let mut all = BTreeSet::new();
    for file in files {
        let from = module_path(&file.path);
        for path in paths(&file.shipped(), &from, &modules) {
            if let Some(to) = resolve(&path, &modules).filter(|to| *to != from) {
                all.insert((from.clone(), to));
            }
        }
    }
    all
}

/// The file a path leads into: the longest head that is a module.
fn resolve(path: &[String], modules: &BTreeSet<String>) -> Option<String> {
    (1..=path.len())
        .rev()
        .map(|n| path[..n].join("::"))
        .find(|head| modules.contains(head))
}

/// Every path of the code, from the crate's root.
fn paths(code: &str, from: &str, modules: &BTreeSet<String>) -> Vec<Vec<String>> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let inside = at > 0 && (tokens[at - 1] == "::" || tokens[at - 1] == "in");
        if inside || tokens.get(at + 1).map(String::as_str) != Some("::") {
            continue;
        }
        let head: Vec<String> = from.split("::").map(str::to_owned).collect();
        let base = match tokens[at].as_str() {
            "crate" => Vec::new(),
            "firsthour" if from == "main" => Vec::new(),
            "self" => head,
            "super" => head[..head.len() - 1].to_vec(),
            name if modules.contains(&format!("{from}::{name}")) => {
                [head, vec![name.to_owned()]].concat()
            }
            _ => continue,
        };
        tree(&tokens, at + 2, base, &mut found);
    }
    found
}

/// Reads a `use` tree (or a plain path) from `at`; returns where it ends.
fn tree(tokens: &[String], at: usize, base: Vec<String>, found: &mut Vec<Vec<String>>) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", String::as_str);
    if word(at) == "{" {
        let mut at = at + 1;
        while !matches!(word(at), "}" | "") {
            at = match word(at) {
                "," => at + 1,
                "as" => at + 2,
                _ => tree(tokens, at, base.clone(), found),
            };
        }
        return at + 1;
    }
    let mut path = base;
    match word(at) {
        "super" => drop(path.pop()),
        "self" | "*" => {}
        name => path.push(name.to_owned()),
    }
    if word(at + 1) == "::" {
        return tree(tokens, at + 2, path, found);
    }
    found.push(path);
    at + 1
}

/// Words, `::`, and every other sign by itself.
fn tokens(code: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || c == '_' {
            let mut word = c.to_string();
            while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                word.push(c);
            }
            out.push(word);
        } else if c == ':' && chars.next_if_eq(&':').is_some() {
            out.push("::".to_owned());
        } else if !c.is_whitespace() {
            out.push(c.to_string());
        }
    }
    out
}

fn tree_of<const N: usize>(files: [(&str, &str); N]) -> Vec<File> {
    files.map(|(path, text)| File::planted(path, text)).to_vec()
}

#[test]
fn an_import_up_is_found_in_every_spelling() {
    for text in [
        "use crate::cli::World;",
        "use crate::{config, cli::{self, World}};",
        "fn a(w: &crate::cli::World) {}",
        "pub(crate) use super::super::cli::World;",
    ] {
        let files = tree_of([
            ("src/domain/entry.rs", text),
            ("src/domain.rs", ""),
            ("src/cli.rs", ""),
        ]);
        let found = floor_violations(&files);
        assert_eq!(found, ["domain::entry imports up to cli"], "{text}");
    }
}

#[test]
fn an_import_of_a_peer_is_found() {
    let files = tree_of([
        ("src/report/markdown.rs", "use crate::journal::verify;"),
        ("src/report.rs", ""),
        ("src/journal.rs", ""),
        ("src/journal/verify.rs", "use crate::domain::entry;"),
        ("src/domain/entry.rs", ""),
    ]);
    assert_eq!(
        floor_violations(&files),
        ["report::markdown imports its peer journal::verify"]
    );
}

#[test]
fn a_room_without_a_floor_is_found() {
    let files = tree_of([("src/util.rs", "")]);
    assert_eq!(floor_violations(&files).len(), 1);
}

#[test]
fn a_circle_is_found_and_a_line_is_not() {
    let circle = tree_of([
        ("src/contain.rs", "static ALL: [A; 1] = [revoke::ACTION];"),
        ("src/contain/revoke.rs", "use super::Action;"),
    ]);
    assert_eq!(circles(&circle), ["contain -> contain::revoke -> contain"]);
    let line = tree_of([
        ("src/contain.rs", "static ALL: [A; 1] = [revoke::ACTION];"),
        ("src/contain/revoke.rs", "use super::action::Action;"),
        ("src/contain/action.rs", "pub trait Action {}"),
    ]);
    assert!(circles(&line).is_empty());
}

#[test]
fn tests_at_the_foot_may_look_anywhere() {
    let files = tree_of([
        (
            "src/domain/entry.rs",
            "\n#[cfg(test)]\nmod tests {\n use crate::cli::World;\n}\n",
        ),
        ("src/cli.rs", ""),
    ]);
    assert!(floor_violations(&files).is_empty());
}
