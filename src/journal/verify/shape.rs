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
    pub(super) kind: &'a str,
    /// What was known about the wall clock.
    pub(super) clk: &'a str,
}

impl<'a> Shape<'a> {
    /// Reads a line (no newline); `None` leaves it to the full reader.
    pub(super) fn of(line: &'a [u8]) -> Option<Self> {
        let mut rest = Rest(std::str::from_utf8(line).ok()?);
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
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Takes exactly these characters; on `None` nothing was taken.
    fn word(&mut self, word: &str) -> Option<&mut Self> {
        self.0 = self.0.strip_prefix(word)?;
        Some(self)
    }

    fn next(&self) -> Option<u8> {
        self.0.as_bytes().first().copied()
    }

    /// A string without escapes, from after its opening to its closing quote.
    fn plain(&mut self) -> Option<&'a str> {
        let ends = |b: &u8| matches!(b, b'"' | b'\\' | 0..0x20);
        let at = self.0.as_bytes().iter().position(ends)?;
        let text = &self.0[..at];
        self.0 = self.0[at..].strip_prefix('"')?;
        Some(text)
    }

    /// A string as [`Rest::plain`], with the escapes of one character.
    fn text(&mut self) -> Option<()> {
        let bytes = self.0.as_bytes();
        let mut at = 0;
        loop {
            match *bytes.get(at)? {
                b'"' => break,
                0..0x20 => return None,
                b'\\' => {
                    let escaped = bytes.get(at + 1)?;
                    br#""\/bfnrt"#.contains(escaped).then_some(())?;
                    at += 2;
                }
                _ => at += 1,
            }
        }
        self.0 = &self.0[at + 1..];
        Some(())
    }

    /// A whole number without a sign.
    fn number(&mut self) -> Option<()> {
        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
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
            assert_eq!(shape, Shape { kind, clk: "ntp" }, "{line}");
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
                prop_assert_eq!(&json["kind"], shape.kind);
                prop_assert_eq!(&json["clk"]["src"], shape.clk);
                let mut refs = Refs::default();
                let mut seen = Seen::new(&mut refs);
                // Its first line always goes through the full reader.
                prop_assert_eq!(seen.entry(41, &line), Ok(()));
            }
        }
    }
}
