//! The combined log's laws, with lines as servers write them.

use super::*;
use crate::investigate::logs::event::CacheState;
use crate::investigate::logs::time::SECOND;

type Numbers = (u16, Option<u64>, CacheState, Option<u64>, Stamp);

#[derive(Default)]
struct Kept {
    events: Vec<String>,
    checks: Vec<Numbers>,
    unparsed: usize,
    remarks: usize,
}

impl Out for Kept {
    fn event(&mut self, event: &Event<'_>) {
        self.events.push(
            [
                event.client,
                event.user,
                event.method,
                event.path,
                event.query,
                event.agent,
                event.request,
            ]
            .join("|"),
        );
        let numbers = (
            event.status,
            event.bytes,
            event.cache,
            event.duration_ns,
            event.at,
        );
        self.checks.push(numbers);
    }
    fn unparsed(&mut self, _place: Place) {
        self.unparsed += 1;
    }
    fn remark(&mut self, _remark: &str) {
        self.remarks += 1;
    }
}

fn kept(lines: &[&[u8]]) -> Kept {
    let mut kept = Kept::default();
    let mut parser = open(b"", &Setting::default());
    for line in lines {
        parser.record(line, Place::default(), &mut kept);
    }
    assert_short(lines, &kept);
    kept
}

/// The short way for lines of text gives what the long one gives.
fn assert_short(lines: &[&[u8]], long: &Kept) {
    let mut short = Kept::default();
    let mut parser = open(b"", &Setting::default());
    for line in lines {
        let line = String::from_utf8_lossy(line);
        parser.line(&line, Place::default(), &mut short);
    }
    assert_eq!(short.events, long.events);
    assert_eq!(short.checks, long.checks);
    assert_eq!(
        (short.unparsed, short.remarks > 0),
        (long.unparsed, long.remarks > 0)
    );
}

#[test]
fn the_short_way_reads_what_the_long_one_reads() {
    const PARTS: [&[&str]; 11] = [
        &["203.0.113.9", "a.example:80 203.0.113.9", "::1", "1.2.3.4,"],
        &[" - ", " x ", " "],
        &["-", "u7", "u 7", "u\\x37", ""],
        &[" [10/Mar/2026:08:00:02 +0000] ", " [10/Mar/2026:08:00:02] "],
        &["\"GET ", "\"POST ", "\"get ", "\"", "\"\\x16"],
        &["/", "/a/7?b=\\\"c", "/a?b?c", "http://h/a?b", "*", "/a b"],
        &[" HTTP/1.1\"", " HTTP/2\"", "\"", " HTTP/1.1"],
        &[" 200 ", " 000 ", " - ", " 20 ", " 2000 "],
        &["0", "512", "-", "", "x", "12345678901234567890"],
        &[" \"-\" ", " \"https://h/\\\"\" ", " - ", ""],
        &[
            "\"curl/8\"",
            "\"-\"",
            "\"a\\\"b\"",
            "\"torn",
            "\"curl/8\" 0.125 HIT",
            "",
        ],
    ];
    let mut rng = fastrand::Rng::with_seed(4);
    for _ in 0..4_000 {
        // Most parts are the usual one, so that whole lines come too.
        let line: String = PARTS
            .iter()
            .map(|part| part[rng.usize(..part.len() * 4).saturating_sub(part.len() * 3)])
            .collect();
        kept(&[line.as_bytes()]);
    }
}

const AT: Stamp = 1_773_129_602 * SECOND;

#[test]
fn a_line_falls_into_its_parts() {
    let kept = kept(&[br#"203.0.113.9 - u7 [10/Mar/2026:08:00:02 +0000] "GET /api/customers/41?x=1 HTTP/1.1" 200 512 "-" "Mozilla/5.0 \"q\"""#]);
    assert_eq!(
        kept.events,
        [r#"203.0.113.9|u7|GET|/api/customers/41|x=1|Mozilla/5.0 \"q\"|"#]
    );
    assert_eq!(
        kept.checks,
        [(200, Some(512), CacheState::Unsaid, None, AT)]
    );
}

#[test]
fn every_beginning_names_the_client_and_the_user() {
    let rest = r#"[10/Mar/2026:10:00:02 +0200] "GET /a HTTP/1.1" 200 -"#;
    for (begin, want) in [
        ("203.0.113.9 - -", "203.0.113.9|"),
        ("2001:db8::7 - u7", "2001:db8::7|u7"),
        ("203.0.113.9 - Anna Example", "203.0.113.9|Anna Example"),
        ("203.0.113.9 ident u7", "203.0.113.9|u7"),
        ("app.example:443 203.0.113.9 - u7", "203.0.113.9|u7"),
        ("app.example 2001:db8::7 - -", "2001:db8::7|"),
        ("198.51.100.2, 10.0.0.1 - -", "198.51.100.2|"),
        ("1.2.3.4, 203.0.113.9, 10.0.0.1 - u7", "203.0.113.9|u7"),
        ("app.example:443 203.0.113.9, 10.0.0.1 - -", "203.0.113.9|"),
        ("host.isp.example - -", "host.isp.example|"),
        ("203.0.113.9 - a [b", "203.0.113.9|a [b"),
        (r"203.0.113.9 - a\x22b", "203.0.113.9|a\"b"),
        ("- - -", "|"),
    ] {
        let line = format!("{begin} {rest}");
        let kept = kept(&[line.as_bytes()]);
        assert_eq!(kept.events, [format!("{want}|GET|/a|||")], "{begin}");
        assert_eq!(kept.checks, [(200, None, CacheState::Unsaid, None, AT)]);
    }
}

#[test]
fn garbage_is_a_request_without_a_path() {
    for request in [r"\x16\x03\x01\x02\x00", "-", "", "quit", r#"GET \"x"#] {
        let line =
            format!(r#"203.0.113.9 - - [10/Mar/2026:08:00:02 +0000] "{request}" 400 157 "-" "-""#);
        let kept = kept(&[line.as_bytes()]);
        assert_eq!(kept.events, ["203.0.113.9||||||"], "{request}");
        assert_eq!(
            kept.checks[0],
            (400, Some(157), CacheState::Unsaid, None, AT)
        );
    }
    assert_eq!(
        kept(&[b"not a log line", b"[]", b"\0\0", b"\""]).unparsed,
        4
    );
}

#[test]
fn escapes_are_taken_off() {
    let line = br#"203.0.113.9 - - [10/Mar/2026:08:00:02 +0000] "GET /a/\x22\xC3\xA4\\?q=\x5C HTTP/1.1" 200 5 "-" "-""#;
    assert_eq!(kept(&[line]).events, [r#"203.0.113.9||GET|/a/"ä\|q=\||"#]);
}

#[test]
fn bytes_that_are_no_text_lose_no_record() {
    let mut line =
        br#"203.0.113.9 - - [10/Mar/2026:08:00:02 +0000] "GET /api/customers/41 HTTP/1.1" 200 5 "-" "caf"#
            .to_vec();
    line.extend_from_slice(b"\xe9\"");
    let kept = kept(&[&line]);
    assert_eq!(
        kept.events,
        ["203.0.113.9||GET|/api/customers/41||caf\u{fffd}|"]
    );
}

#[test]
fn what_nginx_is_told_to_add_is_read() {
    let begin = r#"10.0.0.5 - - [10/Mar/2026:08:00:02 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8""#;
    let line = format!(
        r#"{begin} "203.0.113.9" rt=0.125 uct="0.001" cs=HIT 0a1b2c3d4e5f60718293a4b5c6d7e8f9"#
    );
    let kept = kept(&[line.as_bytes()]);
    assert_eq!(
        kept.events,
        ["203.0.113.9||GET|/a||curl/8|0a1b2c3d4e5f60718293a4b5c6d7e8f9"]
    );
    let numbers = (200, Some(5), CacheState::Stored, Some(125_000_000), AT);
    assert_eq!(kept.checks, [numbers]);
}

#[test]
fn a_forwarded_address_of_a_stranger_is_only_a_claim() {
    let line = br#"198.51.100.9 - - [10/Mar/2026:08:00:02 +0000] "GET /a HTTP/1.1" 200 5 "-" "c" "203.0.113.9""#;
    assert_eq!(kept(&[line]).events, ["198.51.100.9||GET|/a||c|"]);
}

#[test]
fn a_torn_line_is_not_half_a_number() {
    let whole =
        br#"203.0.113.9 - - [10/Mar/2026:08:00:02 +0000] "GET /a HTTP/1.1" 200 5123 "-" "c""#;
    let until = |text: &str| {
        let at = memchr::memmem::find(whole, text.as_bytes()).unwrap();
        &whole[..at + text.len()]
    };
    assert_eq!(kept(&[whole, until(" 51")]).unparsed, 1);
    assert_eq!(kept(&[whole, until("GET /")]).unparsed, 1);
    let torn_agent = kept(&[whole, until("\"c")]);
    assert_eq!((torn_agent.events.len(), torn_agent.unparsed), (2, 0));
    // A common log never has an agent.
    assert_eq!(kept(&[until("5123")]).unparsed, 0);
}

#[test]
fn times_have_many_forms_and_a_zone_is_told_when_it_is_assumed() {
    for (time, remarks) in [
        ("10/Mar/2026:08:00:02 +0000", 0),
        ("10/Mar/2026:13:30:02 +0530", 0),
        ("10/Mar/2026:08:00:02.000000 +0000", 0),
        ("2026-03-10T08:00:02+00:00", 0),
        ("10/Mar/2026:08:00:02", 1),
    ] {
        let line = format!(r#"203.0.113.9 - - [{time}] "GET /a HTTP/1.1" 200 5"#);
        let kept = kept(&[line.as_bytes()]);
        assert_eq!((kept.checks[0].4, kept.remarks), (AT, remarks), "{time}");
    }
}

#[test]
fn a_sample_is_claimed_line_by_line() {
    let line = br#"203.0.113.9 - - [10/Mar/2026:08:00:02 +0000] "GET /a HTTP/1.1" 200 5 "-" "c""#;
    let sample = [line, &b"\nnoise\n"[..], line, b"\n203.0.113.9 - - [10/Ma"].concat();
    assert_eq!(claim(&sample), 2);
    let s3 = br#"79a5 bucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a5 3E57 REST.GET.OBJECT key "GET /a HTTP/1.1" 200 - 113 - 7 - "-" "S3" -"#;
    assert_eq!(claim(s3), 0);
}
