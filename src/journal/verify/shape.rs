//! Knows a line by its shape: exactly as this program writes an entry that
//! refers to no evidence. Most lines are, and are not taken apart further.
//!
//! The law: a line accepted here is one the full reader accepts, with the same
//! kind and clock. Whatever is in doubt is not accepted and goes to the full
//! reader, so a new field of the envelope costs time and never truth.

/// Nesting of the data beyond which the full reader decides.
const DEEPEST: u8 = 12;

/// The little that is needed of such a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape<'a> {
    pub(super) kind: &'a [u8],
    /// What was known about the wall clock.
    pub(super) clk: &'a [u8],
}

impl<'a> Shape<'a> {
    /// Reads a line (no newline); `None` leaves it to the full reader.
    pub(super) fn of(line: &'a [u8]) -> Option<Self> {
        if !line.is_ascii() {
            std::str::from_utf8(line).ok()?;
        }
        let mut rest = Rest(line);
        rest.word(r#"{"v":"#)?.number()?;
        rest.word(r#","inc":""#)?.plain()?;
        rest.word(r#","wid":""#)?.plain()?;
        rest.word(r#","seq":"#)?.number()?;
        rest.word(r#","prev":""#)?.plain()?;
        rest.word(r#","ts":""#)?.plain()?;
        rest.word(r#","mono":{"boot":""#)?.plain()?;
        rest.word(r#","ns":"#)?.number()?;
        let clk = rest.word(r#"},"clk":{"src":""#)?.plain()?;
        rest.word(r#"},"hlc":""#)?.plain()?;
        rest.word(r#","act":{"id":""#)?.plain()?;
        rest.word(r#","via":""#)?.plain()?;
        rest.word(r#","host":""#)?.plain()?;
        let kind = rest.word(r#"},"kind":""#)?.plain()?;
        for optional in [r#","step":""#, r#","ref":""#, r#","at":""#] {
            if rest.word(optional).is_some() {
                rest.plain()?;
            }
        }
        rest.word(r#","sum":""#)?.text()?;
        rest.word(r#","data":"#)?.value(DEEPEST)?;
        rest.word(r#","h":""#)?.plain()?;
        rest.word("}")?;
        rest.0.is_empty().then_some(Self { kind, clk })
    }
}

/// What of the line is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// Takes exactly these characters; on `None` nothing was taken.
    #[inline]
    fn word(&mut self, word: &str) -> Option<&mut Self> {
        self.0 = self.0.strip_prefix(word.as_bytes())?;
        Some(self)
    }

    fn next(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// A string without escapes, from after its opening to its closing quote.
    #[inline]
    fn plain(&mut self) -> Option<&'a [u8]> {
        let (text, rest) = self.0.split_at(quiet(self.0));
        self.0 = rest.strip_prefix(b"\"")?;
        Some(text)
    }

    /// A string as [`Rest::plain`], with the escapes of one character.
    #[inline]
    fn text(&mut self) -> Option<()> {
        loop {
            self.0 = &self.0[quiet(self.0)..];
            match *self.0 {
                [b'"', ref rest @ ..] => {
                    self.0 = rest;
                    return Some(());
                }
                [
                    b'\\',
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                    ref rest @ ..,
                ] => {
                    self.0 = rest;
                }
                _ => return None,
            }
        }
    }

    /// A whole number without a sign.
    fn number(&mut self) -> Option<()> {
        let digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        let canonical = digits > 0 && (digits == 1 || self.next() != Some(b'0'));
        self.0 = &self.0[digits..];
        // A fraction or an exponent: the full reader knows those.
        let whole = !matches!(self.next(), Some(b'.' | b'e' | b'E'));
        (canonical && whole).then_some(())
    }

    /// Any value without spaces between its parts.
    fn value(&mut self, deeper: u8) -> Option<()> {
        match self.next()? {
            b'"' => self.word("\"")?.text(),
            b'{' => self.items("{", "}", deeper, |rest, deeper| {
                rest.word("\"")?.text()?;
                rest.word(":")?.value(deeper)
            }),
            b'[' => self.items("[", "]", deeper, Self::value),
            b't' => self.word("true").map(drop),
            b'f' => self.word("false").map(drop),
            b'n' => self.word("null").map(drop),
            b'-' => self.word("-")?.number(),
            _ => self.number(),
        }
    }

    fn items(
        &mut self,
        open: &str,
        close: &str,
        deeper: u8,
        item: fn(&mut Self, u8) -> Option<()>,
    ) -> Option<()> {
        let deeper = deeper.checked_sub(1)?;
        self.word(open)?;
        if self.word(close).is_some() {
            return Some(());
        }
        loop {
            item(self, deeper)?;
            if self.word(close).is_some() {
                return Some(());
            }
            self.word(",")?;
        }
    }
}

/// How many bytes from the start on are no quote, backslash or control
/// character; eight are looked at in one step.
#[inline]
fn quiet(bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let loud = loud(u64::from_le_bytes(*word));
        if loud != 0 {
            return n * 8 + loud.trailing_zeros() as usize / 8;
        }
    }
    let tail = words.len() * 8;
    let ends = |b: &u8| matches!(b, b'"' | b'\\' | 0..0x20);
    bytes[tail..]
        .iter()
        .position(ends)
        .map_or(bytes.len(), |at| tail + at)
}

/// Sets the highest bit of bytes that are a quote, a backslash or a control
/// character. The lowest one set is exact; those above it need not be, because
/// the subtraction borrows upwards.
const fn loud(word: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = EACH << 7;
    let quote = word ^ (EACH * b'"' as u64);
    let slash = word ^ (EACH * b'\\' as u64);
    let is_quote = quote.wrapping_sub(EACH) & !quote;
    let is_slash = slash.wrapping_sub(EACH) & !slash;
    let is_control = word.wrapping_sub(EACH * 0x20) & !word;
    (is_quote | is_slash | is_control) & HIGH
}

#[cfg(test)]
mod tests {
    use super::super::peek::{Refs, Seen};
    use super::*;
    use crate::domain::digest::Digest;
    use crate::domain::entry::{Actor, ClockNote, Draft, Envelope, Mono, seal};
    use crate::domain::fact::{Fact, Noted, Recovered};
    use crate::journal::scan::Visit;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn sealed(draft: &Draft) -> String {
        let at = DateTime::from_timestamp(1_787_392_923, 123_456_000).unwrap();
        let (prev, boot) = (Digest::of(b"before"), "b".to_owned());
        let envelope = Envelope {
            inc: "inc-20260822-k7f3",
            wid: "w1",
            seq: 41,
            prev: &prev,
            ts: at,
            mono: &Mono { boot, ns: 7 },
            clk: &ClockNote { src: "ntp".into() },
            hlc: "1.0",
            act: &Actor {
                id: "ada".into(),
                via: "cli".into(),
                host: "mbp".into(),
            },
        };
        seal(draft, &envelope).unwrap()
    }

    fn note(text: &str) -> Draft {
        Draft::new(Fact::Noted(Noted { text: text.into() }))
    }

    /// Gives a changed line the hash that fits it.
    fn resealed(line: &[u8]) -> Vec<u8> {
        let body = &line[..line.len() - 72];
        let h = Digest::of(body);
        [body, br#","h":""#, h.as_str().as_bytes(), br#""}"#].concat()
    }

    #[test]
    fn lines_as_written_are_known() {
        let mut answer = note("said \"twice\" \\ in Köln,\n then…").at_step(Some("t1"));
        answer.re = Some(Digest::of(b"x"));
        answer.at = DateTime::from_timestamp(1_787_392_900, 0);
        let recovered = Draft::new(Fact::Recovered(Recovered {
            bytes: 12,
            sha256: Digest::of(b""),
            reason: "r".into(),
        }));
        for (draft, kind) in [
            (note("all quiet"), "note"),
            (answer, "note"),
            (recovered, "log.recover"),
        ] {
            let line = sealed(&draft);
            let shape = Shape::of(line.as_bytes()).unwrap();
            assert_eq!(shape.kind, kind.as_bytes(), "{line}");
            assert_eq!(shape.clk, b"ntp");
        }
    }

    #[test]
    fn what_is_in_doubt_is_left_to_the_full_reader() {
        let good = sealed(&note("all quiet"));
        for (from, to) in [
            (r#""data":{"#, r#""data":{ "#),
            (r#""text":"all"#, r#""text":"\u0061ll"#),
            (r#""text":"all"#, r#""text":"\xll"#),
            (r#""text":"all"#, "\"text\":\"\tll"),
            (r#"{"text":"#, r#"{"n":1.5,"text":"#),
            (r#"{"text":"#, r#"{"n":01,"text":"#),
            (r#"{"text":"#, r#"{"n":[1,],"text":"#),
            (r#"{"text":"#, r#"{,"text":"#),
            (r#"{"text":"#, r#"{"n":nul,"text":"#),
            (r#","sum":"#, r#","more":1,"sum":"#),
            (r#","h":"#, r#","ev":[],"h":"#),
            (r#""id":"ada""#, r#""id":"a\"a""#),
        ] {
            let line = good.replacen(from, to, 1);
            assert_ne!(line, good, "{from}");
            assert_eq!(Shape::of(line.as_bytes()), None, "{line}");
        }
        let deep = format!(r#"{{"n":{}{},"text":"#, "[".repeat(13), "]".repeat(13));
        let line = good.replacen(r#"{"text":"#, &deep, 1);
        assert_eq!(Shape::of(line.as_bytes()), None);
    }

    proptest! {
        #[test]
        fn quiet_ends_at_the_first_loud_byte(bytes in proptest::collection::vec(
            prop_oneof![8 => 0x1d_u8..=0xff, 1 => Just(b'"'), 1 => any::<u8>()], 0..40)
        ) {
            let ends = |b: &u8| matches!(b, b'"' | b'\\' | 0..0x20);
            let slow = bytes.iter().position(ends).unwrap_or(bytes.len());
            prop_assert_eq!(quiet(&bytes), slow);
        }

        /// However a line is changed and sealed again: what is accepted here
        /// the full reader accepts as well, with the same kind and clock.
        #[test]
        fn what_is_accepted_is_an_entry(
            at in 0_usize..600,
            gone in 0_usize..4,
            put in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..3),
                "[]{}\",:0-9a-e.\\\\ -]{0,6}".prop_map(String::into_bytes),
            ],
        ) {
            let mut line = sealed(&note("all \"quiet\" in Köln")).into_bytes();
            let at = at % (line.len() - 72);
            line.splice(at..(at + gone).min(line.len() - 72), put);
            let line = resealed(&line);
            if let Some(shape) = Shape::of(&line) {
                let json: serde_json::Value = serde_json::from_slice(&line).unwrap();
                prop_assert_eq!(json["kind"].as_str().unwrap().as_bytes(), shape.kind);
                prop_assert_eq!(json["clk"]["src"].as_str().unwrap().as_bytes(), shape.clk);
                let mut refs = Refs::default();
                let mut seen = Seen::new(&mut refs);
                // Its first line always goes through the full reader.
                prop_assert_eq!(seen.entry(41, &line), Ok(()));
            }
        }
    }
}
