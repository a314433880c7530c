//! The part of a stream that is looked at: it grows while a record needs it
//! and never beyond the longest record and one read.

pub use super::taker::hand;
use super::taker::{End, LONGEST, OVERLAP, Taker};
use memchr::memchr;
use std::io::{ErrorKind, Read};

/// Bytes asked for at once.
pub const BLOCK: usize = 256 << 10;

/// A window on a stream.
pub struct Window<'a> {
    stream: &'a mut dyn Read,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    /// Where `start` is in the stream.
    offset: u64,
    over: bool,
    broken: Option<std::io::Error>,
}

impl<'a> Window<'a> {
    /// A window that shows `head`, which was taken from the stream at
    /// `offset`, and then what follows.
    pub fn new(head: Vec<u8>, offset: u64, stream: &'a mut dyn Read) -> Self {
        Self {
            stream,
            filled: head.len(),
            buffer: head,
            start: 0,
            offset,
            over: false,
            broken: None,
        }
    }

    /// What is seen and not yet taken.
    pub fn rest(&self) -> &[u8] {
        &self.buffer[self.start..self.filled]
    }

    /// Where the rest begins in the stream.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Lets go of the first bytes of the rest.
    pub fn take(&mut self, bytes: usize) {
        let bytes = bytes.min(self.filled - self.start);
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// Reads on; `false` when nothing more comes.
    pub fn more(&mut self, taker: &mut dyn Taker) -> bool {
        if self.over || !taker.goes_on(self.offset) {
            self.over = true;
            return false;
        }
        self.make_room();
        loop {
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => break,
                Ok(more) => {
                    let from = self.filled.saturating_sub(OVERLAP).max(self.start);
                    self.filled += more;
                    let offset = self.offset + (from - self.start) as u64;
                    taker.ahead(&self.buffer[from..self.filled], offset, self.offset);
                    return true;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.broken = Some(error);
                    break;
                }
            }
        }
        self.over = true;
        false
    }

    fn make_room(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        if self.buffer.len() < self.filled + BLOCK {
            self.buffer.resize(self.filled + BLOCK, 0);
        } else if self.buffer.len() > LONGEST / 4 && self.filled < BLOCK {
            // A long record is behind: its room is given back.
            self.buffer.truncate(2 * BLOCK);
            self.buffer.shrink_to_fit();
        }
    }

    /// Makes that many bytes seen, or all there are.
    pub fn ensure(&mut self, bytes: usize, taker: &mut dyn Taker) {
        while self.filled - self.start < bytes && self.more(taker) {}
    }

    /// The first line end from `from` on within `limit` bytes of the rest;
    /// reads on as it must.
    pub fn line_end(&mut self, from: usize, limit: usize, taker: &mut dyn Taker) -> Option<usize> {
        let mut from = from;
        loop {
            let rest = self.rest();
            let seen = rest.len().min(limit);
            if from < seen
                && let Some(at) = memchr(b'\n', &rest[from..seen])
            {
                return Some(from + at);
            }
            from = from.max(seen);
            if seen >= limit || !self.more(taker) {
                return None;
            }
        }
    }

    /// Passes over everything up to and with the next line end.
    pub fn skip_line(&mut self, taker: &mut dyn Taker) {
        loop {
            if let Some(at) = memchr(b'\n', self.rest()) {
                self.take(at + 1);
                return;
            }
            self.take(usize::MAX);
            if !self.more(taker) {
                return;
            }
        }
    }

    /// How it ended.
    pub fn end(self) -> End {
        End {
            bytes: self.offset + (self.filled - self.start) as u64,
            broken: self.broken,
        }
    }
}
