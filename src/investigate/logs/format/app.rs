//! JSON lines of an application: pino, winston, and any other that uses names
//! we know. Lines between them that are no JSON are read as printed text.

use super::appkeys::ROOT;
use super::facts::Facts;
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::said::Speaker;
use super::walk::{Memo, mended, object, text_of};
use crate::investigate::logs::event::{Event, Place};
use memchr::memmem;

/// Pino.
pub const PINO: Format = Format {
    name: "pino",
    title: "pino application log",
    framing: Framing::Json,
    joins: true,
    claim: claim_pino,
    open,
};

/// Winston.
pub const WINSTON: Format = Format {
    name: "winston",
    title: "winston application log",
    framing: Framing::Json,
    joins: true,
    claim: claim_winston,
    open,
};

/// Any other application that writes JSON: taken where nobody else claims.
pub const JSON: Format = Format {
    name: "json",
    title: "JSON application log",
    framing: Framing::Json,
    joins: true,
    claim: claim_json,
    open,
};

fn lines(sample: &[u8]) -> impl Iterator<Item = &[u8]> {
    sample
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(sample)
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
}

fn has(line: &[u8], key: &str) -> bool {
    memmem::find(line, key.as_bytes()).is_some()
}

fn claim_pino(sample: &[u8]) -> usize {
    let is_pino = |line: &&[u8]| {
        line.starts_with(b"{")
            && has(line, "\"level\":")
            && has(line, "\"time\":")
            && (has(line, "\"pid\":") || has(line, "\"msg\":"))
    };
    lines(sample).filter(is_pino).count()
}

fn claim_winston(sample: &[u8]) -> usize {
    let is_winston = |line: &&[u8]| {
        line.starts_with(b"{") && has(line, "\"level\":\"") && has(line, "\"message\":")
    };
    lines(sample).filter(is_winston).count()
}

/// One at most: whoever knows the records better reads them.
fn claim_json(sample: &[u8]) -> usize {
    let (mut objects, mut others) = (0, 0);
    for line in lines(sample) {
        if is_json(line) {
            objects += 1;
        } else {
            others += 1;
        }
    }
    let is_whole = lines(sample).next().is_some_and(is_json);
    usize::from(objects > others || is_whole)
}

/// Whether a line begins an object or a list of objects; `[api] ..` and
/// `{ key: ..` are printed text.
fn is_json(line: &[u8]) -> bool {
    let inside = line.strip_prefix(b"[").unwrap_or(line).trim_ascii_start();
    let within = inside.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    match within {
        Some(within) => within.is_empty() || matches!(within[0], b'"' | b'}'),
        None => line == b"[",
    }
}

/// A reader for any of them.
pub fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(App {
        copied: String::new(),
        memo: Memo::default(),
        speaker: Speaker::new(setting),
    })
}

#[derive(Debug)]
struct App {
    copied: String,
    memo: Memo,
    speaker: Speaker,
}

impl Parser for App {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        self.text(&text_of(record), place, out);
    }
}

impl App {
    fn text(&mut self, text: &str, place: Place, out: &mut dyn Out) {
        let text = text.trim_start_matches('\u{feff}').trim();
        let text = text.strip_suffix(',').unwrap_or(text);
        if !text.starts_with('{') {
            // The brackets of an array over several lines hold nothing.
            if !matches!(text, "" | "[" | "]") {
                self.speaker.printed(text, place, out);
            }
            return;
        }
        if self.row(text, place, out) {
            return;
        }
        let mended = mended(text.as_bytes());
        if mended == text || !self.row(&mended, place, out) {
            out.unparsed(place);
        }
    }

    fn row(&mut self, text: &str, place: Place, out: &mut dyn Out) -> bool {
        let mut facts = Facts::new(&mut self.copied);
        if !object(text, ROOT, &mut self.memo, &mut facts) {
            return false;
        }
        let event = Event {
            place,
            ..facts.event()
        };
        self.speaker.emit(event, facts.unzoned, out);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;
    use crate::investigate::logs::event::Layer;

    fn read(lines: &[&str]) -> Kept {
        Kept::of(open, lines)
    }

    const PINO_LINE: &str = r#"{"level":30,"time":1773129602123,"pid":12,"hostname":"web-1","req":{"id":"r1","method":"GET","url":"/api/customers/417?x=1","query":{"x":"1"},"headers":{"host":"app.example.com","user-agent":"Mozilla/5.0"},"remoteAddress":"::ffff:203.0.113.9"},"res":{"statusCode":200,"headers":{"content-length":"2048"}},"responseTime":34,"userId":"u7","orgId":3,"msg":"request completed"}"#;

    #[test]
    fn pino_tells_the_request_and_the_person() {
        read(&[PINO_LINE]).one(|event| {
            assert_eq!((event.layer, event.status), (Layer::Http, 200));
            assert_eq!(
                (event.method, event.path, event.query),
                ("GET", "/api/customers/417", "x=1")
            );
            assert_eq!((event.user, event.actor_tenant), ("u7", "3"));
            assert_eq!((event.request, event.agent), ("r1", "Mozilla/5.0"));
            assert_eq!(
                (event.bytes, event.duration_ns),
                (Some(2048), Some(34_000_000))
            );
            assert_eq!(event.at, 1_773_129_602_123_000_000);
        });
        let line = r#"{"level":"info","time":"2026-03-10T08:00:02.123Z","pid":12,"hostname":"h","reqId":"r1","user":{"id":"u7","role":"support"},"customer":{"id":"c1","orgId":"o2"},"rows":20,"msg":"read"}"#;
        read(&[line]).one(|event| {
            assert_eq!((event.layer, event.request), (Layer::Console, "r1"));
            assert_eq!(
                (event.user, event.role, event.tenant),
                ("u7", "support", "o2")
            );
            assert_eq!((event.object, event.rows), ("c1", Some(20)));
        });
    }

    #[test]
    fn winston_may_lack_a_time_and_nest_its_message() {
        read(&[r#"{"level":"info","message":"read","userId":"u7","rows":3}"#]).one(|event| {
            assert_eq!((event.user, event.rows), ("u7", Some(3)));
            assert_eq!(event.at, crate::investigate::logs::event::NO_TIME);
        });
        let nested = r#"{"level":"info","message":{"userId":"u7","path":"/api/a","status":"200"},"timestamp":"2026-03-10 08:00:02"}"#;
        let kept = read(&[nested]);
        kept.one(|event| {
            assert_eq!(
                (event.user, event.path, event.layer),
                ("u7", "/api/a", Layer::Http)
            );
            assert_eq!(event.at, 1_773_129_602_000_000_000);
        });
        assert!(kept.remarks[0].contains("zone"), "{:?}", kept.remarks);
        read(&[r#"{"level":"info","message":"{\"userId\":\"u7\"}"}"#])
            .one(|event| assert_eq!(event.user, "u7"));
    }

    #[test]
    fn a_zone_that_was_given_is_used() {
        let setting = Setting {
            zone: crate::domain::zone::Zone::read("+01:00"),
            ..Setting::default()
        };
        let mut kept = Kept::default();
        let line = br#"{"level":"info","message":"x","timestamp":"2026-03-10 09:00:02"}"#;
        open(b"", &setting).record(line, Place::default(), &mut kept);
        kept.one(|event| assert_eq!(event.at, 1_773_129_602_000_000_000));
    }

    #[test]
    fn dirty_lines_are_told_or_read_as_text() {
        let deep = format!("{{\"data\":{}", "[".repeat(1 << 20));
        for bad in [&PINO_LINE[..200], "{\"a\":", deep.as_str(), "{]"] {
            assert_eq!(read(&[bad]).unparsed, 1, "{}", &bad[..bad.len().min(40)]);
        }
        read(&["served user=u7 rows=3"])
            .one(|event| assert_eq!((event.user, event.rows), ("u7", Some(3))));
        let mut kept = Kept::default();
        open(b"", &Setting::default()).record(
            b"{\"userId\":\"u\xff\x007\",\"userId\":7,\"rows\":1e400,\"rows\":\"12\"}",
            Place::default(),
            &mut kept,
        );
        // A number beyond all bounds is an error of the whole line.
        assert_eq!(kept.events.len() + kept.unparsed, 1);
        read(&["{\"userId\":12345678901234567890,\"rows\":[1,2]}"]).one(|event| {
            assert_eq!((event.user, event.rows), ("12345678901234567890", Some(2)));
        });
    }

    #[test]
    fn each_claims_its_own() {
        assert_eq!(claim_pino(PINO_LINE.as_bytes()), 1);
        assert_eq!(claim_winston(PINO_LINE.as_bytes()), 0);
        assert_eq!(
            claim_winston(b"{\"level\":\"info\",\"message\":\"x\"}\n"),
            1
        );
        assert_eq!(claim_json(b"{\"a\":1}\n{\"a\":2}\n"), 1);
        assert_eq!(claim_json(b"{\n  \"a\": 1\n}\n"), 1);
        for text in [
            "plain\ntext\n",
            "[api] x {\"a\":1}\n",
            "{ user: 'u1' }\n",
            "[",
        ] {
            let want = usize::from(text == "[");
            assert_eq!(claim_json(text.as_bytes()), want, "{text}");
        }
        assert_eq!(claim_pino(format!("\u{feff}{PINO_LINE}\n").as_bytes()), 1);
    }
}
