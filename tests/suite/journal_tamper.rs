//! Journals altered on purpose: `verify` finds each change, says what it is,
//! never panics, and `assets/verify.sh` agrees without us.

use crate::support::journal::{Place, note, now, reseal};
use firsthour::journal::{FaultKind, Since, read, verify, verify_since};
use proptest::prelude::*;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

/// What `assets/verify.sh` answers.
fn by_shell(folder: &Path) -> i32 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/verify.sh");
    let out = Command::new("sh").arg(script).arg(folder).output().unwrap();
    assert!(
        out.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    out.status.code().unwrap()
}

/// Asserts the verdict, ours and the shell's, and the kind of the worst fault.
fn judged(name: &str, place: &Place, code: u8, kind: FaultKind) {
    let verdict = verify(&place.folder);
    assert_eq!(verdict.exit_code(), code, "{name}: {verdict}");
    let kinds: Vec<_> = verdict.faults.iter().map(|f| f.kind).collect();
    assert!(kinds.contains(&kind), "{name}: {verdict}");
    assert_eq!(
        by_shell(&place.folder),
        i32::from(code),
        "{name}: {verdict}"
    );
}

/// One way to change the lines of a chain: its name, the change, the exit
/// code and the fault.
type Change = (&'static str, fn(&mut Vec<String>), u8, FaultKind);

const CHANGES: &[Change] = &[
    (
        "a word altered",
        |l| l[3] = l[3].replace("note number 1", "note number 9"),
        1,
        FaultKind::Altered,
    ),
    (
        "the last entry altered",
        |l| *l.last_mut().unwrap() = l[5].replace("number 3", "number 9"),
        1,
        FaultKind::Altered,
    ),
    (
        "altered and sealed again",
        |l| l[3] = reseal(&l[3].replace("note number 1", "note number 9")),
        1,
        FaultKind::Altered,
    ),
    (
        "a hash altered",
        |l| l[3] = l[3].replace(",\"h\":\"", ",\"h\":\"0"),
        1,
        FaultKind::Altered,
    ),
    (
        "two entries swapped",
        |l| l.swap(2, 3),
        1,
        FaultKind::Altered,
    ),
    (
        "an entry cut out",
        |l| drop(l.remove(3)),
        1,
        FaultKind::Missing,
    ),
    (
        "the first entry cut out",
        |l| drop(l.remove(0)),
        1,
        FaultKind::Missing,
    ),
    (
        "an entry twice",
        |l| l.insert(4, l[3].clone()),
        1,
        FaultKind::Altered,
    ),
    (
        "a fork",
        |l| l.insert(4, reseal(&l[3].replace("note number 1", "note number 9"))),
        1,
        FaultKind::Forked,
    ),
    (
        "a foreign line",
        |l| l.insert(2, "{}".into()),
        1,
        FaultKind::Altered,
    ),
    (
        "another incident",
        |l| l[3] = reseal(&l[3].replace("k7f3", "zzzz")),
        1,
        FaultKind::Altered,
    ),
    (
        "an empty line",
        |l| l.insert(2, String::new()),
        1,
        FaultKind::Altered,
    ),
    (
        "a huge line",
        |l| l.insert(2, "x".repeat(200_000)),
        1,
        FaultKind::Altered,
    ),
];

#[test]
fn each_change_to_the_lines_is_found_and_named() {
    for (name, change, code, kind) in CHANGES {
        let place = Place::with(4);
        assert_eq!(by_shell(&place.folder), 0);
        let mut lines = place.lines();
        change(&mut lines);
        place.set_lines(&lines);
        judged(name, &place, *code, *kind);
        let faults = read(&place.folder).unwrap().faults;
        assert!(!faults.is_empty(), "{name}: a reader was not told");
    }
}

#[test]
fn one_change_is_one_fault() {
    let place = Place::with(200);
    let mut lines = place.lines();
    lines[90] = lines[90].replace("note number", "note nummer");
    lines.remove(40);
    place.set_lines(&lines);
    let verdict = verify(&place.folder);
    assert_eq!(verdict.faults.len(), 2, "{verdict}");
    assert!(
        verdict.faults[0].text.contains("entry 40 is missing"),
        "{verdict}"
    );
}

#[test]
fn every_flipped_bit_is_found() {
    let place = Place::with(1);
    let good = fs::read(place.segment()).unwrap();
    // In place: writing the whole file anew each time is slow on some disks.
    let file = fs::File::options()
        .write(true)
        .open(place.segment())
        .unwrap();
    for (at, byte) in (0_u64..).zip(&good) {
        for bit in 0..8 {
            file.write_all_at(&[byte ^ (1 << bit)], at).unwrap();
            let code = verify(&place.folder).exit_code();
            assert!(code == 1 || code == 2, "byte {at} bit {bit}: {code}");
        }
        file.write_all_at(&[*byte], at).unwrap();
    }
    assert_eq!(fs::read(place.segment()).unwrap(), good);
    assert_eq!(verify(&place.folder).exit_code(), 0);
}

/// Replaces text in a file, read-only or not.
fn edit(path: &Path, from: &str, to: &str) {
    fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from));
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn changes_beside_the_lines_are_found() {
    let change = |name: &str, change: fn(&Place), code: u8, kind: FaultKind| {
        let place = Place::with(2);
        change(&place);
        judged(name, &place, code, kind);
    };
    change(
        "the meta",
        |p| edit(&p.folder.join("INCIDENT.json"), "quiet", "loud"),
        1,
        FaultKind::Altered,
    );
    change(
        "the playbook",
        |p| edit(&p.folder.join("playbook.md"), "leak", "lake"),
        1,
        FaultKind::Altered,
    );
    change(
        "evidence altered",
        |p| edit(&p.blob(), "1001", "1002"),
        1,
        FaultKind::Altered,
    );
    change(
        "evidence gone",
        |p| fs::remove_file(p.blob()).unwrap(),
        2,
        FaultKind::Absent,
    );
    change(
        "the end cut",
        |p| {
            let bytes = fs::read(p.segment()).unwrap();
            fs::write(p.segment(), &bytes[..bytes.len() - 9]).unwrap();
        },
        2,
        FaultKind::Torn,
    );
    change(
        "all entries gone",
        |p| fs::remove_file(p.segment()).unwrap(),
        2,
        FaultKind::Absent,
    );
}

/// Splits the chain of a place into segments of two entries.
fn in_segments(place: &Place) -> Vec<std::path::PathBuf> {
    let (dir, lines) = (place.writer_dir(), place.lines());
    let pairs = lines.chunks(2).enumerate();
    pairs
        .map(|(n, pair)| {
            let path = dir.join(format!("{:06}.jsonl", n + 1));
            fs::write(&path, format!("{}\n", pair.join("\n"))).unwrap();
            path
        })
        .collect()
}

#[test]
fn a_missing_segment_is_found() {
    let place = Place::with(4);
    in_segments(&place);
    assert_eq!(verify(&place.folder).exit_code(), 0);
    assert_eq!(by_shell(&place.folder), 0);
    for gone in [0, 1] {
        let place = Place::with(4);
        let segments = in_segments(&place);
        fs::remove_file(&segments[gone]).unwrap();
        judged("a segment gone", &place, 1, FaultKind::Missing);
    }
    let place = Place::with(4);
    let segments = in_segments(&place);
    let bytes = fs::read(&segments[1]).unwrap();
    fs::write(&segments[1], &bytes[..bytes.len() - 9]).unwrap();
    judged("cut inside", &place, 1, FaultKind::Altered);
}

#[test]
fn a_copy_beside_the_segments_that_says_otherwise_is_a_fork() {
    let place = Place::with(2);
    let copy = place.writer_dir().join("000001 (conflicted copy).jsonl");
    fs::copy(place.segment(), &copy).unwrap();
    assert_eq!(verify(&place.folder).exit_code(), 0);
    let mut lines = place.lines();
    lines[3] = reseal(&lines[3].replace("note number 1", "note number 9"));
    fs::write(&copy, lines.join("\n")).unwrap();
    let verdict = verify(&place.folder);
    assert_eq!(verdict.faults[0].kind, FaultKind::Forked, "{verdict}");
}

#[test]
fn a_kept_head_shows_what_was_cut_off_the_end() {
    let place = Place::with(3);
    let entries = read(&place.folder).unwrap().entries;
    let head = Since::parse(&format!("3:{}", entries[3].h.short())).unwrap();
    let verdict = verify_since(&place.folder, Some(&head));
    assert_eq!(verdict.exit_code(), 0, "{verdict}");
    let since = verdict.since.unwrap();
    assert!(since.found && since.later == 1);
    let lines = place.lines();
    place.set_lines(&lines[..3]);
    assert_eq!(verify(&place.folder).exit_code(), 0);
    let verdict = verify_since(&place.folder, Some(&head));
    assert_eq!(verdict.exit_code(), 1, "{verdict}");
    assert!(verdict.to_string().contains("cut off or written anew"));
    for bad in [
        "",
        "abc",
        "x:77aa0c11d2e3",
        "77aa0c11d2eg",
        "-1:77aa0c11d2e3",
    ] {
        assert!(Since::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_record_with_recoveries_passes_both_judges() {
    let place = Place::with(2);
    let bytes = fs::read(place.segment()).unwrap();
    fs::write(place.segment(), &bytes[..bytes.len() - 9]).unwrap();
    place.writer("ada").append(now(), &[note("after")]).unwrap();
    let verdict = verify(&place.folder);
    assert!(verdict.to_string().contains("OK WITH REMARKS"), "{verdict}");
    assert_eq!(by_shell(&place.folder), 0);
    fs::remove_dir_all(place.writer_dir().join("torn")).unwrap();
    judged("bytes set aside gone", &place, 2, FaultKind::Absent);
}

#[test]
fn odd_things_in_the_folder_neither_stop_nor_fool_it() {
    let place = Place::with(2);
    let writers = place.folder.join("writers");
    let odd = std::ffi::OsStr::from_bytes(b"w\xff\x1b[31m");
    fs::create_dir(writers.join(odd)).unwrap();
    fs::write(writers.join(odd).join("000001.jsonl"), b"\xff\xfe\n").unwrap();
    let verdict = verify(&place.folder);
    assert_eq!(verdict.exit_code(), 1);
    assert!(!verdict.to_string().contains('\x1b'), "{verdict}");
    fs::remove_dir_all(writers.join(odd)).unwrap();
    // A link to a good chain elsewhere is not this folder's chain.
    let elsewhere = place.folder.join("elsewhere.jsonl");
    fs::rename(place.segment(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, place.writer_dir().join("000001.jsonl")).unwrap();
    assert_eq!(verify(&place.folder).exit_code(), 4);
    assert_eq!(verify(Path::new("/nonexistent")).exit_code(), 4);
    assert_eq!(verify(&elsewhere).exit_code(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_at_all_get_a_verdict(
        segment in proptest::collection::vec(any::<u8>(), 0..600),
        meta in prop_oneof![
            Just(None),
            proptest::collection::vec(any::<u8>(), 0..200).prop_map(Some)
        ],
    ) {
        let place = Place::with(1);
        fs::write(place.segment(), &segment).unwrap();
        if let Some(meta) = &meta {
            fs::write(place.folder.join("INCIDENT.json"), meta).unwrap();
        }
        let verdict = verify(&place.folder);
        prop_assert!(verdict.exit_code() != 0, "{}", verdict);
        prop_assert!(serde_json::to_string(&verdict).is_ok());
        let _ = read(&place.folder);
    }

    #[test]
    fn any_splice_of_a_good_chain_is_found(
        at in 0_usize..3000,
        gone in 0_usize..900,
        put in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let place = Place::with(3);
        let good = fs::read(place.segment()).unwrap();
        let at = at % good.len();
        let to = (at + gone).min(good.len());
        let mut bad = good.clone();
        bad.splice(at..to, put);
        fs::write(place.segment(), &bad).unwrap();
        let verdict = verify(&place.folder);
        // A cut at the end of a line leaves a good, shorter chain: only a
        // head kept elsewhere can tell.
        let shorter = good.starts_with(&bad) && (bad.is_empty() || bad.ends_with(b"\n"));
        let whole = bad == good || (shorter && bad.len() > good.len() / 4);
        prop_assert!(whole || verdict.exit_code() != 0, "{}", verdict);
        if bad != good && whole {
            let head = good[good.len() - 67..good.len() - 3].to_vec();
            let head = Since::parse(&String::from_utf8(head).unwrap()).unwrap();
            prop_assert_eq!(verify_since(&place.folder, Some(&head)).exit_code(), 1);
        }
    }
}
