//! The laws of splitting.

mod json;
mod kept;

use super::*;
use kept::Kept;
use proptest::prelude::*;
use std::io::{Error, ErrorKind};

#[test]
fn lines_come_whole_with_their_places() {
    let text = b"one\r\n\ntwo\nthree";
    for cut in 0..text.len() {
        let mut kept = Kept::default();
        let mut rest = &text[cut..];
        split(
            text[..cut].to_vec(),
            0,
            &mut rest,
            Framing::Lines,
            &mut kept,
        );
        let want = [(0, &b"one"[..]), (6, b"two"), (10, b"three")];
        let want: Vec<_> = want.map(|(at, line)| (at, line.to_vec())).into();
        assert_eq!(kept.records, want, "{cut}");
    }
}

#[test]
fn a_line_without_end_is_skipped_and_counted() {
    let mut text = vec![b'x'; LONGEST + (1 << 20)];
    text.extend_from_slice(b"\nnext\n");
    for framing in [Framing::Lines, Framing::Csv, Framing::Json] {
        let kept = Kept::of(&text, framing);
        assert_eq!((kept.lost.clone(), kept.texts()), (vec![0], vec!["next"]));
    }
}

#[test]
fn the_longest_record_is_read_and_one_byte_more_is_not() {
    for (more, read) in [(0, 2), (1, 1)] {
        let mut text = vec![b'x'; LONGEST + more];
        text.extend_from_slice(b"\nnext\n");
        let kept = Kept::cut(&text, &[LONGEST + 5], Framing::Lines);
        assert_eq!((kept.records.len(), kept.lost.len()), (read, 2 - read));
    }
}

#[test]
fn a_hole_of_nuls_and_marks_of_byte_order_cost_nothing() {
    let mut text = vec![0; LONGEST + 7];
    text.extend_from_slice(b"{\"a\":1}\n\xef\xbb\xbf{\"a\":2}\r\n\0\0\0");
    for framing in [Framing::Lines, Framing::Csv, Framing::Json] {
        let kept = Kept::of(&text, framing);
        assert_eq!(kept.texts(), ["{\"a\":1}", "{\"a\":2}"]);
        assert_eq!(kept.records[0].0, LONGEST as u64 + 7);
        assert!(kept.lost.is_empty());
    }
}

#[test]
fn a_stream_that_breaks_gives_what_came_before() {
    struct Broken(bool);
    impl Read for Broken {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(Error::from(ErrorKind::UnexpectedEof));
            }
            into[..5].copy_from_slice(b"a\nb\nc");
            Ok(5)
        }
    }
    let mut kept = Kept::default();
    let end = split(Vec::new(), 0, &mut Broken(false), Framing::Lines, &mut kept);
    assert!(end.broken.is_some());
    assert_eq!((end.bytes, kept.texts()), (5, vec!["a", "b", "c"]));
}

fn stamp(minute: u32, rest: &str) -> String {
    format!("2026-03-10 08:{minute:02}:00.123 UTC,\"app\",\"db\",{minute},{rest}\n")
}

#[test]
fn csv_records_hold_line_ends_and_doubled_quotes() {
    let text =
        "id,message\r\n1,\"select *\n  from \"\"customers\"\",\n  x\"\r\n2,plain\n\n3,\"\"\n";
    let kept = Kept::of(text, Framing::Csv);
    assert_eq!(
        kept.texts(),
        [
            "id,message",
            "1,\"select *\n  from \"\"customers\"\",\n  x\"",
            "2,plain",
            "3,\"\""
        ]
    );
}

#[test]
fn a_quote_that_never_closes_costs_one_record() {
    let mut text = String::new();
    for minute in 0..6 {
        text.push_str(&stamp(minute, "\"LOG\",\"select\n 1\""));
    }
    text.push_str("2026-03-10 08:06:00.123 UTC,\"app\",\"db\",6,\"LOG\",\"torn\n");
    let torn = text.len();
    for minute in 7..50 {
        text.push_str(&stamp(minute, "\"LOG\",\"select\n 1\""));
    }
    let kept = Kept::of(&text, Framing::Csv);
    assert_eq!((kept.records.len(), kept.lost.len()), (50, 0));
    assert!(kept.records.iter().any(|(at, _)| *at == torn as u64));
}

#[test]
fn an_open_quote_in_rows_of_any_look_is_bounded() {
    let mut text = String::from("a,b\n1,\"open\n");
    let rows = 300_000;
    for row in 0..rows {
        text.push_str(&format!("{row},some words in a row\n"));
    }
    let kept = Kept::of(&text, Framing::Csv);
    assert!(kept.records.len() > rows, "{}", kept.records.len());
}

#[test]
fn one_line_of_any_length_streams() {
    /// A list that is made while it is read.
    struct Endless {
        element: Vec<u8>,
        at: usize,
        left: usize,
    }
    impl Read for Endless {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            if self.left == 0 {
                return Ok(0);
            }
            let part = &self.element[self.at..];
            let most = part.len().min(into.len());
            into[..most].copy_from_slice(&part[..most]);
            self.at += most;
            if self.at == self.element.len() {
                self.at = 0;
                self.left -= 1;
            }
            Ok(most)
        }
    }
    struct Count(u64, u64);
    impl Taker for Count {
        fn record(&mut self, _record: &[u8], _offset: u64) {
            self.0 += 1;
        }
        fn lost(&mut self, _offset: u64) {
            self.1 += 1;
        }
        fn goes_on(&mut self, _behind: u64) -> bool {
            true
        }
    }
    let element = format!(
        "{{\"eventName\":\"GetObject\",\"x\":\"{}\"}},",
        "y".repeat(70_000)
    );
    let mut stream = Endless {
        element: element.clone().into_bytes(),
        at: 0,
        left: 1_000,
    };
    let mut count = Count(0, 0);
    let head = b"{\"Records\":[".to_vec();
    let end = split(head, 0, &mut stream, Framing::Json, &mut count);
    assert_eq!((count.0, count.1), (1_000, 1));
    assert_eq!(end.bytes, 12 + 1_000 * element.len() as u64);
}

#[test]
fn an_object_that_is_too_long_is_passed_over() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(LONGEST));
    let kept = Kept::of(format!("{{\"a\":1}}\n{long}\n{{\"a\":2}}\n"), Framing::Json);
    assert_eq!(kept.texts(), ["{\"a\":1}", "{\"a\":2}"]);
    assert_eq!(kept.lost, [8]);
}

/// Texts out of parts that matter to some framing.
fn dirty() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        Just("{\"a\":1}".to_owned()),
        Just("{\"a\":{\"b\":\"}\\\"\"}}\n".to_owned()),
        Just("{\"a\":2}\n".repeat(20)),
        Just("{\"Records\":[".to_owned()),
        Just("{\"took\":1,\"hits\":{\"hits\":[[".to_owned()),
        Just("]}".to_owned()),
        Just("],\"next\":{},\"other\":[{}]}".to_owned()),
        Just("2026-03-10 08:00:00 UTC,\"a\",\"b\"\n".to_owned()),
        Just("2026-03-10 08:00:00 UTC,\"a\",\"b\n".to_owned()),
        Just("1,\"x\n\"\"\",y\n".to_owned()),
        Just("\u{feff}".to_owned()),
        Just("x".repeat(70_000)),
        Just(format!("{{\"l\":\"{}\"}}", "y".repeat(66_000))),
        "[\\[\\]{}\",: \n\r\\\\\0a1]{0,12}",
    ];
    proptest::collection::vec(part, 0..24).prop_map(|parts| parts.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn reads_of_any_length_give_the_same_records(
        text in dirty(),
        reads in proptest::collection::vec(1_usize..200, 0..400),
    ) {
        for framing in [Framing::Lines, Framing::Csv, Framing::Json] {
            let whole = Kept::of(&text, framing);
            prop_assert_eq!(&whole, &Kept::cut(&text, &reads, framing));
            let long: Vec<usize> = reads.iter().map(|read| read * 700).collect();
            prop_assert_eq!(&whole, &Kept::cut(&text, &long, framing));
        }
    }

    #[test]
    fn objects_come_back_as_they_were(count in 1_usize..40, way in 0_usize..20, read in 1_usize..90) {
        let objects = json::objects(count);
        let (_, text) = json::strung(&objects).swap_remove(way);
        let kept = Kept::cut(text.as_bytes(), &vec![read; 2_000], Framing::Json);
        prop_assert_eq!(kept.records.len(), count);
        prop_assert!(kept.lost.is_empty());
    }
}
