//! Walks over one JSON object and picks the values of known keys: no tree is
//! built and nothing is copied that holds no escape.
//!
//! All of the grammar is held to, so that a torn or foreign record is told;
//! brackets nest as deep as [`SHALLOW`] and no deeper, whatever comes.
//!
//! `WITHIN` reads an object that stands escaped within a text, see `message`.

use super::super::facts::{Facts, Slot, Value};
use super::super::shallow::SHALLOW;
use super::alike::{Leaf, Step};
use super::means::{Means, Names};
use super::memo::Memo;
use super::number::number;
use super::printed::{Found, Printed};
use super::text::{end, is_clean, stop, unescape};

/// Objects and lists below each other that are looked into.
const DEEPEST: u8 = 16;

/// What stands behind an opening quote.
enum Plain<'a> {
    Text(&'a str),
    Escaped,
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
        self.blank();
        let from = self.at;
        let compares = self.memo.compares(names);
        // Facts of another object would be lost where the comparing fails.
        if compares && self.facts.is_empty() && self.memo.alike.tries() {
            if self.alike().is_some() {
                self.memo.alike.hit();
                return Some(());
            }
            self.at = from;
            self.facts.clear();
            if let Some(printed) = &mut self.printed {
                printed.facts.clear();
                printed.found = Found::Unread;
            }
        }
        if self.byte() != Some(b'{') {
            return None;
        }
        self.memo.begin();
        self.memo.alike.begin();
        self.map(Means::within(names), 0)?;
        if compares {
            let text = self.text.as_bytes();
            self.memo.alike.learn(text, from, self.at);
        }
        Some(())
    }

    /// Reads a line that is written as lines before.
    fn alike(&mut self) -> Option<()> {
        let mut before = None;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let at = self.memo.alike.next(before, rest)?;
            before = Some(at);
            let node = self.memo.alike.node(at)?;
            for same in &node.same {
                let Means { rank, kind, .. } = same.means;
                let text = self.text.get(self.at + same.from..self.at + same.to)?;
                self.facts.put(same.slot, rank, kind, Value::Borrowed(text));
            }
            self.at += node.text.len();
            match node.value {
                None => return Some(()),
                Some((Leaf::Text, means, depth)) if means.slot == Some(Slot::Message) => {
                    self.text(means, depth)?;
                }
                Some((Leaf::Text, means, _)) => self.string(means)?,
                Some((Leaf::Number, means, _)) => {
                    let (value, end) = number(self.text, self.at)?;
                    self.at = end;
                    self.put(means, value);
                }
            }
        }
    }

    /// Notes a value that was read, for lines to come.
    #[inline]
    fn step(&mut self, from: usize, leaf: Leaf, means: Means, depth: u8) {
        let quote = match leaf {
            Leaf::Text if WITHIN => 2,
            Leaf::Text => 1,
            Leaf::Number => 0,
        };
        self.memo.alike.step(Step {
            from,
            to: self.at - quote,
            end: self.at,
            leaf,
            means,
            depth,
        });
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
                let from = self.at;
                self.text(means, depth)?;
                self.step(from, Leaf::Text, means, depth);
                Some(())
            }
            b'{' => self.map(means, depth),
            b'[' => self.list(means, depth),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => {
                let from = self.at;
                let (value, end) = number(self.text, from)?;
                self.at = end;
                self.put(means, value);
                self.step(from, Leaf::Number, means, depth);
                Some(())
            }
        }
    }

    /// A text behind its opening quote.
    #[inline]
    fn text(&mut self, means: Means, depth: u8) -> Option<()> {
        if means.slot == Some(Slot::Message) && self.printed.is_some() {
            return self.message(means, depth);
        }
        self.string(means)
    }

    #[inline]
    pub fn put(&mut self, means: Means, value: Value<'a, '_>) {
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

    /// A text up to its closing quote, which is passed over where it holds no
    /// escapes.
    #[inline]
    fn plain(&mut self) -> Option<Plain<'a>> {
        let bytes = self.text.as_bytes();
        let stop = stop(bytes, self.at)?;
        if (bytes[stop] == b'"') == WITHIN {
            return Some(Plain::Escaped);
        }
        if WITHIN && bytes.get(stop + 1) != Some(&b'"') {
            return None;
        }
        let text = self.text.get(self.at..stop)?;
        if !self.clean && !is_clean(text.as_bytes()) {
            return None;
        }
        self.at = stop + if WITHIN { 2 } else { 1 };
        Some(Plain::Text(text))
    }

    #[inline]
    pub fn string(&mut self, means: Means) -> Option<()> {
        match self.plain()? {
            Plain::Text(text) => {
                self.put(means, Value::Borrowed(text));
                Some(())
            }
            Plain::Escaped => self.escaped(means),
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
    pub fn raw(&mut self) -> Option<&'a str> {
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
            let mut inner = self.key(names)?;
            self.blank();
            if !inner.is_skip() && inner.kind.is_empty() {
                // `customer: {id}`: the id is one of a customer.
                inner.kind = means.kind;
            }
            self.value(inner, depth + 1)?;
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

    /// A key with its colon, looked up.
    #[inline]
    fn key(&mut self, names: Option<Names>) -> Option<Means> {
        if let Some(names) = names
            && let Some((means, length)) =
                self.memo.guess(names, self.text.as_bytes().get(self.at..)?)
        {
            self.at += length;
            return Some(means);
        }
        self.unguessed(names)
    }

    fn unguessed(&mut self, names: Option<Names>) -> Option<Means> {
        let from = self.at;
        self.quote()?;
        let Plain::Text(key) = self.plain()? else {
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
            self.memo.alike.odd();
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
