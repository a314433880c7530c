//! Logs that lie in a store: a server on this machine that speaks as S3 does,
//! and the program that must find in it what it finds in files.

use super::answer::{GIVEN, leak};
use super::door::{Door, Seen};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// Objects by their keys, in the bucket `logs`; two keys a page.
type Objects = BTreeMap<String, Vec<u8>>;

fn answer(status: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let mut whole = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{head}\r\n",
        body.len()
    )
    .into_bytes();
    whole.extend(body);
    whole
}

fn refused(status: &str, head: &str, code: &str) -> Vec<u8> {
    let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
    answer(status, head, body.as_bytes())
}

/// The path of a request and what stands behind its question mark.
fn asked(seen: &Seen) -> (String, String) {
    let target = seen.head.split(' ').nth(1).unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (path.to_owned(), query.to_owned())
}

fn listed(objects: &Objects, query: &str) -> Vec<u8> {
    let value = |name: &str| {
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name));
        pair.unwrap_or_default().replace("%2F", "/")
    };
    let (prefix, from) = (value("prefix="), value("continuation-token="));
    let mut keys = objects
        .iter()
        .filter(|(key, _)| key.starts_with(&prefix) && **key >= from);
    let mut body = String::from("<ListBucketResult>");
    for (key, bytes) in keys.by_ref().take(2) {
        let size = bytes.len();
        body.push_str(&format!(
            "<Contents><Key>{key}</Key><Size>{size}</Size><ETag>&quot;{size}&quot;</ETag></Contents>"
        ));
    }
    match keys.next() {
        None => body.push_str("<IsTruncated>false</IsTruncated>"),
        Some((next, _)) => body.push_str(&format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>"
        )),
    }
    body.push_str("</ListBucketResult>");
    answer(
        "200 OK",
        "content-type: application/xml\r\n",
        body.as_bytes(),
    )
}

/// The rest of an object from where the request asks for it; of a `torn` one
/// half of what is left.
fn got(objects: &Objects, seen: &Seen, key: &str, torn: bool) -> Vec<u8> {
    let Some(bytes) = objects.get(key) else {
        return refused("404 Not Found", "", "NoSuchKey");
    };
    let head = seen.head.to_lowercase();
    let from = head
        .lines()
        .find_map(|line| line.strip_prefix("range: bytes="))
        .map_or(0, |range| range.trim_end_matches('-').parse().unwrap());
    let range = format!(
        "content-range: bytes {from}-{}/{}\r\n",
        bytes.len() - 1,
        bytes.len()
    );
    let (status, range) = match from {
        0 => ("200 OK", ""),
        _ => ("206 Partial Content", range.as_str()),
    };
    let mut whole = answer(status, range, &bytes[from..]);
    if torn {
        whole.truncate(whole.len() - (bytes.len() - from) / 2);
    }
    whole
}

fn store(objects: Objects) -> Door {
    Door::new(move |seen, _| {
        let (path, query) = asked(seen);
        match path.trim_start_matches('/').split_once('/') {
            Some(("logs", "")) => listed(&objects, &query),
            Some(("logs", key)) => got(&objects, seen, key, false),
            _ => refused("404 Not Found", "", "NoSuchBucket"),
        }
    })
}

/// Exit code, what is said, and what is said besides.
fn checked(home: &Path, endpoint: &str, words: &[&str]) -> (i32, String, String) {
    let given = words.iter().map(|word| match word.strip_prefix('@') {
        Some(name) => home.join(name).display().to_string(),
        None => (*word).to_owned(),
    });
    let out = Command::new(env!("CARGO_BIN_EXE_firsthour"))
        .args(["check", "logs"])
        .args(given)
        .env_clear()
        .env("HOME", home)
        .env("FIRSTHOUR_HOME", home)
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", "AKIDNAMED")
        .env("AWS_SECRET_ACCESS_KEY", "s3cr3t-of-the-test")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (said, besides) = (text(out.stdout), text(out.stderr));
    assert!(!said.contains("s3cr3t") && !besides.contains("s3cr3t"));
    (out.status.code().unwrap(), said, besides)
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

/// What was found, without where it stands.
fn findings(said: &str) -> Vec<Value> {
    let lines = said
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut found: Vec<Value> = lines.filter(|line| line.get("rule").is_some()).collect();
    for finding in &mut found {
        let fields = finding.as_object_mut().unwrap();
        fields.remove("places");
        let trail = fields.get_mut("trail").and_then(Value::as_object_mut);
        trail.unwrap().remove("places");
    }
    found
}

fn requests(door: &Door) -> Vec<String> {
    let seen = door.seen();
    seen.iter().map(|seen| asked(seen).0).collect()
}

#[test]
fn what_lies_in_a_store_is_found_as_in_files() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let log = fs::read(home.path().join("a.log")).unwrap();
    let middle = 1 + log
        .iter()
        .take(log.len() / 2)
        .rposition(|b| *b == b'\n')
        .unwrap();
    let door = store(Objects::from([
        ("alb/2026/03/10/one.log".to_owned(), log[..middle].to_vec()),
        ("alb/2026/03/10/two.log.gz".to_owned(), gzip(&log[middle..])),
        ("alb/2026/03/12/late.log".to_owned(), log[..middle].to_vec()),
        ("alb/empty.log".to_owned(), Vec::new()),
        ("other/other.log".to_owned(), log[..middle].to_vec()),
    ]));
    let window = [
        "--window",
        "2026-03-10T00:00:00Z..2026-03-11T00:00:00Z",
        "--json",
    ];
    let files = checked(
        home.path(),
        &door.url,
        &[&["@a.log"], &window[..], &GIVEN[..]].concat(),
    );
    assert_eq!(requests(&door), Vec::<String>::new());
    let stored = checked(
        home.path(),
        &door.url,
        &[&["s3://logs/alb/"], &window[..], &GIVEN[..]].concat(),
    );
    assert_eq!((files.0, stored.0), (1, 1), "{}", stored.2);
    assert!(!findings(&files.1).is_empty());
    assert_eq!(findings(&files.1), findings(&stored.1));
    assert!(stored.1.contains("s3://logs/alb/2026/03/10/one.log"));
    let mut asked = requests(&door);
    asked.sort();
    let whole = [
        "/logs/",
        "/logs/",
        "/logs/alb/2026/03/10/one.log",
        "/logs/alb/2026/03/10/two.log.gz",
    ];
    assert_eq!(asked, whole);
}

#[test]
fn a_store_that_begins_anew_is_not_counted_twice() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let log = fs::read(home.path().join("a.log")).unwrap();
    let objects = Objects::from([("a.log".to_owned(), log)]);
    let door = Door::new(move |seen, _| {
        let (path, query) = asked(seen);
        let whole = answer("200 OK", "", &objects["a.log"]);
        match path.as_str() {
            "/logs/" => listed(&objects, &query),
            _ if seen.head.to_lowercase().contains("range: bytes=") => whole,
            _ => whole[..whole.len() - objects["a.log"].len() / 2].to_vec(),
        }
    });
    let (code, said, _) = checked(home.path(), &door.url, &["s3://logs", "--json"]);
    assert_ne!(code, 0, "{said}");
    assert!(said.contains("another part of it"), "{said}");
}

#[test]
fn a_list_without_end_is_left_and_said() {
    let home = tempfile::tempdir().unwrap();
    let list = "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken></ListBucketResult>";
    let door = Door::new(move |_, _| {
        answer(
            "200 OK",
            "content-type: application/xml\r\n",
            list.as_bytes(),
        )
    });
    let (code, said, _) = checked(home.path(), &door.url, &["s3://logs", "--json"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("keys were looked at"), "{said}");
}

#[test]
fn regions_that_point_at_each_other_are_left() {
    let home = tempfile::tempdir().unwrap();
    let door = Door::new(|seen, _| {
        let to = if seen.head.contains("eu-west-1") {
            "us-east-1"
        } else {
            "eu-west-1"
        };
        let head = format!("x-amz-bucket-region: {to}\r\n");
        refused("301 Moved Permanently", &head, "PermanentRedirect")
    });
    let (code, said, _) = checked(home.path(), &door.url, &["s3://logs", "--json"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("another region"), "{said}");
}

#[test]
fn a_body_that_breaks_off_is_taken_up_where_it_ended() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let log = fs::read(home.path().join("a.log")).unwrap();
    let objects = Objects::from([("a.log".to_owned(), log)]);
    let once = objects.clone();
    let door = Door::new(move |seen, _| {
        let (path, query) = asked(seen);
        let whole = seen.head.to_lowercase().contains("range: bytes=");
        match path.as_str() {
            "/logs/" => listed(&once, &query),
            _ => got(&once, seen, "a.log", !whole),
        }
    });
    let words = [&["s3://logs"], &["--json"], &GIVEN[..]].concat();
    let (code, said, besides) = checked(home.path(), &door.url, &words);
    assert_eq!(code, 1, "{besides}");
    assert!(
        said.contains("\"objects\":40") || said.contains("\"events\":40"),
        "{said}"
    );
    assert!(!said.contains("broke off"), "{said}");

    let door = Door::new(move |seen, _| {
        let (path, query) = asked(seen);
        match path.as_str() {
            "/logs/" => listed(&objects, &query),
            _ => got(&objects, seen, "a.log", true),
        }
    });
    let (code, said, _) = checked(home.path(), &door.url, &["s3://logs"]);
    assert_ne!(code, 0, "what was not read is never clean");
    assert!(said.contains("broke off"), "{said}");
}

#[test]
fn what_a_store_refuses_is_said_and_never_clean() {
    let home = tempfile::tempdir().unwrap();
    let cases = [
        ("403 Forbidden", "AccessDenied", "s3:ListBucket"),
        ("404 Not Found", "NoSuchBucket", "there is no bucket logs"),
        ("400 Bad Request", "ExpiredToken", "refused (ExpiredToken)"),
    ];
    for (status, code, told) in cases {
        let door = Door::new(move |_, _| refused(status, "", code));
        let (exit, said, besides) = checked(home.path(), &door.url, &["s3://logs/x"]);
        let flat = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(told), "{said}{besides}");
        assert_eq!(exit, 2, "{said}");
    }
    let door = store(Objects::new());
    let (exit, said, _) = checked(home.path(), &door.url, &["s3://logs/x", "s3:///y"]);
    assert!(
        said.contains("nothing is there") && said.contains("names no bucket"),
        "{said}"
    );
    assert_eq!(exit, 2, "{said}");
    let (exit, said, _) = checked(home.path(), "http://127.0.0.1:9", &["s3://logs/x"]);
    assert!(said.contains("the store was not reached"), "{said}");
    assert_eq!(exit, 2, "{said}");
}

#[test]
fn a_bucket_of_another_region_is_asked_for_there() {
    let home = tempfile::tempdir().unwrap();
    leak(home.path());
    let log = fs::read(home.path().join("a.log")).unwrap();
    let objects = Objects::from([("a.log".to_owned(), log)]);
    let door = Door::new(move |seen, _| {
        let (path, query) = asked(seen);
        if !seen.head.contains("/eu-central-1/s3/") {
            let head = "x-amz-bucket-region: eu-central-1\r\n";
            return refused("301 Moved Permanently", head, "PermanentRedirect");
        }
        match path.as_str() {
            "/logs/" => listed(&objects, &query),
            _ => got(&objects, seen, "a.log", false),
        }
    });
    let words = [&["s3://logs"], &GIVEN[..]].concat();
    let (code, said, besides) = checked(home.path(), &door.url, &words);
    assert_eq!(code, 1, "{said}{besides}");
}
