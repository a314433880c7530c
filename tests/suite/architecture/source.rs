//! Reads source files as text and takes out what is not code.
//!
//! Only comments, literals and the test module at a file's foot are known
//! here; nothing parses Rust beyond that.

use std::path::Path;

/// One source file.
#[derive(Debug, Clone)]
pub struct File {
    /// Path from the crate's root, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    /// A file made up for a rule's own test.
    pub fn planted(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The code without comments and without what stands between quotes.
    pub fn code(&self) -> String {
        strip(&self.text)
    }

    /// The code that ships: [`File::code`] up to the test module at the foot.
    pub fn shipped(&self) -> String {
        let code = self.code();
        let mut at = 0;
        for line in code.split_inclusive('\n') {
            if line.trim() == "#[cfg(test)]" && code[at + line.len()..].starts_with("mod tests {") {
                return code[..at].to_owned();
            }
            at += line.len();
        }
        code
    }
}

/// Every `.rs` file below `root/folder`, in path order.
pub fn read_tree(root: &Path, folder: &str) -> Vec<File> {
    let mut files = Vec::new();
    let mut open = vec![root.join(folder)];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(root).unwrap();
                files.push(File {
                    path: inside.to_str().unwrap().replace('\\', "/"),
                    text: std::fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Blanks comments and the inside of literals; line breaks stay.
pub fn strip(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match (chars[at], chars.get(at + 1)) {
            ('/', Some('/')) => find(&chars, at, |c| c == '\n'),
            ('/', Some('*')) => block_comment(&chars, at),
            ('"', _) => quoted(&chars, at),
            ('r', Some('"' | '#')) if starts_word(&chars, at) => raw_quoted(&chars, at),
            ('\'', _) => char_literal(&chars, at),
            _ => at,
        };
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.push(' ');
            out.extend(chars[at..end].iter().filter(|&&c| c == '\n'));
            at = end;
        }
    }
    out
}

fn starts_word(chars: &[char], at: usize) -> bool {
    // `b` may stand before `r` in a raw byte string.
    let before = chars[..at].iter().rev().find(|&&c| c != 'b');
    !before.is_some_and(|c| c.is_alphanumeric() || *c == '_')
}

fn find(chars: &[char], from: usize, is: impl Fn(char) -> bool) -> usize {
    (from..chars.len())
        .find(|&i| is(chars[i]))
        .unwrap_or(chars.len())
}

fn block_comment(chars: &[char], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

fn quoted(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn raw_quoted(chars: &[char], from: usize) -> usize {
    let open = find(chars, from + 1, |c| c != '#');
    if chars.get(open) != Some(&'"') {
        // A raw identifier such as `r#type`.
        return from;
    }
    let hashes = open - from - 1;
    let closes = |at: usize| {
        chars[at] == '"'
            && chars.len() > at + hashes
            && chars[at + 1..=at + hashes].iter().all(|&c| c == '#')
    };
    (open + 1..chars.len())
        .find(|&at| closes(at))
        .map_or(chars.len(), |at| at + 1 + hashes)
}

/// The end of a character literal, or `from` when it is a lifetime.
fn char_literal(chars: &[char], from: usize) -> usize {
    match (chars.get(from + 1), chars.get(from + 2)) {
        (Some('\\'), Some(_)) => (find(chars, from + 3, |c| c == '\'') + 1).min(chars.len()),
        (Some(_), Some('\'')) => from + 3,
        _ => from,
    }
}

#[test]
fn comments_and_literals_are_blanked() {
    let text = "a // todo!\nb /* x /* y */ z */ c \"to\\\"do!\" d r#\"q\"q\"# 'x' '\\'' &'a e";
    let code = strip(text);
    assert_eq!(
        code.split_whitespace().collect::<Vec<_>>(),
        ["a", "b", "c", "d", "&'a", "e"]
    );
    assert_eq!(code.lines().count(), 2);
}

#[test]
fn the_test_module_is_not_shipped() {
    let file = File::planted(
        "src/x.rs",
        "fn a() {}\n#[cfg(test)]\nmod tests {\n use crate::cli;\n}\n",
    );
    assert_eq!(file.shipped(), "fn a() {}\n");
}
