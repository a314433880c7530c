//! The message of a record, which may be JSON itself, as programs print JSON
//! into logs that are JSON. There a quote is `\"`: the object is read where it
//! stands. Anything else that is escaped in it is left to a reader of the
//! unescaped text.

use super::super::facts::{Slot, Value};
use super::means::Means;
use super::printed::{Found, Printed};
use super::reader::Reader;
use super::text::are_plain_escapes;

impl<const WITHIN: bool> Reader<'_, '_, '_, '_, WITHIN> {
    /// The message of a record: JSON in it is read where it stands, and what
    /// says nothing is not even unescaped.
    pub fn message(&mut self, means: Means, depth: u8) -> Option<()> {
        let printed = self.printed.as_mut()?;
        if depth > 1 || !self.clean || self.facts.has(Slot::Message) {
            // Several messages are one, which needs them as they are.
            let needed = printed.found == Found::Unread;
            return if needed { self.string(means) } else { None };
        }
        let bytes = self.text.as_bytes();
        if bytes.get(self.at..)?.starts_with(b"{\\\"")
            && let Some(end) = within(self.text, self.at, printed)
        {
            printed.found = Found::Read;
            let raw = self.text.get(self.at..end)?;
            self.at = end + 1;
            self.put(means, Value::Borrowed(raw));
            return Some(());
        }
        let from = self.at;
        let raw = self.raw()?;
        let printed = self.printed.as_mut()?;
        let shown = are_plain_escapes(raw.as_bytes()) == Some(true) && !raw.starts_with("\\\"");
        if !shown || (printed.promising)(raw) {
            self.at = from;
            return self.string(means);
        }
        printed.found = Found::Quiet;
        self.put(means, Value::Borrowed(raw));
        Some(())
    }
}

/// Reads the object that stands escaped at `from`; gives where the text
/// around it ends.
fn within<'a>(text: &'a str, from: usize, printed: &mut Printed<'a, '_, '_>) -> Option<usize> {
    let mut reader = Reader::<'a, '_, '_, '_, true> {
        text,
        at: from,
        facts: &mut *printed.facts,
        memo: &mut *printed.memo,
        printed: None,
        clean: true,
    };
    let read = reader.object(printed.names);
    let bytes = text.as_bytes();
    let mut at = reader.at;
    while bytes.get(at..).is_some_and(|rest| rest.starts_with(b"\\n")) {
        at += 2;
    }
    let whole = read.is_some() && bytes.get(at) == Some(&b'"');
    if !whole {
        printed.facts.clear();
    }
    whole.then_some(at)
}
