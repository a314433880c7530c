//! A tired person, an engine at hand, and all that can be wrong: each says
//! what, why and what next.

use super::mappings::{engine, firsthour, told};
use super::wheels::{PASSWORD, Wheel};
use std::fs;
use std::path::Path;

const TABLE: &str = "
CREATE TABLE requests (at DateTime64(3, 'UTC'), who String, url String, code String, size UInt64)
ENGINE = MergeTree ORDER BY at;
INSERT INTO requests SELECT toDateTime64('2026-03-10 10:00:00', 3, 'UTC') + number, 'u' || toString(number % 7), '/api/customers/' || toString(number), if(number % 50 = 0, '', '200'), 900 FROM numbers(500);
";

fn mapping(folder: &Path, name: &str, change: (&str, &str)) {
    let text = "
name = 'mine'
title = 'mine'
engine = 'clickhouse'
from = 'requests'
where = \"code != '500'\"
[time]
column = 'at'
form = 'native'
[columns]
user = 'who'
path = 'url'
status = 'code'
bytes = 'size'
";
    assert!(text.contains(change.0), "{}", change.0);
    fs::write(folder.join(name), text.replacen(change.0, change.1, 1)).unwrap();
}

#[test]
fn each_thing_that_is_wrong_is_told_with_its_next_step() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let Some((_wheel, url)) = Wheel::clickhouse(folder, TABLE) else {
        return;
    };
    let ask = |mapping: &str, password: &str| {
        let args = [&engine(&url, mapping)[..], &["--yes"]].concat();
        let output = firsthour(folder, &args, password);
        (output.status.code(), told(&output))
    };
    let wrong = |file: &str, change: (&str, &str), parts: &[&str]| {
        mapping(folder, file, change);
        let (code, told) = ask(file, PASSWORD);
        assert_eq!(code, Some(3), "{told}");
        for part in parts {
            assert!(told.contains(part), "{part}: {told}");
        }
    };
    mapping(folder, "good.toml", ("'mine'", "'mine'"));
    let (code, good) = ask("good.toml", PASSWORD);
    assert_ne!(code, Some(3), "{good}");
    assert!(good.contains("status is empty in 2 %"), "{good}");
    assert!(good.contains("WHERE at >= ") && good.contains("= 'WHO' LIMIT 100"));
    let order = ("'native'", "'native'\norder = 'second'");
    mapping(folder, "order.toml", order);
    let (code, without) = ask("order.toml", PASSWORD);
    assert_ne!(code, Some(3), "a table without that column: {without}");
    let (code, password) = ask("good.toml", "wrong");
    assert_eq!(code, Some(3));
    assert!(password.contains("Authentication failed"), "{password}");
    assert!(password.contains("CLICKHOUSE_PASSWORD"), "{password}");
    wrong(
        "table.toml",
        ("'requests'", "'nowhere'"),
        &["'nowhere'", "CLICKHOUSE_DATABASE"],
    );
    wrong(
        "column.toml",
        ("'who'", "'whom'"),
        &["whom", "copy the mapping"],
    );
    wrong(
        "status.toml",
        ("'code'\nbytes", "'who'\nbytes"),
        &["no row has a status", "nothing more was asked"],
    );
    wrong(
        "where.toml",
        ("code != '500'", "code = '7'"),
        &["of 500 rows in it, none fits", "code = '7'"],
    );
    wrong("form.toml", ("'native'", "'seconds'"), &["form"]);
}

#[test]
fn a_window_without_rows_is_no_clean_look() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let Some((_wheel, url)) = Wheel::clickhouse(folder, TABLE) else {
        return;
    };
    mapping(folder, "good.toml", ("'mine'", "'mine'"));
    let early = [
        "check",
        "logs",
        "--engine",
        "clickhouse",
        "--mapping",
        "good.toml",
    ];
    let early = [
        &early[..],
        &[
            "--url",
            &url,
            "--window",
            "2025-01-01T00:00:00Z..2025-01-02T00:00:00Z",
            "--yes",
        ],
    ];
    let output = firsthour(folder, &early.concat(), PASSWORD);
    let nothing = told(&output);
    assert_eq!(output.status.code(), Some(3), "{nothing}");
    assert!(
        nothing.contains("holds no event") && nothing.contains("--window"),
        "{nothing}"
    );
}

#[test]
fn what_is_typed_wrong_is_told_before_anything_is_sent() {
    let home = tempfile::tempdir().unwrap();
    let url = "http://127.0.0.1:1";
    for (url, mapping, parts) in [
        (url, "nginx", &["no mapping nginx", "supabase, otel"][..]),
        (
            "http://db.example.org:8123",
            "otel",
            &["not encrypted", "https://"],
        ),
        (
            "https://ada:hunter2@db.example.org",
            "otel",
            &["name or password", "CLICKHOUSE_USER"],
        ),
        (
            "db.example.org",
            "otel",
            &["no address of HTTP", "https://"],
        ),
        (url, "otel", &["no connection", "8123"]),
        (url, "alb", &["is an example", "--show-mapping > alb.toml"]),
    ] {
        let args = [&engine(url, mapping)[..], &["--yes"]].concat();
        let output = firsthour(home.path(), &args, PASSWORD);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(3), "{told}");
        for part in parts {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(
            !told.contains("hunter2") && !told.contains(PASSWORD),
            "{told}"
        );
    }
}

#[test]
fn a_shipped_mapping_is_printed_to_be_copied() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let args = [
        &engine("http://127.0.0.1:1", "alb")[..],
        &["--show-mapping"],
    ]
    .concat();
    let output = firsthour(folder, &args, PASSWORD);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    fs::write(folder.join("mine.toml"), text.replace("BUCKET", "mine")).unwrap();
    let args = [
        &engine("http://127.0.0.1:1", "mine.toml")[..],
        &["--show-queries"],
    ]
    .concat();
    let output = firsthour(folder, &args, PASSWORD);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("//mine."));
}

#[test]
fn a_mapping_file_that_asks_more_than_it_may_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    mapping(
        folder,
        "evil.toml",
        ("'url'", "'(SELECT key FROM secrets)'"),
    );
    let args = [&engine("http://127.0.0.1:1", "evil.toml")[..], &["--yes"]].concat();
    let output = firsthour(folder, &args, PASSWORD);
    let told = told(&output);
    assert!(told.contains("a query has no place in it"), "{told}");
}
