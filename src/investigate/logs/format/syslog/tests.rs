//! Headers of each form, and what stands behind them.

use super::super::kept::Kept;
use super::*;

fn read(line: &str) -> Kept {
    Kept::of(open, [line])
}

#[test]
fn the_modern_form_carries_pairs_and_a_message() {
    let line = "<165>1 2026-03-10T08:00:02.5Z web-1 api 12 ID7 [audit@32473 user=\"u7\" note=\"a \\\"]\\\" b\"][x@1 rows=\"3\"] \u{feff}{\"path\":\"/api/a\",\"status\":200,\"level\":30,\"time\":1773129602123,\"pid\":1}";
    read(line).one(|event| {
        assert_eq!((event.user, event.rows), ("u7", Some(3)));
        assert_eq!(
            (event.path, event.status, event.layer),
            ("/api/a", 200, Layer::Http)
        );
    });
    read("83 <40>1 2012-11-30T06:45:29+00:00 host heroku router - at=info method=GET path=\"/a\" status=200 bytes=5").one(|event| {
        assert_eq!((event.path, event.status, event.bytes), ("/a", 200, Some(5)));
    });
    read("<34>1 - - - - - -").one(|event| assert_eq!(event.at, NO_TIME));
}

#[test]
fn the_old_form_has_no_year_and_says_so() {
    let now = DateTime::from_timestamp(1_773_129_602, 0).unwrap();
    for (line, want) in [
        (
            "<34>Mar  9 08:00:00 web-1 api[12]: x",
            "2026-03-09T08:00:00Z",
        ),
        ("Dec 31 23:59:59 web-1 api: x", "2025-12-31T23:59:59Z"),
        ("Mar 11 07:00:00 web-1 api: x", "2026-03-11T07:00:00Z"),
    ] {
        let header = header(line, now).unwrap();
        assert_eq!(
            Some(header.at),
            iso(want.as_bytes()).map(|read| read.0),
            "{line}"
        );
        assert_eq!(
            (header.tag, header.message, header.yearless),
            ("api", "x", true)
        );
    }
    let kept = read(
        "Mar  9 08:00:00 web-1 nginx[1]: 203.0.113.9 - u7 [10/Mar/2026:08:00:02 +0000] \"GET /api/c/9 HTTP/1.1\" 200 512 \"-\" \"x\"",
    );
    kept.one(|event| {
        assert_eq!((event.path, event.user), ("/api/c/9", "u7"));
        assert_eq!(event.at, 1_773_129_602_000_000_000);
    });
    assert_eq!(kept.remarks.len(), 2);
    let kept = read("2026-03-10T08:00:02+00:00 web-1 api[1]: served user=u7 rows=3");
    kept.one(|event| assert_eq!((event.user, event.at), ("u7", 1_773_129_602_000_000_000)));
    assert!(kept.remarks.is_empty());
}

#[test]
fn records_of_postgres_go_over_messages() {
    let mut kept = Kept::default();
    let mut parser = open(b"", &Setting::default());
    let prefix = "2026-03-10 08:00:02.123 UTC [4310] app@db ";
    for line in [
        format!(
            "Mar 10 08:00:02 db postgres[4310]: [5-1] {prefix}LOG:  execute <unnamed>: select set_config('request.jwt.claims', $1, true)"
        ),
        format!(
            "Mar 10 08:00:02 db postgres[4310]: [5-2] {prefix}DETAIL:  parameters: $1 = '{{\"sub\":\"u7\"}}'"
        ),
        format!(
            "Mar 10 08:00:02 db postgres[4310]: [6-1] {prefix}LOG:  duration: 0.700 ms  statement: select *"
        ),
        "Mar 10 08:00:02 db postgres[4311]: [1-1] 2026-03-10 08:00:02.123 UTC [4311] app@db LOG:  statement: select 2".to_owned(),
        "Mar 10 08:00:02 db postgres[4310]: [6-2] #011from customers".to_owned(),
        "Mar 10 08:00:02 db postgres[4310]: [6-3] where true".to_owned(),
    ] {
        parser.record(line.as_bytes(), Place::default(), &mut kept);
    }
    parser.end(&mut kept);
    let found = kept
        .events
        .iter()
        .find(|event| event.event().statement.contains("customers"));
    let event = found.unwrap().event();
    assert_eq!(event.statement, "select *\nfrom customers\nwhere true");
    assert_eq!((event.user, event.db_role), ("u7", "app"));
    assert_eq!(kept.unparsed, 0);
    // Without a prefix, the header tells when and which process.
    let kept =
        read("<134>1 2026-03-10T08:00:02.5Z db postgres 77 - - LOG:  statement: select 1 from t");
    kept.one(|event| {
        assert_eq!(event.at, 1_773_129_602_500_000_000);
        assert_eq!(event.statement, "select 1 from t");
    });
}

#[test]
fn broken_headers_are_told() {
    for line in [
        "",
        "<",
        "<1>",
        "<9999>Mar  9 08:00:00 h t: x",
        "<1>1 x y",
        "Foo  9 08:00:00 h t: x",
        "Mar 99 08:00:00 h t: x",
        "Mar  9 08:00",
        "hello: world",
        "2026-03-10 08:00:02.415 UTC [1] LOG:  x",
        "Mär  9 08:00:00 h t: x",
    ] {
        assert_eq!(read(line).unparsed, 1, "{line}");
    }
    assert_eq!(data("[a b=\"c").0, "");
    let mut room = String::new();
    assert_eq!(plain("[5-1] LOG:  x#011y", &mut room), "LOG:  x\ty");
    assert_eq!(plain("[5-2] x#011y", &mut room), "\tx\ty");
    assert_eq!(plain("[5-2] #011x", &mut room), "\tx");
    assert_eq!(plain("[5] x", &mut room), "x");
    assert_eq!(plain("[audit] x", &mut room), "[audit] x");
}
