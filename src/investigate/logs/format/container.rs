//! What Docker and Kubernetes write around a program's output:
//! `{"log":"..","stream":"stdout","time":".."}`, with the pod's name or not,
//! `2026-03-10T08:00:00.1Z stdout F ..` of the container runtime interface,
//! and `web-1  | ..` of compose. Each container's output has a reader of its
//! own. Lines that were cut come as parts and are put together.

use super::facts::{Facts, Slot};
use super::inner::{Inner, Within};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::walk::{Means, Memo, object, text_of};
use crate::investigate::logs::event::{Event, Layer, NO_TIME, Place, Stamp};
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
            || std::str::from_utf8(line)
                .is_ok_and(|line| runtime(line).is_some() || composed(line).is_some())
    };
    sample.split(|byte| *byte == b'\n').filter(is_ours).count()
}

fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(Container {
        copied: String::new(),
        memo: Memo::default(),
        inner: Inner::new(setting),
        source: String::new(),
        parts: Vec::new(),
    })
}

struct Container {
    copied: String,
    memo: Memo,
    inner: Inner,
    source: String,
    /// Lines whose end has not come, one for each source.
    parts: Vec<Part>,
}

struct Part {
    source: String,
    text: String,
    at: Stamp,
    place: Place,
}

/// Docker cuts lines at this size.
const CUT: usize = 16 << 10;
/// The longest line that is put together.
const LONGEST: usize = 1 << 20;
/// Lines put together at once.
const OPEN: usize = 64;

/// One piece of output.
#[derive(Clone, Copy)]
struct Output<'a> {
    at: Stamp,
    /// The stream, and the container where it is told.
    source: &'a str,
    is_part: bool,
    text: &'a str,
}

/// `TIME stdout F text`; `P` is a part.
fn runtime(line: &str) -> Option<Output<'_>> {
    let (at, zoned, rest) = iso(line.as_bytes())?;
    let rest = line.get(line.len() - rest.len()..)?.strip_prefix(' ')?;
    let (source, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_stream = matches!(source, "stdout" | "stderr");
    (zoned && is_stream && matches!(tag, "F" | "P")).then_some(Output {
        at,
        source,
        is_part: tag == "P",
        text,
    })
}

/// `web-1  | text` of compose, in colours or not, with a time or not.
fn composed(line: &str) -> Option<Output<'_>> {
    let bare = uncoloured(line);
    let (source, rest) = bare.split_once(' ')?;
    let padded = rest.trim_start_matches(' ');
    let text = padded.strip_prefix('|')?;
    let text = match text.strip_prefix(' ') {
        Some(text) => uncoloured(text),
        None => uncoloured(text).trim_start_matches(' '),
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let sound = !source.is_empty() && source.bytes().all(is_name) && padded.len() < rest.len();
    let whole = Output {
        at: NO_TIME,
        source,
        is_part: false,
        text,
    };
    // Docker's own time has a T; that of a program is left to its reader.
    let timed = || {
        let (at, zoned, after) = iso(text.as_bytes())?;
        let is_dockers = zoned && text.as_bytes().get(10) == Some(&b'T');
        let text = text.get(text.len() - after.len()..)?.strip_prefix(' ')?;
        is_dockers.then_some(Output { at, text, ..whole })
    };
    sound.then(|| timed().unwrap_or(whole))
}

/// A text without the colour it begins with.
fn uncoloured(text: &str) -> &str {
    let cut = || {
        let (code, rest) = text.strip_prefix("\u{1b}[")?.split_once('m')?;
        let is_code = code
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b';');
        is_code.then_some(rest)
    };
    cut().unwrap_or(text)
}

/// The names of Docker's record.
fn names(key: &str) -> Means {
    match key {
        "log" => Means::at(Slot::Message, 0),
        "time" | "@timestamp" | "timestamp" => Means::at(Slot::Time, u8::from(key != "time")),
        "stream" => Means::at(Slot::Kind, 0),
        "kubernetes" => Means::within(pod),
        _ => Means::SKIP,
    }
}

fn pod(key: &str) -> Means {
    match key {
        "container_name" => Means::at(Slot::Object, 0),
        "pod_name" => Means::at(Slot::Session, 0),
        _ => Means::SKIP,
    }
}

impl Parser for Container {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = text_of(record);
        let text = text.trim_start_matches('\u{feff}');
        if let Some(output) = runtime(text).or_else(|| composed(text)) {
            take(&mut self.inner, &mut self.parts, &output, place, out);
            return;
        }
        if !text.starts_with('{') {
            return out.unparsed(place);
        }
        let mut facts = Facts::new(&mut self.copied);
        if !object(text, names, &mut self.memo, &mut facts) || !facts.has(Slot::Message) {
            return out.unparsed(place);
        }
        let log = facts.text(Slot::Message);
        self.source.clear();
        for slot in [Slot::Kind, Slot::Object, Slot::Session] {
            self.source.push_str(facts.text(slot));
            self.source.push('/');
        }
        let output = Output {
            at: facts.at,
            source: &self.source,
            is_part: log.len() >= CUT && !log.ends_with('\n'),
            text: log,
        };
        take(&mut self.inner, &mut self.parts, &output, place, out);
    }

    fn end(&mut self, out: &mut dyn Out) {
        for part in std::mem::take(&mut self.parts) {
            give(&mut self.inner, &part, out);
        }
        self.inner.end(out);
    }
}

/// Hands a line on to its reader.
fn hand(inner: &mut Inner, source: &str, text: &str, at: Stamp, place: Place, out: &mut dyn Out) {
    let record = text.trim_end_matches(['\n', '\r']);
    if record.is_empty() {
        return;
    }
    let within = Within {
        source,
        process: "",
        record,
    };
    let around = Event {
        at,
        layer: Layer::Console,
        place,
        ..Event::EMPTY
    };
    inner.read(within, &around, out);
}

fn give(inner: &mut Inner, part: &Part, out: &mut dyn Out) {
    hand(inner, &part.source, &part.text, part.at, part.place, out);
}

fn take(
    inner: &mut Inner,
    parts: &mut Vec<Part>,
    output: &Output<'_>,
    place: Place,
    out: &mut dyn Out,
) {
    let Output { at, source, .. } = *output;
    let open = parts.iter().position(|part| part.source == source);
    let Some(open) = open else {
        if !output.is_part || parts.len() >= OPEN {
            return hand(inner, source, output.text, at, place, out);
        }
        parts.push(Part {
            source: source.to_owned(),
            text: output.text.to_owned(),
            at,
            place,
        });
        return;
    };
    let part = &mut parts[open];
    if part.text.len() + output.text.len() <= LONGEST {
        part.text.push_str(output.text);
    }
    if !output.is_part {
        let part = parts.swap_remove(open);
        give(inner, &part, out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    fn read(lines: &[&str]) -> Kept {
        Kept::of(open, lines)
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
    fn each_container_has_a_reader_of_its_own() {
        let pod = |name: &str, log: &str| {
            serde_json::json!({"log": log, "stream": "stdout", "time": "2026-03-10T08:00:09.1Z",
                "kubernetes": {"pod_name": name, "container_name": "main"}})
            .to_string()
        };
        let app = r#"{"level":30,"time":1773129602123,"pid":1,"userId":"u7","rows":3}"#;
        let access = r#"203.0.113.9 - u8 [10/Mar/2026:08:00:02 +0000] "GET /api/c/9 HTTP/1.1" 200 512 "-" "x""#;
        let check = |kept: &Kept| {
            assert_eq!((kept.events.len(), kept.unparsed), (2, 0));
            assert_eq!(kept.events[0].event().user, "u7");
            assert_eq!(kept.events[1].event().user, "u8");
        };
        check(&read(&[&pod("api-1", app), &pod("web-1", access)]));
        let lines = [format!("api-1  | {app}"), format!("web-1  | {access}")];
        check(&read(&[&lines[0], &lines[1]]));
        let coloured = lines
            .clone()
            .map(|line| format!("\u{1b}[36m{}", line.replace("  | ", "  | \u{1b}[0m")));
        check(&read(&[&coloured[0], &coloured[1]]));
        assert_eq!(claim(lines.join("\n").as_bytes()), 2);
        read(&["web  | 2026-03-10T08:00:02.123456789Z served user=u7 rows=3"]).one(|event| {
            assert_eq!((event.user, event.at), ("u7", 1_773_129_602_123_456_789));
        });
        assert_eq!(claim(b"a | b\n| a  | b |\n 1  | x\na b  | c\n"), 0);
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
