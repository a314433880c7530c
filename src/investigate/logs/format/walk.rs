//! A JSON object as a list of its leaves with dotted paths, in one pass and
//! without building it: `{"a":[{"b":1}]}` has the leaf `a.b` = `1`. A leaf.
//!
//! Arrays are no part of a path, so that the nested, the flattened and the
//! wrapped form of one log have the same names.

use memchr::memchr2;

/// How a value was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// A number, `true`, `false`, `null`.
    Bare,
    /// A text as it is.
    Text,
    /// A text with backslashes to take off, see [`unescape`].
    Escaped,
}

/// Objects and arrays within each other that are read.
const DEEPEST: usize = 64;

#[derive(Debug, Clone, Copy)]
struct Open {
    is_object: bool,
    /// How long the path is that leads here.
    base: usize,
}

/// Walks over objects; keeps its buffers.
#[derive(Debug, Default)]
pub struct Walker {
    path: String,
    open: Vec<Open>,
}

impl Walker {
    /// Shows every leaf of `text`, whose own path is `base`. Says whether the
    /// text was one whole object; what came before a fault was shown.
    pub fn walk<'a>(
        &mut self,
        text: &'a str,
        base: &str,
        show: &mut impl FnMut(&str, &'a str, Written),
    ) -> bool {
        self.path.clear();
        self.path.push_str(base);
        self.open.clear();
        self.steps(text, show).is_some()
    }

    fn steps<'a>(
        &mut self,
        text: &'a str,
        show: &mut impl FnMut(&str, &'a str, Written),
    ) -> Option<()> {
        let bytes = text.as_bytes();
        let mut at = blanks(bytes, 0);
        if bytes.get(at) != Some(&b'{') {
            return None;
        }
        let mut wants_key = false;
        loop {
            match *bytes.get(at)? {
                byte @ (b'{' | b'[') => {
                    wants_key = byte == b'{';
                    self.enter(wants_key)?;
                    at += 1;
                }
                byte @ (b'}' | b']') => {
                    self.leave(byte == b'}')?;
                    at += 1;
                    if self.open.is_empty() {
                        return (blanks(bytes, at) == bytes.len()).then_some(());
                    }
                    wants_key = false;
                }
                b',' => {
                    wants_key = self.open.last()?.is_object;
                    at += 1;
                }
                b'"' => {
                    let (end, escaped) = string_end(bytes, at + 1)?;
                    let inside = text.get(at + 1..end)?;
                    at = end + 1;
                    if wants_key {
                        at = blanks(bytes, at);
                        if bytes.get(at) != Some(&b':') {
                            return None;
                        }
                        at += 1;
                        self.name(inside)?;
                        wants_key = false;
                    } else {
                        let written = if escaped { Written::Escaped } else { Written::Text };
                        show(&self.path, inside, written);
                    }
                }
                b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' if !wants_key => {
                    let length = bytes[at..]
                        .iter()
                        .take_while(|byte| !matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'))
                        .count();
                    show(&self.path, text.get(at..at + length)?, Written::Bare);
                    at += length;
                }
                _ => return None,
            }
            at = blanks(bytes, at);
        }
    }

    fn enter(&mut self, is_object: bool) -> Option<()> {
        self.open.push(Open {
            is_object,
            base: self.path.len(),
        });
        (self.open.len() <= DEEPEST).then_some(())
    }

    fn leave(&mut self, is_object: bool) -> Option<()> {
        let left = self.open.pop()?;
        self.path.truncate(left.base);
        (left.is_object == is_object).then_some(())
    }

    fn name(&mut self, name: &str) -> Option<()> {
        self.path.truncate(self.open.last()?.base);
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(name);
        Some(())
    }
}

fn blanks(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// Where a text ends that begins at `at`, and whether it holds a backslash.
pub fn string_end(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let mut escaped = false;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some((at, escaped));
        }
        escaped = true;
        at += 2;
    }
}

/// Adds a text without the escapes of JSON to `plain`.
pub fn unescape(text: &str, plain: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut letters = after.chars();
        let letter = letters.next();
        rest = letters.as_str();
        match letter {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('b') => plain.push('\u{8}'),
            Some('f') => plain.push('\u{c}'),
            Some('u') => rest = unicode(rest, plain),
            Some(other) => plain.push(other),
            None => plain.push('\\'),
        }
    }
    plain.push_str(rest);
}

/// `00e4`, or `d83d\ude00` for two halves of a letter.
fn unicode<'a>(text: &'a str, plain: &mut String) -> &'a str {
    let unit = |text: &str| {
        let digits = text.get(..4)?;
        let sound = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        sound.then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let Some(first) = unit(text) else {
        plain.push('\u{fffd}');
        return text;
    };
    let rest = text.get(4..).unwrap_or("");
    if (0xd800..0xdc00).contains(&first)
        && let Some(tail) = rest.strip_prefix("\\u")
        && let Some(second) = unit(tail).filter(|second| (0xdc00..0xe000).contains(second))
    {
        let letter = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        plain.push(char::from_u32(letter).unwrap_or('\u{fffd}'));
        return tail.get(4..).unwrap_or("");
    }
    plain.push(char::from_u32(first).unwrap_or('\u{fffd}'));
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(text: &str) -> (Vec<String>, bool) {
        let mut found = Vec::new();
        let whole = Walker::default().walk(text, "", &mut |path, value, _| {
            found.push(format!("{path}={value}"));
        });
        (found, whole)
    }

    #[test]
    fn leaves_have_dotted_paths_without_arrays() {
        let text = r#" {"a": [{"b":1,"c":[{"d":"x"}]}, 7], "e":{}, "f":[], "g.h":null ,"i":true} "#;
        let want = ["a.b=1", "a.c.d=x", "a=7", "g.h=null", "i=true"];
        assert_eq!(leaves(text), (want.map(str::to_owned).to_vec(), true));
    }

    #[test]
    fn what_is_torn_or_no_object_is_not_whole() {
        for text in [
            "", "{", "[1]", "7", r#"{"a""#, r#"{"a":1"#, r#"{"a":"x"#, r#"{"a":1]"#, "{1:2}",
            r#"{"a" 1}"#, r#"{"a":1}x"#, r#"{"a":\"}"#, r#"{"a":"\"#, "{]", "{,}]",
        ] {
            assert!(!leaves(text).1, "{text}");
        }
        assert_eq!(leaves(r#"{"a":1,"b":"#).0, ["a=1"]);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = |depth: usize| format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert!(leaves(&deep(60)).1);
        assert!(!leaves(&deep(100_000)).1);
    }

    #[test]
    fn escapes_agree_with_the_standard() {
        for text in [
            r#""a\"b\\c\/d\n\t\r\b\f""#,
            r#""\u00e4\ud83d\ude00x""#,
            r#""plain""#,
        ] {
            let want: String = serde_json::from_str(text).unwrap();
            let mut plain = String::new();
            unescape(&text[1..text.len() - 1], &mut plain);
            assert_eq!(plain, want, "{text}");
        }
        for text in [r"\", r"\u12", r"\ud800", r"\ud800\u0041", r"\uzzzz"] {
            unescape(text, &mut String::new());
        }
    }
}
