//! The objects of a sample of JSON, to tell whose they are: one a line, one
//! after another, over many lines, in an array, or below one key of a top
//! object that is still open where the sample ends. A leaf.

use memchr::memmem;

/// Keys of a top object below which lists of records stand.
const LISTS: [&str; 9] = [
    "Records", "records", "events", "logs", "data", "result", "results", "items", "value",
];

/// How many objects of the sample a test is true for.
pub fn count(sample: &[u8], test: impl Fn(&[u8]) -> bool) -> usize {
    let mut found = 0;
    let mut at = 0;
    while let Some(begin) = start(sample, at) {
        if let Some(inside) = list(sample, begin) {
            at = inside;
        } else if let Some(end) = end(sample, begin) {
            found += usize::from(test(&sample[begin..end]));
            at = end;
        } else {
            // Torn or no JSON: the next line may be sound.
            match memmem::find(&sample[begin..], b"\n{") {
                Some(next) => at = begin + next + 1,
                None => break,
            }
        }
    }
    found
}

/// Whether an object holds all of these words; a key is asked for with its
/// quotes.
pub fn holds(object: &[u8], words: &[&str]) -> bool {
    words
        .iter()
        .all(|word| memmem::find(object, word.as_bytes()).is_some())
}

/// Where the next object begins, from `at` on: marks between objects are
/// passed over, and lines of something else too.
fn start(sample: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match sample.get(at)? {
            b'{' => return Some(at),
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | b'}' | 0x1e | 0xef | 0xbb
            | 0xbf => at += 1,
            _ => at += memchr::memchr(b'\n', &sample[at..])?,
        }
    }
}

/// The inside of a list that is the first value of an object.
fn list(sample: &[u8], begin: usize) -> Option<usize> {
    let blanks = |mut at: usize| {
        while matches!(sample.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            at += 1;
        }
        at
    };
    let mut at = blanks(begin + 1);
    let rest = sample.get(at..)?.strip_prefix(b"\"")?;
    let name = LISTS
        .iter()
        .find(|name| rest.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"\"")))?;
    for mark in [b':', b'['] {
        at = if mark == b':' {
            blanks(at + name.len() + 2)
        } else {
            blanks(at)
        };
        if sample.get(at) != Some(&mark) {
            return None;
        }
        at += 1;
    }
    (sample.get(blanks(at)) == Some(&b'{')).then_some(at)
}

/// Behind the end of the object that begins at `begin`.
fn end(sample: &[u8], begin: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = begin;
    loop {
        at += memchr::memchr3(b'"', b'{', b'}', sample.get(at..)?)?;
        match sample[at] {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => loop {
                at += 1;
                at += memchr::memchr2(b'"', b'\\', sample.get(at..)?)?;
                if sample[at] == b'"' {
                    break;
                }
                at += 1;
            },
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_found_in_every_framing() {
        for sample in [
            "{\"a\":1}\n{\"a\":{\"b\":\"}\"}}\n",
            "[{\"a\":1},\n {\"a\":2}]",
            "{\"a\":1}{\"a\":2}",
            "{\"Records\":[{\"a\":1},{\"a\":2},{\"a\":",
            "{ \"Records\" : [ {\"a\":1},{\"a\":2}]}",
            "\u{feff}{\n \"a\": 1\n}\n{\n \"a\": 2\n}",
            "noise\n{\"a\":1}\n{\"b\":1}\nnoise {\"a\":7}\n{\"a\":\"\\\"{\"}",
            "{\"a\":1}\n{\"a\":\"torn\n{\"a\":2}",
        ] {
            let found = count(sample.as_bytes(), |object| holds(object, &["\"a\""]));
            assert_eq!(found, 2, "{sample}");
        }
    }

    #[test]
    fn a_list_within_a_record_is_no_wrapper() {
        let sample = br#"{"id":"1","metadata":[{"a":1}]}"#;
        assert_eq!(count(sample, |object| object.starts_with(b"{\"id\"")), 1);
        assert_eq!(count(b"}{]", |_| true), 0);
    }
}
