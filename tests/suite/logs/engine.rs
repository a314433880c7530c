//! One question, two executors: what the scan counts and what an engine
//! counts are the same tables, byte for byte, and so the same findings.

use super::wheels::{PASSWORD, USER, Wheel, fixture, over_http};
use firsthour::domain::secret::Secret;
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
use std::fs;
use std::path::Path;
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
            key: if person == 4 { "sb_publishab" } else { "" },
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
fn every_engine_counts_what_the_scan_counts() {
    let home = tempfile::tempdir().unwrap();
    let mapping = mapping::shipped("events").unwrap().unwrap();
    for seed in [1, 2] {
        let events = home.path().join(format!("{seed}.ndjson"));
        let scan = without_places(stream(seed, &events));
        let setup = fixture("events.sql", &events);
        let Some((_wheel, url)) = Wheel::clickhouse(home.path(), &setup) else {
            return;
        };
        let render = |name| Render {
            sql: dialect(name).unwrap(),
            mapping: &mapping,
            bounds: bounds(),
        };
        let limits = Limits {
            seconds: 120,
            rows: 2_000_001,
            bytes_read: 1 << 34,
        };
        let login = Login {
            user: Some(USER.to_owned()),
            password: Some(Secret::new(PASSWORD.to_owned())),
            database: None,
        };
        let server = ClickHouse::new(&url, login, limits).unwrap();
        for (name, whose) in [
            ("clickhouse", "ClickHouse"),
            ("supabase", "ClickHouse in pages"),
        ] {
            let tables = gather(&render(name), &mut |_, sql, take| {
                Ok(over_http(&server, sql, take))
            });
            assert_same(&scan, &without_places(tables.unwrap()), whose);
        }
        let setup = fixture("events.duckdb.sql", &events);
        let mut duck = Wheel::duckdb(home.path(), &setup).unwrap();
        // The texts for Trino and BigQuery are read by their grammars and run
        // by DuckDB.
        for name in ["duckdb", "trino", "bigquery"] {
            let tables = gather(&render(name), &mut |_, sql, take| {
                Ok(duck.ask(name, sql, take))
            });
            assert_same(&scan, &without_places(tables.unwrap()), name);
        }
    }
}
