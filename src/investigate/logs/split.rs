//! A stream of bytes as records, in bounded memory.
//!
//! A record longer than [`LONGEST`] is skipped and counted, so that a line of
//! ten gigabytes costs time and nothing else. Each framing has its file in
//! `split/`; all of them give the same records however the stream falls into
//! reads. To add one: a variant of [`Framing`], a file, an arm of [`split`].

mod csv;
mod json;
mod lines;
mod taker;
#[cfg(test)]
mod tests;
mod window;

pub use taker::{End, LONGEST, OVERLAP, Taker, each, trimmed};

use super::format::parser::Framing;
use std::io::Read;
use window::Window;

/// Reads a stream to its end, `head` first: what was already taken from it,
/// from the place `offset` on.
pub fn split(
    head: Vec<u8>,
    offset: u64,
    stream: &mut dyn Read,
    framing: Framing,
    taker: &mut dyn Taker,
) -> End {
    taker.ahead(&head, offset, offset);
    let mut window = Window::new(head, offset, stream);
    match framing {
        Framing::Lines => lines::lines(&mut window, taker),
        Framing::Csv => csv::csv(&mut window, taker),
        Framing::Json => json::json(&mut window, taker),
    }
    window.end()
}

/// The records of a sample, for a format that looks whether they are its own;
/// the last of them may be cut.
pub fn records_of(sample: &[u8], framing: Framing) -> Vec<Vec<u8>> {
    struct Keep(Vec<Vec<u8>>);
    impl Taker for Keep {
        fn record(&mut self, record: &[u8], _offset: u64) {
            self.0.push(record.to_vec());
        }
        fn lost(&mut self, _offset: u64) {}
        fn goes_on(&mut self, _behind: u64) -> bool {
            true
        }
    }
    let mut keep = Keep(Vec::new());
    let _ = split(Vec::new(), 0, &mut { sample }, framing, &mut keep);
    keep.0
}
