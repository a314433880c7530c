//! Reads JSON into [`Facts`] by tables of names, in one pass, without a tree.
//!
//! A table is a function from a key to what it means. What no table knows is
//! passed over. `reader` walks, `message` looks into what a program printed,
//! `alike` knows the lines before, `memo` guesses
//! the next key, `text` and `number` read the leaves.

mod alike;
mod means;
mod memo;
mod message;
mod number;
mod printed;
mod reader;
mod text;

use super::facts::Facts;
pub use super::shallow::is_shallow;
pub use means::{Means, Names};
pub use memo::Memo;
pub use printed::{Found, Printed};
use reader::Reader;
use std::borrow::Cow;

/// Reads one JSON object; `false` when it is broken. What stood before the
/// break is kept.
pub fn object<'a>(json: &'a str, names: Names, memo: &mut Memo, facts: &mut Facts<'a, '_>) -> bool {
    whole(json, names, memo, facts, None).is_some()
}

/// Reads one JSON object of a kind that does not come again and again.
pub fn once<'a>(json: &'a str, names: Names, facts: &mut Facts<'a, '_>) -> bool {
    object(json, names, &mut Memo::idle(), facts)
}

/// Reads one JSON object and what its message says; `None` when it is broken,
/// or needs [`object`] and a second look at its message.
pub fn printed<'a>(
    json: &'a str,
    names: Names,
    memo: &mut Memo,
    facts: &mut Facts<'a, '_>,
    printed: Printed<'a, '_, '_>,
) -> Option<Found> {
    whole(json, names, memo, facts, Some(printed))
}

fn whole<'a, 'r>(
    json: &'a str,
    names: Names,
    memo: &'r mut Memo,
    facts: &'r mut Facts<'a, '_>,
    printed: Option<Printed<'a, 'r, '_>>,
) -> Option<Found> {
    let mut reader = Reader::<'a, '_, '_, '_, false> {
        text: json,
        at: 0,
        facts,
        memo,
        printed,
        clean: text::is_clean(json.as_bytes()),
    };
    reader.object(names)?;
    reader.blank();
    let found = reader
        .printed
        .map_or(Found::Unread, |printed| printed.found);
    (reader.at == json.len()).then_some(found)
}

/// A record as text: itself, or mended where it is no UTF-8.
pub fn text_of(record: &[u8]) -> Cow<'_, str> {
    match simdutf8::basic::from_utf8(record) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => mended(record),
    }
}

/// A text as the reader accepts it: control characters become blanks, foreign
/// bytes a mark. Borrowed when nothing had to be done.
pub fn mended(bytes: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(bytes);
    if bytes.iter().any(|byte| *byte < b' ') {
        return Cow::Owned(text.replace(|c: char| c < ' ', " "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::facts::Slot;
    use super::*;

    fn names(key: &str) -> Means {
        match key {
            "user" => Means {
                inside: Some(names),
                ..Means::at(Slot::User, 1)
            },
            "rows" => Means::at(Slot::Rows, 0),
            "status" => Means::at(Slot::Status, 0),
            _ => Means::SKIP,
        }
    }

    #[test]
    fn values_of_any_type_and_depth_are_taken() {
        let mut copied = String::new();
        let mut facts = Facts::new(&mut copied);
        let json = r#"{"x":[1,{"y":[]}],"user":{"user":"a\u00e9","z":null},"rows":[{},{},3],"status":"404","user2":true}"#;
        assert!(object(json, names, &mut Memo::default(), &mut facts));
        assert_eq!(facts.text(Slot::User), "a\u{e9}");
        assert_eq!((facts.rows, facts.status), (Some(3), 404));
    }

    /// What a reader finds that has met other lines before is what one finds
    /// that meets the line first.
    #[test]
    fn lines_that_are_alike_are_read_as_each_alone() {
        let mut memo = Memo::default();
        let mut rng = fastrand::Rng::with_seed(5);
        let mut sound = 0;
        for number in 0..6_000_u32 {
            let pick =
                |rng: &mut fastrand::Rng, all: &[&str]| all[rng.usize(..all.len())].to_owned();
            let user = pick(
                &mut rng,
                &[
                    "\"u1\"",
                    "\"u2\"",
                    "7",
                    "null",
                    "\"a\\u00e9\\\"\"",
                    "{\"user\":\"in\"}",
                    "[\"x\",1]",
                    "-1.5",
                ],
            );
            let extra = pick(
                &mut rng,
                &[
                    "",
                    "",
                    "\"host\":\"same\",",
                    "\"deep\":{\"user\":[{}]},",
                    "\"rows\":[1,2,{}],",
                    "\"n\":12,",
                ],
            );
            let host = if number < 3_000 { "one" } else { "two" };
            let mut line = format!(
                "{{\"host\":\"{host}\",{extra}\"user\":{user},\"status\":{}, \"x\":true}}",
                rng.u32(200..204)
            );
            match rng.u8(..40) {
                0 => line.truncate(rng.usize(..line.len())),
                1 => line = line.replace("true", "tru"),
                2 => line = line.replacen(',', "", 1),
                3 => line = line.replace("same", "sa\tme"),
                4 => line.push('}'),
                _ => {}
            }
            let read = |memo: &mut Memo| {
                let mut copied = String::new();
                let mut facts = Facts::new(&mut copied);
                let sound = object(&line, names, memo, &mut facts);
                let told = (facts.text(Slot::User).to_owned(), facts.rows, facts.status);
                (sound, sound.then_some(told))
            };
            let found = read(&mut memo);
            assert_eq!(found, read(&mut Memo::default()), "{line}");
            let known: Result<serde_json::Value, _> = serde_json::from_str(&line);
            assert_eq!(found.0, known.is_ok(), "{line}");
            sound += u32::from(found.0);
        }
        assert!(sound > 5_000);
    }

    #[test]
    fn hostile_depth_is_an_error_and_no_crash() {
        for open in ["[", "{\"a\":", "{\"user\":", "{\"user\":["] {
            let text = open.repeat(1 << 20);
            let mut copied = String::new();
            let mut facts = Facts::new(&mut copied);
            assert!(!object(&text, names, &mut Memo::default(), &mut facts));
            assert!(!is_shallow(text.as_bytes()));
        }
        assert!(is_shallow(&b"{}".repeat(500)));
    }

    #[test]
    fn what_stood_before_a_tear_is_kept() {
        let mut copied = String::new();
        let mut facts = Facts::new(&mut copied);
        assert!(!object(
            r#"{"user":"u1","status":20"#,
            names,
            &mut Memo::default(),
            &mut facts
        ));
        assert_eq!(facts.text(Slot::User), "u1");
    }

    #[test]
    fn dirty_bytes_are_mended() {
        assert!(matches!(mended(b"{}"), Cow::Borrowed(_)));
        assert_eq!(mended(b"a\0b"), "a b");
        assert_eq!(mended(b"a\xffb"), "a\u{fffd}b");
    }
}
