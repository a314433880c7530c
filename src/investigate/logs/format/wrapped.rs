//! What `CloudWatch` and systemd's journal write around a program's output,
//! an object a line or a list as their tools list it. What the program said
//! is read as the format it is of, one reader for each stream or unit.

use super::facts::{Facts, Slot};
use super::inner::{Inner, Within};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::walk::{Means, Memo, Names, mended, object};
use crate::investigate::logs::event::{Event, Layer, Place};
use memchr::memmem;

/// Amazon's `CloudWatch`.
pub const CLOUDWATCH: Format = Format {
    name: "cloudwatch",
    title: "CloudWatch log events",
    framing: Framing::Json,
    joins: true,
    claim: |sample| {
        let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
        let own = ["\"ingestionTime\"", "\"logStreamName\"", "\"@logStream\""];
        let own: usize = own.iter().map(|key| count(key)).max().unwrap_or(0);
        let sent = count("\"logEvents\"").min(count("\"logStream\""));
        let said = count("\"message\"").max(count("\"@message\""));
        if sent > 0 { said } else { own.min(said) }
    },
    open: |_, setting| open(cloudwatch, setting),
};

/// The journal, as `journalctl -o json` writes it.
pub const JOURNAL: Format = Format {
    name: "journal",
    title: "systemd journal as JSON",
    framing: Framing::Json,
    joins: true,
    claim: |sample| {
        let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
        count("\"__REALTIME_TIMESTAMP\"").min(count("\"MESSAGE\""))
    },
    open: |_, setting| open(journal, setting),
};

fn open(names: Names, setting: &Setting) -> Box<dyn Parser> {
    Box::new(Wrapping {
        names,
        copied: String::new(),
        memo: Memo::default(),
        inner: Inner::new(setting),
    })
}

fn cloudwatch(key: &str) -> Means {
    match key {
        "timestamp" | "@timestamp" => Means::at(Slot::Time, 0),
        "message" | "@message" => Means::at(Slot::Message, 0),
        "logStreamName" | "logStream" | "@logStream" => Means::at(Slot::Kind, 0),
        "eventId" | "id" | "@ptr" => Means::at(Slot::Id, 0),
        _ => Means::SKIP,
    }
}

fn journal(key: &str) -> Means {
    match key {
        "_SOURCE_REALTIME_TIMESTAMP" => Means::at(Slot::Time, 0),
        "__REALTIME_TIMESTAMP" => Means::at(Slot::Time, 1),
        "MESSAGE" => Means::at(Slot::Message, 0),
        "SYSLOG_IDENTIFIER" => Means::at(Slot::Kind, 0),
        "CONTAINER_NAME" => Means::at(Slot::Kind, 1),
        "_SYSTEMD_UNIT" => Means::at(Slot::Kind, 2),
        "_PID" => Means::at(Slot::Session, 0),
        "__CURSOR" => Means::at(Slot::Id, 0),
        _ => Means::SKIP,
    }
}

struct Wrapping {
    names: Names,
    copied: String,
    memo: Memo,
    inner: Inner,
}

impl Parser for Wrapping {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = mended(record);
        let mut facts = Facts::new(&mut self.copied);
        let text = text.trim().trim_end_matches(',');
        if !object(text, self.names, &mut self.memo, &mut facts) || !facts.has(Slot::Time) {
            return out.unparsed(place);
        }
        let around = Event {
            at: facts.at,
            layer: Layer::Console,
            place,
            id: facts.text(Slot::Id),
            ..Event::EMPTY
        };
        let said = facts.text(Slot::Message).trim_end();
        if said.is_empty() {
            return out.event(&around);
        }
        let within = Within {
            source: facts.text(Slot::Kind),
            process: facts.text(Slot::Session),
            record: said,
        };
        self.inner.read(within, &around, out);
    }

    fn end(&mut self, out: &mut dyn Out) {
        self.inner.end(out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;
    use serde_json::json;

    fn read(format: &Format, lines: &[serde_json::Value]) -> Kept {
        let mut kept = Kept::default();
        let mut parser = (format.open)(b"", &Setting::default());
        for line in lines {
            parser.record(line.to_string().as_bytes(), Place::default(), &mut kept);
        }
        parser.end(&mut kept);
        kept
    }

    fn event(at: u64, message: &str) -> serde_json::Value {
        json!({"logStreamName": "db.0", "timestamp": 1_773_129_602_000_u64 + at,
            "message": message, "ingestionTime": 1_773_129_603_000_u64, "eventId": at.to_string()})
    }

    #[test]
    fn cloudwatch_holds_records_of_a_database_and_of_apps() {
        let prefix = "2026-03-10 08:00:02 UTC:10.0.4.7(41017):app@db:[4310]:";
        let kept = read(
            &CLOUDWATCH,
            &[
                event(
                    1,
                    &format!("{prefix}LOG:  statement: select *\n\tfrom customers"),
                ),
                event(2, &format!("{prefix}LOG:  duration: 0.700 ms")),
            ],
        );
        kept.one(|event| {
            assert_eq!(event.statement, "select *\nfrom customers");
            assert_eq!((event.client, event.db_role), ("10.0.4.7", "app"));
            assert_eq!(event.duration_ns, Some(700_000));
        });
        let app = r#"{"level":30,"time":1773129602123,"pid":1,"userId":"u7","rows":3}"#;
        read(&CLOUDWATCH, &[event(1, app)]).one(|event| {
            assert_eq!((event.user, event.rows, event.id), ("u7", Some(3), "1"));
        });
        let sent = json!({"messageType": "DATA_MESSAGE", "logStream": "s", "logEvents": [
            {"id": "1", "timestamp": 1, "message": "a"}, {"id": "2", "timestamp": 2, "message": "b"}]});
        assert_eq!((CLOUDWATCH.claim)(sent.to_string().as_bytes()), 2);
        assert_eq!((CLOUDWATCH.claim)(event(1, "x").to_string().as_bytes()), 1);
    }

    #[test]
    fn the_journal_knows_the_process() {
        let line = |pid: &str, message: &str| {
            json!({"__REALTIME_TIMESTAMP": "1773129602123456", "SYSLOG_IDENTIFIER": "postgres",
                "_PID": pid, "MESSAGE": message})
        };
        // The prefix says neither when nor who: the journal does.
        let kept = read(
            &JOURNAL,
            &[
                line("1", "LOG:  statement: select * from customers"),
                line("2", "LOG:  statement: select * from invoices"),
                line("1", "LOG:  duration: 0.700 ms"),
            ],
        );
        assert_eq!((kept.events.len(), kept.unparsed), (2, 0));
        let timed = kept
            .events
            .iter()
            .find(|event| event.event().duration_ns.is_some());
        let timed = timed.unwrap().event();
        assert_eq!(timed.statement, "select * from customers");
        assert_eq!(timed.at, 1_773_129_602_123_456_000);
        assert_eq!((JOURNAL.claim)(line("1", "x").to_string().as_bytes()), 1);
    }

    #[test]
    fn torn_and_foreign_records_are_told() {
        for format in [CLOUDWATCH, JOURNAL] {
            let mut kept = Kept::default();
            let mut parser = (format.open)(b"", &Setting::default());
            for line in ["{\"timestamp\":177", "{}", "x"] {
                parser.record(line.as_bytes(), Place::default(), &mut kept);
            }
            assert_eq!((kept.events.len(), kept.unparsed), (0, 3));
            assert_eq!((format.claim)(br#"{"timestamp":1,"message":"x"}"#), 0);
        }
    }
}
