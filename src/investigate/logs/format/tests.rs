//! Every format is taken for itself and for no other, and reads what it took.

use super::kept::Kept;
use super::parser::Setting;
use super::*;
use crate::investigate::logs::event::Place;
use crate::investigate::logs::split::records_of;

/// What each format looks like.
const SAMPLES: &[(&str, &str)] = &[
    (
        "postgres-csv",
        "2026-03-10 08:00:02.123 UTC,\"app\",\"db\",4310,\"10.0.0.1:5000\",69afd002.10d6,1,\"SELECT\",2026-03-10 08:00:00 UTC,3/14,0,LOG,00000,\"statement: select 1\",,,,,,,,,\"node\",\"client backend\",,0",
    ),
    (
        "postgres-json",
        r#"{"timestamp":"2026-03-10 08:00:02.123 UTC","user":"app","dbname":"db","pid":4310,"session_id":"69afd002.10d6","line_num":1,"ps":"SELECT","session_start":"2026-03-10 08:00:00 UTC","error_severity":"LOG","message":"statement: select 1","backend_type":"client backend"}"#,
    ),
    (
        "postgres-stderr",
        "2026-03-10 08:00:02.123 UTC [4310] app@db LOG:  statement: select *\n\tfrom customers",
    ),
    (
        "vercel",
        r#"{"id":"i1","deploymentId":"d","source":"lambda","host":"a.example","timestamp":1773129602123,"projectId":"p","level":"info","path":"/api/customers/[id]","statusCode":200,"requestId":"r1","proxy":{"timestamp":1773129602123,"method":"GET","host":"a.example","path":"/api/customers/1","statusCode":200,"clientIp":"203.0.113.7","userAgent":["x"]}}"#,
    ),
    (
        "vercel-csv",
        "TimeUTC,timestampInMs,requestPath,requestMethod,responseStatusCode,requestId,level,message\n2026-03-10 08:00:02,1773129602123,/api/c/9,GET,200,r1,info,x",
    ),
    (
        "supabase",
        r#"{"id":"4a5b","event_message":"GET | 200","timestamp":1773129602123000,"metadata":[{"request":[{"method":"GET","path":"/rest/v1/customers"}],"response":[{"status_code":200}]}]}"#,
    ),
    (
        "supabase-csv",
        "id,timestamp,event_message,method,path,status_code\n4a5b,1773129602123000,x,GET,/rest/v1/customers,200",
    ),
    (
        "gotrue",
        r#"{"component":"api","duration":34000000,"level":"info","method":"POST","msg":"request completed","path":"/token","remote_addr":"203.0.113.9","request_id":"8f1a","status":200,"time":"2026-03-10T08:00:02Z"}"#,
    ),
    (
        "cloudflare",
        r#"{"ClientIP":"203.0.113.9","ClientRequestMethod":"GET","ClientRequestURI":"/a","EdgeStartTimestamp":1773129602123000000,"EdgeResponseStatus":200,"RayID":"8f1a"}"#,
    ),
    (
        "cloudflare-csv",
        "ClientIP,ClientRequestMethod,ClientRequestURI,EdgeStartTimestamp,EdgeResponseStatus,RayID\n203.0.113.9,GET,/a,1773129602,200,8f1a",
    ),
    (
        "cloudtrail",
        r#"{"Records":[{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/ops"},"eventTime":"2026-03-10T08:00:02Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","sourceIPAddress":"203.0.113.9","requestParameters":{"bucketName":"b","key":"k"},"requestID":"R","eventID":"e"}]}"#,
    ),
    (
        "s3",
        "79a59df900b949e5 exports [10/Mar/2026:08:00:02 +0000] 203.0.113.9 arn:aws:iam::1:user/ops 3E57 REST.GET.OBJECT a.csv \"GET /exports/a.csv HTTP/1.1\" 200 - 2048 4096 70 10 \"-\" \"aws-cli/2.0\" -",
    ),
    (
        "gcp",
        r#"{"insertId":"s1","logName":"projects/p/logs/run.googleapis.com%2Frequests","httpRequest":{"requestMethod":"GET","requestUrl":"https://a.example/a","status":200},"timestamp":"2026-03-10T08:00:02Z"}"#,
    ),
    (
        "auth0",
        r#"{"date":"2026-03-10T08:00:02.123Z","type":"s","client_id":"c","client_name":"App","ip":"203.0.113.9","user_id":"auth0|7","user_name":"a@example.com","log_id":"900","isMobile":false}"#,
    ),
    (
        "clerk",
        r#"{"data":{"id":"sess_1","object":"session","user_id":"user_7"},"event_attributes":{"http_request":{"client_ip":"203.0.113.9","user_agent":"x"}},"instance_id":"ins_1","object":"event","timestamp":1773129602123,"type":"session.created"}"#,
    ),
    (
        "stripe",
        r#"{"id":"evt_1","object":"event","api_version":"2026-02-25","created":1773129602,"data":{"object":{"id":"cus_1","object":"customer"}},"livemode":true,"pending_webhooks":0,"request":{"id":"req_1"},"type":"customer.updated"}"#,
    ),
    (
        "sentry",
        r#"{"event_id":"fc6d","timestamp":1773129602.5,"platform":"node","level":"error","sdk":{"name":"sentry.javascript.node"},"user":{"id":"u7"},"request":{"url":"https://a.example/a","method":"GET"},"exception":{"values":[{"type":"TypeError"}]}}"#,
    ),
    (
        "cloudfront",
        "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2026-03-10\t08:00:02\t203.0.113.9\tGET\t/a\t200",
    ),
    (
        "cloudfront-json",
        r#"{"date":"2026-03-10","time":"08:00:02","c-ip":"203.0.113.9","cs-method":"GET","cs-uri-stem":"/a","sc-status":"200"}"#,
    ),
    (
        "alb",
        r#"https 2026-03-10T08:00:02.623000Z app/web/50dc 203.0.113.9:51000 10.0.1.4:3000 0.001 0.034 0.000 200 200 345 2048 "GET https://a.example:443/a HTTP/2.0" "Mozilla" TLS TLSv1.3 arn:aws:x "Root=1-69afd002-01" "a.example" "arn:aws:acm:x" 0 2026-03-10T08:00:02.589000Z "forward" "-" "-""#,
    ),
    (
        "otlp",
        r#"{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1773129602123000000","body":{"stringValue":"x"},"attributes":[{"key":"user.id","value":{"stringValue":"u7"}}]}]}]}]}"#,
    ),
    (
        "caddy",
        r#"{"level":"info","ts":1773129602.123,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"203.0.113.9","method":"GET","uri":"/a"},"status":200,"size":5}"#,
    ),
    (
        "traefik",
        r#"{"ClientHost":"203.0.113.9","DownstreamContentSize":5,"DownstreamStatus":200,"RequestMethod":"GET","RequestPath":"/a","StartUTC":"2026-03-10T08:00:02.123Z","level":"info","msg":"","time":"2026-03-10T08:00:02Z"}"#,
    ),
    (
        "access-json",
        r#"{"time_iso8601":"2026-03-10T08:00:02+00:00","remote_addr":"203.0.113.9","request":"GET /a HTTP/1.1","status":"200","body_bytes_sent":"5"}"#,
    ),
    (
        "container",
        r#"{"log":"served user=u7 rows=3\n","stream":"stdout","time":"2026-03-10T08:00:02.1Z"}"#,
    ),
    (
        "cloudwatch",
        r#"{"logStreamName":"web","timestamp":1773129602123,"message":"served user=u7 rows=3","ingestionTime":1773129603000,"eventId":"1"}"#,
    ),
    (
        "journal",
        r#"{"__REALTIME_TIMESTAMP":"1773129602123456","SYSLOG_IDENTIFIER":"web","_PID":"1","MESSAGE":"served user=u7 rows=3"}"#,
    ),
    (
        "combined",
        r#"203.0.113.9 - u7 [10/Mar/2026:08:00:02 +0000] "GET /a HTTP/1.1" 200 512 "-" "Mozilla/5.0""#,
    ),
    (
        "syslog",
        "<34>1 2026-03-10T08:00:02.5Z web api 12 - - served user=u7 rows=3",
    ),
    (
        "pino",
        r#"{"level":30,"time":1773129602123,"pid":12,"hostname":"web","req":{"id":"r1","method":"GET","url":"/a","remoteAddress":"::1"},"res":{"statusCode":200},"userId":"u7","msg":"request completed"}"#,
    ),
    (
        "winston",
        r#"{"level":"info","message":"read","userId":"u7","status":200,"method":"GET","path":"/a","timestamp":"2026-03-10T08:00:02Z"}"#,
    ),
    (
        "logfmt",
        "time=2026-03-10T08:00:02Z level=info msg=read user=u7 rows=3 path=/a status=200",
    ),
    (
        "json",
        r#"{"at":"2026-03-10T08:00:02Z","userId":"u7","rows":3,"path":"/a"}"#,
    ),
    ("console", " GET /api/x 200 in 34ms"),
];

fn name_of(sample: &str) -> Option<&'static str> {
    sniff(sample.as_bytes()).map(|format| format.name)
}

#[test]
fn every_format_is_taken_for_itself() {
    for format in FORMATS {
        let sample = SAMPLES.iter().find(|(name, _)| *name == format.name);
        assert!(sample.is_some(), "{} has no sample", format.name);
    }
    for (name, sample) in SAMPLES {
        assert_eq!(name_of(sample), Some(*name), "{sample}");
        // As one file of several holds it.
        let header = name.ends_with("-csv") && *name != "postgres-csv" || *name == "cloudfront";
        if !header {
            let more = format!("{sample}\n{sample}\n{sample}\n");
            assert_eq!(name_of(&more), Some(*name), "{sample}");
        }
        let cut = format!("\u{feff}{sample}\r\n");
        let cut = cut.trim_start_matches('\u{feff}');
        assert_eq!(name_of(cut), Some(*name), "{sample}");
    }
}

#[test]
fn every_format_reads_what_it_takes() {
    for (name, sample) in SAMPLES {
        let format = named(name).unwrap();
        let mut kept = Kept::default();
        let mut parser = (format.open)(sample.as_bytes(), &Setting::default());
        for record in records_of(sample.as_bytes(), format.framing) {
            parser.record(&record, Place::default(), &mut kept);
        }
        parser.end(&mut kept);
        assert_eq!((kept.events.len(), kept.unparsed), (1, 0), "{name}");
    }
}

#[test]
fn what_is_no_log_is_unknown() {
    for text in [
        "",
        "\n\n",
        "a,b,c\n1,2,3\n",
        "<html>\n</html>\n",
        "\u{1}\u{2}\u{3}",
    ] {
        assert_eq!(name_of(text), None, "{text}");
    }
}

/// A user's name may hold blanks, so that what stands before the address could
/// be taken for one.
#[test]
fn an_access_log_behind_a_header_of_syslog_is_syslog() {
    let access = r#"203.0.113.9 - u7 [10/Mar/2026:08:00:02 +0000] "GET /a HTTP/1.1" 200 5 "-" "c""#;
    for head in [
        "<190>Mar 10 08:00:02 edge-1 nginx: ",
        "Mar 10 08:00:02 edge-1 nginx: ",
        "2026-03-10T08:00:02Z edge-1 nginx[7]: ",
    ] {
        let line = format!("{head}{access}\n");
        assert_eq!(name_of(&line), Some("syslog"), "{head}");
        let format = named("syslog").unwrap();
        let mut kept = Kept::default();
        let mut parser = (format.open)(line.as_bytes(), &Setting::default());
        parser.record(line.trim_end().as_bytes(), Place::default(), &mut kept);
        kept.one(|event| {
            assert_eq!((event.client, event.user), ("203.0.113.9", "u7"));
            assert_eq!((event.path, event.status), ("/a", 200));
        });
    }
}

/// Samples cut at every place and with bytes changed: whatever is written
/// into a log, no reader gives up.
#[test]
fn no_reader_gives_up_on_changed_samples() {
    let mut dice = fastrand::Rng::with_seed(7);
    for (name, sample) in SAMPLES {
        let format = named(name).unwrap();
        let bytes = sample.as_bytes();
        for round in 0..300 {
            let mut changed = bytes[..dice.usize(..=bytes.len())].to_vec();
            for _ in 0..round % 7 {
                if !changed.is_empty() {
                    let at = dice.usize(..changed.len());
                    changed[at] = *dice.choice(b"\0\"\\{}[],:-.0 9\n\t\xff|=%").unwrap();
                }
            }
            let _ = (format.claim)(&changed);
            let mut kept = Kept::default();
            let mut parser = (format.open)(&changed, &Setting::default());
            for record in records_of(&changed, format.framing) {
                if !record.is_empty() {
                    parser.record(&record, Place::default(), &mut kept);
                }
            }
            parser.end(&mut kept);
            let told = kept.events.iter().map(|event| event.event().texts().len());
            assert!(told.sum::<usize>() < 1 << 20, "{name}");
        }
    }
}
