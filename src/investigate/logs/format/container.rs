//! What Docker and Kubernetes write around a program's output:
//! `{"log":"..","stream":"stdout","time":".."}`, and
//! `2026-03-10T08:00:00.1Z stdout F ..` of the container runtime interface.
//! Lines that were cut come as parts and are put together.

use super::facts::{Facts, Slot};
use super::inner::{Inner, Within};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::walk::{Means, object, text_of};
use crate::investigate::logs::event::{Event, Layer, NO_TIME, Place};
use crate::investigate::logs::time::iso;
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "container",
    title: "Docker or Kubernetes container log",
    framing: Framing::Lines,
    joins: true,
    claim,
    open,
};

fn claim(sample: &[u8]) -> usize {
    let is_ours = |line: &&[u8]| {
        let has = |key: &str| memmem::find(line, key.as_bytes()).is_some();
        (line.starts_with(b"{")
            && has("\"log\":\"")
            && (has("\"stream\":\"") || has("\"kubernetes\":")))
            || std::str::from_utf8(line).is_ok_and(|line| runtime(line).is_some())
    };
    sample.split(|byte| *byte == b'\n').filter(is_ours).count()
}

fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(Container {
        copied: String::new(),
        inner: Inner::new(setting),
        parts: Default::default(),
    })
}

struct Container {
    copied: String,
    inner: Inner,
    /// Lines whose end has not come, one for each stream.
    parts: [Part; 2],
}

#[derive(Default)]
struct Part {
    text: String,
    place: Place,
}

/// Docker cuts lines at this size.
const CUT: usize = 16 << 10;
/// The longest line that is put together.
const LONGEST: usize = 1 << 20;

/// One piece of output.
struct Output<'a> {
    at: i64,
    is_error: bool,
    is_part: bool,
    text: &'a str,
}

/// `TIME stdout F text`; `P` is a part.
fn runtime(line: &str) -> Option<Output<'_>> {
    let (at, zoned, rest) = iso(line.as_bytes())?;
    let rest = line.get(line.len() - rest.len()..)?.strip_prefix(' ')?;
    let (stream, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_stream = matches!(stream, "stdout" | "stderr");
    (zoned && is_stream && matches!(tag, "F" | "P")).then_some(Output {
        at,
        is_error: stream == "stderr",
        is_part: tag == "P",
        text,
    })
}

/// The names of Docker's record.
fn names(key: &str) -> Means {
    match key {
        "log" => Means::at(Slot::Message, 0),
        "time" | "@timestamp" | "timestamp" => Means::at(Slot::Time, u8::from(key != "time")),
        "stream" => Means::at(Slot::Kind, 0),
        _ => Means::SKIP,
    }
}

impl Parser for Container {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = text_of(record);
        let text = text.trim_start_matches('\u{feff}');
        if let Some(output) = runtime(text) {
            take(&mut self.inner, &mut self.parts, &output, place, out);
            return;
        }
        if !text.starts_with('{') {
            return out.unparsed(place);
        }
        let mut facts = Facts::new(&mut self.copied);
        if !object(text, names, &mut facts) || !facts.has(Slot::Message) {
            return out.unparsed(place);
        }
        let log = facts.text(Slot::Message);
        let output = Output {
            at: facts.at,
            is_error: facts.text(Slot::Kind) == "stderr",
            is_part: log.len() >= CUT && !log.ends_with('\n'),
            text: log,
        };
        take(&mut self.inner, &mut self.parts, &output, place, out);
    }

    fn end(&mut self, out: &mut dyn Out) {
        for at in 0..2 {
            let part = std::mem::take(&mut self.parts[at]);
            if !part.text.is_empty() {
                let output = Output {
                    at: NO_TIME,
                    is_error: at == 1,
                    is_part: false,
                    text: "",
                };
                self.parts[at] = part;
                take(
                    &mut self.inner,
                    &mut self.parts,
                    &output,
                    Place::default(),
                    out,
                );
            }
        }
        self.inner.end(out);
    }
}

fn within<'a>(source: &'a str, record: &'a str) -> Within<'a> {
    Within {
        source,
        record,
        process: "",
    }
}

fn take(
    inner: &mut Inner,
    parts: &mut [Part; 2],
    output: &Output<'_>,
    place: Place,
    out: &mut dyn Out,
) {
    let part = &mut parts[usize::from(output.is_error)];
    let source = if output.is_error { "stderr" } else { "stdout" };
    let around = |place| Event {
        at: output.at,
        layer: Layer::Console,
        place,
        ..Event::EMPTY
    };
    if part.text.is_empty() && !output.is_part {
        let line = output.text.trim_end_matches(['\n', '\r']);
        if !line.is_empty() {
            inner.read(within(source, line), &around(place), out);
        }
        return;
    }
    if part.text.is_empty() {
        part.place = place;
    }
    if part.text.len() + output.text.len() <= LONGEST {
        part.text.push_str(output.text);
    }
    if !output.is_part {
        let whole = std::mem::take(&mut part.text);
        let place = part.place;
        let line = whole.trim_end_matches(['\n', '\r']);
        if !line.is_empty() {
            inner.read(within(source, line), &around(place), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    fn read(lines: &[&str]) -> Kept {
        let mut kept = Kept::default();
        let mut parser = open(b"", &Setting::default());
        for line in lines {
            parser.record(line.as_bytes(), Place::default(), &mut kept);
        }
        parser.end(&mut kept);
        kept
    }

    #[test]
    fn a_wrapped_line_is_read_as_what_it_is() {
        let json = r#"{"log":"{\"level\":30,\"time\":1773129602123,\"pid\":1,\"userId\":\"u7\",\"rows\":3}\n","stream":"stdout","time":"2026-03-10T08:00:09.1Z"}"#;
        read(&[json]).one(|event| {
            assert_eq!((event.user, event.rows), ("u7", Some(3)));
            assert_eq!(event.at, 1_773_129_602_123_000_000);
        });
        let access = r#"2026-03-10T08:00:09.123456789Z stdout F 203.0.113.9 - - [10/Mar/2026:08:00:02 +0000] "GET /api/c/9 HTTP/1.1" 200 512 "-" "x""#;
        read(&[access]).one(|event| {
            assert_eq!((event.path, event.status), ("/api/c/9", 200));
            assert_eq!(event.client, "203.0.113.9");
        });
        read(&["2026-03-10T08:00:02Z stderr F served user=u7 rows=3"]).one(|event| {
            assert_eq!(event.user, "u7");
            assert_eq!(event.at, 1_773_129_602_000_000_000);
        });
    }

    #[test]
    fn records_of_a_database_go_over_lines_and_know_their_person() {
        let at = "2026-03-10T08:00:02Z stderr F";
        let head = "2026-03-10 08:00:02.123 UTC [71] app@db";
        let kept = read(&[
            &format!(
                "{at} {head} LOG:  execute <unnamed>: select set_config('request.jwt.claims', $1, true)"
            ),
            &format!("{at} {head} DETAIL:  parameters: $1 = '{{\"sub\":\"u7\"}}'"),
            &format!("{at} {head} LOG:  statement: select *"),
            &format!("{at} \tfrom customers"),
        ]);
        let found = kept
            .events
            .iter()
            .find(|event| event.event().statement.contains("customers"));
        let event = found.unwrap().event();
        assert_eq!(
            (event.user, event.statement),
            ("u7", "select *\nfrom customers")
        );
        assert_eq!(event.at, 1_773_129_602_123_000_000);
        assert_eq!(kept.unparsed, 0);
        // Words alone are no sign of a database.
        read(&["2026-03-10T08:00:02Z stdout F 2026-03-10 08:00:01 ERROR: user=u7 rows=3"])
            .one(|event| assert_eq!((event.user, event.rows), ("u7", Some(3))));
    }

    #[test]
    fn parts_are_put_together() {
        let kept = read(&[
            "2026-03-10T08:00:02Z stdout P served user=u7 ",
            "2026-03-10T08:00:02Z stderr F other",
            "2026-03-10T08:00:02Z stdout F rows=3",
            "2026-03-10T08:00:03Z stdout P torn user=u8",
        ]);
        assert_eq!(kept.events.len(), 3);
        let joined = kept.events[1].event();
        assert_eq!((joined.user, joined.rows), ("u7", Some(3)));
        assert_eq!(kept.events[2].event().user, "u8");
    }

    #[test]
    fn what_is_no_wrapping_is_told() {
        for line in [
            "plain",
            "{\"log\":",
            "{}",
            "{\"log\":\"x",
            "2026-03-10T08:00:02Z stdout X y",
        ] {
            assert_eq!(read(&[line]).unparsed, 1, "{line}");
        }
        assert_eq!(claim(b"{\"log\":\"a\",\"stream\":\"stdout\",\"time\":\"x\"}\n2026-03-10T08:00:02Z stdout F y\nz\n"), 2);
    }
}
