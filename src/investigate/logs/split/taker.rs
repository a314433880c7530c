//! What a splitter hands over, and to whom. A leaf.

/// The longest record that is read.
pub const LONGEST: usize = 16 << 20;

/// How far ahead a splitter looks before it decides: enough for any line that
/// is usual, and the same however the stream falls into reads.
pub const NEAR: usize = 64 << 10;

/// What the splitter meets.
pub trait Taker {
    /// A record without its line end, never empty, and where it begins.
    fn record(&mut self, record: &[u8], offset: u64);
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
