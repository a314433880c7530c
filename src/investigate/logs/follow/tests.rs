//! Files that grow, move and end under the follower.

use super::news::{Change, News};
use super::*;
use crate::investigate::logs::answer::answer;
use crate::investigate::logs::known::{Known, User};
use crate::investigate::logs::templates::Templates;
use std::fs::OpenOptions;
use std::io::Write;

fn line(at: usize) -> String {
    format!(
        "10.0.0.7 - u7 [10/Mar/2026:08:{:02}:{:02} +0000] \"GET /api/customers/{at} HTTP/1.1\" 200 512 \"-\" \"curl/8\"\n",
        at / 60,
        at % 60
    )
}

fn lines(from: usize, to: usize) -> String {
    (from..to).map(line).collect()
}

fn add(path: &Path, text: &str) {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

fn following(paths: &[PathBuf]) -> Follower {
    let (follower, packed) = Follower::new(paths, &Asked::default(), Arc::default());
    assert!(packed.is_empty());
    follower
}

/// Rounds until nothing comes, and those that a writer's rest takes.
fn rest(follower: &mut Follower) {
    while follower.round() > 0 {}
    for _ in 0..30 {
        follower.round();
    }
}

fn events(follower: &mut Follower) -> Vec<(String, u64, u64)> {
    let pieces = follower.tables().pieces.into_iter();
    let name = |name: String| name.rsplit('/').next().unwrap().to_owned();
    let told = pieces.map(|piece| (name(piece.name), piece.events, piece.unparsed));
    told.collect()
}

#[test]
fn a_line_counts_once_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.log");
    add(&log, &lines(0, 30));
    let torn = line(30);
    add(&log, &torn[..40]);
    let mut follower = following(std::slice::from_ref(&log));
    rest(&mut follower);
    assert_eq!(events(&mut follower), [("a.log".into(), 30, 0)]);
    add(&log, &torn[40..]);
    add(&log, line(31).trim_end());
    rest(&mut follower);
    assert_eq!(events(&mut follower), [("a.log".into(), 31, 0)]);
    // The last line counts at the end, without its own end too.
    let (tables, gaps) = follower.end();
    assert_eq!(
        (tables.pieces[0].events, tables.pieces[0].unparsed),
        (32, 0)
    );
    let size = std::fs::metadata(&log).unwrap().len();
    assert_eq!(
        (tables.pieces[0].bytes, tables.pieces[0].records),
        (size, 32)
    );
    assert!(gaps.is_empty(), "{gaps:?}");
}

#[test]
fn it_comes_to_what_a_scan_comes_to() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.log");
    let mut follower = following(&[folder.path().to_owned()]);
    for at in 0..40 {
        add(&log, &lines(at * 25, at * 25 + 25));
        follower.refresh();
        follower.round();
    }
    let (tables, _) = follower.end();
    let (found, _) = pieces(&[log]);
    let scanned =
        crate::investigate::logs::scan::scan(&found, &Asked::default(), &Progress::default());
    assert_eq!(tables, scanned);
}

#[test]
fn a_file_that_was_put_aside_is_read_to_its_end_and_the_new_one_from_its_front() {
    let folder = tempfile::tempdir().unwrap();
    let (log, old) = (folder.path().join("a.log"), folder.path().join("a.log.1"));
    add(&log, &lines(0, 30));
    let mut follower = following(&[folder.path().to_owned()]);
    rest(&mut follower);
    std::fs::rename(&log, &old).unwrap();
    follower.refresh();
    follower.round();
    // Its writer still has it open.
    add(&old, &lines(30, 32));
    add(&log, &lines(32, 34));
    follower.refresh();
    rest(&mut follower);
    add(&log, &lines(34, 35));
    rest(&mut follower);
    let want = [("a.log.1".into(), 32, 0), ("a.log".into(), 3, 0)];
    assert_eq!(events(&mut follower), want);
    follower.refresh();
    rest(&mut follower);
    assert_eq!(events(&mut follower), want, "it is met once");
    assert_eq!(follower.streams(), 1);
    // One that is deleted is let go, and whoever takes its number is new.
    std::fs::remove_file(&log).unwrap();
    add(&log, &lines(40, 41));
    rest(&mut follower);
    assert_eq!(events(&mut follower).len(), 3);
    let open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let held = open.filter_map(|entry| std::fs::read_link(entry.path()).ok());
    let held: Vec<PathBuf> = held
        .filter(|path| path.starts_with(folder.path()))
        .collect();
    assert_eq!(held, [log], "what was left stays open");
}

#[test]
fn a_file_that_was_cut_is_read_again_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.log");
    add(&log, &lines(0, 30));
    let mut follower = following(std::slice::from_ref(&log));
    rest(&mut follower);
    std::fs::write(&log, lines(50, 53)).unwrap();
    // A look at the folder before the next round takes it for no other file.
    follower.refresh();
    rest(&mut follower);
    let want = [("a.log".into(), 30, 0), ("a.log".into(), 3, 0)];
    assert_eq!(events(&mut follower), want);
    let tables = follower.tables();
    let said = |at: usize| {
        tables.pieces[at]
            .remarks
            .iter()
            .any(|text| text.contains("cut off"))
    };
    assert!(said(0) && said(1));
}

#[test]
fn new_files_are_followed_and_packed_ones_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut follower = following(&[folder.path().to_owned(), folder.path().join("later.log")]);
    assert_eq!(follower.gaps().len(), 1, "{:?}", follower.gaps());
    add(&folder.path().join("later.log"), &lines(0, 30));
    add(&folder.path().join("old.gz"), "\u{1f}");
    std::fs::write(folder.path().join("old.gz"), b"\x1f\x8b\x08\0\0\0\0\0\0\0").unwrap();
    follower.refresh();
    rest(&mut follower);
    assert_eq!(events(&mut follower), [("later.log".into(), 30, 0)]);
    let gaps = follower.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].0.ends_with("old.gz") && gaps[0].1.contains("packed"));
}

#[test]
fn what_was_not_read_yet_when_it_ends_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.log");
    add(&log, &lines(0, 20_000));
    let told = |rounds: usize| {
        let mut follower = following(std::slice::from_ref(&log));
        for _ in 0..rounds {
            follower.round();
        }
        follower.end().0.pieces[0].broken.is_some()
    };
    assert_eq!([told(0), told(1), told(30)], [true, true, false]);
}

#[test]
fn routes_show_ids_as_they_do_in_a_scan() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.log");
    add(
        &log,
        &lines(0, 40).replace("/customers/", "/customers/acme-"),
    );
    let asked = Asked {
        routes: Arc::new(Templates::of(["/api/customers/:id"])),
        ..Asked::default()
    };
    let paths = [log];
    let (mut follower, _) = Follower::new(&paths, &asked, Arc::default());
    rest(&mut follower);
    let (found, _) = pieces(&paths);
    let scanned = crate::investigate::logs::scan::scan(&found, &asked, &Progress::default());
    assert_eq!(follower.end().0, scanned);
    assert_eq!(scanned.routes.len(), 1, "{:?}", scanned.routes.keys());
}

#[test]
fn what_is_no_log_is_told_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.log");
    add(&log, "a,b,c\n1,2,3\n");
    let mut follower = following(&[log]);
    rest(&mut follower);
    let (tables, _) = follower.end();
    assert!(tables.pieces[0].broken.is_some());
}

#[test]
fn a_finding_is_told_when_it_is_new_and_when_it_grew() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("a.log");
    let mut known = Known::default();
    let user = User {
        id: "u7".to_owned(),
        role: "member".to_owned(),
        tenants: std::iter::once("o1".to_owned()).collect(),
        status: "active".to_owned(),
    };
    known.add_user(user, std::iter::empty::<String>());
    for customer in 0..600 {
        known.add_customer(&customer.to_string(), &format!("o{}", customer % 9));
    }
    let mut follower = following(&[folder.path().to_owned()]);
    let mut news = News::default();
    let mut told = Vec::new();
    for (from, to) in [(0, 0), (0, 40), (40, 44), (44, 160)] {
        add(&log, &lines(from, to));
        follower.refresh();
        rest(&mut follower);
        let said = answer(&follower.tables(), &known, &[]);
        let news = news.of(&said.findings);
        told.push(news.iter().map(|(change, _)| *change).collect::<Vec<_>>());
    }
    assert!(told[0].is_empty() && told[2].is_empty(), "{told:?}");
    assert!(told[1].contains(&Change::New), "{told:?}");
    assert!(told[3].contains(&Change::Grew), "{told:?}");
}
