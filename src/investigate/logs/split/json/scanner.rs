//! Finds where one JSON value ends, piece by piece, in no memory to speak of.
//!
//! It knows the grammar well enough to see where a torn value stops making
//! sense: a line end inside a string, or an object where a key should be.

use memchr::memchr3;

/// Values within each other that are followed.
const DEEPEST: u32 = 63;

/// What came of a look at some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// The value goes on behind them.
    More,
    /// The value ends before this position.
    End(usize),
    /// No value goes on like this.
    Torn(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// `{` or `[`.
    Open,
    Comma,
    Key,
    Colon,
    Value,
    /// In the midst of a number or a bare word.
    Bare,
}

/// The state between two looks.
#[derive(Debug)]
pub struct Scanner {
    /// One bit a level, set for objects; the innermost is the lowest.
    levels: u64,
    depth: u32,
    before: Before,
    in_string: bool,
    escaped: bool,
}

impl Scanner {
    /// Before the first byte of an object, an array or a string.
    pub const fn new() -> Self {
        Self {
            levels: 0,
            depth: 0,
            before: Before::Nothing,
            in_string: false,
            escaped: false,
        }
    }

    /// Looks at the next bytes.
    pub fn look(&mut self, bytes: &[u8]) -> Found {
        let mut at = 0;
        loop {
            if self.in_string {
                match self.string(bytes, at) {
                    Found::End(end) => at = end,
                    other => return other,
                }
                self.in_string = false;
                if self.depth == 0 {
                    return Found::End(at);
                }
            }
            let Some(byte) = bytes.get(at) else {
                return Found::More;
            };
            if !self.step(*byte) {
                return Found::Torn(at);
            }
            at += 1;
            if self.depth == 0 && !self.in_string {
                return Found::End(at);
            }
        }
    }

    /// Passes over a string's inside up to its closing quote.
    fn string(&mut self, bytes: &[u8], from: usize) -> Found {
        let mut at = from;
        loop {
            if self.escaped && at < bytes.len() {
                self.escaped = false;
                if bytes[at] == b'\n' {
                    return Found::Torn(at);
                }
                at += 1;
            }
            let Some(next) = memchr3(b'"', b'\\', b'\n', &bytes[at..]) else {
                return Found::More;
            };
            at += next + 1;
            match bytes[at - 1] {
                b'"' => return Found::End(at),
                b'\\' => self.escaped = true,
                _ => return Found::Torn(at - 1),
            }
        }
    }

    const fn in_object(&self) -> bool {
        self.levels & 1 == 1
    }

    /// Whether a value may stand here.
    const fn takes_value(&self) -> bool {
        match self.before {
            Before::Nothing | Before::Colon => true,
            Before::Open | Before::Comma => !self.in_object(),
            Before::Key | Before::Value | Before::Bare => false,
        }
    }

    /// Takes one byte outside of strings; `false` when it can't stand here.
    fn step(&mut self, byte: u8) -> bool {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                if self.before == Before::Bare {
                    self.before = Before::Value;
                }
                true
            }
            b'"' => self.quote(),
            b'{' | b'[' => self.open(byte == b'{'),
            b'}' | b']' => self.close(byte == b'}'),
            b':' => {
                let fits = self.before == Before::Key;
                self.before = Before::Colon;
                fits
            }
            b',' => {
                let fits = matches!(self.before, Before::Value | Before::Bare);
                self.before = Before::Comma;
                fits
            }
            _ => {
                let fits = self.before == Before::Bare || self.takes_value();
                let bare = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
                self.before = Before::Bare;
                fits && bare && self.depth > 0
            }
        }
    }

    fn quote(&mut self) -> bool {
        self.in_string = true;
        self.escaped = false;
        if self.takes_value() {
            self.before = Before::Value;
            return true;
        }
        let fits = self.in_object() && matches!(self.before, Before::Open | Before::Comma);
        self.before = Before::Key;
        fits
    }

    fn open(&mut self, object: bool) -> bool {
        if !self.takes_value() || self.depth >= DEEPEST {
            return false;
        }
        self.levels = self.levels << 1 | u64::from(object);
        self.depth += 1;
        self.before = Before::Open;
        true
    }

    fn close(&mut self, object: bool) -> bool {
        let ends = matches!(self.before, Before::Open | Before::Value | Before::Bare);
        if self.depth == 0 || !ends || self.in_object() != object {
            return false;
        }
        self.levels >>= 1;
        self.depth -= 1;
        self.before = Before::Value;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Found {
        Scanner::new().look(text.as_bytes())
    }

    #[test]
    fn a_value_ends_where_it_ends() {
        assert_eq!(look("{} {}"), Found::End(2));
        assert_eq!(look(r#"{"a":"}\"{","b":[1,{"c":null}]}x"#), Found::End(31));
        assert_eq!(look("[[1, -2.5e3],\n {\"a\": true}]"), Found::End(27));
        assert_eq!(look(r#""a\\"b"#), Found::End(5));
        assert_eq!(look(r#"{"a":"#), Found::More);
    }

    #[test]
    fn what_is_torn_is_seen_where_it_stops_making_sense() {
        assert_eq!(look("{\"a\":\"x\n\"b\"}"), Found::Torn(7));
        assert_eq!(look("{\"a\":1,\n{\"b\":1}"), Found::Torn(8));
        assert_eq!(look("{\"a\":[\n{\"b\":1}\n{"), Found::Torn(15));
        assert_eq!(look("{\"a\"\n{"), Found::Torn(5));
        assert_eq!(look("{a: 1}"), Found::Torn(1));
        assert_eq!(look("{\"a\":[}"), Found::Torn(6));
        let deep = "[".repeat(1000);
        assert_eq!(look(&deep), Found::Torn(63));
    }

    #[test]
    fn it_may_be_cut_anywhere() {
        let text = br#"{"a":"}\"{\\","b":[1.5,{"c":null}],"d":{}} "#;
        for cut in 0..text.len() {
            let mut scanner = Scanner::new();
            let found = match scanner.look(&text[..cut]) {
                Found::More => match scanner.look(&text[cut..]) {
                    Found::End(at) => Found::End(cut + at),
                    other => other,
                },
                found => found,
            };
            assert_eq!(found, Found::End(text.len() - 1), "{cut}");
        }
    }
}
