//! logfmt: `time=.. level=info msg="a b" user=u1 rows=20`. A bare key says
//! nothing, of a key that comes twice the last counts.

use super::appkeys::ROOT;
use super::facts::Facts;
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::said::{Speaker, pairs};
use super::walk::text_of;
use crate::investigate::logs::event::{Event, Place};

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "logfmt",
    title: "logfmt application log",
    framing: Framing::Lines,
    joins: true,
    claim,
    open,
};

fn claim(sample: &[u8]) -> usize {
    let text = String::from_utf8_lossy(sample);
    text.lines().filter(|line| is_logfmt(line.trim())).count()
}

/// A pair at the very start and at least two more.
fn is_logfmt(line: &str) -> bool {
    let is_key = |key: &str| {
        let sound =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@');
        !key.is_empty() && key.bytes().all(sound)
    };
    let pairs = line
        .split(' ')
        .filter(|word| word.split_once('=').is_some_and(|(key, _)| is_key(key)));
    let starts = line.split_once('=').is_some_and(|(key, _)| is_key(key));
    starts && pairs.take(3).count() == 3
}

fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(Logfmt {
        copied: String::new(),
        speaker: Speaker::new(setting),
    })
}

#[derive(Debug)]
struct Logfmt {
    copied: String,
    speaker: Speaker,
}

impl Parser for Logfmt {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = text_of(record);
        let mut facts = Facts::new(&mut self.copied);
        if pairs(&text, ROOT, &mut facts) == 0 {
            return self.speaker.printed(&text, place, out);
        }
        let event = Event {
            place,
            ..facts.event()
        };
        self.speaker.emit(event, facts.unzoned, out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;
    use crate::investigate::logs::event::Layer;

    fn read(line: &str) -> Kept {
        Kept::of(open, [line])
    }

    #[test]
    fn pairs_become_an_event() {
        read(r#"time=2026-03-10T08:00:02Z level=info msg="read \"all\" of them" user_id=old user_id=u7 org_id=3 rows=20 dry debug= request_id=r1"#).one(|event| {
            assert_eq!((event.user, event.actor_tenant, event.rows), ("u7", "3", Some(20)));
            assert_eq!((event.request, event.layer), ("r1", Layer::Console));
            assert_eq!(event.at, 1_773_129_602_000_000_000);
        });
        read(r#"at=info method=GET path="/api/c/9?x=1" host=app.example.com request_id=r1 fwd="203.0.113.9" dyno=web.1 connect=1ms service=18ms status=200 bytes=512 protocol=https"#).one(|event| {
            assert_eq!((event.method, event.path, event.query), ("GET", "/api/c/9", "x=1"));
            assert_eq!((event.status, event.bytes, event.client), (200, Some(512), "203.0.113.9"));
            assert_eq!((event.layer, event.duration_ns), (Layer::Http, Some(18_000_000)));
        });
    }

    #[test]
    fn torn_and_dirty_lines_do_no_harm() {
        for line in [
            "=",
            "a=",
            "user=\"u7",
            "user=",
            "= = =",
            "plain",
            "user=\u{fffd}\0",
            "user=u\\",
        ] {
            assert_eq!(read(line).events.len(), 1, "{line}");
        }
        read("x=1 user=\"u7").one(|event| assert_eq!(event.user, "u7"));
    }

    #[test]
    fn three_pairs_make_a_line() {
        assert_eq!(
            claim(b"ts=1 level=info msg=\"a b\"\nts=1 level=info user=x\n"),
            2
        );
        assert_eq!(
            claim(b"a=1 b=2\nhello a=1 b=2 c=3\n{\"a\":\"x=1 y=2 z=3\"}\n"),
            0
        );
    }
}
