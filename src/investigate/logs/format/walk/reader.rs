//! Walks over one JSON object and picks the values of known keys: no tree is
//! built and nothing is copied that holds no escape.
//!
//! All of the grammar is held to, so that a torn or foreign record is told;
//! brackets nest as deep as [`SHALLOW`] and no deeper, whatever comes.
//!
//! `WITHIN` reads an object that stands escaped within a text, as programs
//! print JSON into logs that are JSON: there a quote is `\"`. Anything else
//! that is escaped in it is left to a reader of the unescaped text.

use super::super::facts::{Facts, Slot, Value};
use super::super::shallow::SHALLOW;
use super::means::{Means, Names};
use super::memo::Memo;
use super::number::number;
use super::text::{end, is_clean, stop, unescape};

/// Objects and lists below each other that are looked into.
const DEEPEST: u8 = 16;

/// What the message of a record says, found on the way.
pub struct Printed<'a, 'r, 'c> {
    /// The names in it.
    pub names: Names,
    pub facts: &'r mut Facts<'a, 'c>,
    pub memo: &'r mut Memo,
    /// Whether a message is worth to be read.
    pub promising: fn(&str) -> bool,
    pub found: Found,
}

/// What came of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It was not looked at.
    Unread,
    /// It says nothing that is looked for.
    Quiet,
    /// Its facts were found.
    Read,
}

/// Where a walk stands.
pub struct Reader<'a, 'r, 'b, 'c, const WITHIN: bool> {
    pub text: &'a str,
    pub at: usize,
    pub facts: &'r mut Facts<'a, 'b>,
    pub memo: &'r mut Memo,
    pub printed: Option<Printed<'a, 'r, 'c>>,
    /// No control character stands in the text.
    pub clean: bool,
}

impl<'a, const WITHIN: bool> Reader<'a, '_, '_, '_, WITHIN> {
    /// Reads the object at hand.
    pub fn object(&mut self, names: Names) -> Option<()> {
        self.memo.begin();
        self.blank();
        if self.byte() != Some(b'{') {
            return None;
        }
        self.map(Means::within(names), 0)
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over blanks; mostly there are none.
    #[inline]
    pub fn blank(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.byte() {
            self.at += 1;
        }
    }

    fn value(&mut self, means: Means, depth: u8) -> Option<()> {
        match self.byte()? {
            b'"' | b'\\' => {
                self.quote()?;
                if means.slot == Some(Slot::Message) && self.printed.is_some() {
                    return self.message(means, depth);
                }
                self.string(means)
            }
            b'{' => self.map(means, depth),
            b'[' => self.list(means, depth),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => {
                let (value, end) = number(self.text, self.at)?;
                self.at = end;
                self.put(means, value);
                Some(())
            }
        }
    }

    #[inline]
    fn put(&mut self, means: Means, value: Value<'a, '_>) {
        if let Some(slot) = means.slot {
            self.facts.put(slot, means.rank, means.kind, value);
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        self.at += word.len();
        rest.starts_with(word.as_bytes()).then_some(())
    }

    /// Takes an opening quote.
    #[inline]
    fn quote(&mut self) -> Option<()> {
        let rest = self.text.as_bytes().get(self.at..)?;
        let quote: &[u8] = if WITHIN { b"\\\"" } else { b"\"" };
        self.at += quote.len();
        rest.starts_with(quote).then_some(())
    }

    /// A text up to its closing quote, which is passed over; `None` besides
    /// where it holds escapes.
    #[inline]
    fn plain(&mut self) -> Option<Option<&'a str>> {
        let bytes = self.text.as_bytes();
        let stop = stop(bytes, self.at)?;
        if (bytes[stop] == b'"') == WITHIN {
            return Some(None);
        }
        if WITHIN && bytes.get(stop + 1) != Some(&b'"') {
            return None;
        }
        let text = self.text.get(self.at..stop)?;
        if !self.clean && !is_clean(text.as_bytes()) {
            return None;
        }
        self.at = stop + if WITHIN { 2 } else { 1 };
        Some(Some(text))
    }

    #[inline]
    fn string(&mut self, means: Means) -> Option<()> {
        match self.plain()? {
            Some(text) => {
                self.put(means, Value::Borrowed(text));
                Some(())
            }
            None => self.escaped(means),
        }
    }

    /// A text with escapes.
    fn escaped(&mut self, means: Means) -> Option<()> {
        let raw = self.raw()?;
        let mut scratch = std::mem::take(&mut self.memo.scratch);
        let read = unescape(raw, &mut scratch);
        if read.is_some() {
            self.put(means, Value::Copied(&scratch));
        }
        self.memo.scratch = scratch;
        read
    }

    /// A text as it stands; not for what is within another.
    fn raw(&mut self) -> Option<&'a str> {
        if WITHIN {
            return None;
        }
        let end = end(self.text.as_bytes(), self.at)?;
        let raw = self.text.get(self.at..end)?;
        if !self.clean && !is_clean(raw.as_bytes()) {
            return None;
        }
        self.at = end + 1;
        Some(raw)
    }

    /// The message of a record: JSON in it is read where it stands, and what
    /// says nothing is not even unescaped.
    fn message(&mut self, means: Means, depth: u8) -> Option<()> {
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
        let hides = raw.contains("\\u") || matches!(raw.as_bytes(), [b'\\', b'"', ..]);
        let printed = self.printed.as_mut()?;
        if hides || (printed.promising)(raw) {
            self.at = from;
            return self.string(means);
        }
        printed.found = Found::Quiet;
        // What is escaped in it is held to the grammar all the same.
        let scratch = &mut self.memo.scratch;
        if memchr::memchr(b'\\', raw.as_bytes()).is_some() {
            unescape(raw, scratch)?;
        }
        self.put(means, Value::Borrowed(raw));
        Some(())
    }

    fn map(&mut self, means: Means, depth: u8) -> Option<()> {
        if usize::from(depth) >= SHALLOW {
            return None;
        }
        let names = means.inside.filter(|_| depth < DEEPEST);
        self.at += 1;
        self.blank();
        if self.byte() == Some(b'}') {
            self.at += 1;
            return Some(());
        }
        loop {
            self.member(names, means.kind, depth + 1)?;
            self.blank();
            let byte = self.byte()?;
            self.at += 1;
            match byte {
                b',' => self.blank(),
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// A key and its value.
    #[inline]
    fn member(&mut self, names: Option<Names>, kind: &'static str, depth: u8) -> Option<()> {
        let guess = match names {
            Some(names) => self.memo.guess(names, self.text.as_bytes().get(self.at..)?),
            None => None,
        };
        let guessed = guess.is_some();
        let mut means = match guess {
            Some(guess) => {
                self.at += guess.key;
                guess.means
            }
            None => self.key(names)?,
        };
        if !means.is_skip() && means.kind.is_empty() {
            // `customer: {id}`: the id is one of a customer.
            means.kind = kind;
        }
        if let Some(value) = guess.map(|guess| guess.value).filter(|length| *length > 0) {
            if !means.is_skip() {
                let quote = if WITHIN { 2 } else { 1 };
                let text = self.text.get(self.at + quote..self.at + value - quote)?;
                self.put(means, Value::Borrowed(text));
            }
            self.at += value;
            return Some(());
        }
        self.blank();
        let from = self.at;
        let is_text = self.byte() == Some(if WITHIN { b'\\' } else { b'"' });
        if is_text && means.slot != Some(Slot::Message) {
            self.quote()?;
            if let Some(text) = self.plain()? {
                self.put(means, Value::Borrowed(text));
                if guessed {
                    let value = self.text.as_bytes().get(from..self.at)?;
                    self.memo.note(value);
                }
                return Some(());
            }
            return self.escaped(means);
        }
        self.value(means, depth)
    }

    /// A key with its colon, read and looked up.
    fn key(&mut self, names: Option<Names>) -> Option<Means> {
        let from = self.at;
        self.quote()?;
        let Some(key) = self.plain()? else {
            let raw = self.raw()?;
            let mut scratch = std::mem::take(&mut self.memo.scratch);
            let read = unescape(raw, &mut scratch);
            let means = names.map_or(Means::SKIP, |names| names(&scratch));
            self.memo.scratch = scratch;
            read?;
            self.colon()?;
            return Some(means);
        };
        let direct = self.byte() == Some(b':');
        self.colon()?;
        let Some(names) = names else {
            return Some(Means::SKIP);
        };
        if !direct {
            return Some(names(key));
        }
        let text = self.text.as_bytes().get(from..self.at)?;
        Some(self.memo.look(names, text, key))
    }

    fn colon(&mut self) -> Option<()> {
        self.blank();
        let found = self.byte() == Some(b':');
        self.at += 1;
        found.then_some(())
    }

    /// Of a list of rows the length counts, of any other list the first value.
    fn list(&mut self, mut means: Means, depth: u8) -> Option<()> {
        if usize::from(depth) >= SHALLOW {
            return None;
        }
        let counts = means.slot == Some(Slot::Rows);
        let whole = means;
        if !means.each {
            means.inside = None;
        }
        if counts {
            means = Means::SKIP;
        }
        self.at += 1;
        self.blank();
        let mut length = 0;
        if self.byte() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                self.value(means, depth + 1)?;
                length += 1;
                if !means.each {
                    means.slot = None;
                }
                self.blank();
                let byte = self.byte()?;
                self.at += 1;
                match byte {
                    b',' => self.blank(),
                    b']' => break,
                    _ => return None,
                }
            }
        }
        if counts {
            self.put(whole, Value::Whole(length));
        }
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
