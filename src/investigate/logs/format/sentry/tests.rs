//! Events of Sentry in each of their shapes.

use super::super::kept::Kept;
use super::*;

const LINE: &str = r#"{"event_id":"fc6d8c0c43fc4630ad850ee518f1b9d0","timestamp":1773129602.123,"platform":"javascript","level":"error","release":"web@1.2.3","environment":"production","transaction":"/customers/[id]","sdk":{"name":"sentry.javascript.nextjs"},"user":{"id":7,"email":"a@example.com","ip_address":"203.0.113.9"},"request":{"url":"https://app.example.com/customers/417?x=1","method":"GET","headers":[["User-Agent","Mozilla/5.0"],["X-Request-Id","4f8b"]],"cookies":"session=secret"},"contexts":{"trace":{"trace_id":"t1"}},"breadcrumbs":{"values":[{"timestamp":1773129600.5,"category":"fetch","data":{"method":"GET","url":"/api/customers/417","status_code":200}},{"timestamp":1773129601.0,"category":"xhr","data":{"method":"GET","url":"https://app.example.com/api/customers/418?y=2","status_code":"403"}},{"timestamp":1773129601.1,"category":"fetch","data":{"method":"GET","url":"https://api.stripe.com/v1/customers/cus_1","status_code":200}},{"timestamp":1773129601.2,"category":"ui.click","message":"button"},{"timestamp":1773129601.3,"category":"http","data":{"url":"/api/internal","status_code":200}}]},"exception":{"values":[{"type":"TypeError","value":"x"}]}}"#;

fn read(line: &str) -> Kept {
    Kept::of(FORMAT.open, [line])
}

#[test]
fn an_event_is_a_request_that_failed_and_those_before_it() {
    let kept = read(LINE);
    assert_eq!((kept.events.len(), kept.unparsed), (3, 0));
    let event = kept.events[0].event();
    assert_eq!((event.layer, event.status), (Layer::Console, 500));
    assert_eq!((event.user, event.email), ("7", "a@example.com"));
    assert_eq!((event.path, event.query), ("/customers/417", "x=1"));
    assert_eq!((event.client, event.agent), ("203.0.113.9", "Mozilla/5.0"));
    assert_eq!((event.request, event.trace), ("4f8b", "t1"));
    assert_eq!((event.deployment, event.message), ("web@1.2.3", ""));
    assert!((event.at - 1_773_129_602_123_000_000).abs() < 1_000);
    let first = kept.events[1].event();
    assert_eq!(
        (first.path, first.status, first.user),
        ("/api/customers/417", 200, "7")
    );
    assert_eq!(first.at, 1_773_129_600_500_000_000);
    let second = kept.events[2].event();
    assert_eq!(
        (second.path, second.query, second.status),
        ("/api/customers/418", "y=2", 403)
    );
    assert_eq!(read(LINE).events[1].event().id, first.id);
}

#[test]
fn a_trace_tells_how_its_request_ended() {
    let trace = r#"{"event_id":"a1","type":"transaction","platform":"node","timestamp":"2026-03-10T08:00:02.123Z","user":{"id":"u7"},"request":{"url":"/api/customers/417","method":"GET","headers":{"x-forwarded-for":"203.0.113.9, 10.0.0.1"}},"contexts":{"trace":{"trace_id":"t1","status":"ok"}}}"#;
    read(trace).one(|event| {
        assert_eq!((event.status, event.user), (200, "u7"));
        assert_eq!(
            (event.client, event.path),
            ("203.0.113.9", "/api/customers/417")
        );
        assert_eq!(event.at, 1_773_129_602_123_000_000);
    });
    let refused = trace.replace("\"ok\"", "\"permission_denied\"");
    read(&refused).one(|event| assert_eq!(event.status, 403));
}

#[test]
fn the_interface_gives_the_same_under_other_names() {
    let given = r#"{"id":"1","eventID":"fc6d","dateCreated":"2026-03-10T08:00:02.123Z","platform":"javascript","user":{"id":"u7"},"entries":[{"type":"request","data":{"method":"GET","url":"https://app.example.com/a","headers":[["User-Agent","x"]]}},{"type":"breadcrumbs","data":{"values":[{"timestamp":"2026-03-10T08:00:01Z","category":"fetch","data":{"method":"GET","url":"/api/b","status_code":200}}]}}]}"#;
    let kept = read(given);
    assert_eq!((kept.events.len(), kept.unparsed), (2, 0));
    assert_eq!(kept.events[0].event().path, "/a");
    assert_eq!(kept.events[1].event().path, "/api/b");
    assert_eq!(claim(format!("[{given},{given}]").as_bytes()), 2);
}

#[test]
fn heads_of_envelopes_are_passed_and_torn_records_told() {
    for line in [
        r#"{"event_id":"fc6d","sent_at":"2026-03-10T08:00:02Z","sdk":{"name":"x"}}"#,
        r#"{"type":"event"}"#,
        r#"{"type":"event","length":41,"content_type":"application/json"}"#,
    ] {
        let kept = read(line);
        assert_eq!((kept.events.len(), kept.unparsed), (0, 0), "{line}");
    }
    let deep = format!("{{\"event_id\":{}", "[".repeat(1 << 16));
    for line in [&LINE[..120], "{}", "x", &deep] {
        let kept = read(line);
        assert_eq!((kept.events.len(), kept.unparsed), (0, 1));
    }
    assert_eq!(claim(format!("{LINE}\n{LINE}\n").as_bytes()), 2);
    assert_eq!(
        claim(br#"{"event_id":"x","platform":"ios","event":"opened"}"#),
        0
    );
}
