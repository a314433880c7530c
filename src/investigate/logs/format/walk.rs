//! Reads JSON into [`Facts`] by tables of names, in one pass, without a tree.
//!
//! A table is a function from a key to what it means. What no table knows is
//! passed over by a visitor of its own and not by `IgnoredAny`: the latter
//! recurses without a limit in the reader used here, so a line of a million
//! `[` would end the process; this one has a limit.

use super::facts::{Facts, Slot, Value};
pub use super::shallow::{SHALLOW, is_shallow};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A table of names.
pub type Names = fn(&str) -> Means;

/// What a key means.
#[derive(Debug, Clone, Copy)]
pub struct Means {
    /// Where a plain value goes.
    pub slot: Option<Slot>,
    pub rank: u8,
    /// The kind of object it names, for [`Slot::Object`].
    pub kind: &'static str,
    /// The table for an object below it.
    pub inside: Option<Names>,
    /// Whether every object of a list below it speaks; otherwise none does,
    /// since such lists hold what was read.
    pub each: bool,
}

impl Means {
    /// Nothing of interest.
    pub const SKIP: Self = Self {
        slot: None,
        rank: 0,
        kind: "",
        inside: None,
        each: false,
    };

    /// A plain value.
    pub const fn at(slot: Slot, rank: u8) -> Self {
        Self {
            slot: Some(slot),
            rank,
            kind: "",
            inside: None,
            each: false,
        }
    }

    /// An object with names of its own.
    pub const fn within(names: Names) -> Self {
        Self {
            slot: None,
            rank: 0,
            kind: "",
            inside: Some(names),
            each: false,
        }
    }

    /// A list of objects, all with names of their own.
    pub const fn each(names: Names) -> Self {
        Self {
            each: true,
            ..Self::within(names)
        }
    }
}

/// Objects and lists below each other that are looked into.
const DEEPEST: u8 = 16;

/// Reads one JSON object; `false` when it is broken. What stood before the
/// break is kept.
pub fn object<'a>(json: &'a str, names: Names, facts: &mut Facts<'a, '_>) -> bool {
    let mut reader = sonic_rs::Deserializer::from_str(json);
    let walk = Walk {
        facts,
        means: Means::within(names),
        depth: 0,
    };
    walk.deserialize(&mut reader).is_ok() && reader.end().is_ok()
}

/// A record as text: itself, or mended where it is no UTF-8.
pub fn text_of(record: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(record) {
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

struct Walk<'f, 'a, 'b> {
    facts: &'f mut Facts<'a, 'b>,
    means: Means,
    depth: u8,
}

impl<'a> Walk<'_, 'a, '_> {
    fn put(&mut self, value: Value<'a, '_>) {
        if let Some(slot) = self.means.slot {
            let Means { rank, kind, .. } = self.means;
            self.facts.put(slot, rank, kind, value);
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, 'de, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, 'de, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _value: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(mut self, value: i64) -> Result<(), E> {
        self.put(Value::Whole(value));
        Ok(())
    }

    fn visit_u64<E>(mut self, value: u64) -> Result<(), E> {
        self.put(i64::try_from(value).map_or(Value::Large(value), Value::Whole));
        Ok(())
    }

    fn visit_f64<E>(mut self, value: f64) -> Result<(), E> {
        self.put(Value::Float(value));
        Ok(())
    }

    fn visit_borrowed_str<E>(mut self, value: &'de str) -> Result<(), E> {
        self.put(Value::Borrowed(value));
        Ok(())
    }

    fn visit_str<E>(mut self, value: &str) -> Result<(), E> {
        self.put(Value::Copied(value));
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let names = self.means.inside.filter(|_| self.depth < DEEPEST);
        if usize::from(self.depth) >= SHALLOW {
            return Err(M::Error::custom("brackets nest too deep"));
        }
        while let Some(mut means) = map.next_key_seed(Key(names))? {
            if means.slot.is_none() && means.inside.is_none() {
                map.next_value_seed(Pass(self.depth))?;
                continue;
            }
            // `customer: {id}`: the id is one of a customer.
            if means.kind.is_empty() {
                means.kind = self.means.kind;
            }
            map.next_value_seed(Walk {
                facts: &mut *self.facts,
                means,
                depth: self.depth + 1,
            })?;
        }
        Ok(())
    }

    /// Of a list of rows the length counts, of any other list the first value.
    fn visit_seq<S: SeqAccess<'de>>(mut self, mut list: S) -> Result<(), S::Error> {
        if self.means.slot == Some(Slot::Rows) {
            let mut rows = 0;
            while list.next_element_seed(Pass(self.depth))?.is_some() {
                rows += 1;
            }
            self.put(Value::Whole(rows));
            return Ok(());
        }
        let mut means = self.means;
        if !means.each {
            means.inside = None;
        }
        if usize::from(self.depth) >= SHALLOW {
            return Err(S::Error::custom("brackets nest too deep"));
        }
        loop {
            let element = Walk {
                facts: &mut *self.facts,
                means,
                depth: self.depth + 1,
            };
            if list.next_element_seed(element)?.is_none() {
                return Ok(());
            }
            if !means.each {
                means.slot = None;
            }
        }
    }
}

/// A key, looked up at once.
struct Key(Option<Names>);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Means;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Means, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Means;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Means, E> {
        Ok(self.0.map_or(Means::SKIP, |names| names(key)))
    }
}

/// Passes over one value, so many levels down.
struct Pass(u8);

impl Pass {
    /// One level further down, if that is not too far.
    fn below<E: Error>(&self) -> Result<Self, E> {
        if usize::from(self.0) >= SHALLOW {
            return Err(E::custom("brackets nest too deep"));
        }
        Ok(Self(self.0 + 1))
    }
}

impl<'de> DeserializeSeed<'de> for Pass {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Pass {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _value: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _value: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _value: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _value: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _value: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while map.next_key_seed(Key(None))?.is_some() {
            map.next_value_seed(self.below()?)?;
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        while list.next_element_seed(self.below()?)?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
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
        assert!(object(json, names, &mut facts));
        assert_eq!(facts.text(Slot::User), "a\u{e9}");
        assert_eq!((facts.rows, facts.status), (Some(3), 404));
    }

    #[test]
    fn hostile_depth_is_an_error_and_no_crash() {
        for open in ["[", "{\"a\":", "{\"user\":", "{\"user\":["] {
            let text = open.repeat(1 << 20);
            let mut copied = String::new();
            let mut facts = Facts::new(&mut copied);
            assert!(!object(&text, names, &mut facts));
            assert!(!is_shallow(text.as_bytes()));
        }
        assert!(is_shallow(&b"{}".repeat(500)));
    }

    #[test]
    fn what_stood_before_a_tear_is_kept() {
        let mut copied = String::new();
        let mut facts = Facts::new(&mut copied);
        assert!(!object(r#"{"user":"u1","status":20"#, names, &mut facts));
        assert_eq!(facts.text(Slot::User), "u1");
    }

    #[test]
    fn dirty_bytes_are_mended() {
        assert!(matches!(mended(b"{}"), Cow::Borrowed(_)));
        assert_eq!(mended(b"a\0b"), "a b");
        assert_eq!(mended(b"a\xffb"), "a\u{fffd}b");
    }
}
