//! Logs of applications, read from files by the scan: who did what is in the
//! tables, whichever form it was written in.

use firsthour::investigate::logs::event::{Class, WhoKind};
use firsthour::investigate::logs::gather::aggregates::Aggregates;
use firsthour::investigate::logs::scan::{Asked, Progress, scan};
use firsthour::investigate::logs::source::pieces;
use std::fs;

fn tables(name: &str, text: &[u8]) -> Aggregates {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    let (pieces, failed) = pieces(&[path]);
    assert!(failed.is_empty(), "{failed:?}");
    scan(&pieces, &Asked::default(), &Progress::default())
}

/// That `u7` was answered once at `/api/customers/:id`, and in which format.
fn one_read(tables: &Aggregates, format: &str) {
    assert_eq!(tables.pieces[0].format, format);
    assert_eq!(tables.pieces[0].unparsed, 0, "{format}");
    let mut found = tables.access.iter().filter(|(key, _)| key.who.id == "u7");
    let (key, access) = found
        .next()
        .unwrap_or_else(|| panic!("{format}: {:?}", tables.access));
    assert_eq!(
        (key.who.kind, key.route.as_str()),
        (WhoKind::User, "GET /api/customers/:id"),
        "{format}"
    );
    assert_eq!((access.of(Class::Ok), access.max_rows), (1, 3), "{format}");
    assert!(found.next().is_none(), "{format}");
}

#[test]
fn one_request_is_one_in_every_form() {
    let drain = [
        r#"{"id":"1","deploymentId":"d","source":"lambda","host":"h","timestamp":1773129602123,"projectId":"p","level":"info","path":"/api/customers/[id]","statusCode":200,"requestId":"r1","proxy":{"timestamp":1773129602100,"method":"GET","path":"/api/customers/417","clientIp":"203.0.113.9","statusCode":200,"responseByteSize":20,"vercelCache":"MISS"}}"#,
        r#"{"id":"2","deploymentId":"d","source":"lambda","host":"h","timestamp":1773129602124,"projectId":"p","level":"info","message":"{\"userId\":\"u7\",\"role\":\"support\",\"rows\":3}\n","path":"/api/customers/[id]","requestId":"r1"}"#,
        r#"{"id":"2","deploymentId":"d","source":"lambda","host":"h","timestamp":1773129602124,"projectId":"p","level":"info","message":"{\"userId\":\"u7\",\"role\":\"support\",\"rows\":3}\n","path":"/api/customers/[id]","requestId":"r1"}"#,
    ];
    one_read(&tables("drain.json", drain.join("\n").as_bytes()), "vercel");
    let forms = [
        (
            "pino",
            r#"{"level":30,"time":1773129602123,"pid":1,"hostname":"h","req":{"id":"r1","method":"GET","url":"/api/customers/417"},"res":{"statusCode":200},"user":{"id":"u7"},"rows":3,"msg":"done"}"#,
        ),
        (
            "winston",
            r#"{"level":"info","message":"done","timestamp":"2026-03-10T08:00:02Z","method":"GET","path":"/api/customers/417","status":200,"userId":"u7","rows":3}"#,
        ),
        (
            "json",
            r#"{"at":"x","http":{"request":{"method":"GET"},"response":{"status_code":200}},"url":{"path":"/api/customers/417"},"user":{"id":"u7"},"rows":"3"}"#,
        ),
        (
            "logfmt",
            "ts=2026-03-10T08:00:02Z method=GET path=/api/customers/417 status=200 user=u7 rows=3",
        ),
        (
            "console",
            "[api] GET /api/customers/417 { userId: 'u7', method: 'GET', path: '/api/customers/417', status: 200, rows: 3 }",
        ),
        (
            "container",
            r#"{"log":"method=GET path=/api/customers/417 status=200 user=u7 rows=3\n","stream":"stdout","time":"2026-03-10T08:00:02Z"}"#,
        ),
        (
            "syslog",
            "<34>1 2026-03-10T08:00:02Z web api 1 - - method=GET path=/api/customers/417 status=200 user=u7 rows=3",
        ),
        (
            "otlp",
            r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1773129602123000000","attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"url.path","value":{"stringValue":"/api/customers/417"}},{"key":"http.response.status_code","value":{"intValue":"200"}},{"key":"user.id","value":{"stringValue":"u7"}},{"key":"db.response.returned_rows","value":{"intValue":"3"}}]}]}]}]}"#,
        ),
    ];
    for (format, line) in forms {
        one_read(&tables("app.log", line.as_bytes()), format);
    }
    let export = "TimeUTC,timestampInMs,requestPath,requestMethod,responseStatusCode,requestId,message\n2026-03-10 08:00:02,1773129602123,/api/customers/417,GET,200,r1,user=u7 rows=3\n";
    one_read(&tables("export.csv", export.as_bytes()), "vercel-csv");
}

#[test]
fn dirty_lines_are_counted_and_the_rest_is_read() {
    let good = r#"{"level":30,"time":1773129602123,"pid":1,"req":{"method":"GET","url":"/api/customers/417"},"res":{"statusCode":"200"},"userId":"u7","rows":3,"msg":"done"}"#;
    let mut text = Vec::new();
    text.extend_from_slice(&b"\xef\xbb\xbf"[..]);
    text.extend_from_slice(good.as_bytes());
    text.extend_from_slice(b"\r\n\r\n{\"level\":30,\"time\":\0\xff\n");
    text.extend_from_slice(b"{\"data\":");
    text.extend(std::iter::repeat_n(b'[', 1 << 20));
    text.extend_from_slice(b"\n{\"level\":30,\"time\":17731");
    let tables = tables("app.log", &text);
    assert_eq!(tables.pieces[0].format, "pino");
    assert_eq!(tables.pieces[0].unparsed, 3);
    let ours: Vec<_> = tables
        .access
        .keys()
        .filter(|key| key.who.id == "u7")
        .collect();
    assert_eq!(ours.len(), 1);
}
