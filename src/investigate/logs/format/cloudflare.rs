//! Cloudflare's Logpush of HTTP requests, one JSON object a line. A person is
//! known only where the job logs request headers or cookies that name one.

use super::facts::{Facts, Slot};
use super::parser::{Format, Framing, Out, Parser, Setting};
use super::walk::{Means, Memo, mended, object};
use crate::investigate::logs::event::{Event, Layer, Place};
use memchr::memmem;

/// The row of the registry.
pub const FORMAT: Format = Format {
    name: "cloudflare",
    title: "Cloudflare Logpush of HTTP requests",
    framing: Framing::Json,
    joins: false,
    claim,
    open: |_, _: &Setting| {
        Box::new(Cloudflare {
            copied: String::new(),
            memo: Memo::default(),
        })
    },
};

fn claim(sample: &[u8]) -> usize {
    let count = |key: &str| memmem::find_iter(sample, key.as_bytes()).count();
    let edge = count("\"EdgeResponseStatus\"").max(count("\"RayID\""));
    let target = count("\"ClientRequestURI\"").max(count("\"ClientRequestPath\""));
    edge.min(target)
}

#[derive(Debug)]
struct Cloudflare {
    copied: String,
    memo: Memo,
}

impl Parser for Cloudflare {
    fn record(&mut self, record: &[u8], place: Place, out: &mut dyn Out) {
        let text = mended(record);
        let mut facts = Facts::new(&mut self.copied);
        let whole = object(
            text.trim().trim_end_matches(','),
            row,
            &mut self.memo,
            &mut facts,
        );
        if !whole || !facts.has(Slot::Target) {
            return out.unparsed(place);
        }
        let event = facts.event();
        out.event(&Event {
            place,
            layer: Layer::Http,
            // Delivery is at least once, and a ray is one request.
            id: event.request,
            ..event
        });
    }
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

/// What a header of a request means, whatever its case.
fn sent(key: &str) -> Means {
    const KNOWN: [(&str, Slot, u8); 15] = [
        ("x-middleware-subrequest", Slot::Bypass, 0),
        ("x-user-id", Slot::User, 0),
        ("x-auth-user-id", Slot::User, 1),
        ("x-authenticated-user", Slot::User, 1),
        ("x-auth-request-user", Slot::User, 1),
        ("x-auth-user", Slot::User, 2),
        ("x-user", Slot::User, 2),
        ("cf-access-authenticated-user-email", Slot::Email, 0),
        ("x-auth-request-email", Slot::Email, 1),
        ("x-user-email", Slot::Email, 1),
        ("x-user-role", Slot::Role, 0),
        ("x-org-id", Slot::ActorTenant, 0),
        ("x-tenant-id", Slot::ActorTenant, 0),
        ("x-api-key", Slot::Key, 0),
        ("x-session-id", Slot::Session, 0),
    ];
    let found = KNOWN.iter().find(|known| key.eq_ignore_ascii_case(known.0));
    found.map_or(Means::SKIP, |(_, slot, rank)| Means::at(*slot, *rank))
}

/// A cookie that names the person; any other may be a secret.
fn cookie(key: &str) -> Means {
    match key {
        "user_id" | "userId" | "userid" => Means::at(Slot::User, 3),
        "uid" | "user" => Means::at(Slot::User, 4),
        "org_id" | "orgId" | "tenant_id" => Means::at(Slot::ActorTenant, 3),
        _ => Means::SKIP,
    }
}

fn answered(key: &str) -> Means {
    if key.eq_ignore_ascii_case("cache-control") {
        Means::at(Slot::CacheControl, 0)
    } else if key.eq_ignore_ascii_case("age") {
        Means::at(Slot::Age, 0)
    } else {
        Means::SKIP
    }
}

#[cfg(test)]
mod tests {
    use super::super::kept::Kept;
    use super::*;
    use crate::investigate::logs::event::CacheState;

    const LINE: &str = r#"{"ClientIP":"203.0.113.9","ClientRequestHost":"app.example.com","ClientRequestMethod":"GET","ClientRequestPath":"/api/customers/417","ClientRequestURI":"/api/customers/417?x=1","ClientRequestUserAgent":"Mozilla/5.0","EdgeStartTimestamp":1773129602123000000,"EdgeEndTimestamp":1773129602200000000,"EdgeResponseStatus":200,"EdgeResponseBytes":2048,"CacheCacheStatus":"hit","OriginResponseStatus":0,"RayID":"8f1a","WorkerSubrequest":false,"SecurityAction":""}"#;

    fn read(line: &str) -> Kept {
        let mut kept = Kept::default();
        let mut parser = (FORMAT.open)(b"", &Setting::default());
        parser.record(line.as_bytes(), Place::default(), &mut kept);
        kept
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
    fn torn_and_foreign_records_are_told() {
        for line in [&LINE[..200], "{}", "nonsense", "{\"RayID\":\"x\"}"] {
            let kept = read(line);
            assert_eq!((kept.events.len(), kept.unparsed), (0, 1), "{line}");
        }
        assert_eq!(claim(format!("{LINE}\n{LINE}\n").as_bytes()), 2);
        assert_eq!(claim(br#"{"ClientIP":"x"}"#), 0);
    }
}
