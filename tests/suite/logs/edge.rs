//! Dirty input against the whole program: what comes in, what is counted, what
//! is told, and how it ends. `dirty.rs` holds the scan alone to the same.

use super::merge::run;
use firsthour::investigate::logs::scan::{Asked, Progress, scan};
use firsthour::investigate::logs::source::pieces;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

/// Facts with which a clean look ends in 0.
const GIVEN: [&str; 8] = [
    "--users",
    "@users.csv",
    "--customers",
    "@customers.csv",
    "--routes",
    "@routes.json",
    "--release-at",
    "2026-03-10T08:10:00Z",
];

fn given(folder: &Path) {
    fs::write(
        folder.join("users.csv"),
        "id,role,org_id,status\nu1,member,o1,active\n",
    )
    .unwrap();
    fs::write(folder.join("customers.csv"), "id,org_id\n1,o1\n").unwrap();
    let routes = r#"[{"route":"/api/health","method":"GET","kind":"list","roles":["member"],"private":false}]"#;
    fs::write(folder.join("routes.json"), routes).unwrap();
}

fn line(at: usize) -> String {
    format!(
        "203.0.113.9 - u1 [10/Mar/2026:08:{:02}:02 +0000] \"GET /api/health HTTP/1.1\" 200 12 \"-\" \"Mozilla/5.0\"\n",
        at % 40
    )
}

fn log(lines: usize) -> String {
    (0..lines).map(line).collect()
}

fn record(at: usize) -> String {
    format!(
        r#"{{"level":30,"time":{},"pid":1,"userId":"u1","method":"GET","path":"/api/health","status":200}}"#,
        1_773_129_600_000_usize + at * 1_000
    )
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// One input and what must be said of it.
struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    events: usize,
    unparsed_at: Vec<usize>,
    is_broken: bool,
    code: u8,
}

fn case(name: &'static str, bytes: impl Into<Vec<u8>>, events: usize) -> Case {
    Case {
        name,
        bytes: bytes.into(),
        events,
        unparsed_at: Vec::new(),
        is_broken: false,
        code: 0,
    }
}

impl Case {
    /// Records there can't be read: the look was not whole.
    fn lost(mut self, at: &[usize]) -> Self {
        self.unparsed_at = at.to_vec();
        self.code = 2;
        self
    }

    fn broken(mut self) -> Self {
        self.is_broken = true;
        self.code = 2;
        self
    }
}

fn cases() -> Vec<Case> {
    let clean = log(30);
    let objects: Vec<String> = (0..30).map(record).collect();
    let lines = objects.join("\n");
    let with = |dirt: &[u8]| [clean.as_bytes(), dirt, clean.as_bytes()].concat();
    let whole = gz(clean.as_bytes());
    let at = clean.len();
    let mixed = format!("{clean}{}\n{}", objects[0], line(1));
    vec![
        case("clean", clean.as_bytes(), 30),
        case("empty", "", 0).lost(&[]),
        case("torn last line", &clean.as_bytes()[..at - 60], 29).lost(&[at - line(29).len()]),
        case(
            "200 KB line",
            with(&[vec![b'y'; 200 << 10], b"\n".to_vec()].concat()),
            60,
        )
        .lost(&[at]),
        case(
            "byte order mark and CRLF",
            format!("\u{feff}{}", clean.replace('\n', "\r\n")),
            30,
        ),
        case("NULs", with(&[0; 4_096]), 60),
        case("NULs in a line", with(b"a\0b\0\n"), 60).lost(&[at]),
        case("invalid UTF-8", with(b"\xff\xfe\xfa\n"), 60).lost(&[at]),
        case(
            "garbage request",
            with(
                b"203.0.113.9 - - [10/Mar/2026:08:00:02 +0000] \"\\x16\\x03\" 400 0 \"-\" \"-\"\n",
            ),
            61,
        ),
        case("lines of JSON", lines.as_bytes(), 30),
        case("an array", format!("[{}]", objects.join(",")), 30),
        case(
            "an array over lines",
            format!("[\n{}\n]\n", objects.join(",\n")),
            30,
        ),
        case("torn JSON", format!("{lines}\n{}", &objects[0][..50]), 30).lost(&[lines.len() + 1]),
        case("another format among lines", mixed, 31).lost(&[at]),
        case(
            "gz members after one another",
            [whole.clone(), whole.clone()].concat(),
            60,
        ),
        case(
            "a torn gz member",
            [whole.as_slice(), &whole[..whole.len() - 9]].concat(),
            60,
        )
        .broken(),
        case("no log at all", "\u{1}\u{2}\u{3}\u{4}\n".repeat(40), 0).broken(),
    ]
}

#[test]
fn every_kind_of_dirt_is_counted_told_and_ends_as_it_must() {
    for case in cases() {
        let home = tempfile::tempdir().unwrap();
        given(home.path());
        fs::write(home.path().join("x.log"), &case.bytes).unwrap();
        let words = ["check", "logs", "@x.log", "--json"];
        let said = run(home.path(), &[&words[..], &GIVEN].concat());
        let name = case.name;
        assert_eq!(
            said.code.as_ref().unwrap(),
            &case.code,
            "{name}: {}",
            said.out
        );
        let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
        let piece = &last["pieces"][0];
        assert_eq!(piece["events"], case.events, "{name}");
        assert_eq!(piece["unparsed"], case.unparsed_at.len(), "{name}");
        assert_eq!(
            piece["unparsed_at"],
            serde_json::json!(case.unparsed_at),
            "{name}"
        );
        assert_eq!(
            piece["broken"].is_string(),
            case.is_broken,
            "{name}: {piece}"
        );
    }
}

#[test]
fn members_of_a_folder_that_cannot_be_read_are_told() {
    let home = tempfile::tempdir().unwrap();
    given(home.path());
    let folder = home.path().join("logs");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.log"), log(5)).unwrap();
    std::os::unix::fs::symlink(folder.join("gone"), folder.join("b.log")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.join("c.sock")).unwrap();
    let words = ["check", "logs", "@logs", "--json"];
    let said = run(home.path(), &[&words[..], &GIVEN].concat());
    assert_eq!(said.code.as_ref().unwrap(), &2, "{}", said.out);
    let last: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    assert_eq!(last["pieces"][0]["events"], 5);
    let told = last["could_not"].to_string();
    assert!(told.contains("b.log") && told.contains("c.sock"), "{told}");
}

#[test]
fn a_file_cut_while_it_is_read_says_so() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x.log");
    let text = log(20_000).repeat(10);
    fs::write(&path, &text).unwrap();
    let (found, failed) = pieces(std::slice::from_ref(&path));
    assert!(failed.is_empty());
    let progress = Progress::default();
    let tables = std::thread::scope(|scope| {
        let scanning = scope.spawn(|| scan(&found, &Asked::default(), &progress));
        while progress.bytes.load(Ordering::Relaxed) == 0 && !scanning.is_finished() {
            std::thread::yield_now();
        }
        // As a rotation by copying does it.
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(0).unwrap();
        scanning.join().unwrap()
    });
    let piece = &tables.pieces[0];
    assert!(
        piece.events > 0 && piece.events < 200_000,
        "{}",
        piece.events
    );
    assert!(piece.bytes < text.len() as u64);
    assert!(piece.broken.as_ref().unwrap().contains("shorter"));
    // Only the line that was cut may be lost.
    assert!(piece.unparsed <= 1, "{}", piece.unparsed);
}

/// The most memory a process had, in KiB.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_line_of_hundreds_of_megabytes_takes_no_memory() {
    const BLOCK: usize = 1 << 20;
    const BLOCKS: usize = 300;
    for block in [
        vec![b'z'; BLOCK],
        vec![b'['; BLOCK],
        b"{\"a\":\"".repeat(BLOCK / 6),
    ] {
        let home = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_firsthour"))
            .args(["check", "logs", "-", "--json"])
            .env_clear()
            .env("HOME", home.path())
            .env("FIRSTHOUR_HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(log(3).as_bytes()).unwrap();
        for _ in 0..BLOCKS {
            input.write_all(&block).unwrap();
        }
        input.write_all(format!("\n{}", log(3)).as_bytes()).unwrap();
        let most = peak(child.id());
        drop(input);
        let mut said = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        child.wait().unwrap();
        let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
        let piece = &last["pieces"][0];
        assert_eq!(
            (&piece["events"], &piece["unparsed"]),
            (&6.into(), &1.into()),
            "{piece}"
        );
        assert!(most < 200 << 10, "{most} KiB");
    }
}
