//! Records of Vercel as they come, whole, nested, torn and foreign.

use super::super::kept::Kept;
use super::*;
use crate::investigate::logs::event::CacheState;

fn read(lines: &[&str]) -> Kept {
    Kept::of(open, lines)
}

const REQUEST: &str = r#"{"id":"log_1","deploymentId":"dpl_A","source":"lambda","host":"app.example.com","timestamp":1773129602123,"projectId":"prj_1","level":"info","path":"/api/customers/[id]","statusCode":200,"requestId":"sfo1::r1-1773129602123-ab","environment":"production","executionRegion":"sfo1","trace.id":"t1","proxy":{"timestamp":1773129602100,"method":"GET","host":"app.example.com","path":"/api/customers/417?expand=a%20b","userAgent":["Mozilla/5.0 (\"q\")"],"referer":"https://app.example.com/","region":"sfo1","clientIp":"203.0.113.9","scheme":"https","statusCode":200,"responseByteSize":2048,"cacheId":"","vercelId":"sfo1::x","vercelCache":"MISS","lambdaRegion":"sfo1"}}"#;

#[test]
fn a_request_has_all_its_parts() {
    let kept = read(&[REQUEST]);
    kept.one(|event| {
        assert_eq!(event.at, 1_773_129_602_123_000_000);
        assert_eq!((event.method, event.path), ("GET", "/api/customers/417"));
        assert_eq!(
            (event.query, event.route),
            ("expand=a%20b", "/api/customers/[id]")
        );
        assert_eq!((event.status, event.bytes), (200, Some(2048)));
        assert_eq!(
            (event.client, event.agent),
            ("203.0.113.9", "Mozilla/5.0 (\"q\")")
        );
        assert_eq!(event.cache, CacheState::Origin);
        assert_eq!((event.deployment, event.id), ("dpl_A", "log_1"));
        assert_eq!(event.request, "sfo1::r1-1773129602123-ab");
        assert_eq!((event.trace, event.layer), ("t1", Layer::Http));
    });
}

#[test]
fn a_printed_line_names_the_person() {
    let kept = read(&[
        r#"{"id":"log_2","deploymentId":"dpl_A","source":"lambda","host":"app.example.com","timestamp":1773129602124,"projectId":"prj_1","level":"info","message":"{\"level\":\"info\",\"msg\":\"customer.read\",\"userId\":\"u7\",\"role\":\"support\",\"orgId\":\"org_1\",\"customerId\":417,\"customerOrgId\":\"org_9\",\"rows\":3}\n","path":"/api/customers/[id]","type":"stdout","requestId":"r1"}"#,
    ]);
    kept.one(|event| {
        assert_eq!((event.user, event.role), ("u7", "support"));
        assert_eq!((event.actor_tenant, event.tenant), ("org_1", "org_9"));
        assert_eq!((event.object_kind, event.object), ("customer", "417"));
        assert_eq!((event.rows, event.request), (Some(3), "r1"));
        assert_eq!(event.layer, Layer::Console);
        assert!(event.message.starts_with('{'));
    });
}

#[test]
fn one_record_may_be_request_and_printed_line() {
    let both = REQUEST.replace(
        "\"level\":\"info\"",
        r#""level":"info","message":"\"{\\\"user\\\":{\\\"id\\\":\\\"u7\\\"},\\\"rows\\\":9,\\\"status\\\":500}\"\n""#,
    );
    read(&[&both]).one(|event| {
        assert_eq!((event.user, event.rows, event.status), ("u7", Some(9), 200));
        assert_eq!(
            (event.layer, event.path),
            (Layer::Http, "/api/customers/417")
        );
    });
}

#[test]
fn minus_one_is_a_crash_or_a_renewal() {
    let crash = r#"{"id":"l","deploymentId":"d","source":"lambda","path":"/api/a","statusCode":-1,"requestId":"r"}"#;
    read(&[crash]).one(|event| assert_eq!((event.status, event.layer), (500, Layer::Http)));
    let renewal = REQUEST.replace(
        "\"statusCode\":200,\"responseByteSize\"",
        "\"statusCode\":-1,\"responseByteSize\"",
    );
    read(&[&renewal]).one(|event| assert_eq!((event.status, event.layer), (0, Layer::Http)));
    let text = REQUEST.replace("\"statusCode\":200", "\"statusCode\":\"403\"");
    read(&[&text]).one(|event| assert_eq!(event.status, 403));
}

#[test]
fn a_route_that_is_none_is_not_believed() {
    let other = REQUEST.replace("/api/customers/[id]", "/_middleware");
    read(&[&other]).one(|event| assert_eq!((event.route, event.path), ("", "/api/customers/417")));
}

#[test]
fn arrays_and_lists_below_a_key_are_many_records() {
    let array = format!("[{REQUEST},{REQUEST}]");
    assert_eq!(read(&[&array]).events.len(), 2);
    let below = format!("{{\"rows\":[{REQUEST}],\"hasMoreRows\":false}}");
    assert_eq!(read(&[&below]).events.len(), 1);
    let lines = ["[", &format!("{REQUEST},"), REQUEST, "]"];
    let kept = read(&lines);
    assert_eq!((kept.events.len(), kept.unparsed), (2, 0));
}

#[test]
fn exports_join_by_the_first_part_of_their_id() {
    let line = |id: &str, message: &str| {
        format!(
            r#"{{"id":"{id}","timestamp":"2026-03-10T08:00:02.123Z","deploymentId":"dpl_A","projectId":"p","level":"info","message":"{message}","source":"serverless","domain":"app.example.com","requestMethod":"GET","requestPath":"/api/customers/417","responseStatusCode":200,"environment":"production","branch":"main","cache":"MISS","traceId":"t","messageTruncated":false}}"#
        )
    };
    let kept = read(&[&line("abc", ""), &line("abc_1", "user=u7 rows=3")]);
    let requests: Vec<_> = kept
        .events
        .iter()
        .map(|event| event.event().request.to_owned())
        .collect();
    assert_eq!(requests, ["abc", "abc"]);
    assert_eq!(kept.events[1].event().user, "u7");
    // The printed line may be all there is: it is the request, too.
    assert!(
        kept.events
            .iter()
            .all(|event| event.event().layer == Layer::Http)
    );
    let old = r#"{"rowId":"1773129602123","timestampInMs":1773129602123,"level":"info","message":"{ userId: 'u7', rows: 3 }","messageTruncated":false,"source":"serverless","domain":"app.example.com","requestMethod":"GET","requestPath":"/api/customers?x=1","responseStatusCode":200}"#;
    read(&[old]).one(|event| {
        assert_eq!(
            (event.layer, event.user, event.query),
            (Layer::Console, "u7", "x=1")
        );
        assert_eq!((event.status, event.rows), (200, Some(3)));
    });
}

#[test]
fn rows_of_the_interface_hold_their_printed_lines() {
    let row = r#"{"requestId":"r1","timestamp":"2026-03-10T08:00:02.123Z","requestMethod":"GET","requestPath":"/api/customers","statusCode":200,"cache":"HIT","logs":[{"level":"info","message":"ready","messageTruncated":false},{"level":"info","message":"{\"sub\":\"u7\"}","messageTruncated":false}],"events":[{"source":"serverless"}]}"#;
    read(&[row]).one(|event| {
        assert_eq!((event.user, event.status, event.request), ("u7", 200, "r1"));
        assert_eq!(
            (event.cache, event.layer),
            (CacheState::Stored, Layer::Http)
        );
    });
}

#[test]
fn dirty_records_are_told_and_stop_nothing() {
    let deep = "[".repeat(1 << 20);
    let deep_below = format!("{{\"x\":{deep}");
    for bad in [
        &REQUEST[..300],
        "nonsense",
        "{}",
        "{\"a\":1",
        &deep,
        &deep_below,
        "[1,2",
        "{\"rows\":[{",
    ] {
        let kept = read(&[bad]);
        assert!(
            kept.unparsed > 0 && kept.events.is_empty(),
            "{}",
            &bad[..bad.len().min(40)]
        );
    }
    let mut bytes = REQUEST.replace("Mozilla", "Mo\0zilla").into_bytes();
    let at = memmem::find(&bytes, b"zilla").unwrap();
    bytes[at] = 0xFF;
    let mut kept = Kept::default();
    open(b"", &Setting::default()).record(&bytes, Place::default(), &mut kept);
    kept.one(|event| assert_eq!((event.status, event.client), (200, "203.0.113.9")));
    let twice = REQUEST.replace("\"requestId\"", "\"statusCode\":1e300,\"statusCode\":[],\"deploymentId\":{\"a\":1},\"requestId\":\"old\",\"requestId\"");
    read(&[&twice]).one(|event| {
        assert_eq!(event.request, "sfo1::r1-1773129602123-ab");
        assert_eq!((event.status, event.deployment), (200, "dpl_A"));
    });
}

#[test]
fn only_its_own_records_are_claimed() {
    let sample = format!("{REQUEST}\n{REQUEST}\n");
    assert_eq!(claim(sample.as_bytes()), 2);
    assert_eq!(claim(format!("[{REQUEST},{REQUEST}]").as_bytes()), 2);
    for other in [
        r#"{"level":30,"time":1773129602123,"pid":1,"hostname":"h","msg":"deploymentId"}"#,
        r#"{"ClientIP":"203.0.113.9","EdgeResponseStatus":200,"RayID":"r"}"#,
        r#"{"eventVersion":"1.08","eventName":"GetObject"}"#,
    ] {
        assert_eq!(claim(other.as_bytes()), 0, "{other}");
    }
}
