//! One leak as several servers and clouds would have written it: the finding is
//! the same. And services that say nothing of reads accuse nobody.

use super::merge::{Said, run};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const GIVEN: [&str; 8] = [
    "--users",
    "@users.csv",
    "--customers",
    "@customers.csv",
    "--routes",
    "@routes.json",
    "--release-at",
    "2026-03-10T07:59:00Z",
];

fn checked(lines: &[String]) -> (Said, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let write =
        |name: &str, text: &str| fs::write(Path::new(home.path()).join(name), text).unwrap();
    let customers = (0..40).map(|id| format!("{id},org_{}\n", id % 9));
    write(
        "customers.csv",
        &format!("id,org_id\n{}", customers.collect::<String>()),
    );
    write(
        "users.csv",
        "id,role,org_id,status\nmallory,member,org_1,active\n",
    );
    let routes = r#"[{"route":"/api/customers/[id]","method":"GET","kind":"detail","roles":["member"],"private":true}]"#;
    write("routes.json", routes);
    write("x.log", &(lines.join("\n") + "\n"));
    let words = ["check", "logs", "@x.log", "--json"];
    (run(home.path(), &[&words[..], &GIVEN].concat()), home)
}

fn stamp(at: usize) -> String {
    format!("2026-03-10T08:{at:02}:05Z")
}

fn nginx(at: usize) -> String {
    json!({"time_iso8601": stamp(at), "remote_addr": "10.9.9.9", "status": "200",
        "request": format!("GET /api/customers/{at} HTTP/1.1"), "body_bytes_sent": "1417",
        "http_user_agent": "curl/8", "http_x_user_id": "mallory"})
    .to_string()
}

fn caddy(at: usize) -> String {
    json!({"level": "info", "ts": stamp(at), "logger": "http.log.access", "msg": "handled request",
        "request": {"remote_ip": "10.9.9.9", "method": "GET", "uri": format!("/api/customers/{at}")},
        "user_id": "mallory", "size": 1417, "status": 200})
    .to_string()
}

fn traefik(at: usize) -> String {
    json!({"ClientHost": "10.9.9.9", "ClientUsername": "mallory", "DownstreamStatus": 200,
        "DownstreamContentSize": 1417, "RequestMethod": "GET", "StartUTC": stamp(at),
        "RequestPath": format!("/api/customers/{at}"), "level": "info", "msg": "", "time": stamp(at)})
    .to_string()
}

fn wrapped(at: usize) -> String {
    json!({"log": nginx(at) + "\n", "stream": "stdout", "time": stamp(at)}).to_string()
}

fn s3(at: usize) -> String {
    format!(
        "79a59df9 exports [10/Mar/2026:08:{at:02}:05 +0000] 10.9.9.9 mallory R{at} REST.GET.OBJECT customers/{at}.json \"GET /exports/customers/{at}.json HTTP/1.1\" 200 - 1417 1417 7 5 \"-\" \"aws-cli/2\" -"
    )
}

fn trail(at: usize) -> String {
    json!({"eventVersion": "1.08", "userIdentity": {"type": "IAMUser", "userName": "mallory"},
        "eventTime": stamp(at), "eventSource": "s3.amazonaws.com", "eventName": "GetObject",
        "sourceIPAddress": "10.9.9.9", "requestID": format!("R{at}"), "eventID": format!("e{at}"),
        "requestParameters": {"bucketName": "exports", "key": format!("customers/{at}.json")}})
    .to_string()
}

#[test]
fn a_walk_through_customers_is_found_in_every_rendering() {
    for (format, line) in [
        ("access-json", nginx as fn(usize) -> String),
        ("caddy", caddy),
        ("traefik", traefik),
        ("container", wrapped),
        ("s3", s3),
        ("cloudtrail", trail),
    ] {
        let lines: Vec<String> = (0..40).map(line).collect();
        let (said, _home) = checked(&lines);
        let all: Vec<Value> = said
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let piece = &all.last().unwrap()["pieces"][0];
        assert_eq!(
            (&piece["format"], &piece["events"]),
            (&format.into(), &40.into())
        );
        let walker = all.iter().find(|finding| finding["rule"] == "R1");
        let walker = walker.unwrap_or_else(|| panic!("{format}: {}", said.out));
        assert_eq!(walker["principal"], "mallory", "{format}");
        assert!(
            walker["objects"].as_u64().unwrap() >= 30,
            "{format}: {walker}"
        );
        assert!(
            walker["tenants"].as_u64().unwrap() >= 8,
            "{format}: {walker}"
        );
        assert_eq!(walker["first"], "2026-03-10T08:00:05Z", "{format}");
        assert_eq!(walker["last"], "2026-03-10T08:39:05Z", "{format}");
        assert_eq!(said.code.as_ref().unwrap(), &1, "{format}");
    }
}

fn auth0(at: usize) -> String {
    json!({"date": stamp(at), "type": "s", "client_id": "c", "client_name": "App", "ip": "10.9.9.9",
        "user_id": "mallory", "user_name": "m@example.com", "log_id": at.to_string(), "isMobile": false})
    .to_string()
}

fn clerk(at: usize) -> String {
    json!({"data": {"id": format!("sess_{at}"), "object": "session", "user_id": "mallory"},
        "event_attributes": {"http_request": {"client_ip": "10.9.9.9", "user_agent": "x"}},
        "instance_id": "ins_1", "object": "event", "type": "session.created",
        "timestamp": 1_773_129_605_000_usize + at * 60_000})
    .to_string()
}

fn stripe(at: usize) -> String {
    json!({"id": format!("evt_{at}"), "object": "event", "api_version": "2026-02-25",
        "created": 1_773_129_605 + at * 60, "livemode": true, "type": "customer.updated",
        "data": {"object": {"id": format!("cus_{at}"), "object": "customer"}}})
    .to_string()
}

fn sentry(at: usize) -> String {
    json!({"event_id": format!("{at:032}"), "timestamp": stamp(at), "platform": "node", "level": "error",
        "sdk": {"name": "sentry.javascript.node"}, "user": {"id": "mallory"},
        "request": {"url": format!("https://a.example/api/customers/{at}"), "method": "GET"},
        "exception": {"values": [{"type": "TypeError"}]}})
    .to_string()
}

#[test]
fn services_that_tell_of_no_reads_accuse_nobody() {
    for (format, line) in [
        ("auth0", auth0 as fn(usize) -> String),
        ("clerk", clerk),
        ("stripe", stripe),
        ("sentry", sentry),
    ] {
        let lines: Vec<String> = (0..40).map(line).collect();
        let (said, _home) = checked(&lines);
        let all: Vec<Value> = said
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let piece = &all.last().unwrap()["pieces"][0];
        assert_eq!(
            (&piece["format"], &piece["events"]),
            (&format.into(), &40.into())
        );
        assert_eq!(piece["unparsed"], 0, "{format}");
        assert_eq!(all.len(), 1, "{format}: {}", said.out);
        assert_ne!(said.code.as_ref().unwrap(), &1, "{format}");
    }
}
