//! Requests as four servers write them in JSON.

use super::super::kept::Kept;
use super::super::parser::Setting;
use super::*;
use crate::investigate::logs::event::{CacheState, NO_TIME, Place};

const NGINX: &str = r#"{"time_iso8601":"2026-03-10T09:00:02+01:00","msec":"1773129602.123","remote_addr":"203.0.113.9","remote_user":"","request":"GET /api/customers/417?x=1 HTTP/1.1","request_method":"GET","request_uri":"/api/customers/417?x=1","status":"200","body_bytes_sent":"2048","request_time":"0.034","upstream_response_time":"0.030","http_referer":"","http_user_agent":"Mozilla/5.0","http_x_forwarded_for":"198.51.100.7","request_id":"4f8b","upstream_cache_status":"HIT","http_x_user_id":"u7","http_authorization":"Bearer secret"}"#;
const CADDY_LINE: &str = r#"{"level":"info","ts":1773129602.123,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"10.0.0.1","remote_port":"41342","client_ip":"203.0.113.9","proto":"HTTP/2.0","method":"GET","host":"app.example.com","uri":"/api/customers/417?x=1","headers":{"User-Agent":["Mozilla/5.0"],"Cookie":["REDACTED"],"X-Request-Id":["4f8b"]},"tls":{"resumed":false}},"bytes_read":0,"user_id":"u7","duration":0.034,"size":2048,"status":200,"resp_headers":{"Server":["Caddy"],"Cache-Control":["public, s-maxage=60"]}}"#;
const TRAEFIK_LINE: &str = r#"{"ClientAddr":"203.0.113.9:51000","ClientHost":"203.0.113.9","ClientPort":"51000","ClientUsername":"-","DownstreamContentSize":2048,"DownstreamStatus":200,"Duration":34000000,"OriginContentSize":2048,"OriginStatus":200,"RequestHost":"app.example.com","RequestMethod":"GET","RequestPath":"/api/customers/417?x=1","RequestProtocol":"HTTP/2.0","RouterName":"web@docker","StartLocal":"2026-03-10T09:00:02.123+01:00","StartUTC":"2026-03-10T08:00:02.123Z","entryPointName":"websecure","level":"info","msg":"","request_User-Agent":"Mozilla/5.0","request_X-User-Id":"u7","request_X-Request-Id":"4f8b","downstream_Cache-Control":"public, s-maxage=60","time":"2026-03-10T08:00:02Z"}"#;

fn read(format: &Format, lines: &[&str]) -> Kept {
    let mut kept = Kept::default();
    let mut parser = (format.open)(b"", &Setting::default());
    for line in lines {
        parser.record(line.as_bytes(), Place::default(), &mut kept);
    }
    kept
}

#[test]
fn a_request_is_the_same_whoever_wrote_it() {
    for (format, line) in [
        (FORMAT, NGINX),
        (CADDY, CADDY_LINE),
        (TRAEFIK, TRAEFIK_LINE),
    ] {
        let name = format.name;
        read(&format, &[line]).one(|event| {
            assert_eq!((event.layer, event.status), (Layer::Http, 200), "{name}");
            assert!(
                (event.at - 1_773_129_602_123_000_000).abs() < 1_000,
                "{name}"
            );
            assert_eq!(
                (event.method, event.path),
                ("GET", "/api/customers/417"),
                "{name}"
            );
            assert_eq!(
                (event.query, event.client),
                ("x=1", "203.0.113.9"),
                "{name}"
            );
            assert_eq!((event.user, event.agent), ("u7", "Mozilla/5.0"), "{name}");
            assert_eq!((event.bytes, event.request), (Some(2048), "4f8b"), "{name}");
            assert_eq!(event.duration_ns, Some(34_000_000), "{name}");
            assert_eq!(
                (event.object_kind, event.db_role, event.message),
                ("", "", "")
            );
        });
        assert_eq!((format.claim)(format!("{line}\n{line}\n").as_bytes()), 2);
        let kept = read(&format, &[&line[..200], "{}", "nonsense", "{\"a\":1}"]);
        assert_eq!((kept.events.len(), kept.unparsed), (0, 4), "{name}");
    }
    read(&FORMAT, &[NGINX]).one(|event| assert_eq!(event.cache, CacheState::Stored));
    for (format, line) in [(CADDY, CADDY_LINE), (TRAEFIK, TRAEFIK_LINE)] {
        read(&format, &[line]).one(|event| assert!(event.shared));
    }
}

#[test]
fn chosen_names_and_times_of_nginx_and_apache_are_read() {
    let apache = r#"{"time":"2026-03-10T08:00:02+0000","process":"34000","filename":"/srv/x","remoteIP":"203.0.113.9","host":"app.example.com","request":"/api/a","query":"?x=1","method":"GET","status":"403","userAgent":"curl/8","referer":"-"}"#;
    read(&FORMAT, &[apache]).one(|event| {
        assert_eq!(
            (event.path, event.query, event.status),
            ("/api/a", "x=1", 403)
        );
        assert_eq!(
            (event.at, event.agent),
            (1_773_129_602_000_000_000, "curl/8")
        );
    });
    assert_eq!(claim(apache.as_bytes()), 1);
    let local = r#"{ "time_local": "10/Mar/2026:10:00:02 +0200", "remote_addr": "203.0.113.9", "remote_user": "ops", "request": "GET /a HTTP/1.1", "status": 200, "body_bytes_sent": 5 }"#;
    read(&FORMAT, &[local]).one(|event| {
        assert_eq!(event.at, 1_773_129_602_000_000_000);
        assert_eq!((event.user, event.bytes), ("ops", Some(5)));
    });
    let unzoned = local.replace("10:00:02 +0200", "08:00:02");
    let kept = read(&FORMAT, &[&unzoned]);
    kept.one(|event| assert_eq!(event.at, 1_773_129_602_000_000_000));
    assert!(kept.remarks[0].contains("zone"));
    // Names of an app's own.
    let own = NGINX.replacen('{', r#"{"org_id":"o1","rows":20,"#, 1);
    read(&FORMAT, &[&own])
        .one(|event| assert_eq!((event.actor_tenant, event.rows), ("o1", Some(20))));
}

#[test]
fn only_an_inner_proxy_is_believed_who_it_forwards() {
    let inner = NGINX.replace("203.0.113.9", "10.0.0.1");
    read(&FORMAT, &[&inner]).one(|event| assert_eq!(event.client, "198.51.100.7"));
    read(&FORMAT, &[NGINX]).one(|event| assert_eq!(event.client, "203.0.113.9"));
}

#[test]
fn garbage_requests_and_foreign_escapes_are_requests_still() {
    let garbage = NGINX
        .replace("GET /api/customers/417?x=1 HTTP/1.1", r"\x16\x03\x01\x22")
        .replace(
            r#""request_method":"GET","request_uri":"/api/customers/417?x=1","#,
            "",
        )
        .replace("\"200\"", "\"400\"");
    read(&FORMAT, &[&garbage])
        .one(|event| assert_eq!((event.path, event.method, event.status), ("", "", 400)));
    let escaped = NGINX.replace("Mozilla/5.0", r"a\x22b\xC3\xA4");
    read(&FORMAT, &[&escaped]).one(|event| assert_eq!(event.agent, "a\"b\u{e4}"));
}

#[test]
fn what_else_a_server_says_is_no_request() {
    let error = CADDY_LINE.replace("http.log.access.log0", "http.log.error");
    read(&CADDY, &[&error]).one(|event| {
        assert_eq!(
            (event.layer, event.path, event.user),
            (Layer::Console, "", "")
        );
    });
    let own = r#"{"level":"info","msg":"Configuration loaded","time":"2026-03-10T08:00:02Z"}"#;
    read(&TRAEFIK, &[own]).one(|event| {
        assert_eq!((event.layer, event.status), (Layer::Console, 0));
        assert_ne!(event.at, NO_TIME);
    });
    // An app's line, and a request a line of a container wraps.
    let app = r#"{"level":30,"time":1773129602123,"pid":1,"req":{"method":"GET","url":"/a","remoteAddress":"::1"},"res":{"statusCode":200},"status":"ok","msg":"x"}"#;
    assert_eq!(claim(app.as_bytes()), 0);
    let wrapped = serde_json::json!({ "log": NGINX, "stream": "stdout" }).to_string();
    assert_eq!(claim(wrapped.as_bytes()), 0);
}
