//! Reads lines with bounded memory, whatever the bytes are.

use std::io::{self, BufRead, BufReader, Read};

/// The longest line taken in, newline excluded. Written lines are at most
/// [`crate::domain::entry::MAX_LINE`]; a longer one is a fault, not a crash.
pub(super) const LONGEST: usize = 64 * 1024;

const BUFFER: usize = 256 * 1024;

/// One line as it lies in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Where it starts in the file.
    pub(super) offset: u64,
    /// Its bytes without the newline; cut at [`LONGEST`].
    pub(super) bytes: &'a [u8],
    /// Whether a newline ends it.
    pub(super) ended: bool,
    /// Whether it is longer than [`LONGEST`].
    pub(super) oversized: bool,
}

/// A reader of lines.
#[derive(Debug)]
pub(super) struct Lines<R> {
    source: BufReader<R>,
    /// Holds a line that does not lie whole in the buffer.
    held: Vec<u8>,
    offset: u64,
    /// Bytes of the line handed out last, still to be taken off the buffer.
    spent: usize,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source: BufReader::with_capacity(BUFFER, source),
            held: Vec::new(),
            offset: 0,
            spent: 0,
        }
    }

    /// Where the next line starts.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next line, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.source.consume(std::mem::take(&mut self.spent));
        let offset = self.offset;
        // The common case: the whole line lies in the buffer and is lent.
        let whole = find_newline(self.source.fill_buf()?).filter(|&at| at <= LONGEST);
        if let Some(at) = whole {
            self.spent = at + 1;
            self.offset += at as u64 + 1;
            return Ok(Some(Line {
                offset,
                bytes: &self.source.buffer()[..at],
                ended: true,
                oversized: false,
            }));
        }
        self.gather(offset)
    }

    fn gather(&mut self, offset: u64) -> io::Result<Option<Line<'_>>> {
        self.held.clear();
        let mut oversized = false;
        let ended = loop {
            let chunk = self.source.fill_buf()?;
            if chunk.is_empty() {
                break false;
            }
            let newline = find_newline(chunk);
            let part = &chunk[..newline.unwrap_or(chunk.len())];
            let room = LONGEST - self.held.len();
            oversized |= part.len() > room;
            self.held.extend_from_slice(&part[..part.len().min(room)]);
            let used = part.len() + usize::from(newline.is_some());
            self.source.consume(used);
            self.offset += used as u64;
            if newline.is_some() {
                break true;
            }
        };
        if self.offset == offset {
            return Ok(None);
        }
        Ok(Some(Line {
            offset,
            bytes: &self.held,
            ended,
            oversized,
        }))
    }
}

fn find_newline(bytes: &[u8]) -> Option<usize> {
    memchr::memchr(b'\n', bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8]) -> Vec<(u64, Vec<u8>, bool, bool)> {
        let mut lines = Lines::new(bytes);
        let mut out = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            out.push((line.offset, line.bytes.to_vec(), line.ended, line.oversized));
        }
        out
    }

    #[test]
    fn the_end_without_newline_is_told() {
        assert_eq!(
            all(b"ab\n\nc"),
            [
                (0, b"ab".to_vec(), true, false),
                (3, Vec::new(), true, false),
                (4, b"c".to_vec(), false, false),
            ]
        );
        assert!(all(b"").is_empty());
    }

    #[test]
    fn a_huge_line_is_cut_and_passed() {
        let mut bytes = vec![b'x'; 3 * BUFFER];
        bytes.extend_from_slice(b"\nnext\n");
        let lines = all(&bytes);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].1.len(), LONGEST);
        assert!(lines[0].3 && !lines[1].3);
        assert_eq!(lines[1].0, 3 * BUFFER as u64 + 1);
    }

    #[test]
    fn lines_across_the_buffer_are_whole() {
        let line = vec![b'y'; LONGEST - 1];
        let mut bytes = Vec::new();
        for _ in 0..9 {
            bytes.extend_from_slice(&line);
            bytes.push(b'\n');
        }
        assert!(all(&bytes).iter().all(|l| l.1 == line && l.2 && !l.3));
    }

    proptest! {
        #[test]
        fn offsets_and_bytes_add_up(bytes in proptest::collection::vec(
            prop_oneof![3 => any::<u8>(), 1 => Just(b'\n')], 0..400)
        ) {
            let mut joined = Vec::new();
            for (offset, line, ended, _) in all(&bytes) {
                prop_assert_eq!(offset, joined.len() as u64);
                joined.extend_from_slice(&line);
                if ended { joined.push(b'\n'); }
            }
            prop_assert_eq!(joined, bytes);
        }
    }
}
