//! Folds a statement to its shape: literals and parameters to `?`, comments
//! away, white space to one blank, names in small letters. A leaf.

/// Where a `?` of a shape came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// `$n`, as n.
    Parameter(u16),
    /// A literal that stands in these bytes of the statement.
    Literal(u32, u32),
    /// A list of several values.
    List,
}

/// Whether every `?` is the same or carries its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    /// `?`, as people read it.
    Plain,
    /// `$1`, `$2` in order of place, as a parser reads it.
    Numbered,
}

/// A statement in its normal form; used again and again.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a state of the walk and independent of the others"
)]
pub struct Normal {
    pub text: String,
    pub slots: Vec<Slot>,
    /// Tokens besides commas: how deep a parser's tree may get.
    pub tokens: usize,
    numbered: bool,
    /// Within a list whose values are folded into one.
    folding: bool,
    after_slot: bool,
    comma_waits: bool,
    blank: bool,
}

const fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

const fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

impl Normal {
    /// Brings a statement to its normal form.
    pub fn read(&mut self, raw: &str, marks: Marks) {
        self.text.clear();
        self.slots.clear();
        self.tokens = 0;
        self.numbered = marks == Marks::Numbered;
        self.folding = false;
        self.after_slot = false;
        self.comma_waits = false;
        self.blank = false;
        let bytes = raw.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            at = self.token(raw, bytes, at);
        }
        self.flush_comma();
        let kept = self.text.trim_end_matches([';', ' ']).len();
        self.text.truncate(kept);
    }

    /// Takes one token; gives where the next begins, always further on.
    fn token(&mut self, raw: &str, bytes: &[u8], at: usize) -> usize {
        let byte = bytes[at];
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C => {
                self.blank = true;
                at + 1
            }
            b'-' if next == b'-' => {
                self.blank = true;
                memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length)
            }
            b'/' if next == b'*' => {
                self.blank = true;
                comment(bytes, at)
            }
            b'\'' => {
                let escapes = self.drop_prefix();
                self.literal(at, quoted(bytes, at + 1, escapes))
            }
            b'"' => {
                let end = identifier(bytes, at + 1);
                self.word(&raw[at..end], false);
                end
            }
            b'$' => self.dollar(raw, bytes, at),
            b'0'..=b'9' => self.literal(at, number(bytes, at)),
            b'.' if next.is_ascii_digit() => self.literal(at, number(bytes, at + 1)),
            _ if starts_name(byte) => {
                let end = at
                    + bytes[at..]
                        .iter()
                        .take_while(|byte| in_name(**byte))
                        .count();
                self.word(&raw[at..end], true);
                end
            }
            _ => {
                self.sign(byte);
                at + 1
            }
        }
    }

    fn dollar(&mut self, raw: &str, bytes: &[u8], at: usize) -> usize {
        let digits = bytes[at + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits > 0 {
            let end = at + 1 + digits;
            let slot = raw[at + 1..end].parse().map_or(Slot::List, Slot::Parameter);
            self.slot(slot);
            return end;
        }
        let tag = bytes[at + 1..]
            .iter()
            .take_while(|byte| in_name(**byte) && **byte != b'$')
            .count();
        let open = at + 1 + tag;
        if bytes.get(open) == Some(&b'$') {
            let mark = &bytes[at..=open];
            let end = memchr::memmem::find(&bytes[open + 1..], mark)
                .map_or(bytes.len(), |length| open + 1 + length + mark.len());
            return self.literal(at, end);
        }
        self.sign(b'$');
        at + 1
    }

    /// Takes away the letter before a literal, as in `E'..'`; tells whether
    /// backslashes escape in it.
    fn drop_prefix(&mut self) -> bool {
        if self.blank {
            return false;
        }
        let bytes = self.text.as_bytes();
        let (cut, escapes) = match bytes {
            [.., b'u', b'&'] => (2, false),
            [.., letter @ (b'e' | b'b' | b'x' | b'n')] => (1, *letter == b'e'),
            _ => return false,
        };
        let before = bytes.len() - cut;
        if before > 0 && in_name(bytes[before - 1]) {
            return false;
        }
        self.text.truncate(before);
        if self.text.ends_with(' ') {
            self.text.pop();
            self.blank = true;
        }
        escapes
    }

    fn literal(&mut self, from: usize, to: usize) -> usize {
        let slot = match (u32::try_from(from), u32::try_from(to)) {
            (Ok(from), Ok(to)) => Slot::Literal(from, to),
            _ => Slot::List,
        };
        self.slot(slot);
        to
    }

    fn slot(&mut self, slot: Slot) {
        if self.folding && self.comma_waits {
            self.comma_waits = false;
            self.blank = false;
            if let Some(last) = self.slots.last_mut() {
                *last = Slot::List;
            }
            return;
        }
        self.flush_comma();
        self.space();
        self.slots.push(slot);
        self.tokens += 1;
        if self.numbered {
            self.text.push('$');
            self.text.push_str(&self.slots.len().to_string());
        } else {
            self.text.push('?');
        }
        self.after_slot = true;
    }

    fn word(&mut self, word: &str, folds: bool) {
        self.flush_comma();
        self.space();
        self.tokens += 1;
        self.folding = false;
        self.after_slot = false;
        let from = self.text.len();
        self.text.push_str(word);
        if folds {
            self.text[from..].make_ascii_lowercase();
        }
    }

    fn sign(&mut self, byte: u8) {
        if byte == b',' && self.folding && self.after_slot && !self.comma_waits {
            self.comma_waits = true;
            self.blank = false;
            return;
        }
        self.flush_comma();
        match byte {
            b'(' => self.folding = self.is_after_in(),
            b'[' => self.folding = true,
            _ => self.folding = false,
        }
        self.tokens += usize::from(byte != b',');
        self.space();
        self.after_slot = false;
        self.text.push(char::from(byte));
    }

    fn is_after_in(&self) -> bool {
        let text = self.text.trim_end().as_bytes();
        text.ends_with(b"in") && (text.len() == 2 || !in_name(text[text.len() - 3]))
    }

    fn flush_comma(&mut self) {
        if std::mem::take(&mut self.comma_waits) {
            self.text.push(',');
            self.after_slot = false;
        }
    }

    fn space(&mut self) {
        if std::mem::take(&mut self.blank) && !self.text.is_empty() {
            self.text.push(' ');
        }
    }
}

/// The end of a comment, which may hold others.
fn comment(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from + 2, 1_usize);
    while let Some(length) = memchr::memchr2(b'*', b'/', bytes.get(at..).unwrap_or_default()) {
        at += length;
        match (bytes[at], bytes.get(at + 1)) {
            (b'*', Some(b'/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            (b'/', Some(b'*')) => {
                depth += 1;
                at += 2;
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The end of a literal that began before `at`.
fn quoted(bytes: &[u8], mut at: usize, escapes: bool) -> usize {
    while let Some(length) = memchr::memchr2(b'\'', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += length;
        if bytes[at] == b'\\' {
            at += if escapes { 2 } else { 1 };
        } else if bytes.get(at + 1) == Some(&b'\'') {
            at += 2;
        } else {
            return at + 1;
        }
    }
    bytes.len()
}

/// The end of a quoted name that began before `at`.
fn identifier(bytes: &[u8], mut at: usize) -> usize {
    while let Some(length) = memchr::memchr(b'"', bytes.get(at..).unwrap_or_default()) {
        at += length;
        if bytes.get(at + 1) != Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

fn number(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        let signed = matches!(byte, b'+' | b'-') && matches!(bytes[at - 1], b'e' | b'E');
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || (signed && at > from)) {
            break;
        }
        at += 1;
    }
    at.max(from + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(raw: &str) -> String {
        let mut normal = Normal::default();
        normal.read(raw, Marks::Plain);
        normal.text
    }

    #[test]
    fn literals_comments_and_spaces_go() {
        let shapes = [
            (
                "select * from t where a = 'it''s' and b=1.5e-3;",
                "select * from t where a = ? and b=?",
            ),
            (
                "SELECT *\n\t FROM T -- who\nWHERE x = $12",
                "select * from t where x = ?",
            ),
            ("select /* a /* b */ c */ 1", "select ?"),
            (
                "select E'a\\'b', e.x, 'a\\', $$x'y$$, $t$ $$ $t$",
                "select ?, e.x, ?, ?, ?",
            ),
            ("select U&'d' , x'ff', tx'1'", "select ? , ?, tx?"),
            (
                r#"select "Org""Id" from "T""#,
                r#"select "Org""Id" from "T""#,
            ),
            (
                "x in (1, 2,3) and y = any(array['a','b'])",
                "x in (?) and y = any(array[?])",
            ),
            ("begin (1, 2)", "begin (?, ?)"),
            ("select 'torn", "select ?"),
            ("select col1, t2.id, -5", "select col1, t2.id, -?"),
            ("x in ($1, f($2), 3)", "x in (?, f(?), ?)"),
        ];
        for (raw, want) in shapes {
            assert_eq!(plain(raw), want, "{raw}");
        }
    }

    #[test]
    fn a_slot_knows_where_its_value_is() {
        let raw = "select * from t where id in (1, 2) and org = $3 and n = 'x'";
        let mut normal = Normal::default();
        normal.read(raw, Marks::Numbered);
        assert_eq!(
            normal.text,
            "select * from t where id in ($1) and org = $2 and n = $3"
        );
        let at = u32::try_from(raw.find("'x'").unwrap()).unwrap();
        assert_eq!(
            normal.slots,
            [Slot::List, Slot::Parameter(3), Slot::Literal(at, at + 3)]
        );
    }

    #[test]
    fn any_bytes_come_to_an_end() {
        let signs = [
            "'", "\"", "$", "$a$", "/*", "--", "\\", "E'", "1e", "é", "(", "in (", ",", "?", ".",
        ];
        for one in signs {
            for two in signs {
                for three in signs {
                    let raw = format!("select {one}{two}{three}");
                    let _ = plain(&raw);
                }
            }
        }
    }
}
