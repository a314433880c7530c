//! Records of Supabase's services in each of their shapes.

use super::super::kept::Kept;
use super::call::{row_of, rows};
use super::*;
use crate::investigate::logs::event::CacheState;

const OLD: &str = r#"{"id":"4a5b","event_message":"GET | 200 | 203.0.113.9 | /rest/v1/customers?select=*&id=eq.5","timestamp":1773129602123000,"metadata":[{"request":[{"cf":[{"country":"US"}],"headers":[{"cf_connecting_ip":"203.0.113.9","cf_ray":"8f1a","user_agent":"node"}],"host":"abc.supabase.co","method":"GET","path":"/rest/v1/customers","search":"?select=*&id=eq.5","sb":[{"auth_user":"u7","jwt":[{"authorization":[{"payload":[{"role":"authenticated"}]}]}],"apikey":[{"apikey":[{"prefix":"eyJhbGciOi"}]}]}]}],"response":[{"status_code":200,"origin_time":34,"headers":[{"content_range":"0-24/3573","content_length":"2048","cf_cache_status":"DYNAMIC"}]}]}]}"#;
const NEW: &str = r#"{"id":"4a5b","event_message":"GET | 200","timestamp":"2026-03-10T08:00:02.123000","severity_text":"INFO","source":"edge_logs","log_attributes":{"request.method":"GET","request.path":"/rest/v1/customers","request.search":"?select=*&id=eq.5","request.headers.cf_connecting_ip":"203.0.113.9","request.headers.cf_ray":"8f1a","request.headers.user_agent":"node","request.sb.auth_user":"u7","request.sb.jwt.authorization.payload.role":"authenticated","request.sb.apikey.apikey.prefix":"eyJhbGciOi","response.status_code":"200","response.origin_time":"34","response.headers.content_range":"0-24/3573","response.headers.content_length":"2048","response.headers.cf_cache_status":"DYNAMIC"}}"#;

fn read(line: &str) -> Kept {
    Kept::of(FORMAT.open, [line])
}

fn table(lines: &[&str]) -> Kept {
    let mut kept = Kept::default();
    let mut parser = (CSV.open)(b"", &Setting::default());
    for line in lines {
        parser.record(line.as_bytes(), Place::default(), &mut kept);
    }
    parser.end(&mut kept);
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
    let ran = r#"{"id":"p1","timestamp":1773129602123000,"event_message":"duration: 0.700 ms  execute <unnamed>: select * from customers","metadata":[{"parsed":[{"user_name":"authenticator","command_tag":"SELECT","sql_state_code":"00000","session_id":"65f.1a","application_name":"postgrest"}]}]}"#;
    read(ran).one(|event| {
        assert_eq!((event.layer, event.status), (Layer::Sql, 200));
        assert_eq!(event.statement, "select * from customers");
        assert_eq!((event.db_role, event.agent), ("authenticator", "postgrest"));
        assert_eq!(event.duration_ns, Some(700_000));
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
    let kept = read(&parse);
    assert_eq!((kept.events.len(), kept.unparsed), (0, 0));
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

#[test]
fn the_database_tells_who_a_session_acts_for() {
    let row = |number: usize, message: &str, detail: &str| {
        let time = 1_773_129_602_000_000_usize + number;
        serde_json::json!({"id": format!("p{number}"), "timestamp": time, "source": "postgres_logs",
            "event_message": message, "log_attributes": {"parsed.user_name": "authenticator",
            "parsed.session_id": "65f.1a", "parsed.session_line_num": number.to_string(),
            "parsed.sql_state_code": "00000", "parsed.error_severity": "LOG", "parsed.detail": detail}})
        .to_string()
    };
    let claims = "parameters: $1 = '{\"sub\":\"u7\",\"role\":\"authenticated\"}'";
    let audit = "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.customers,\"select * from customers\",<none>,25";
    let other = audit.replace("public.customers", "public.orgs");
    let mut kept = Kept::default();
    let mut parser = (FORMAT.open)(b"", &Setting::default());
    // The dashboard gives the newest first.
    for line in [
        row(5, "statement: commit", ""),
        row(4, &other, ""),
        row(3, audit, ""),
        row(
            2,
            "execute <unnamed>: select set_config('request.jwt.claims', $1, true)",
            claims,
        ),
        row(1, "statement: begin", ""),
    ] {
        parser.record(line.as_bytes(), Place::default(), &mut kept);
    }
    parser.end(&mut kept);
    let mut reads = kept
        .events
        .iter()
        .filter(|event| event.event().statement == "select * from customers");
    let event = reads.next().unwrap().event();
    assert_eq!((event.user, event.rows), ("u7", Some(25)));
    assert_eq!((reads.next().is_none(), kept.unparsed), (true, 0));
}

#[test]
fn tables_of_the_dashboard_are_read_by_their_columns() {
    let metadata = r#""[{""request"":[{""method"":""GET"",""path"":""/rest/v1/customers"",""search"":""?id=eq.5"",""sb"":[{""auth_user"":""u7""}]}],""response"":[{""status_code"":200,""headers"":[{""content_range"":""0-24/3573""}]}]}]""#;
    let line = format!("4a5b,1773129602123000,GET | 200,{metadata}");
    table(&["id,timestamp,event_message,metadata", &line]).one(|event| {
        assert_eq!((event.user, event.rows), ("u7", Some(25)));
        assert_eq!((event.object, event.status), ("5", 200));
        assert_eq!(event.at, 1_773_129_602_123_000_000);
    });
    let chosen = [
        "id,timestamp,event_message,method,path,search,status_code",
        "4a5b,2026-03-10T08:00:02.123,x,GET,/rest/v1/customers,?id=eq.5,403",
    ];
    table(&chosen).one(|event| {
        assert_eq!(
            (event.path, event.query, event.status),
            ("/rest/v1/customers", "id=eq.5", 403)
        );
        assert_eq!(event.at, 1_773_129_602_123_000_000);
    });
    let told = [
        "id,timestamp,event_message",
        "4a5b,1773129602123000,GET | 200 | 203.0.113.9 | 992875428be40d06 | https://a.supabase.co/rest/v1/customers?id=eq.5 | node | x",
    ];
    table(&told).one(|event| {
        assert_eq!((event.layer, event.status), (Layer::Http, 200));
        assert_eq!((event.path, event.query), ("/rest/v1/customers", "id=eq.5"));
        assert_eq!(
            (event.client, event.request),
            ("203.0.113.9", "992875428be40d06")
        );
    });
    let database = [
        "id,timestamp,event_message,error_severity,detail",
        "p1,1773129602123000,statement: select * from customers,LOG,",
        "p2,1773129602123000,connection received: host=10.0.0.1,LOG,",
        "torn",
    ];
    let kept = table(&database);
    assert_eq!((kept.events.len(), kept.unparsed), (1, 1));
    assert_eq!(kept.events[0].event().statement, "select * from customers");
    assert_eq!((CSV.claim)(told.join("\n").as_bytes()), 1);
}

const SIGN_IN_LINE: &str = r#"{"auth_event":{"action":"login","actor_id":"u7","actor_username":"a@example.com","log_type":"account","traits":{"provider":"email"}},"component":"api","duration":34000000,"level":"info","method":"POST","msg":"request completed","path":"/token","referer":"https://app.example.com","remote_addr":"203.0.113.9","request_id":"8f1a","status":200,"time":"2026-03-10T08:00:02Z"}"#;

#[test]
fn lines_of_the_sign_in_service_stand_alone_and_in_messages() {
    let check = |event: &Event<'_>| {
        assert_eq!((event.layer, event.user), (Layer::Auth, "u7"));
        assert_eq!((event.email, event.path), ("a@example.com", "/token"));
        assert_eq!((event.status, event.client), (200, "203.0.113.9"));
        assert_eq!((event.request, event.message), ("8f1a", ""));
        assert_eq!(event.at, 1_773_129_602_000_000_000);
    };
    let alone = |lines: &[&str]| {
        let mut kept = Kept::default();
        let mut parser = (SIGN_IN.open)(b"", &Setting::default());
        for line in lines {
            parser.record(line.as_bytes(), Place::default(), &mut kept);
        }
        kept
    };
    let start = r#"{"level":"info","msg":"GoTrue API started on: 0.0.0.0:9999","time":"2026-03-10T08:00:00Z"}"#;
    alone(&[start, SIGN_IN_LINE]).one(check);
    assert_eq!(alone(&["{}", "x", &SIGN_IN_LINE[..90]]).unparsed, 3);
    assert_eq!((SIGN_IN.claim)(SIGN_IN_LINE.as_bytes()), 1);
    let row = serde_json::json!({"id": "a1", "timestamp": 1_773_129_602_000_000_i64,
        "event_message": SIGN_IN_LINE, "metadata": []});
    read(&row.to_string()).one(check);
}

#[test]
fn files_of_storage_share_a_route_by_bucket() {
    let storage = r#"{"id":"s1","timestamp":1773129602123000,"event_message":"GET","metadata":[{"req":[{"method":"GET","url":"/object/authenticated/exports/march.csv?token=x"}],"res":[{"statusCode":200}]}]}"#;
    read(storage).one(|event| {
        assert_eq!(event.route, "/object/exports/{key}");
        assert_eq!((event.object_kind, event.object), ("file", "march.csv"));
    });
}
