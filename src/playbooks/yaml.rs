//! A YAML block into a fence struct, with every mistake placed in the file.
//!
//! Serde stops at its first mistake, so the keys of a refused block are read
//! once more by themselves: all unknown and missing ones are told together.

use super::diagnostic::{Code, Note};
use super::schema::{Keys, keys};
use super::source::{Located, Source, Span};
use super::suggest::{hint, nearest};
use schemars::JsonSchema;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde_saphyr::{Error, Location, Spanned};

/// A YAML block: its text in the file and what it is called in messages.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    pub source: &'a Source<'a>,
    /// The YAML between the fence lines.
    pub body: Span,
    /// The line that opens it, for mistakes without a place of their own.
    pub head: Span,
    /// Such as `` `step` fence``.
    pub name: &'a str,
}

impl Block<'_> {
    fn text(&self) -> &str {
        &self.source.text[self.body.start..self.body.end]
    }

    /// The byte a YAML location stands for.
    pub fn at(&self, location: Location) -> usize {
        let line = usize::try_from(location.line()).unwrap_or(1).max(1) - 1;
        let column = usize::try_from(location.column()).unwrap_or(1).max(1) - 1;
        let first = self.source.line_index(self.body.start);
        let held = self.source.byte_at(first + line, column);
        held.clamp(self.body.start, self.body.end)
    }

    /// A value with its span: from its start to the end of its text, held
    /// inside its line.
    pub fn locate<T: Clone + ToString>(&self, spanned: &Spanned<T>) -> Located<T> {
        let mut start = self.at(spanned.referenced);
        let rest = &self.source.text[start..];
        let shown = spanned.value.to_string();
        // A quoted value starts one character after its place.
        if rest.starts_with(['"', '\'']) && rest[1..].starts_with(&shown) {
            start += 1;
        }
        let rest = &self.source.text[start..];
        let length = if rest.starts_with(&shown) {
            shown.len()
        } else {
            rest.find(['\n', '\r']).unwrap_or(rest.len())
        };
        Located {
            value: spanned.value.clone(),
            span: Span::new(start, start + length),
        }
    }

    /// Reads the block as one mapping.
    pub fn mapping<T: DeserializeOwned + JsonSchema>(&self, notes: &mut Vec<Note>) -> Option<T> {
        self.parse().map_or_else(
            |error| {
                let seen = self.parse::<Seen>().map(|seen| vec![seen]);
                notes.extend(self.judge::<T>(&error, seen));
                None
            },
            Some,
        )
    }

    /// Reads the block as a list of mappings.
    pub fn list<T: DeserializeOwned + JsonSchema>(&self, notes: &mut Vec<Note>) -> Option<Vec<T>> {
        self.parse().map_or_else(
            |error| {
                notes.extend(self.judge::<T>(&error, self.parse()));
                None
            },
            Some,
        )
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let options = serde_saphyr::options! { with_snippet: false };
        serde_saphyr::from_str_with_options(self.text(), options)
    }

    /// Every mistake of a block that was refused: its keys when they can be
    /// read and are wrong, otherwise what the parser said.
    fn judge<T: JsonSchema>(&self, error: &Error, seen: Result<Vec<Seen>, Error>) -> Vec<Note> {
        let mut notes = Vec::new();
        let keys = keys::<T>();
        for mapping in seen.unwrap_or_default() {
            self.compare_keys(&mapping, &keys, &mut notes);
        }
        if notes.is_empty() {
            notes.push(self.explain(error));
        }
        notes
    }

    fn compare_keys(&self, found: &Seen, keys: &Keys, notes: &mut Vec<Note>) {
        let known: Vec<&str> = keys.known.iter().map(String::as_str).collect();
        for key in &found.0 {
            if !known.contains(&key.value.as_str()) {
                let help = format!("the {} takes: {}", self.name, known.join(", "));
                notes.push(
                    Note::new(
                        Code::UnknownKey,
                        self.locate(key).span,
                        format!("unknown key `{}` in the {}", key.value, self.name),
                    )
                    .label(hint(&key.value, "known keys", &known))
                    .help(help),
                );
            }
        }
        // A mistyped key is told once, as mistyped, not as missing too.
        let meant = |key: &str| {
            found.0.iter().any(|seen| {
                seen.value == key
                    || (!known.contains(&seen.value.as_str())
                        && nearest(&seen.value, known.iter().copied()) == Some(key))
            })
        };
        let missing: Vec<&str> = keys
            .required
            .iter()
            .map(String::as_str)
            .filter(|key| !meant(key))
            .collect();
        if !missing.is_empty() {
            let list = missing.join("`, `");
            notes.push(
                Note::new(
                    Code::MissingKey,
                    self.head,
                    format!("the {} lacks `{list}`", self.name),
                )
                .help(format!("add a line `{}: ..`", missing[0])),
            );
        }
    }

    fn explain(&self, error: &Error) -> Note {
        let error = error.without_snippet();
        let span = error.location().map_or(self.head, |location| {
            let at = self.at(location);
            let line = self.source.line_span(at);
            Span::new(at.min(line.end), line.end)
        });
        let (message, help) = match error {
            Error::SerdeInvalidType { expected, .. }
            | Error::SerdeInvalidValue { expected, .. } => (
                format!("the {} needs {expected} here", self.name),
                String::new(),
            ),
            Error::InvalidScalar { ty, .. } => {
                (format!("this is not a value of kind {ty}"), String::new())
            }
            Error::Unexpected { expected, .. } => wanted(expected),
            Error::Eof { .. } => (
                format!("the {} is empty", self.name),
                "write its keys between the fence lines".to_owned(),
            ),
            Error::DuplicateMappingKey { key, .. } => (
                format!(
                    "the key `{}` stands here twice",
                    key.as_deref().unwrap_or("?")
                ),
                "keep one of the two".to_owned(),
            ),
            other => (
                format!("the {} is not valid YAML: {}", self.name, reason(other)),
                "start every key at the left margin; put quotes around text that holds `: ` or `#`"
                    .to_owned(),
            ),
        };
        Note::new(Code::Yaml, span, message).help(help)
    }
}

/// The parser's word for what it wanted, in ours, with what to write.
fn wanted(expected: &str) -> (String, String) {
    let (what, write) = if expected.contains("scalar") {
        (
            "one word or sentence",
            "write it behind the key, without brackets",
        )
    } else if expected.contains("sequence") {
        (
            "a list",
            "write `[one, two]`, or one line each that starts with `- `",
        )
    } else if expected.contains("mapping") {
        ("keys with values", "write lines of the form `key: value`")
    } else {
        (expected, "")
    };
    (format!("this must be {what}"), write.to_owned())
}

/// The parser's words without its own line and column, which count from the
/// fence and would contradict ours.
fn reason(error: &Error) -> String {
    let text = error.to_string();
    text.split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The keys of one mapping with their places; the values are passed over.
struct Seen(Vec<Spanned<String>>);

impl<'de> serde::Deserialize<'de> for Seen {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Seen;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("lines of the form `key: value`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Seen, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, IgnoredAny)) = map.next_entry()? {
                    keys.push(key);
                }
                Ok(Seen(keys))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}
