//! OpenTelemetry's JSON files: `{"resourceLogs":[..]}` and
//! `{"resourceSpans":[..]}`, many records each. Numbers come as texts, a time
//! of "0" is none, attributes are lists of a key and a typed value.

mod wire;

use super::appkeys::ROOT;
use super::facts::{Facts, Slot, Value};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::said::Speaker;
use super::walk::{is_shallow, text_of};
use crate::investigate::logs::event::{Event, Layer, Place};
use memchr::memmem;
use wire::{Any, Attribute, Group, Record, Resource, Scalar, Scope, Top};

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "otlp",
    title: "OpenTelemetry logs or spans as JSON",
    framing: Framing::Json,
    joins: true,
    claim,
    open,
};

fn claim(sample: &[u8]) -> usize {
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    if count("\"resourceLogs\"") + count("\"resourceSpans\"") == 0 {
        return 0;
    }
    let records = count("\"timeUnixNano\"") + count("\"startTimeUnixNano\"");
    records.max(count("\"resourceLogs\"") + count("\"resourceSpans\""))
}

fn open(_sample: &[u8], setting: &Setting) -> Box<dyn Parser> {
    Box::new(Otlp {
        copied: String::new(),
        speaker: Speaker::new(setting),
    })
}

#[derive(Debug)]
struct Otlp {
    copied: String,
    speaker: Speaker,
}

impl Parser for Otlp {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = text_of(record);
        let text = text.trim_start_matches('\u{feff}').trim();
        if !is_shallow(text.as_bytes()) {
            return out.unparsed(place);
        }
        // The record may be the whole, a group of it, or one of its records, as
        // it was split.
        let Ok(top) = sonic_rs::from_str::<Top<'_>>(text) else {
            return out.unparsed(place);
        };
        if !top.is_known() {
            match sonic_rs::from_str::<Record<'_>>(text) {
                Ok(record) if record.is_known() => self.one(&record, &[], place, out),
                _ => out.unparsed(place),
            }
            return;
        }
        for group in top.groups.iter().flatten() {
            self.group(group, place, out);
        }
        let common = attributes(top.resource.as_ref());
        for scope in top.scopes.iter().flatten() {
            self.scope(scope, common, place, out);
        }
        for record in top.records.iter().flatten() {
            self.one(record, common, place, out);
        }
    }
}

fn attributes<'s, 'a>(resource: Option<&'s Resource<'a>>) -> &'s [Attribute<'a>] {
    let attributes = resource.and_then(|resource| resource.attributes.as_ref());
    attributes.map_or(&[], Vec::as_slice)
}

impl Otlp {
    fn group(&mut self, group: &Group<'_>, place: Place, out: &mut dyn Out) {
        let common = attributes(group.resource.as_ref());
        for scope in group.scopes.iter().flatten() {
            self.scope(scope, common, place, out);
        }
    }

    fn scope(
        &mut self,
        scope: &Scope<'_>,
        common: &[Attribute<'_>],
        place: Place,
        out: &mut dyn Out,
    ) {
        for record in scope.records.iter().flatten() {
            self.one(record, common, place, out);
        }
    }

    fn one(
        &mut self,
        record: &Record<'_>,
        common: &[Attribute<'_>],
        place: Place,
        out: &mut dyn Out,
    ) {
        let mut facts = Facts::new(&mut self.copied);
        for attribute in common.iter().chain(record.attributes.iter().flatten()) {
            attributed(attribute, &mut facts);
        }
        let number =
            |scalar: &Scalar<'_>| scalar.value().and_then(Value::whole).filter(|at| *at > 0);
        let at = number(&record.time).or_else(|| number(&record.observed));
        if let Some(at) = at {
            facts.put(Slot::Time, 0, "", Value::Whole(at));
        }
        if let (Some(start), Some(end)) = (number(&record.time), number(&record.end)) {
            facts.put(Slot::Nanos, 0, "", Value::Whole(end.saturating_sub(start)));
        }
        put(Slot::Trace, &record.trace, &mut facts);
        if let Some(body) = &record.body {
            bodied(body, &mut facts);
        }
        let mut event = Event {
            place,
            ..facts.event()
        };
        // A record of a whole request has its path and its status; others of
        // the same trace are joined to it by the trace.
        if event.request.is_empty() {
            event.request = event.trace;
        }
        // A span that asks another service is no request to this one.
        if number(&record.kind).is_some_and(|kind| kind != SERVER) {
            event.layer = Layer::Console;
        }
        self.speaker.emit(event, facts.unzoned, out);
    }
}

/// The kind of a span that answered a request.
const SERVER: i64 = 2;

fn put<'a>(slot: Slot, scalar: &'a Scalar<'_>, facts: &mut Facts<'a, '_>) {
    if let Some(value) = scalar.value() {
        facts.put(slot, 0, "", value);
    }
}

fn attributed<'a>(attribute: &'a Attribute<'_>, facts: &mut Facts<'a, '_>) {
    let Some(key) = &attribute.key else { return };
    let means = ROOT(key);
    let first = attribute.value.as_ref().and_then(Any::first);
    if let (Some(slot), Some(value)) = (means.slot, first) {
        facts.put(slot, means.rank, means.kind, value);
    }
}

/// The body: a text, or a list of keys and values.
fn bodied<'a>(body: &'a Any<'_>, facts: &mut Facts<'a, '_>) {
    if let Some(text) = body.text.value() {
        facts.put(Slot::Message, 0, "", text);
    }
    for attribute in body
        .list
        .iter()
        .filter_map(|list| list.values.as_ref())
        .flatten()
    {
        attributed(attribute, facts);
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;

    fn read(line: &str) -> Kept {
        Kept::of(open, [line])
    }

    const LINE: &str = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.version","value":{"stringValue":"v9"}}]},"scopeLogs":[{"scope":{"name":"app"},"logRecords":[
        {"timeUnixNano":"1773129602123000000","severityNumber":9,"body":{"stringValue":"GET"},"attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"url.path","value":{"stringValue":"/api/c/9"}},{"key":"http.route","value":{"stringValue":"/api/c/{id}"}},{"key":"http.response.status_code","value":{"intValue":"200"}},{"key":"user.id","value":{"stringValue":"u7"}},{"key":"user.roles","value":{"arrayValue":{"values":[{"stringValue":"admin"}]}}},{"key":"tenant.id","value":{"intValue":3}},{"key":"http.response.body.size","value":{"intValue":"512"}},{"key":"client.address","value":{"stringValue":"203.0.113.9"}}],"traceId":"5b8aa5a2d2c872e8321cf37308d69df2","spanId":"051581bf3cb55c13"},
        {"timeUnixNano":"0","observedTimeUnixNano":"1773129602124000000","body":{"stringValue":"{\"userId\":\"u8\",\"rows\":3}"},"traceId":""},
        {"observedTimeUnixNano":1773129602124000000,"body":{"kvlistValue":{"values":[{"key":"userId","value":{"stringValue":"u9"}},{"key":"rows","value":{"doubleValue":4}}]}}}]}]}]}"#;

    #[test]
    fn a_line_holds_many_records() {
        let kept = read(LINE);
        assert_eq!((kept.events.len(), kept.unparsed), (3, 0));
        let first = kept.events[0].event();
        assert_eq!(
            (first.method, first.path, first.route),
            ("GET", "/api/c/9", "/api/c/{id}")
        );
        assert_eq!(
            (first.status, first.bytes, first.layer),
            (200, Some(512), Layer::Http)
        );
        assert_eq!(
            (first.user, first.role, first.actor_tenant),
            ("u7", "admin", "3")
        );
        assert_eq!((first.client, first.deployment), ("203.0.113.9", "v9"));
        assert_eq!(first.request, "5b8aa5a2d2c872e8321cf37308d69df2");
        assert_eq!(first.at, 1_773_129_602_123_000_000);
        let second = kept.events[1].event();
        assert_eq!(
            (second.user, second.rows, second.layer),
            ("u8", Some(3), Layer::Console)
        );
        assert_eq!(second.at, 1_773_129_602_124_000_000);
        let third = kept.events[2].event();
        assert_eq!((third.user, third.rows), ("u9", Some(4)));
    }

    #[test]
    fn a_group_that_was_split_off_is_read_too() {
        let group = LINE
            .strip_prefix("{\"resourceLogs\":[")
            .unwrap()
            .strip_suffix("]}")
            .unwrap();
        assert_eq!(read(group).events.len(), 3);
        let one = r#"{"timeUnixNano":"1773129602000000000","attributes":[{"key":"user.id","value":{"stringValue":"u7"}}]}"#;
        read(one).one(|event| assert_eq!(event.user, "u7"));
        let scope = format!("{{\"logRecords\":[{one},{one}]}}");
        assert_eq!(read(&scope).events.len(), 2);
    }

    #[test]
    fn spans_have_a_duration_and_a_kind() {
        let span = |kind: u8| {
            format!(
                r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"t","spanId":"s","name":"GET","kind":{kind},"startTimeUnixNano":"1773129602000000000","endTimeUnixNano":"1773129602034000000","attributes":[{{"key":"url.path","value":{{"stringValue":"/a"}}}},{{"key":"http.response.status_code","value":{{"intValue":"200"}}}}]}}]}}]}}]}}"#
            )
        };
        read(&span(2)).one(|event| {
            assert_eq!(
                (event.layer, event.duration_ns),
                (Layer::Http, Some(34_000_000))
            );
        });
        read(&span(3)).one(|event| assert_eq!(event.layer, Layer::Console));
    }

    #[test]
    fn broken_and_hostile_lines_are_told() {
        let deep = format!("{{\"resourceLogs\":{}", "[".repeat(1 << 20));
        for bad in [
            &LINE[..200],
            "{}",
            "x",
            "[]",
            deep.as_str(),
            "{\"resourceLogs\":7}",
        ] {
            assert_eq!(read(bad).unparsed, 1, "{}", &bad[..bad.len().min(40)]);
        }
        let odd = LINE
            .replace("\"key\":\"user.id\"", "\"key\":null")
            .replace("{\"intValue\":3}", "{\"intValue\":[{}]}");
        assert_eq!(read(&odd).events.len(), 3);
    }

    #[test]
    fn records_are_claimed() {
        assert_eq!(claim(LINE.as_bytes()), 2);
        assert_eq!(claim(b"{\"timeUnixNano\":1}"), 0);
    }
}
