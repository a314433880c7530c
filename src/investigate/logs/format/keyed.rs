//! A reader for JSON records that need nothing but a table of names and a
//! last look at what was found. A format made of it is its table and its
//! [`Make`].

use super::facts::Facts;
use super::parser::{Out, Parser, Setting};
use super::said::Speaker;
use super::walk::{Memo, Names, mended, object, text_of};
use crate::investigate::logs::event::{Event, Place};
use std::borrow::Cow;

/// What a record turned out to be.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is handed on at once and never kept"
)]
pub enum Made<'s> {
    /// An event; its place is put in behind.
    Event(Event<'s>),
    /// Understood, and it tells of nobody.
    Quiet,
    /// None of this format.
    Foreign,
}

/// Makes of the facts of a record what it is; there is room for a text that
/// no record holds, such as a route.
pub type Make = for<'s> fn(&'s Facts<'_, '_>, &'s mut String) -> Made<'s>;

/// Reads such records.
#[derive(Debug)]
pub struct Keyed {
    names: Names,
    make: Make,
    copied: String,
    memo: Memo,
    room: String,
    speaker: Speaker,
}

impl Keyed {
    /// Nothing read yet.
    pub fn new(names: Names, make: Make, setting: &Setting) -> Self {
        Self {
            names,
            make,
            copied: String::new(),
            memo: Memo::default(),
            room: String::new(),
            speaker: Speaker::new(setting),
        }
    }

    /// The same as the registry wants it.
    pub fn boxed(names: Names, make: Make, setting: &Setting) -> Box<dyn Parser> {
        Box::new(Self::new(names, make, setting))
    }

    fn read(&mut self, text: &str, place: Place, out: &mut dyn Out) -> bool {
        let mut facts = Facts::new(&mut self.copied);
        if !object(text, self.names, &mut self.memo, &mut facts) {
            return false;
        }
        match (self.make)(&facts, &mut self.room) {
            Made::Event(event) => {
                let event = Event { place, ..event };
                self.speaker.emit(event, facts.unzoned, out);
                true
            }
            Made::Quiet => true,
            Made::Foreign => false,
        }
    }
}

impl Parser for Keyed {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = text_of(record);
        let text = text.trim_start_matches('\u{feff}').trim();
        let text = text.strip_suffix(',').unwrap_or(text);
        // The brackets of an array over several lines hold nothing.
        if matches!(text, "" | "[" | "]") {
            return;
        }
        if text.starts_with('{') && self.read(text, place, out) {
            return;
        }
        let again = sound(text);
        if again == text || !self.read(&again, place, out) {
            out.unparsed(place);
        }
    }
}

/// A text as JSON allows it: control characters are blanks, and bytes that
/// nginx and Apache write as `\xHH` are what they stand for.
fn sound(text: &str) -> Cow<'_, str> {
    if memchr::memmem::find(text.as_bytes(), b"\\x").is_none() {
        return mended(text.as_bytes());
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = bytes.get(at + 2..at + 4);
        match (byte, bytes.get(at + 1)) {
            (b'\\', Some(b'x')) => {
                let value = super::request::pair(hex);
                match value {
                    Some(value) if value >= 0x80 => plain.push(value),
                    Some(value) => plain.extend(format!("\\u{value:04x}").bytes()),
                    None => plain.extend(b"\\\\x"),
                }
                at += if value.is_some() { 4 } else { 2 };
            }
            (b'\\', Some(next)) => {
                plain.extend([b'\\', *next]);
                at += 2;
            }
            _ => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    Cow::Owned(mended(&plain).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_that_json_does_not_know_are_mended() {
        for (text, want) in [
            (r#"{"a":"x"}"#, r#"{"a":"x"}"#),
            (r#"{"a":"\x22b\xC3\xA4"}"#, "{\"a\":\"\\u0022b\u{e4}\"}"),
            (r#"{"a":"\\x22"}"#, r#"{"a":"\\x22"}"#),
            (r#"{"a":"\xzz"}"#, r#"{"a":"\\xzz"}"#),
            ("{\"a\":\"\\x1", "{\"a\":\"\\\\x1"),
            ("{\"a\":\"\u{1}\"}", "{\"a\":\" \"}"),
        ] {
            assert_eq!(sound(text), want, "{text}");
        }
    }
}
