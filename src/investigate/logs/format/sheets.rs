//! Readers for formats that are tables of names: JSON objects and CSV with a
//! first line of names. A format brings its table and what it makes of the
//! fields; see `proxy.rs` for a small one.

use super::names::{Names, Slot, Table};
use super::parser::{Out, Parser};
use super::sheet::{Plain, Sheet};
use super::walk::{Walker, Written};
use crate::investigate::logs::event::Place;
use std::borrow::Cow;

/// What a format makes of the fields: an event, none, or `unparsed`.
pub type Build = fn(&Plain<'_>, Place, &mut dyn Out);

/// Reads JSON objects.
#[derive(Debug)]
pub struct Objects {
    names: Names,
    build: Build,
    walker: Walker,
    /// The object within the object, and texts without escapes.
    inner: String,
    scratch: String,
}

impl Objects {
    /// A reader by a table; names may follow one of the prefixes.
    pub fn new(table: Table, prefixes: &'static [&'static str], build: Build) -> Self {
        Self {
            names: Names::new(table, prefixes),
            build,
            walker: Walker::default(),
            inner: String::new(),
            scratch: String::new(),
        }
    }
}

/// Text whatever the bytes: what is no text becomes a mark.
pub fn text(record: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(record);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)),
        owned @ Cow::Owned(_) => owned,
    }
}

/// Puts the leaves of an object on a sheet; says whether it was whole.
fn read<'a>(
    walker: &mut Walker,
    names: &Names,
    (text, base): (&'a str, &str),
    sheet: &mut Sheet<'a>,
) -> bool {
    let mut header: Option<String> = None;
    walker.walk(text, base, &mut |path, value, written| {
        match names.get(path) {
            Some(Slot::Pairs) => match header.take() {
                Some(name) => {
                    if let Some(slot) = names.get(&name) {
                        sheet.put(slot, value, written);
                    }
                }
                None => header = Some(format!("{path}.{}", value.to_ascii_lowercase())),
            },
            Some(slot) => sheet.put(slot, value, written),
            None => {}
        }
    })
}

impl Parser for Objects {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = text(record);
        let mut sheet = Sheet::default();
        if !read(&mut self.walker, &self.names, (&text, ""), &mut sheet) {
            return out.unparsed(place);
        }
        self.inner.clear();
        if let Some(inner) = sheet.inner() {
            super::walk::unescape(inner, &mut self.inner);
            read(&mut self.walker, &self.names, (&self.inner, ""), &mut sheet);
        }
        (self.build)(&sheet.plain(&mut self.scratch), place, out);
    }
}

/// Reads CSV whose first record has the names.
#[derive(Debug)]
pub struct Rows {
    names: Names,
    build: Build,
    walker: Walker,
    header: Vec<(String, Option<Slot>)>,
    fields: Fields,
    scratch: String,
}

impl Rows {
    /// A reader by a table; `sample` begins with the line of names.
    pub fn new(
        table: Table,
        prefixes: &'static [&'static str],
        build: Build,
        sample: &[u8],
    ) -> Self {
        let mut rows = Self {
            names: Names::new(table, prefixes),
            build,
            walker: Walker::default(),
            header: Vec::new(),
            fields: Fields::default(),
            scratch: String::new(),
        };
        let first = sample.split(|byte| *byte == b'\n').next().unwrap_or(b"");
        rows.fields.read(text(first).trim_end());
        rows.header = rows
            .fields
            .iter()
            .map(|name| (name.to_owned(), rows.names.get(name)))
            .collect();
        rows
    }

    fn is_header(&self) -> bool {
        self.fields.iter().eq(self.header.iter().map(|(name, _)| name.as_str()))
    }
}

impl Parser for Rows {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        self.fields.read(text(record).trim_end_matches(['\r', '\n']));
        if self.is_header() {
            return;
        }
        if self.fields.ends.len() != self.header.len() {
            return out.unparsed(place);
        }
        let mut sheet = Sheet::default();
        for ((name, slot), value) in self.header.iter().zip(self.fields.iter()) {
            if let Some(slot) = slot {
                sheet.put(*slot, value, Written::Text);
            }
            if value.starts_with(['{', '[']) {
                let inner = value.trim_start_matches('[').trim_end_matches(']');
                read(&mut self.walker, &self.names, (inner, name), &mut sheet);
            }
        }
        (self.build)(&sheet.plain(&mut self.scratch), place, out);
    }
}

/// The fields of one record of CSV, in one buffer.
#[derive(Debug, Default)]
struct Fields {
    text: String,
    ends: Vec<usize>,
}

impl Fields {
    fn read(&mut self, record: &str) {
        self.text.clear();
        self.ends.clear();
        let mut rest = record;
        loop {
            if let Some(inside) = rest.strip_prefix('"') {
                rest = self.quoted(inside);
                // What stands behind the quotes is kept too.
            }
            let (bare, after) = match rest.split_once(',') {
                Some((bare, after)) => (bare, Some(after)),
                None => (rest, None),
            };
            self.text.push_str(bare);
            self.ends.push(self.text.len());
            match after {
                Some(after) => rest = after,
                None => return,
            }
        }
    }

    fn quoted<'a>(&mut self, mut inside: &'a str) -> &'a str {
        while let Some((part, after)) = inside.split_once('"') {
            self.text.push_str(part);
            let Some(more) = after.strip_prefix('"') else {
                return after;
            };
            self.text.push('"');
            inside = more;
        }
        self.text.push_str(inside);
        ""
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let field = self.text.get(from..*end).unwrap_or("");
            from = *end;
            field
        })
    }
}

/// How many records a sample of CSV has below a line of names that holds all
/// of `names`; 0 where it does not.
pub fn claim_rows(sample: &[u8], names: &[&str]) -> usize {
    let mut lines = sample.split(|byte| *byte == b'\n');
    let mut fields = Fields::default();
    fields.read(text(lines.next().unwrap_or(b"")).trim_end());
    if names.iter().all(|name| fields.iter().any(|field| field == *name)) {
        1 + lines.filter(|line| !line.is_empty()).count()
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_falls_into_fields() {
        let mut fields = Fields::default();
        for (record, want) in [
            ("a,b", vec!["a", "b"]),
            ("", vec![""]),
            (r#""a,b","c ""d""","#, vec!["a,b", r#"c "d""#, ""]),
            ("\"a\nb\",c", vec!["a\nb", "c"]),
            (r#""torn,x"#, vec!["torn,x"]),
            (r#""a"b,c"#, vec!["ab", "c"]),
        ] {
            fields.read(record);
            assert_eq!(fields.iter().collect::<Vec<_>>(), want, "{record}");
        }
    }

    #[test]
    fn a_table_is_known_by_its_names() {
        let sample = b"id,timestamp,event_message\n1,2,3\n4,5,6\n";
        assert_eq!(claim_rows(sample, &["id", "event_message"]), 3);
        assert_eq!(claim_rows(sample, &["id", "even"]), 0);
    }
}
