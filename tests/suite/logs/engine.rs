//! One question, two executors: what the scan counts and what an engine
//! counts are the same tables, byte for byte, and so the same findings.

use super::wheels::{PASSWORD, USER, Wheel};
use firsthour::drill::corpus::{self, options::Options};
use firsthour::investigate::logs::event::{CacheState, Event, Layer, Place};
use firsthour::investigate::logs::format::parser::Out;
use firsthour::investigate::logs::gather::Gather;
use firsthour::investigate::logs::gather::aggregates::Aggregates;
use firsthour::investigate::logs::gather::store;
use firsthour::investigate::logs::gather::timing::Timing;
use firsthour::investigate::logs::intake::Intake;
use firsthour::investigate::logs::join::Repeats;
use firsthour::investigate::logs::questions::ask::Render;
use firsthour::investigate::logs::questions::relation::Bounds;
use firsthour::investigate::logs::questions::{dialect, gather, mapping};
use firsthour::investigate::logs::tap::Tap;
use firsthour::providers::clickhouse::{ClickHouse, Limits, Login};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

const RELEASE: i64 = 1_773_129_600_000_000_000;
const MINUTE: i64 = 60_000_000_000;
const WINDOW: (i64, i64) = (RELEASE - 120 * MINUTE, RELEASE + 120 * MINUTE);

fn timing() -> Timing {
    Timing {
        release: Some(RELEASE),
        window: Some(WINDOW),
        ..Timing::default()
    }
}

/// Segments of every kind that a path is made of, and some that only look it.
const SEGMENTS: [&str; 26] = [
    "api",
    "customers",
    "invoices",
    "417",
    "0",
    "007",
    "cus_9s6XKzkNRiz8i3",
    "in_abc",
    "a_b_12x",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "81ARZ3NDEKTSV4RRFFQ69G5FAV",
    "deadbeefdeadbeef",
    "deadbeef0deadbeef",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "3f2504e0-4f89-11d3",
    "ada@example.org",
    "ada%40example.org",
    "Über",
    "日本",
    "it's",
    "a\\b",
    "x.js",
    "v1.2",
    "(group)",
    "[id]",
    "feedback",
];
const QUERIES: [&str; 9] = [
    "",
    "page=3",
    "id=417",
    "select=*&id=eq.9",
    "customer_id=cus_12ab",
    "customerId=5&id=6",
    "id=x&uuid=77",
    "a=b=c&order_id=8",
    "%27=1",
];
const ROUTES: [&str; 8] = [
    "",
    "",
    "",
    "/api/customers/[id]",
    "/(admin)/api/{x}/list",
    "/a/<b>/:c",
    "/api/*",
    "/",
];

fn pick<'a>(dice: &mut fastrand::Rng, from: &[&'a str]) -> &'a str {
    from[dice.usize(..from.len())]
}

fn path(dice: &mut fastrand::Rng) -> String {
    match dice.u8(0..20) {
        0 => "/_next/static/ab/x1.js".to_owned(),
        1 => "/_next/image".to_owned(),
        2 => String::new(),
        3..9 => format!("/api/customers/{}", dice.u32(1..3_000)),
        _ => {
            let mut path = String::new();
            for _ in 0..dice.usize(0..6) {
                path.push('/');
                path.push_str(pick(dice, &SEGMENTS));
            }
            path
        }
    }
}

/// Counts a made-up stream that has everything, and writes its events.
fn stream(seed: u64, events: &Path) -> Aggregates {
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut intake = Intake::new(Gather::new(timing()), Arc::new(Repeats::default()));
    let file = std::io::BufWriter::new(fs::File::create(events).unwrap());
    let tap = Arc::new(Tap::new(Box::new(file)));
    intake.tap = Some(Arc::clone(&tap));
    for number in 0..4_000_u64 {
        let path = path(&mut dice);
        let (user, client) = (
            format!("u{}", dice.u8(0..9)),
            format!("10.0.0.{}", dice.u8(0..5)),
        );
        let person = dice.u8(0..6);
        let event = Event {
            at: WINDOW.0 - MINUTE + dice.i64(0..242) * MINUTE + dice.i64(0..MINUTE),
            layer: [Layer::Http, Layer::Auth, Layer::Cloud][dice.usize(..3)],
            status: [200, 204, 304, 301, 401, 403, 404, 410, 500, 0][dice.usize(..10)],
            user: if person < 3 { &user } else { "" },
            email: if person == 3 { "eve@example.org" } else { "" },
            key: if person == 4 { "sb_publishable" } else { "" },
            role: pick(&mut dice, &["", "admin", "member"]),
            actor_tenant: pick(&mut dice, &["", "o1", "o'2"]),
            tenant: pick(&mut dice, &["", "o1", "ö3"]),
            client: if dice.bool() { &client } else { "" },
            agent: pick(
                &mut dice,
                &["", "Mozilla/5.0 (X11)", "curl/8", "node", "(odd)"],
            ),
            method: pick(&mut dice, &["GET", "POST", ""]),
            path: &path,
            query: pick(&mut dice, &QUERIES),
            route: pick(&mut dice, &ROUTES),
            object: pick(&mut dice, &["", "", "", "99", "x y"]),
            object_kind: "things",
            deployment: pick(&mut dice, &["", "dpl_1", "dpl_2"]),
            rows: dice.bool().then(|| dice.u64(0..900)),
            bytes: dice.bool().then(|| dice.u64(0..9) * dice.u64(0..1 << 33)),
            cache: [CacheState::Unsaid, CacheState::Origin, CacheState::Stored][dice.usize(..3)],
            shared: dice.u8(0..9) == 0,
            bypass_mark: dice.u8(0..50) == 0,
            place: Place {
                piece: 0,
                offset: number,
            },
            ..Event::EMPTY
        };
        intake.event(&event);
    }
    tap.close().unwrap();
    intake.gather.tables()
}

/// What an engine can know: all but where lines stand.
fn without_places(mut tables: Aggregates) -> Vec<u8> {
    for access in tables.access.values_mut() {
        (access.place, access.largest) = (None, None);
    }
    for used in tables.routes.values_mut() {
        (used.stored_place, used.marked_place) = (None, None);
    }
    let seen = tables.origins.values_mut();
    for seen in seen.chain(tables.deployments.values_mut()) {
        seen.place = None;
    }
    tables.pieces.clear();
    let mut bytes = Vec::new();
    store::write(&tables, &mut bytes).unwrap();
    bytes
}

/// Fails with the first rows that differ.
fn assert_same(scan: &[u8], engine: &[u8], whose: &str) {
    let lines = |bytes: &[u8]| -> Vec<String> {
        String::from_utf8_lossy(bytes)
            .lines()
            .map(str::to_owned)
            .collect()
    };
    let (scan, engine) = (lines(scan), lines(engine));
    assert!(scan.len() > 1_000, "only {} rows", scan.len());
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        let those: std::collections::HashSet<&String> = those.iter().collect();
        these
            .iter()
            .filter(|line| !those.contains(line))
            .take(4)
            .map(|line| line.chars().take(600).collect())
            .collect()
    };
    let (missing, more) = (only(&scan, &engine), only(&engine, &scan));
    assert!(
        missing.is_empty() && more.is_empty(),
        "{whose}\nonly the scan:\n{missing:#?}\nonly {whose}:\n{more:#?}"
    );
    assert_eq!(scan, engine, "{whose}: the same rows in another order");
}

fn bounds() -> Bounds {
    Bounds {
        window: WINDOW,
        release: Some(RELEASE),
        tolerance: Timing::default().tolerance,
    }
}

#[test]
fn clickhouse_and_duckdb_count_what_the_scan_counts() {
    let home = tempfile::tempdir().unwrap();
    let mapping = mapping::shipped("events").unwrap().unwrap();
    for seed in [1, 2] {
        let events = home.path().join(format!("{seed}.ndjson"));
        let scan = without_places(stream(seed, &events));
        let Some((_wheel, url)) = Wheel::clickhouse(&events) else {
            return;
        };
        let render = |name| Render {
            sql: dialect(name).unwrap(),
            mapping: &mapping,
            bounds: bounds(),
        };
        let limits = Limits {
            seconds: 120,
            rows: 1_000_001,
            bytes_read: 1 << 34,
        };
        let login = Login {
            user: Some(USER.to_owned()),
            password: Some(firsthour::domain::secret::Secret::new(PASSWORD.to_owned())),
            database: None,
        };
        let server = ClickHouse::new(&url, login, limits).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let mut over_http = |_: &_, sql: &str| Ok(runtime.block_on(server.rows(sql)).unwrap());
        let tables = gather(&render("clickhouse"), &mut over_http).unwrap();
        assert_same(&scan, &without_places(tables), "ClickHouse");
        let tables = gather(&render("supabase"), &mut over_http).unwrap();
        assert_same(&scan, &without_places(tables), "ClickHouse in pages");
        let mut duck = Wheel::duckdb(&events).unwrap();
        let tables = gather(&render("duckdb"), &mut |_, sql| Ok(duck.ask(sql))).unwrap();
        assert_same(&scan, &without_places(tables), "DuckDB");
    }
}

fn firsthour(folder: &Path, args: &[&str], password: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_firsthour"))
        .args(args)
        .current_dir(folder)
        .env("FIRSTHOUR_HOME", folder)
        .env("CLICKHOUSE_USER", USER)
        .env("CLICKHOUSE_PASSWORD", password)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The findings of an answer without where they are written.
fn findings(output: &Output) -> (Vec<Value>, Value) {
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
        .collect();
    let coverage = lines.pop().unwrap();
    for line in &mut lines {
        if let Some(trail) = line.get_mut("trail").and_then(Value::as_object_mut) {
            trail.remove("places");
        }
        if let Some(object) = line.as_object_mut() {
            object.remove("places");
        }
    }
    (lines, coverage)
}

#[test]
fn the_engine_finds_what_the_scan_finds() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let options = Options {
        requests: 6_000,
        ..Options::default()
    };
    let truth = corpus::write(folder, 41, &options, &["nginx"]).unwrap();
    let release = chrono::DateTime::from_timestamp_nanos(truth.release).to_rfc3339();
    let known = [
        "--json",
        "--users",
        "users.csv",
        "--customers",
        "customers.csv",
        "--routes",
        "routes.json",
        "--release-at",
        &release,
    ];
    let scan = ["check", "logs", "logs", "--emit-events", "events.ndjson"];
    let scanned = firsthour(folder, &[&scan[..], &known].concat(), PASSWORD);
    let Some((_wheel, url)) = Wheel::clickhouse(&folder.join("events.ndjson")) else {
        return;
    };
    let window = "2020-01-01T00:00:00Z..2040-01-01T00:00:00Z";
    let ask = [
        "check",
        "logs",
        "--engine",
        "clickhouse",
        "--mapping",
        "events",
        "--url",
        &url,
        "--window",
        window,
    ];
    let mut yes = [&ask[..], &known].concat();
    let unasked = firsthour(folder, &yes, PASSWORD);
    let told = String::from_utf8_lossy(&unasked.stderr).into_owned();
    assert_eq!(unasked.status.code(), Some(3), "{told}");
    assert!(told.contains("rows in") && told.contains("--yes"), "{told}");
    yes.push("--yes");
    let asked = firsthour(folder, &yes, PASSWORD);
    let told = String::from_utf8_lossy(&asked.stderr).into_owned();
    assert!(!asked.stdout.is_empty(), "{told}");
    let ((by_scan, coverage), (by_engine, theirs)) = (findings(&scanned), findings(&asked));
    assert!(!by_scan.is_empty());
    assert_eq!(by_scan, by_engine);
    assert_eq!(coverage["looked_at"], theirs["looked_at"]);
    let gaps = theirs["could_not"].to_string();
    assert!(
        gaps.contains("column tenant"),
        "a mapped column that is empty is a gap: {gaps}"
    );
    let refused = firsthour(folder, &yes, "wrong");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(3), "{told}");
    assert!(told.contains("CLICKHOUSE_PASSWORD"), "{told}");
}

#[test]
fn queries_are_shown_and_nothing_is_sent() {
    let home = tempfile::tempdir().unwrap();
    for (engine, mapping) in [
        ("clickhouse", "otel"),
        ("clickhouse", "alb"),
        ("clickhouse", "cloudfront"),
        ("supabase", "supabase"),
        ("trino", "events"),
        ("bigquery", "events"),
        ("duckdb", "events"),
    ] {
        let window = "2026-03-10T07:00:00Z..2026-03-10T09:00:00Z";
        let args = [
            "check",
            "logs",
            "--engine",
            engine,
            "--mapping",
            mapping,
            "--window",
            window,
            "--show-queries",
        ];
        let output = firsthour(home.path(), &args, PASSWORD);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{engine} {mapping}: {told}");
        for question in ["probe", "Q1", "Q2", "Q3", "Q4r", "Q5", "Q6", "Q8", "Q9"] {
            assert!(
                text.contains(&format!("-- {question}: ")),
                "{engine} {question}"
            );
        }
        assert!(!text.to_lowercase().contains("count(*)"), "{engine}");
    }
}
