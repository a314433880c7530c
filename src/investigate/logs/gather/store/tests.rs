//! Laws of the file form: it gives the same tables back, adds up in any
//! grouping, and refuses what it can't stand for.

use super::*;
use crate::investigate::logs::event::{Event, Layer, Place};
use crate::investigate::logs::gather::timing::Timing;
use crate::investigate::logs::gather::{Gather, Target};
use proptest::prelude::*;

const RELEASE: i64 = 1_773_129_600_000_000_000;

/// The tables of one piece with some events of everything.
fn counted(name: &str, seed: u64, events: u64) -> Aggregates {
    let timing = Timing {
        release: Some(RELEASE),
        ..Timing::default()
    };
    let mut gather = Gather::new(timing);
    for number in 0..events {
        let n = seed.wrapping_mul(31).wrapping_add(number * 17);
        let (user, id) = (format!("u{}", n % 5), (n % 23).to_string());
        let event = Event {
            at: RELEASE + i64::try_from(n % 977).unwrap() * 1_000_000_000 - 300_000_000_000,
            layer: Layer::Http,
            status: [200, 200, 403, 404, 500][usize::try_from(n % 5).unwrap()],
            user: if n.is_multiple_of(7) { "" } else { &user },
            key: if n.is_multiple_of(7) {
                "sb_publishable"
            } else {
                ""
            },
            actor_tenant: "o1",
            tenant: ["", "o1", "ö\u{1}2"][usize::try_from(n % 3).unwrap()],
            client: "10.0.0.1",
            agent: "curl/8",
            deployment: "dpl_1",
            rows: n.is_multiple_of(2).then_some(n % 40),
            bytes: Some(n * 13),
            shared: n.is_multiple_of(11),
            bypass_mark: n.is_multiple_of(13),
            place: Place {
                piece: 0,
                offset: number * 100,
            },
            ..Event::EMPTY
        };
        let target = Target {
            route: gather.route(event.layer, "GET /api/customers/:id"),
            kind: gather.word("customers"),
            object: &id,
            is_static: false,
        };
        gather.count(&event, &target);
        gather.spill("stripe secret", name, event.at, event.place, "sk_l..9a");
    }
    let mut tables = gather.tables();
    besides(&mut tables, seed);
    tables.pieces.push(super::super::aggregates::Piece {
        name: name.to_owned(),
        format: "combined".to_owned(),
        events,
        unparsed_at: vec![7],
        remarks: ["times had no zone".to_owned()].into(),
        ..Default::default()
    });
    tables
}

/// The tables that no event of HTTP fills.
fn besides(tables: &mut Aggregates, seed: u64) {
    let statement = super::super::aggregates::Statement {
        text: "select * from customers where id = ?".to_owned(),
        verb: "select".to_owned(),
        tables: vec!["customers".to_owned()],
        plans: seed % 3,
        ..Default::default()
    };
    tables
        .statements
        .insert("SELECT customers #1".to_owned(), statement);
    tables.cut.insert(format!("cut of {}", seed % 2));
}

fn text(tables: &Aggregates) -> Vec<u8> {
    let mut out = Vec::new();
    write(tables, &mut out).unwrap();
    out
}

fn read(files: &[&[u8]]) -> Result<Aggregates, Failure> {
    let mut reader = Reader::default();
    for (at, file) in files.iter().enumerate() {
        reader.add(&format!("f{at}"), &mut &**file)?;
    }
    Ok(reader.tables())
}

fn refused(file: &[u8]) -> String {
    read(&[file]).unwrap_err().lines().join(" ")
}

#[test]
fn a_file_gives_the_same_tables_back() {
    let tables = counted("a.log", 3, 500);
    assert!(!tables.reach.is_empty() && !tables.origins.is_empty() && !tables.spills.is_empty());
    let bytes = text(&tables);
    let back = read(&[&bytes]).unwrap();
    assert_eq!(back, tables);
    assert_eq!(text(&back), bytes);
}

#[test]
fn any_grouping_of_parts_is_the_same_whole() {
    let [a, b, c] =
        [("a", 1), ("b", 2), ("c", 3)].map(|(name, seed)| text(&counted(name, seed, 200)));
    let all = text(&read(&[&a, &b, &c]).unwrap());
    let left = text(&read(&[&a, &b]).unwrap());
    let right = text(&read(&[&b, &c]).unwrap());
    assert_eq!(text(&read(&[&left, &c]).unwrap()), all);
    assert_eq!(text(&read(&[&a, &right]).unwrap()), all);
}

#[test]
fn a_later_file_keeps_its_places() {
    let (a, b) = (text(&counted("a", 1, 9)), text(&counted("b", 1, 9)));
    let both = read(&[&a, &b]).unwrap();
    assert_eq!(both.pieces[1].name, "b");
    let spill = both.spills.iter().find(|(key, _)| key.piece == "b");
    assert_eq!(spill.unwrap().1.seen.place.unwrap().piece, 1);
}

#[test]
fn another_version_release_or_hash_is_refused_by_name() {
    let good = String::from_utf8(text(&counted("a", 1, 20))).unwrap();
    let version = good.replacen("\"version\":1", "\"version\":9", 1);
    assert!(refused(version.as_bytes()).contains("version 9"));
    let ids = good.replacen("xxh3-64", "sip", 1);
    assert!(refused(ids.as_bytes()).contains("hashed by sip"));
    let moved = good.replacen("1773129600000000000", "1773129660000000000", 1);
    let failure = read(&[good.as_bytes(), moved.as_bytes()]).unwrap_err();
    let told = failure.lines().join(" ");
    assert!(told.contains("2026-03-10T08:01:00Z"), "{told}");
    assert!(told.contains("2026-03-10T08:00:00Z"), "{told}");
}

#[test]
fn a_torn_file_is_no_part_of_anything() {
    let good = text(&counted("a", 1, 50));
    for cut in [0, 1, 80, good.len() / 2, good.len() - 8] {
        assert!(read(&[&good[..cut]]).is_err(), "{cut}");
    }
    let lines: Vec<&[u8]> = good.split_inclusive(|byte| *byte == b'\n').collect();
    let mut short = lines.clone();
    short.remove(3);
    assert!(refused(&short.concat()).contains("rows and has"));
    let mut twice = lines.clone();
    twice.insert(3, lines[3]);
    assert!(refused(&twice.concat()).contains("twice"));
    let mut more = lines;
    more.push(b"{}\n");
    assert!(refused(&more.concat()).contains("follow"));
}

#[test]
fn counts_that_would_overflow_are_refused() {
    let good = String::from_utf8(text(&counted("a", 1, 20))).unwrap();
    let from = good.find("\"max_rows\":").unwrap() + "\"max_rows\":".len();
    let end = from + good[from..].find(',').unwrap();
    let huge = format!("{}18446744073709551615{}", &good[..from], &good[end..]);
    assert!(refused(huge.as_bytes()).contains("larger than any log"));
}

/// What is said of a file with one row put in at its end.
fn refused_with(row: &str) -> String {
    let good = String::from_utf8(text(&counted("a", 1, 20))).unwrap();
    let (rows, end) = good.trim_end().rsplit_once('\n').unwrap();
    let count: u64 = end.split("\"is\":").nth(1).unwrap()[..]
        .trim_end_matches('}')
        .parse()
        .unwrap();
    let end = end.replace(&count.to_string(), &(count + 1).to_string());
    refused(format!("{rows}\n{row}\n{end}\n").as_bytes())
}

#[test]
fn numbers_that_no_firsthour_writes_are_refused() {
    let minute = r#"{"q":"minute","key":{"layer":"http","route":"x","minute":9223372036854775807,"period":"after"},"is":{"requests":1,"ok":1,"refused":0}}"#;
    let told = refused_with(minute);
    assert!(told.contains("outside of time"), "{told}");
    let route = |used: &str| {
        let rest = r#""ok":9,"named":0,"stored":0,"shared":0,"stored_bytes":0,"stored_first":null,"stored_last":null,"stored_place":null,"marked":0,"marked_place":null"#;
        let key = r#"{"layer":"http","route":"x","period":"after"}"#;
        refused_with(&format!(
            r#"{{"q":"route","key":{key},"is":{{{used},{rest}}}}}"#
        ))
    };
    let told = route(r#""rows":{"65535":1},"bytes":{},"stored_clients":{"ids":[]}"#);
    assert!(told.contains("no such class"), "{told}");
    let told = route(r#""rows":{},"bytes":{},"stored_clients":{"theta":1,"ids":[1]}"#);
    assert!(told.contains("larger than any log"), "{told}");
}

#[test]
fn a_line_without_end_is_not_kept() {
    let mut endless = std::io::BufReader::new(std::io::repeat(b'x'));
    let told = Reader::default().add("endless", &mut endless).unwrap_err();
    assert!(told.why.contains("longer than"), "{}", told.why);
}

/// All but where things stand, which hangs on the order of the files.
fn without_places(mut tables: Aggregates) -> Vec<u8> {
    for access in tables.access.values_mut() {
        (access.place, access.largest) = (None, None);
    }
    for used in tables.routes.values_mut() {
        (used.stored_place, used.marked_place) = (None, None);
    }
    let seen = tables.origins.values_mut();
    let seen = seen.chain(tables.deployments.values_mut());
    for seen in seen.chain(tables.spills.values_mut().map(|spill| &mut spill.seen)) {
        seen.place = None;
    }
    tables
        .pieces
        .sort_by(|one, other| one.name.cmp(&other.name));
    text(&tables)
}

#[test]
fn what_is_counted_already_is_not_counted_again() {
    let (a, b) = (text(&counted("a", 1, 20)), text(&counted("b", 2, 20)));
    let both = text(&read(&[&a, &b]).unwrap());
    for files in [[&a[..], &a], [&both, &b], [&a, &both]] {
        let told = read(&files).unwrap_err().lines().join(" ");
        assert!(
            told.contains("twice") && told.contains("leave one"),
            "{told}"
        );
    }
}

#[test]
fn machines_that_saw_one_side_alone_are_named() {
    let mut late = counted("late", 1, 50);
    late.access.retain(|key, _| key.period != Period::Before);
    let (late, whole) = (text(&late), text(&counted("whole", 2, 50)));
    let windows = |files: &[&[u8]]| {
        let mut reader = Reader::default();
        for (at, file) in files.iter().enumerate() {
            reader.add(&format!("f{at}"), &mut &**file).unwrap();
        }
        reader.windows()
    };
    let told = windows(&[&whole, &late]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].0 == "f1" && told[0].1.contains("nothing before"),
        "{told:?}"
    );
    assert_eq!(windows(&[&late]), [], "then the whole look has one side");
}

proptest! {
    #[test]
    fn neither_order_nor_grouping_of_parts_matters(
        seeds in proptest::collection::vec((0_u64..500, 0_u64..80), 2..6),
        order in any::<u64>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let parts: Vec<Vec<u8>> = seeds
            .iter()
            .enumerate()
            .map(|(at, (seed, events))| text(&counted(&format!("p{at}"), *seed, *events)))
            .collect();
        let files: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let whole = without_places(read(&files).unwrap());
        let mut turned = files.clone();
        fastrand::Rng::with_seed(order).shuffle(&mut turned);
        prop_assert_eq!(&without_places(read(&turned).unwrap()), &whole);
        let at = 1 + cut.index(turned.len() - 1);
        let (left, right) = turned.split_at(at);
        let left = text(&read(left).unwrap());
        let right = text(&read(right).unwrap());
        prop_assert_eq!(&without_places(read(&[&right, &left]).unwrap()), &whole);
    }

    #[test]
    fn no_bytes_make_it_panic(cut in 0_usize..4_000, byte in any::<u8>(), seed in 0_u64..50) {
        let mut bytes = text(&counted("a", seed, 30));
        let at = cut % bytes.len();
        bytes[at] = byte;
        let twice = bytes.clone();
        let _ = read(&[&bytes, &twice]);
    }
}
