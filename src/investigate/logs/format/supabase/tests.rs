//! Records of Supabase's services in each of their shapes.

use super::super::kept::Kept;
use super::*;
use crate::investigate::logs::event::CacheState;

const OLD: &str = r#"{"id":"4a5b","event_message":"GET | 200 | 203.0.113.9 | /rest/v1/customers?select=*&id=eq.5","timestamp":1773129602123000,"metadata":[{"request":[{"cf":[{"country":"US"}],"headers":[{"cf_connecting_ip":"203.0.113.9","cf_ray":"8f1a","user_agent":"node"}],"host":"abc.supabase.co","method":"GET","path":"/rest/v1/customers","search":"?select=*&id=eq.5","sb":[{"auth_user":"u7","jwt":[{"authorization":[{"payload":[{"role":"authenticated"}]}]}],"apikey":[{"apikey":[{"prefix":"eyJhbGciOi"}]}]}]}],"response":[{"status_code":200,"origin_time":34,"headers":[{"content_range":"0-24/3573","content_length":"2048","cf_cache_status":"DYNAMIC"}]}]}]}"#;
const NEW: &str = r#"{"id":"4a5b","event_message":"GET | 200","timestamp":"2026-03-10T08:00:02.123000","severity_text":"INFO","source":"edge_logs","log_attributes":{"request.method":"GET","request.path":"/rest/v1/customers","request.search":"?select=*&id=eq.5","request.headers.cf_connecting_ip":"203.0.113.9","request.headers.cf_ray":"8f1a","request.headers.user_agent":"node","request.sb.auth_user":"u7","request.sb.jwt.authorization.payload.role":"authenticated","request.sb.apikey.apikey.prefix":"eyJhbGciOi","response.status_code":"200","response.origin_time":"34","response.headers.content_range":"0-24/3573","response.headers.content_length":"2048","response.headers.cf_cache_status":"DYNAMIC"}}"#;

fn read(line: &str) -> Kept {
    let mut kept = Kept::default();
    let mut parser = (FORMAT.open)(b"", &Setting::default());
    parser.record(line.as_bytes(), Place::default(), &mut kept);
    kept
}

#[test]
fn a_call_is_the_same_in_every_shape() {
    let flat = NEW
        .replace("\"log_attributes\":{", "")
        .replace("}}", "}")
        .replace("\"request.", "\"metadata.request.")
        .replace("\"response.", "\"metadata.response.");
    for line in [OLD, NEW, &flat] {
        read(line).one(|event| {
            assert_eq!(event.at, 1_773_129_602_123_000_000);
            assert_eq!((event.layer, event.status), (Layer::Http, 200));
            assert_eq!((event.user, event.role), ("u7", "authenticated"));
            assert_eq!((event.key, event.client), ("eyJhbGciOi", "203.0.113.9"));
            assert_eq!((event.object_kind, event.object), ("customers", "5"));
            assert_eq!((event.rows, event.bytes), (Some(25), Some(2048)));
            assert_eq!(
                (event.path, event.query),
                ("/rest/v1/customers", "select=*&id=eq.5")
            );
            assert_eq!((event.request, event.cache), ("8f1a", CacheState::Origin));
        });
    }
}

#[test]
fn questions_of_browsers_are_left_out() {
    let kept = read(&OLD.replace("\"method\":\"GET\"", "\"method\":\"OPTIONS\""));
    assert_eq!((kept.events.len(), kept.unparsed), (0, 0));
}

#[test]
fn ranges_and_queries_are_taken_apart() {
    assert_eq!(rows("0-24/3573"), Some(25));
    assert_eq!(rows("0-0/*"), Some(1));
    assert_eq!(rows("*/0"), Some(0));
    for bad in ["", "x", "5-1/9", "-/*", "0-18446744073709551615/*"] {
        assert_eq!(rows(bad), None, "{bad}");
    }
    let of = |query| row_of("/rest/v1/invoices", query);
    assert_eq!(of("org_id=eq.1&customer_id=eq.5"), ("customer", "5"));
    assert_eq!(of("customer_id=eq.5&id=eq.9"), ("invoices", "9"));
    assert_eq!(of("id=in.(1,2)&org_id=eq.4"), ("", ""));
    assert_eq!(row_of("/rest/v1/rpc/export", "id=eq.5"), ("", ""));
}

#[test]
fn the_database_tells_what_ran_and_what_was_refused() {
    let ran = r#"{"id":"p1","timestamp":1773129602123000,"event_message":"duration: 0.7 ms  execute <unnamed>: select * from customers","metadata":[{"parsed":[{"user_name":"authenticator","command_tag":"SELECT","sql_state_code":"00000","session_id":"65f.1a","application_name":"postgrest"}]}]}"#;
    read(ran).one(|event| {
        assert_eq!((event.layer, event.status), (Layer::Sql, 200));
        assert_eq!(event.statement, "select * from customers");
        assert_eq!((event.db_role, event.session), ("authenticator", "65f.1a"));
    });
    let refused = r#"{"id":"p2","timestamp":"2026-03-10T08:00:02","source":"postgres_logs","event_message":"permission denied for table customers","log_attributes":{"parsed.user_name":"anon","parsed.sql_state_code":"42501","parsed.query":"select * from customers"}}"#;
    read(refused).one(|event| {
        assert_eq!((event.layer, event.status), (Layer::Sql, 403));
        assert_eq!(
            (event.sqlstate, event.statement),
            ("42501", "select * from customers")
        );
    });
    let parse = ran.replace("execute <unnamed>", "parse <unnamed>");
    read(&parse).one(|event| assert_eq!(event.layer, Layer::Console));
}

#[test]
fn the_other_services_have_their_names() {
    let auth = r#"{"id":"a1","timestamp":1773129602123000,"event_message":"{\"msg\":\"Login\"}","metadata":[{"auth_event":[{"action":"login","actor_id":"u7","actor_username":"a@example.com","traits":[{"user_id":"u8"}]}],"path":"/token","status":"200","remote_addr":"203.0.113.9","component":"api","duration":34000000}]}"#;
    read(auth).one(|event| {
        assert_eq!((event.layer, event.user), (Layer::Auth, "u7"));
        assert_eq!((event.email, event.path), ("a@example.com", "/token"));
        assert_eq!((event.status, event.duration_ns), (200, Some(34_000_000)));
        assert_eq!(event.deployment, "");
    });
    let storage = r#"{"id":"s1","timestamp":1773129602123000,"event_message":"GET","metadata":[{"req":[{"method":"GET","url":"/object/exports/a.csv?token=x","reqId":"r9"}],"res":[{"statusCode":200,"headers":[{"content_length":77}]}]}]}"#;
    read(storage).one(|event| {
        assert_eq!((event.path, event.request), ("/object/exports/a.csv", "r9"));
        assert_eq!((event.status, event.bytes), (200, Some(77)));
    });
    let function = r#"{"id":"f1","timestamp":"2026-03-10T08:00:02","source":"function_edge_logs","event_message":"POST","log_attributes":{"request.sb.auth_user":"u7","request.method":"POST","request.pathname":"/export","response.status_code":"200","execution_id":"e1"}}"#;
    read(function).one(|event| {
        assert_eq!((event.user, event.path), ("u7", "/export"));
        assert_eq!((event.request, event.layer), ("e1", Layer::Http));
    });
}

#[test]
fn torn_and_foreign_records_are_told() {
    for line in [&OLD[..400], &NEW[..300], "{}", "x", "{\"metadata\":[[[["] {
        let kept = read(line);
        assert_eq!((kept.events.len(), kept.unparsed), (0, 1), "{line}");
    }
    assert_eq!(claim(format!("{OLD}\n{NEW}\n").as_bytes()), 2);
    assert_eq!(claim(br#"{"event_message":"x"}"#), 0);
}
