//! Entries of Cloud Logging.

use super::super::kept::Kept;
use super::*;
use crate::investigate::logs::event::NO_TIME;

fn read(lines: &[String]) -> Kept {
    Kept::of(FORMAT.open, lines)
}

fn postgres(second: u32, text: &str) -> String {
    serde_json::json!({"insertId": format!("s={second}"), "labels": {"INSTANCE_UID": "x"},
        "logName": "projects/p/logs/cloudsql.googleapis.com%2Fpostgres.log",
        "resource": {"type": "cloudsql_database", "labels": {"database_id": "p:db"}},
        "severity": "INFO", "textPayload": text,
        "timestamp": format!("2026-03-10T08:00:{second:02}.123456Z")})
    .to_string()
}

#[test]
fn records_of_postgres_stand_in_texts_the_newest_first() {
    let prefix = "2026-03-10 08:00:02.123 UTC [4310]: [5-1] db=app,user=app ";
    let set = format!(
        "{prefix}LOG:  execute <unnamed>: select set_config('request.jwt.claims', $1, true)"
    );
    let lines = [
        postgres(9, &format!("{prefix}LOG:  statement: commit")),
        postgres(
            5,
            &format!("{prefix}LOG:  duration: 0.700 ms  statement: select *\n from customers"),
        ),
        postgres(
            4,
            &format!("{prefix}DETAIL:  parameters: $1 = '{{\"sub\":\"u7\"}}'"),
        ),
        postgres(3, &set),
        postgres(2, &format!("{prefix}LOG:  statement: begin")),
    ];
    let kept = read(&lines);
    let found = kept
        .events
        .iter()
        .find(|event| event.event().statement.contains("customers"));
    let event = found.unwrap().event();
    assert_eq!((event.user, event.db_role), ("u7", "app"));
    assert_eq!(event.statement, "select *\n from customers");
    assert_eq!(event.at, 1_773_129_602_123_000_000);
    assert_eq!(kept.unparsed, 0);
    assert_eq!(claim(lines.join("\n").as_bytes()), 5);
}

fn audited(index: u32, count: u32, statement: &str) -> String {
    serde_json::json!({"insertId": format!("a{index}"),
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Fdata_access",
        "protoPayload": {"@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "methodName": "cloudsql.instances.query", "request": {
            "@type": "type.googleapis.com/google.cloud.sql.audit.v1.PgAuditEntry",
            "auditClass": "READ", "auditType": "SESSION", "chunkCount": count.to_string(),
            "chunkIndex": index.to_string(), "command": "SELECT", "database": "app",
            "databaseSessionId": 2_209_692, "object": "public.customers", "objectType": "TABLE",
            "parameter": "[not logged]", "statement": statement, "statementId": 2,
            "substatementId": 1, "user": "alice"}},
        "timestamp": "2026-03-10T08:00:02.123Z"})
    .to_string()
}

#[test]
fn what_pgaudit_saw_is_put_together() {
    let one = read(&[audited(1, 1, "select * from customers")]);
    one.one(|event| {
        assert_eq!((event.layer, event.db_role), (Layer::Sql, "alice"));
        assert_eq!(event.statement, "select * from customers");
        assert_eq!((event.parameters, event.id), ("", "a1"));
        assert_eq!(event.at, 1_773_129_602_123_000_000);
    });
    let parts = ["select a, ", "\"b\" from ", "customers"];
    let mut chunks: Vec<String> = (1..)
        .zip(parts)
        .map(|(at, part)| audited(at, 3, part))
        .collect();
    chunks.reverse();
    // Delivered twice.
    chunks.insert(1, chunks[0].clone());
    read(&chunks).one(|event| {
        assert_eq!(event.statement, "select a, \"b\" from customers");
    });
    let torn = read(&chunks[..2]);
    assert_eq!((torn.events.len(), torn.remarks.len()), (1, 1));
}

#[test]
fn requests_apps_and_the_clouds_own_calls_are_read() {
    let request = serde_json::json!({"insertId": "r1", "logName": "projects/p/logs/run.googleapis.com%2Frequests",
        "httpRequest": {"requestMethod": "GET", "requestUrl": "https://app.example.com/api/customers/417?x=1",
        "status": 200, "responseSize": "2048", "userAgent": "x", "remoteIp": "203.0.113.9", "latency": "0.034s"},
        "timestamp": "2026-03-10T08:00:02.123Z", "trace": "projects/p/traces/t1"});
    read(&[request.to_string()]).one(|event| {
        assert_eq!((event.layer, event.status), (Layer::Http, 200));
        assert_eq!((event.path, event.query), ("/api/customers/417", "x=1"));
        assert_eq!((event.client, event.bytes), ("203.0.113.9", Some(2048)));
        assert_eq!(
            (event.request, event.duration_ns),
            ("projects/p/traces/t1", Some(34_000_000))
        );
    });
    let app = serde_json::json!({"insertId": "j1", "logName": "projects/p/logs/run.googleapis.com%2Fstdout",
        "jsonPayload": {"userId": "u7", "rows": 20, "time": 1, "message": "read"},
        "timestamp": "2026-03-10T08:00:02.123Z", "trace": "projects/p/traces/t1"});
    let said = serde_json::json!({"insertId": "j2", "logName": "projects/p/logs/run.googleapis.com%2Fstdout",
        "textPayload": "served user=u7 rows=20\n", "timestamp": "2026-03-10T08:00:02.123Z"});
    let own = serde_json::json!({"insertId": "j3", "trace": "projects/p/traces/t1",
        "jsonPayload": {"userId": "u7", "requestId": "a1"}, "timestamp": "2026-03-10T08:00:02.123Z"});
    read(&[own.to_string()]).one(|event| {
        // The platform's line of the request knows the trace alone.
        assert_eq!(event.request, "projects/p/traces/t1");
    });
    for line in [app, said] {
        read(&[line.to_string()]).one(|event| {
            assert_eq!((event.layer, event.user), (Layer::Console, "u7"));
            assert_eq!(
                (event.rows, event.at),
                (Some(20), 1_773_129_602_123_000_000)
            );
        });
    }
    let call = serde_json::json!({"insertId": "c1", "logName": "projects/p/logs/cloudaudit.googleapis.com%2Fdata_access",
        "protoPayload": {"methodName": "storage.objects.get", "serviceName": "storage.googleapis.com",
        "resourceName": "projects/_/buckets/exports/objects/a.csv", "status": {"code": 7},
        "authenticationInfo": {"principalEmail": "a@example.com"},
        "requestMetadata": {"callerIp": "203.0.113.9", "callerSuppliedUserAgent": "gsutil"}},
        "timestamp": "2026-03-10T08:00:02Z"});
    read(&[call.to_string()]).one(|event| {
        assert_eq!((event.layer, event.status), (Layer::Cloud, 403));
        assert_eq!(
            (event.email, event.client),
            ("a@example.com", "203.0.113.9")
        );
        assert_eq!(
            (event.method, event.route),
            ("storage.objects.get", "/storage/{name}")
        );
    });
}

#[test]
fn torn_and_foreign_records_are_told() {
    let line = postgres(2, "x");
    let audit = audited(1, 1, "select 1");
    for line in [&line[..80], &audit[..audit.len() - 9], "{}", "x"] {
        let kept = read(&[line.to_owned()]);
        assert_eq!((kept.events.len(), kept.unparsed), (0, 1), "{line}");
    }
    read(&[r#"{"insertId":"x","logName":"l"}"#.to_owned()])
        .one(|event| assert_eq!(event.at, NO_TIME));
}
