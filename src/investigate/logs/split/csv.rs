//! RFC 4180: a record ends at a line end outside of quotes.
//!
//! A quote that never closes would swallow the rest. So while a record is
//! open, each of its further lines is looked at: one that begins as records of
//! this stream begin, and that falls into as many fields, ends the torn record
//! before it. And a record with lines stays open for [`OPEN`] bytes at most.

use super::lines::drop_nuls;
use super::taker::{LONGEST, NEAR, Taker};
use super::window::{Window, hand};
use memchr::{memchr, memchr_iter};

/// How long a record with several lines may be.
const OPEN: usize = 4 << 20;

/// Hands over every record.
pub fn csv(window: &mut Window<'_>, taker: &mut dyn Taker) {
    let mut usual = Usual::default();
    loop {
        if window.rest().is_empty() && !window.more(taker) {
            return;
        }
        drop_nuls(window, taker);
        record(window, &mut usual, taker);
    }
}

fn record(window: &mut Window<'_>, usual: &mut Usual, taker: &mut dyn Taker) {
    let offset = window.offset();
    let (mut from, mut quotes, mut first) = (0, 0, None);
    loop {
        let Some(end) = window.line_end(from, LONGEST + 1, taker) else {
            return tail(window, from, quotes, first, taker);
        };
        quotes += memchr_iter(b'"', &window.rest()[from..end]).count();
        if quotes % 2 == 0 {
            let record = &window.rest()[..end];
            usual.learn(record);
            hand(record, offset, taker);
            window.take(end + 1);
            return;
        }
        let first = *first.get_or_insert(end);
        from = end + 1;
        if from > OPEN {
            hand(&window.rest()[..first], offset, taker);
            window.take(first + 1);
            return;
        }
        if begins(window, from, usual, taker) {
            hand(&window.rest()[..end], offset, taker);
            window.take(from);
            return;
        }
    }
}

/// What is left when no line end comes any more, or not in time.
fn tail(
    window: &mut Window<'_>,
    from: usize,
    quotes: usize,
    first: Option<usize>,
    taker: &mut dyn Taker,
) {
    let offset = window.offset();
    let rest = window.rest();
    let open = (quotes + memchr_iter(b'"', &rest[from.min(rest.len())..]).count()) % 2 == 1;
    match first {
        // Torn: only its first line is lost to it.
        Some(first) if open || rest.len() > LONGEST => {
            hand(&rest[..first], offset, taker);
            window.take(first + 1);
        }
        _ if rest.len() > LONGEST => {
            window.skip_line(taker);
            taker.lost(offset);
        }
        _ => {
            hand(rest, offset, taker);
            window.take(usize::MAX);
        }
    }
}

/// Whether the line at `from` is a record of its own by its looks.
fn begins(window: &mut Window<'_>, from: usize, usual: &Usual, taker: &mut dyn Taker) -> bool {
    window.ensure(from + SHAPE, taker);
    if !usual.fits(&window.rest()[from..]) {
        return false;
    }
    let end = window.line_end(from, from + NEAR, taker);
    let end = end.unwrap_or_else(|| window.rest().len().min(from + NEAR));
    let line = &window.rest()[from..end];
    match fields(line) {
        Some(count) => count == usual.fields,
        // Its own quote is open at the line's end.
        None => usual.is_telling(),
    }
}

/// The fields of a line, `None` when a quote is open at its end.
fn fields(line: &[u8]) -> Option<usize> {
    let (mut count, mut rest) = (1, line);
    loop {
        let at = memchr::memchr2(b',', b'"', rest);
        let Some(at) = at else {
            return Some(count);
        };
        let quoted = rest[at] == b'"';
        rest = &rest[at + 1..];
        if quoted {
            let close = memchr(b'"', rest)?;
            rest = &rest[close + 1..];
        } else {
            count += 1;
        }
    }
}

/// Bytes of a record's beginning that are compared.
const SHAPE: usize = 20;

/// How records of a stream begin, learnt from those that are whole.
#[derive(Debug, Default)]
struct Usual {
    shape: [u8; SHAPE],
    /// How many bytes all records had alike.
    alike: usize,
    fields: usize,
    seen: u32,
}

/// Records that are learnt from.
const LEARN: u32 = 64;

impl Usual {
    fn learn(&mut self, record: &[u8]) {
        if self.seen >= LEARN {
            return;
        }
        let Some(count) = fields(record) else {
            return;
        };
        let shape = shape(record);
        // The first row may be a header: it teaches nothing about the others.
        if self.seen <= 1 || count != self.fields {
            self.fields = count;
            self.alike = shape.1;
        } else {
            let agree = shape.0.iter().zip(self.shape);
            let agree = agree.take_while(|(one, other)| **one == *other).count();
            self.alike = self.alike.min(agree);
        }
        self.shape = shape.0;
        self.seen += 1;
    }

    fn fits(&self, line: &[u8]) -> bool {
        let (shape, length) = shape(line);
        self.seen > 1
            && self.fields > 1
            && length >= self.alike
            && shape[..self.alike] == self.shape[..self.alike]
    }

    /// Whether the beginning alone is proof enough, as a time is.
    const fn is_telling(&self) -> bool {
        self.alike >= 10
    }
}

/// The beginning of a record with digits and letters made alike.
fn shape(line: &[u8]) -> ([u8; SHAPE], usize) {
    let mut shape = [0; SHAPE];
    for (made, byte) in shape.iter_mut().zip(line) {
        *made = match byte {
            b'0'..=b'9' => b'0',
            b'a'..=b'z' | b'A'..=b'Z' => b'a',
            other => *other,
        };
    }
    (shape, line.len().min(SHAPE))
}
