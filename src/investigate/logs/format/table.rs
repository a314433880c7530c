//! A reader for tables with a header: each column is a name, each row a
//! record. Cells may hold JSON. A format made of it is its names, what its
//! header must have, and a last look at what was found.

use super::facts::{Facts, Value};
use super::keyed::{Made, Make};
use super::parser::{Out, Parser, Setting};
use super::said::Speaker;
use super::walk::{Means, Names, once};
use crate::investigate::logs::event::{Event, Place};
use csv::{ByteRecord, ReaderBuilder};

/// The rows of one table, each as facts.
#[derive(Debug, Default)]
pub struct Rows {
    columns: Vec<Means>,
    header: ByteRecord,
    row: ByteRecord,
    copied: String,
}

impl Rows {
    /// Gives the facts of a row to `take`, which says whether it is one of
    /// its format; `false` for what is no row. The header is kept.
    pub fn read(
        &mut self,
        record: &[u8],
        names: Names,
        take: &mut dyn FnMut(&Facts<'_, '_>) -> bool,
    ) -> bool {
        let record = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 10)
            .from_reader(record);
        if !reader.read_byte_record(&mut self.row).unwrap_or(false) {
            return false;
        }
        if self.columns.is_empty() {
            let name = |cell| std::str::from_utf8(cell).map_or(Means::SKIP, names);
            self.columns = self.row.iter().map(name).collect();
            self.header.clone_from(&self.row);
            return true;
        }
        // Files that were put together repeat it.
        if self.row == self.header {
            return true;
        }
        if self.row.len() != self.columns.len() {
            return false;
        }
        let mut facts = Facts::new(&mut self.copied);
        for (means, cell) in self.columns.iter().zip(&self.row) {
            cell_of(*means, cell, &mut facts);
        }
        take(&facts)
    }
}

/// Reads a table whose rows need nothing but a last look.
#[derive(Debug)]
pub struct Table {
    names: Names,
    make: Make,
    rows: Rows,
    room: String,
    speaker: Speaker,
}

impl Table {
    /// A reader as the registry wants it.
    pub fn boxed(names: Names, make: Make, setting: &Setting) -> Box<dyn Parser> {
        Box::new(Self {
            names,
            make,
            rows: Rows::default(),
            room: String::new(),
            speaker: Speaker::new(setting),
        })
    }
}

impl Parser for Table {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let (make, room, speaker) = (self.make, &mut self.room, &mut self.speaker);
        let read = self
            .rows
            .read(record, self.names, &mut |facts| match make(facts, room) {
                Made::Event(event) => {
                    let event = Event { place, ..event };
                    speaker.emit(event, facts.unzoned, &mut *out);
                    true
                }
                Made::Quiet => true,
                Made::Foreign => false,
            });
        if !read {
            out.unparsed(place);
        }
    }
}

fn cell_of<'a>(means: Means, cell: &'a [u8], facts: &mut Facts<'a, '_>) {
    let Ok(text) = std::str::from_utf8(cell) else {
        if let Some(slot) = means.slot {
            let text = String::from_utf8_lossy(cell);
            facts.put(slot, means.rank, means.kind, Value::Copied(&text));
        }
        return;
    };
    if let Some(names) = means.inside {
        // Of a list the one object it holds.
        let json = text.trim();
        let json = json.strip_prefix('[').unwrap_or(json);
        let json = json.strip_suffix(']').unwrap_or(json).trim();
        if json.starts_with('{') && once(json, names, facts) {
            return;
        }
    }
    if let Some(slot) = means.slot {
        facts.put(slot, means.rank, means.kind, Value::Borrowed(text));
    }
}

/// How many rows of a sample follow a header that has all these columns.
pub fn rows_below(sample: &[u8], has: &[&str]) -> usize {
    let end = memchr::memchr(b'\n', sample).unwrap_or(sample.len());
    let header = sample[..end].trim_ascii();
    let header = header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(header);
    let columns = || {
        header
            .split(|byte| *byte == b',')
            .map(|name| name.strip_prefix(b"\"").unwrap_or(name))
            .map(|name| name.strip_suffix(b"\"").unwrap_or(name))
    };
    let is_ours = !header.starts_with(b"{")
        && has
            .iter()
            .all(|name| columns().any(|column| column == name.as_bytes()));
    if is_ours {
        let rows = sample[end..].split(|byte| *byte == b'\n');
        rows.filter(|row| !row.is_empty()).count().max(1)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_told_by_its_columns() {
        assert_eq!(rows_below(b"a,\"b\",c\n1,2,3\n4,5,6\n", &["b", "c"]), 2);
        assert_eq!(rows_below(b"a,b\n", &["a"]), 1);
        assert_eq!(rows_below(b"a,bb\n1,2\n", &["b"]), 0);
        assert_eq!(rows_below(b"{\"a\":1,b,c}\n", &["b"]), 0);
        assert_eq!(rows_below(b"", &["b"]), 0);
    }
}
