//! A stream of bytes as records, in bounded memory.
//!
//! A record longer than [`LONGEST`] is skipped and counted, so that a line of
//! ten gigabytes costs time and nothing else.

use super::format::parser::Framing;
use memchr::memchr;
use std::io::Read;

/// The longest record that is read.
pub const LONGEST: usize = 16 << 20;
const BLOCK: usize = 256 << 10;

/// What the splitter meets.
pub trait Taker {
    /// A record without its line end, never empty, and where it begins.
    fn record(&mut self, record: &[u8], offset: u64);
    /// A record that is longer than [`LONGEST`], or that was torn.
    fn lost(&mut self, offset: u64);
    /// Called now and then with the bytes behind; `false` stops.
    fn goes_on(&mut self, behind: u64) -> bool;
}

/// Reads a stream to its end, `head` first: what was already taken from it.
///
/// # Errors
/// What the stream gives; the records before it were taken.
pub fn split(
    head: Vec<u8>,
    stream: &mut dyn Read,
    framing: Framing,
    taker: &mut dyn Taker,
) -> std::io::Result<u64> {
    match framing {
        Framing::Lines | Framing::Csv | Framing::Json => lines(head, stream, taker),
    }
}

fn lines(head: Vec<u8>, stream: &mut dyn Read, taker: &mut dyn Taker) -> std::io::Result<u64> {
    let mut buffer = head;
    let mut filled = buffer.len();
    let mut start = 0;
    let mut base = 0_u64;
    let mut skipping = None;
    let mut over = false;
    loop {
        while let Some(length) = memchr(b'\n', &buffer[start..filled]) {
            let line = trimmed(&buffer[start..start + length]);
            match skipping.take() {
                Some(offset) => taker.lost(offset),
                None if line.is_empty() => {}
                None => taker.record(line, base + start as u64),
            }
            start += length + 1;
        }
        if over {
            break;
        }
        buffer.copy_within(start..filled, 0);
        base += start as u64;
        filled -= start;
        start = 0;
        if filled > LONGEST {
            skipping.get_or_insert(base);
            base += filled as u64;
            filled = 0;
        }
        if !taker.goes_on(base) {
            return Ok(base);
        }
        if buffer.len() < filled + BLOCK {
            buffer.resize(filled + BLOCK, 0);
        }
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => over = true,
            Ok(more) => filled += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if let Some(offset) = skipping {
        taker.lost(offset);
    } else {
        let line = trimmed(&buffer[start..filled]);
        if !line.is_empty() {
            taker.record(line, base + start as u64);
        }
    }
    Ok(base + filled as u64)
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Kept {
        records: Vec<(u64, Vec<u8>)>,
        lost: Vec<u64>,
    }

    impl Taker for Kept {
        fn record(&mut self, record: &[u8], offset: u64) {
            self.records.push((offset, record.to_vec()));
        }
        fn lost(&mut self, offset: u64) {
            self.lost.push(offset);
        }
        fn goes_on(&mut self, _behind: u64) -> bool {
            true
        }
    }

    #[test]
    fn lines_come_whole_with_their_places() {
        let text = b"one\r\n\ntwo\nthree";
        for cut in 0..text.len() {
            let mut kept = Kept::default();
            let mut rest = &text[cut..];
            split(text[..cut].to_vec(), &mut rest, Framing::Lines, &mut kept).unwrap();
            let want: Vec<(u64, Vec<u8>)> = vec![
                (0, b"one".to_vec()),
                (6, b"two".to_vec()),
                (10, b"three".to_vec()),
            ];
            assert_eq!(kept.records, want, "{cut}");
        }
    }

    #[test]
    fn a_line_without_end_is_skipped_and_counted() {
        let mut text = vec![b'x'; LONGEST + 3 * BLOCK];
        text.extend_from_slice(b"\nnext\n");
        let mut kept = Kept::default();
        split(Vec::new(), &mut &text[..], Framing::Lines, &mut kept).unwrap();
        assert_eq!(kept.lost, vec![0]);
        assert_eq!(kept.records[0].1, b"next");
    }
}
