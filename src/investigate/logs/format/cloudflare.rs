//! Cloudflare's Logpush of HTTP requests, one JSON object a line, or a table
//! with a header. A person is known only where the job logs request headers or
//! cookies that name one.

use super::facts::{Facts, Slot};
use super::headers::{answered, cookie, sent};
use super::keyed::{Keyed, Made};
use super::parser::{Format, Framing};
use super::table::{Table, rows_below};
use super::walk::Means;
use crate::investigate::logs::event::{Event, Layer};
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "cloudflare",
    title: "Cloudflare Logpush of HTTP requests",
    framing: Framing::Json,
    joins: false,
    claim,
    open: |_, setting| Keyed::boxed(row, request, setting),
};

/// The same as a table.
pub const CSV: Format = Format {
    name: "cloudflare-csv",
    title: "Cloudflare Logpush of HTTP requests as CSV",
    framing: Framing::Csv,
    joins: false,
    claim: |sample| {
        let with = |target| rows_below(sample, &["EdgeResponseStatus", target]);
        with("ClientRequestURI").max(with("ClientRequestPath"))
    },
    open: |_, setting| Table::boxed(row, request, setting),
};

fn claim(sample: &[u8]) -> usize {
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    let edge = count("\"EdgeResponseStatus\"").max(count("\"RayID\""));
    let target = count("\"ClientRequestURI\"").max(count("\"ClientRequestPath\""));
    edge.min(target)
}

fn request<'s>(facts: &'s Facts<'_, '_>, _room: &'s mut String) -> Made<'s> {
    if !facts.has(Slot::Target) {
        return Made::Foreign;
    }
    let event = facts.event();
    Made::Event(Event {
        layer: Layer::Http,
        // Delivery is at least once, and a ray is one request.
        id: event.request,
        ..event
    })
}

fn row(key: &str) -> Means {
    match key {
        "ClientIP" => Means::at(Slot::Client, 0),
        "ClientRequestMethod" => Means::at(Slot::Method, 0),
        "ClientRequestURI" => Means::at(Slot::Target, 0),
        "ClientRequestPath" => Means::at(Slot::Target, 1),
        "ClientRequestUserAgent" => Means::at(Slot::Agent, 0),
        "EdgeStartTimestamp" => Means::at(Slot::Time, 0),
        "EdgeEndTimestamp" => Means::at(Slot::Time, 1),
        "EdgeResponseStatus" => Means::at(Slot::Status, 0),
        "OriginResponseStatus" => Means::at(Slot::Status, 2),
        "EdgeResponseBytes" => Means::at(Slot::Bytes, 0),
        "CacheCacheStatus" => Means::at(Slot::Cache, 0),
        "OriginResponseDurationMs" => Means::at(Slot::Millis, 0),
        "RayID" => Means::at(Slot::Request, 0),
        "RequestHeaders" => Means::within(sent),
        "Cookies" => Means::within(cookie),
        "ResponseHeaders" => Means::within(answered),
        _ => Means::SKIP,
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::super::parser::Setting;
    use super::*;
    use crate::investigate::logs::event::{CacheState, Place};

    const LINE: &str = r#"{"ClientIP":"203.0.113.9","ClientRequestHost":"app.example.com","ClientRequestMethod":"GET","ClientRequestPath":"/api/customers/417","ClientRequestURI":"/api/customers/417?x=1","ClientRequestUserAgent":"Mozilla/5.0","EdgeStartTimestamp":1773129602123000000,"EdgeEndTimestamp":1773129602200000000,"EdgeResponseStatus":200,"EdgeResponseBytes":2048,"CacheCacheStatus":"hit","OriginResponseStatus":0,"RayID":"8f1a","WorkerSubrequest":false,"SecurityAction":""}"#;

    fn read(line: &str) -> Kept {
        Kept::of(FORMAT.open, [line])
    }

    #[test]
    fn a_request_has_its_parts() {
        read(LINE).one(|event| {
            assert_eq!((event.path, event.query), ("/api/customers/417", "x=1"));
            assert_eq!((event.status, event.bytes), (200, Some(2048)));
            assert_eq!(
                (event.cache, event.client),
                (CacheState::Stored, "203.0.113.9")
            );
            assert_eq!(
                (event.request, event.id, event.shared),
                ("8f1a", "8f1a", false)
            );
        });
    }

    #[test]
    fn times_come_in_three_types() {
        for (time, want) in [
            ("1773129602123000000", 1_773_129_602_123_000_000),
            ("1773129602", 1_773_129_602_000_000_000),
            ("\"2026-03-10T08:00:02.123Z\"", 1_773_129_602_123_000_000),
        ] {
            let line = LINE.replace("1773129602123000000", time);
            read(&line).one(|event| assert_eq!(event.at, want));
        }
    }

    #[test]
    fn headers_name_the_person_and_the_cache() {
        let more = r#"{"RequestHeaders":{"X-User-Id":"u7","x-middleware-subrequest":"middleware:middleware"},"Cookies":{"session":"secret","uid":"u9"},"ResponseHeaders":{"cache-control":"public, s-maxage=60","age":"12"},"#;
        read(&LINE.replacen('{', more, 1)).one(|event| {
            assert_eq!((event.user, event.session), ("u7", ""));
            assert!(event.bypass_mark && event.shared);
        });
        let quiet = r#"{"ResponseHeaders":{"cache-control":"private, no-store","age":"0"},"#;
        read(&LINE.replacen('{', quiet, 1)).one(|event| assert!(!event.shared));
    }

    #[test]
    fn a_table_has_the_same_names() {
        let mut kept = Kept::default();
        let mut parser = (CSV.open)(b"", &Setting::default());
        let header = "ClientIP,ClientRequestMethod,ClientRequestURI,EdgeStartTimestamp,EdgeResponseStatus,EdgeResponseBytes,CacheCacheStatus,RayID,RequestHeaders";
        let line = "203.0.113.9,GET,/api/customers/417?x=1,2026-03-10T08:00:02Z,200,2048,hit,8f1a,\"{\"\"x-user-id\"\":\"\"u7\"\"}\"";
        for line in [header, line, header, "torn,GET"] {
            parser.record(line.as_bytes(), Place::default(), &mut kept);
        }
        assert_eq!((kept.events.len(), kept.unparsed), (1, 1));
        let event = kept.events[0].event();
        assert_eq!((event.path, event.query), ("/api/customers/417", "x=1"));
        assert_eq!((event.user, event.client), ("u7", "203.0.113.9"));
        assert_eq!((event.status, event.bytes), (200, Some(2048)));
        assert_eq!((event.cache, event.id), (CacheState::Stored, "8f1a"));
        assert_eq!(event.at, 1_773_129_602_000_000_000);
        let sample = format!("{header}\n{line}\n");
        assert_eq!((CSV.claim)(sample.as_bytes()), 1);
        assert_eq!((CSV.claim)(b"EdgeResponseStatus,x\n1,2\n"), 0);
    }

    #[test]
    fn torn_and_foreign_records_are_told() {
        for line in [&LINE[..200], "{}", "nonsense", "{\"RayID\":\"x\"}"] {
            let kept = read(line);
            assert_eq!((kept.events.len(), kept.unparsed), (0, 1), "{line}");
        }
        assert_eq!(claim(format!("{LINE}\n{LINE}\n").as_bytes()), 2);
        assert_eq!(claim(br#"{"ClientIP":"x"}"#), 0);
    }
}
