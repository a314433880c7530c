//! Dirty input never stops a scan: what can't be read is counted with its
//! place, and everything around it is counted as if it stood alone.

use firsthour::investigate::logs::gather::aggregates::{Aggregates, Piece};
use firsthour::investigate::logs::lines;
use firsthour::investigate::logs::scan::{Asked, Progress, scan};
use firsthour::investigate::logs::source::{Opener, Piece as Source, pieces};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::path::PathBuf;

fn scanned(files: &[(&str, &[u8])]) -> (Aggregates, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let (found, failed) = pieces(&[PathBuf::from(folder.path())]);
    assert!(failed.is_empty(), "{failed:?}");
    let tables = scan(&found, &Asked::default(), &Progress::default());
    (tables, folder)
}

fn one(bytes: &[u8]) -> Piece {
    let mut tables = scanned(&[("x.log", bytes)]).0;
    tables.pieces.remove(0)
}

fn access(minute: usize) -> String {
    format!(
        "203.0.113.{} - u{minute} [10/Mar/2026:08:{:02}:02 +0000] \"GET /api/customers/{minute} HTTP/1.1\" 200 512 \"-\" \"Mozilla/5.0\"\n",
        minute % 250,
        minute % 60
    )
}

fn log(lines: usize) -> String {
    (0..lines).map(access).collect()
}

fn drain(at: usize) -> String {
    format!(
        r#"{{"id":"i{at}","deploymentId":"d","source":"lambda","host":"a.example","timestamp":{},"projectId":"p","level":"info","path":"/api/customers/[id]","statusCode":200,"requestId":"r{at}","proxy":{{"timestamp":{},"method":"GET","host":"a.example","path":"/api/customers/{at}","statusCode":200,"clientIp":"203.0.113.7","userAgent":["x"]}}}}"#,
        1_773_129_600_000_usize + at,
        1_773_129_600_000_usize + at
    )
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

#[test]
fn dirt_among_lines_is_counted_with_its_place() {
    let clean = log(30);
    let garbage =
        "203.0.113.9 - - [10/Mar/2026:08:00:02 +0000] \"\\x16\\x03\\x01\" 400 0 \"-\" \"-\"\n";
    let long = format!("{}\n", "y".repeat(200_000));
    for (dirt, lost) in [
        (b"\n\r\n\n".to_vec(), 0),
        (b"\0\0\0\0".to_vec(), 0),
        (garbage.as_bytes().to_vec(), 0),
        (b"\xff\xfe\xfa not text\n".to_vec(), 1),
        (b"203.0.113.9 - u1 [10/Mar/20\n".to_vec(), 1),
        (long.into_bytes(), 1),
        ([vec![b'z'; 40 << 20], b"\n".to_vec()].concat(), 1),
    ] {
        let whole = [clean.as_bytes(), &dirt, clean.as_bytes()].concat();
        let piece = one(&whole);
        let more = u64::from(dirt == garbage.as_bytes());
        assert_eq!((piece.events, piece.unparsed), (60 + more, lost));
        let at = vec![clean.len() as u64; usize::try_from(lost).unwrap()];
        assert_eq!(piece.unparsed_at, at);
        assert_eq!((piece.bytes, piece.broken), (whole.len() as u64, None));
    }
}

#[test]
fn line_ends_marks_and_torn_ends_change_no_count() {
    let clean = log(30);
    let marked = format!("\u{feff}{}", clean.replace('\n', "\r\n"));
    let piece = one(marked.as_bytes());
    assert_eq!((piece.events, piece.unparsed), (30, 0));
    let torn = format!("{clean}{}", &access(1)[..40]);
    let piece = one(torn.as_bytes());
    assert_eq!((piece.events, piece.unparsed), (30, 1));
    assert_eq!(piece.unparsed_at, [clean.len() as u64]);
    let hole = [vec![0; 300_000], clean.into_bytes()].concat();
    let piece = one(&hole);
    assert_eq!((piece.events, piece.unparsed), (30, 0));
    let piece = one(b"");
    assert_eq!((piece.events, piece.broken), (0, None));
}

#[test]
fn objects_count_alike_however_they_are_strung() {
    let objects: Vec<String> = (0..50).map(drain).collect();
    let (lines, list) = (objects.join("\n"), objects.join(","));
    let pretty = |object: &String| {
        let value: serde_json::Value = serde_json::from_str(object).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    };
    let pretty: Vec<String> = objects.iter().map(pretty).collect();
    for text in [
        lines.clone(),
        format!("\u{feff}{}\r\n", objects.join("\r\n")),
        format!("[{list}]"),
        format!("[{list}]\n[]\n"),
        objects.join(""),
        format!("[\n{}\n]", pretty.join(",\n")),
        format!("{{\"logs\":[{list}]}}"),
    ] {
        let piece = one(text.as_bytes());
        assert_eq!((piece.events, piece.unparsed), (50, 0), "{}", &text[..60]);
    }
    let torn = format!("{lines}\n{}\n{}\n", &drain(50)[..100], drain(51));
    let piece = one(torn.as_bytes());
    assert_eq!((piece.events, piece.unparsed), (51, 1));
    assert_eq!(piece.unparsed_at, [lines.len() as u64 + 1]);
}

#[test]
fn packed_input_counts_like_plain_input() {
    let text = log(2_000);
    let (one_half, other) = text.split_at(text.find("\n203.0.113.100").unwrap() + 1);
    let members = [gz(one_half.as_bytes()), gz(other.as_bytes())].concat();
    let packed = gz(text.as_bytes());
    let cut = &packed[..packed.len() / 2];
    let archive = gz(&tar(&[
        ("a/one.log", text.as_bytes()),
        ("a/two.json.gz", &gz(drain(1).as_bytes())),
        ("a/picture", b"\x89PNG\r\n\x1a\n\0\0"),
    ]));
    let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let (tables, folder) = scanned(&[
        ("a.gz", &members),
        ("b.gz", text.as_bytes()),
        ("c.gz", cut),
        ("d.log", &zstd),
        ("e.tgz", &archive),
        ("f.zip", b"PK\x03\x04zip"),
        ("g/h.log", text.as_bytes()),
    ]);
    let of = |name: &str| {
        let path = folder.path().join(name).display().to_string();
        tables
            .pieces
            .iter()
            .find(|piece| piece.name == path)
            .unwrap()
    };
    for name in ["a.gz", "b.gz", "d.log", "e.tgz!a/one.log", "g/h.log"] {
        let piece = of(name);
        assert_eq!((piece.events, piece.unparsed), (2_000, 0), "{name}");
        assert_eq!(
            (piece.bytes, &piece.broken),
            (text.len() as u64, &None),
            "{name}"
        );
    }
    assert_eq!(of("e.tgz!a/two.json.gz").events, 1);
    let cut = of("c.gz");
    assert!(cut.events > 100 && cut.events < 2_000 && cut.broken.is_some());
    assert!(of("f.zip").broken.as_ref().unwrap().contains("zip"));
    assert!(of("e.tgz!a/picture").broken.is_some());
    let place = format!("{}:{}", of("e.tgz!a/one.log").name, access(0).len());
    let found = lines::at(&place).unwrap();
    assert_eq!(found.lines[1].text, access(1).trim_end());
    assert!(found.lines[1].here);
}

/// A store that makes the program itself fail.
#[derive(Debug)]
struct Faulty;

impl Opener for Faulty {
    fn open(&self) -> std::io::Result<Box<dyn std::io::Read + Send>> {
        panic!("a fault planted by a test")
    }
}

#[test]
fn a_fault_of_the_program_is_a_gap_and_the_rest_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    std::fs::write(&path, log(30)).unwrap();
    let (mut found, _) = pieces(&[path]);
    found.push(Source::Stored {
        name: "faulty".to_owned(),
        size: u64::MAX,
        opener: std::sync::Arc::new(Faulty),
    });
    let asked = Asked {
        workers: 2,
        ..Asked::default()
    };
    let tables = scan(&found, &asked, &Progress::default());
    assert_eq!(tables.pieces[0].events, 30);
    // A store is read on a thread of its own: it alone is missing.
    let broken = tables.pieces[1].broken.as_ref().unwrap();
    assert!(broken.contains("broke off"), "{broken}");
}
