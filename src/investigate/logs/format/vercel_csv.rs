//! The table Vercel's dashboard exports: a header, then a row for each line
//! of log, the rows of one request with the same id.

use super::facts::{Facts, Slot, Value};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::said::Speaker;
use super::vercel::row;
use super::walk::Means;
use crate::investigate::logs::event::{Event, Place};
use csv::{ByteRecord, ReaderBuilder};

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "vercel-csv",
    title: "Vercel log export as CSV",
    framing: Framing::Csv,
    joins: true,
    claim,
    open,
};

fn claim(sample: &[u8]) -> usize {
    let text = String::from_utf8_lossy(sample);
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    let is_ours = !header.starts_with('{')
        && ["requestPath", "requestMethod", "responseStatusCode"]
            .iter()
            .all(|column| header.contains(column));
    if is_ours { lines.count().max(1) } else { 0 }
}

fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(Export {
        columns: Vec::new(),
        record: ByteRecord::new(),
        copied: String::new(),
        speaker: Speaker::new(setting),
    })
}

struct Export {
    columns: Vec<Means>,
    record: ByteRecord,
    copied: String,
    speaker: Speaker,
}

impl Parser for Export {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let record = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 10)
            .from_reader(record);
        if !reader.read_byte_record(&mut self.record).unwrap_or(false) {
            return out.unparsed(place);
        }
        if self.columns.is_empty() {
            self.columns = self.record.iter().map(column).collect();
            return;
        }
        if self.record.len() != self.columns.len() {
            return out.unparsed(place);
        }
        let mut facts = Facts::new(&mut self.copied);
        for (means, cell) in self.columns.iter().zip(&self.record) {
            if let Some(slot) = means.slot {
                let text = String::from_utf8_lossy(cell);
                facts.put(slot, means.rank, means.kind, Value::Copied(&text));
            }
        }
        // A date without a zone is UTC: the column's name says so.
        let event = Event {
            place,
            object_kind: "",
            ..facts.event()
        };
        self.speaker.emit(event, false, out);
    }
}

fn column(name: &[u8]) -> Means {
    match name {
        b"TimeUTC" => Means::at(Slot::Time, 1),
        b"requestPath" => Means::at(Slot::Target, 0),
        b"responseStatusCode" => Means::at(Slot::Status, 0),
        b"type" | b"function" | b"source" | b"path" | b"entrypoint" => Means::SKIP,
        name => std::str::from_utf8(name).map_or(Means::SKIP, row),
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    const HEADER: &str = "TimeUTC,timestampInMs,requestPath,requestMethod,requestQueryString,responseStatusCode,requestId,requestUserAgent,level,environment,vercelCache,deploymentId,durationMs,message";

    #[test]
    fn rows_become_events_by_their_header() {
        let mut kept = Kept::default();
        let mut parser = open(b"", &Setting::default());
        for line in [
            HEADER,
            "2026-03-10 08:00:02,1773129602123,/api/c/9,GET,x=1,200,r1,Mozilla,info,production,MISS,dpl_A,34,\"{\"\"userId\"\":\"\"u7\"\",\"\"rows\"\":3}\n\"",
            "torn,177",
        ] {
            parser.record(line.as_bytes(), Place::default(), &mut kept);
        }
        assert_eq!((kept.events.len(), kept.unparsed), (1, 1));
        let event = kept.events[0].event();
        assert_eq!(
            (event.path, event.query, event.status),
            ("/api/c/9", "x=1", 200)
        );
        assert_eq!(
            (event.user, event.rows, event.request),
            ("u7", Some(3), "r1")
        );
        assert_eq!(
            (event.at, event.deployment),
            (1_773_129_602_123_000_000, "dpl_A")
        );
    }

    #[test]
    fn the_header_is_claimed() {
        assert_eq!(claim(format!("{HEADER}\na\nb\n").as_bytes()), 2);
        assert_eq!(claim(b"a,b,c\n1,2,3\n"), 0);
    }
}
