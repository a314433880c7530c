//! What a splitter hands over, and to whom. A leaf.

use memchr::memchr_iter;

/// The longest record that is read.
pub const LONGEST: usize = 16 << 20;

/// Bytes that are shown again before those that came in.
pub const OVERLAP: usize = 32;

/// How far ahead a splitter looks before it decides: enough for any line that
/// is usual, and the same however the stream falls into reads.
pub const NEAR: usize = 64 << 10;

/// What the splitter meets.
pub trait Taker {
    /// A record without its line end, never empty, and where it begins.
    fn record(&mut self, record: &[u8], offset: u64);
    /// Whole lines, each with its end, all together no longer than
    /// [`LONGEST`].
    fn lines(&mut self, block: &[u8], offset: u64) {
        each(block, offset, self);
    }
    /// Bytes that came in, from `offset` on, before any record they belong to
    /// is handed over; some bytes before them are shown again. What lies
    /// before `open` was handed over.
    fn ahead(&mut self, bytes: &[u8], offset: u64, open: u64) {
        let _ = (bytes, offset, open);
    }
    /// What is no record: one that is longer than [`LONGEST`], or bytes
    /// between records.
    fn lost(&mut self, offset: u64);
    /// Called now and then with the bytes behind; `false` stops.
    fn goes_on(&mut self, behind: u64) -> bool;
}

/// How a stream ended.
#[derive(Debug, Default)]
pub struct End {
    /// Bytes that were read.
    pub bytes: u64,
    /// Why it ended before its time; the records before that were taken.
    pub broken: Option<std::io::Error>,
}

/// A record without what stands around it by accident: the carriage return of
/// a foreign line end, NULs that a rotated file left, a byte order mark where
/// files were put together. Gives how much was cut in front, too.
pub fn trimmed(line: &[u8]) -> (usize, &[u8]) {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let mut front = 0;
    while let Some(first) = line.get(front) {
        if *first == 0 {
            front += 1;
        } else if *first == MARK[0] && line[front..].starts_with(MARK) {
            front += MARK.len();
        } else {
            break;
        }
    }
    let mut line = &line[front..];
    while let Some((b'\r' | 0, before)) = line.split_last() {
        line = before;
    }
    (front, line)
}

/// Hands a line over when it holds anything.
pub fn hand<T: Taker + ?Sized>(line: &[u8], offset: u64, taker: &mut T) {
    if line.len() > LONGEST {
        return taker.lost(offset);
    }
    let (front, line) = trimmed(line);
    if !line.is_empty() {
        taker.record(line, offset + front as u64);
    }
}

/// Hands over each of some whole lines.
pub fn each<T: Taker + ?Sized>(block: &[u8], offset: u64, taker: &mut T) {
    let mut from = 0;
    for end in memchr_iter(b'\n', block) {
        hand(&block[from..end], offset + from as u64, taker);
        from = end + 1;
    }
}
