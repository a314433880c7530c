//! What workers take on: a piece, read from its beginning to its end, or in
//! cuts where it is a large file of lines that each say all by themselves.
//!
//! The cuts are taken from all over the file, so that its beginning and its
//! end are compared soon, however large it is. One worker reads all of them:
//! two would hold twice as many counts.

use crate::investigate::logs::event::{Event, Place};
use crate::investigate::logs::format::parser::{Format, Framing, Out, Parser};
use crate::investigate::logs::format::{combined, sniff};
use crate::investigate::logs::source::Piece;
use crate::investigate::logs::split::{Taker, split};
use std::io::Read;
use std::sync::Arc;

/// Bytes of a cut.
const CUT: u64 = 64 << 20;
/// Cuts a file has at the least, or it is read in one go.
const LEAST: u64 = 4;
/// Bytes looked at to tell a format, and for a line's end.
const SAMPLE: u64 = 64 << 10;

/// One thing to do.
#[derive(Debug)]
pub struct Job {
    /// The number of the piece.
    pub piece: usize,
    /// The parts of it in the order they are read in; `None` for all of it in
    /// one go.
    pub cuts: Option<Vec<Cut>>,
}

/// A part of a file, from behind a line's end to behind another.
#[derive(Debug)]
pub struct Cut {
    pub from: u64,
    pub to: u64,
    pub format: &'static Format,
    /// The beginning of the file.
    pub head: Arc<Vec<u8>>,
}

impl Cut {
    /// A reader that knows of the file what it would know by now.
    pub fn taught(&self, mut parser: Box<dyn Parser>) -> Box<dyn Parser> {
        struct Lesson<'a>(&'a mut dyn Parser);
        impl Taker for Lesson<'_> {
            fn record(&mut self, record: &[u8], _offset: u64) {
                self.0.record(record, Place::default(), &mut Unheard);
            }
            fn lost(&mut self, _offset: u64) {}
            fn goes_on(&mut self, _behind: u64) -> bool {
                true
            }
        }
        if self.from > 0 {
            let lines = self
                .head
                .iter()
                .rposition(|byte| *byte == b'\n')
                .unwrap_or(0);
            let head = self.head[..lines].to_vec();
            let mut lesson = Lesson(&mut *parser);
            let _ = split(
                head,
                0,
                &mut std::io::empty(),
                self.format.framing,
                &mut lesson,
            );
        }
        parser
    }
}

/// What is read to learn from it alone.
struct Unheard;

impl Out for Unheard {
    fn event(&mut self, _event: &Event<'_>) {}
    fn unparsed(&mut self, _place: Place) {}
    fn remark(&mut self, _remark: &str) {}
}

/// Everything to do, the largest first; files are cut to so many bytes, or as
/// is usual.
pub fn jobs(pieces: &[Piece], bytes: Option<u64>) -> Vec<Job> {
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(pieces[*at].size()));
    let job = |piece: usize| Job {
        piece,
        cuts: cuts(&pieces[piece], bytes.unwrap_or(CUT).max(1)),
    };
    order.into_iter().map(job).collect()
}

/// The cuts of a file that may be cut, in the order they are taken in.
fn cuts(piece: &Piece, bytes: u64) -> Option<Vec<Cut>> {
    let (Piece::File { .. }, size) = (piece, piece.size()) else {
        return None;
    };
    if size / bytes < LEAST {
        return None;
    }
    let head = Arc::new(sample(piece, 0, size)?);
    // NULs or a mark in front are left to those who read it in one go.
    let format = head.first().filter(|byte| byte.is_ascii_graphic());
    let format = format.and_then(|_| sniff(&head))?;
    if format.framing != Framing::Lines || format.name != combined::FORMAT.name {
        return None;
    }
    let mut ends = vec![0];
    for number in 1..size / bytes {
        let at = number * bytes;
        if let Some(end) = memchr::memchr(b'\n', &sample(piece, at, size)?) {
            ends.push(at + end as u64 + 1);
        }
    }
    ends.push(size);
    ends.dedup();
    let mut cuts: Vec<Option<Cut>> = ends
        .windows(2)
        .map(|ends| {
            Some(Cut {
                from: ends[0],
                to: ends[1],
                format,
                head: Arc::clone(&head),
            })
        })
        .collect();
    let order = scattered(cuts.len());
    Some(order.filter_map(|at| cuts.get_mut(at)?.take()).collect())
}

/// The numbers below `count`, and some above, each as far from those before
/// it as may be: 0, 4, 2, 6, 1, 5, 3, 7.
fn scattered(count: usize) -> impl Iterator<Item = usize> {
    let bits = count.next_power_of_two().trailing_zeros();
    (0..1_usize << bits).map(move |number| {
        number
            .reverse_bits()
            .checked_shr(usize::BITS - bits)
            .unwrap_or(0)
    })
}

fn sample(piece: &Piece, from: u64, size: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let to = size.min(from + SAMPLE);
    let mut stream = piece.range(from, to).ok()?;
    stream.read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::{Asked, Progress, scan};
    use super::*;
    use crate::investigate::logs::gather::aggregates::Aggregates;
    use std::fmt::Write;

    #[test]
    fn all_numbers_come_once_and_far_from_each_other() {
        for count in 1..40 {
            let mut order: Vec<usize> = scattered(count).filter(|at| *at < count).collect();
            order.sort_unstable();
            assert_eq!(order, (0..count).collect::<Vec<_>>());
        }
        assert_eq!(scattered(8).collect::<Vec<_>>(), [0, 4, 2, 6, 1, 5, 3, 7]);
    }

    #[test]
    fn a_file_in_cuts_gives_the_tables_of_the_whole() {
        let mut text = String::new();
        for n in 0..4_000_u32 {
            let (who, id, second) = (n % 23, n * 7 % 311, n / 70);
            let rest = match n % 97 {
                5 => "",
                6 => " \"-\" \"curl/8 token=8f14e45fceea167a\"",
                _ => " \"-\" \"curl/8\"",
            };
            let query = if n % 89 == 3 {
                "?token=8f14e45fceea167a"
            } else {
                ""
            };
            writeln!(
                text,
                "10.0.0.{who} - u{who} [10/Mar/2026:08:00:{second:02} +0000] \"GET /api/customers/{id}{query} HTTP/1.1\" 200 {}{rest}",
                n % 50
            )
            .unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("access.log");
        std::fs::write(&path, &text).unwrap();
        let size = text.len() as u64;
        let pieces = [Piece::File { path, size }];
        let tables = |cut: u64| -> Aggregates {
            let asked = Asked {
                cut: Some(cut),
                ..Asked::default()
            };
            scan(&pieces, &asked, &Progress::default())
        };
        let whole = tables(size);
        assert_eq!(whole.pieces[0].records, 4_000);
        assert!(whole.pieces[0].unparsed > 20 && !whole.spills.is_empty());
        let cuts = jobs(&pieces, Some(9_000)).remove(0).cuts.unwrap();
        assert_eq!(cuts.len() as u64, size / 9_000);
        assert_eq!(tables(9_000), whole);
    }
}
