//! How `check logs` answers: the table for people, the lines for programs,
//! and what it says of everything it was not given or could not read.

use super::merge::{Said, run};
use firsthour::drill::corpus::options::{Ids, Options};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// An access log in which mallory walks through customers after 08:00.
pub(super) fn leak(folder: &Path) {
    let mut text = String::new();
    let mut customers = "id,org_id\n".to_owned();
    for minute in 0..40 {
        let stamp = format!("10/Mar/2026:08:{minute:02}:05 +0000");
        text.push_str(&format!(
            "10.9.9.9 - mallory [{stamp}] \"GET /api/customers/{minute} HTTP/1.1\" 200 1417 \"-\" \"curl/8\"\n"
        ));
        customers.push_str(&format!("{minute},org_{}\n", minute % 9));
    }
    fs::write(folder.join("a.log"), text).unwrap();
    fs::write(folder.join("customers.csv"), customers).unwrap();
    let users = "id,role,org_id,status\nmallory,member,org_1,active\n";
    fs::write(folder.join("users.csv"), users).unwrap();
    let routes = r#"[{"route":"/api/customers/[id]","method":"GET","kind":"detail","roles":["member"],"private":true}]"#;
    fs::write(folder.join("routes.json"), routes).unwrap();
}

pub const GIVEN: [&str; 8] = [
    "--users",
    "@users.csv",
    "--customers",
    "@customers.csv",
    "--routes",
    "@routes.json",
    "--release-at",
    "2026-03-10T07:59:00Z",
];

fn checked(folder: &Path, more: &[&str]) -> Said {
    let words: Vec<&str> = ["check", "logs"].iter().chain(more).copied().collect();
    run(folder, &words)
}

fn lines(said: &Said) -> (Vec<Value>, Value) {
    let mut lines: Vec<Value> = said
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let last = lines.pop().unwrap();
    (lines, last)
}

#[test]
fn a_finding_has_its_trail_at_the_top_and_coverage_comes_last() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let said = checked(home.path(), &[&["@a.log", "--json"], &GIVEN[..]].concat());
    assert_eq!(said.code.as_ref().unwrap(), &1, "{}", said.err);
    let (findings, last) = lines(&said);
    let walker = findings
        .iter()
        .find(|finding| finding["rule"] == "R1")
        .unwrap();
    assert_eq!(walker["kind"], "finding");
    assert_eq!(walker["principal"], "mallory");
    assert_eq!(walker["check"], "logs.R1");
    assert!(walker["objects"].as_u64().unwrap() >= 30);
    assert!(walker["tenants"].as_u64().unwrap() >= 8);
    assert_eq!(walker["first"], "2026-03-10T08:00:05Z");
    assert_eq!(walker["last"], "2026-03-10T08:39:05Z");
    assert!(walker["bytes"].as_u64().unwrap() > 0);
    let file = walker["places"][0]["file"].as_str().unwrap();
    assert!(file.ends_with("a.log"));
    assert_eq!(walker["trail"]["objects"], walker["objects"]);
    assert_eq!(last["kind"], "coverage");
    assert_eq!(last["check"], "logs");
    assert_eq!(last["could_not"], Value::Array(Vec::new()));
    assert_eq!(last["pieces"][0]["events"], 40);
    assert_eq!(last["pieces"][0]["format"], "combined");
}

#[test]
fn people_read_who_how_much_since_when_and_where_within_eighty_columns() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let said = checked(home.path(), &[&["@a.log"], &GIVEN[..]].concat());
    let text = &said.out;
    for part in [
        "critical ",
        "R1",
        "mallory",
        "how much",
        "2026-03-10 08:00:05 UTC, 1 min after the release",
        "still going at the end of the logs",
        "a.log:",
        "next: ",
        "1 file,",
        "firsthour explain R1",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let wide: Vec<&str> = text
        .lines()
        .filter(|line| line.chars().count() > 80 && !line.contains('/'))
        .collect();
    assert!(wide.is_empty(), "{wide:?}");
}

#[test]
fn what_was_not_given_or_not_read_keeps_it_from_being_clean() {
    let home = tempfile::tempdir().unwrap();
    let line = "10.0.0.1 - ada [10/Mar/2026:08:00:05 +0000] \"GET / HTTP/1.1\" 200 9 \"-\" \"-\"\n";
    fs::write(home.path().join("a.log"), line.repeat(9)).unwrap();
    fs::write(home.path().join("b.bin"), [0_u8, 1, 2, 3]).unwrap();
    let said = checked(home.path(), &["@a.log", "@b.bin", "@gone", "--json"]);
    assert_eq!(said.code.as_ref().unwrap(), &2);
    let (_, last) = lines(&said);
    let gaps = last["could_not"].to_string();
    for what in ["b.bin", "gone", "users", "customers", "routes", "release"] {
        assert!(gaps.contains(what), "{what} in {gaps}");
    }
    assert_eq!(last["not_given"].as_array().unwrap().len(), 4);
    let said = checked(home.path(), &["@a.log", "@b.bin", "@gone"]);
    assert!(said.out.contains("this is unknown, not clean"));
    assert!(said.out.contains("not given"));
}

#[test]
fn names_in_logs_do_not_drive_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let text = fs::read_to_string(home.path().join("a.log")).unwrap();
    let hostile = text.replace("mallory", "mal\u{1b}[31mlory\u{202e}");
    fs::write(home.path().join("a\u{1b}[2Jb.log"), hostile).unwrap();
    for json in [&["--json"][..], &[]] {
        let mut words = vec!["@a\u{1b}[2Jb.log"];
        words.extend(json);
        let said = checked(home.path(), &words);
        let drives = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!said.out.contains(drives), "{:?}", said.out);
    }
}

#[test]
fn a_pile_of_logs_has_a_short_first_screen() {
    let home = tempfile::tempdir().unwrap();
    let options = Options {
        ids: Ids::Numbers,
        ..Options::default()
    };
    firsthour::drill::corpus::write(home.path(), 7, &options, &["nginx"]).unwrap();
    let said = checked(home.path(), &["@logs"]);
    assert!(said.code.is_ok(), "{}", said.err);
    assert!(said.out.contains("1 file,"), "{}", said.out);
    assert!(said.out.lines().count() < 300);
}

#[test]
fn times_without_a_zone_are_taken_as_what_is_said() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let log = fs::read_to_string(home.path().join("a.log")).unwrap();
    fs::write(home.path().join("a.log"), log.replace(" +0000]", "]")).unwrap();
    let with = |tz: &[&str]| {
        let words = [&["@a.log", "--json"], tz, &GIVEN[..6]].concat();
        let said = checked(home.path(), &words);
        let (found, coverage) = lines(&said);
        let first = found[0]["first"].as_str().unwrap().to_owned();
        (first, coverage.to_string().contains("without a zone"))
    };
    assert_eq!(with(&[]), ("2026-03-10T08:00:05Z".to_owned(), true));
    assert_eq!(
        with(&["--tz", "+02:00"]),
        ("2026-03-10T06:00:05Z".to_owned(), false)
    );
    assert_eq!(
        with(&["--tz", "-05:00"]),
        ("2026-03-10T13:00:05Z".to_owned(), false)
    );
    // A place minds its summer time: in March it is not summer there yet.
    assert_eq!(
        with(&["--tz", "Europe/Berlin"]),
        ("2026-03-10T07:00:05Z".to_owned(), false)
    );
    let place = checked(home.path(), &["@a.log", "--tz", "CET"]);
    assert_eq!(place.code.unwrap(), 3);
    assert!(place.err.contains("--tz Europe/Berlin"), "{}", place.err);
}

/// Request lines and console lines of the same requests, in two files whose
/// clocks are some seconds apart.
#[test]
fn clocks_that_are_apart_are_told() {
    let home = tempfile::tempdir().unwrap();
    let two = |apart: i64| {
        let (mut edge, mut app) = (String::new(), String::new());
        for request in 0..40_i64 {
            let at = 1_773_129_602_123 + request * 5_000;
            edge += &format!(
                r#"{{"id":"e{request}","deploymentId":"d","source":"lambda","host":"h","timestamp":{at},"projectId":"p","level":"info","path":"/api/customers/[id]","statusCode":200,"requestId":"r{request}","proxy":{{"timestamp":{at},"method":"GET","path":"/api/customers/417","clientIp":"203.0.113.9","statusCode":200,"responseByteSize":20,"vercelCache":"MISS"}}}}
"#
            );
            let at = at + apart * 1_000;
            app += &format!(
                r#"{{"id":"a{request}","deploymentId":"d","source":"lambda","host":"h","timestamp":{at},"projectId":"p","level":"info","message":"{{\"userId\":\"u7\",\"rows\":3}}\n","path":"/api/customers/[id]","requestId":"r{request}"}}
"#
            );
        }
        fs::write(home.path().join("a.log"), edge).unwrap();
        fs::write(home.path().join("b.log"), app).unwrap();
        let said = checked(home.path(), &["@a.log", "@b.log", "--json"]);
        lines(&said).1["pieces"].to_string()
    };
    let told = two(-7);
    assert!(told.contains("Its clock is 7 s behind that of"), "{told}");
    assert!(told.contains("by 40 requests that both name"), "{told}");
    assert!(two(2 * 3_600).contains("say it with --tz"));
    assert!(!two(1).contains("clock"));
}
