//! Reads the lines of a segment and judges each against its own hash; for a
//! large one on a second thread, some batches ahead of whoever takes them.
//!
//! Order and answers are the same either way. What a line means for the chain
//! is not known here; that is `chain.rs`.

use super::chain::Own;
use super::lines::{Line, Lines};
use std::fs::File;
use std::io;
use std::sync::mpsc::{channel, sync_channel};
use std::thread::Builder;

/// Segments smaller than this are not worth a thread, in bytes.
const WORTHWHILE: u64 = 1024 * 1024;

/// Bytes handed over at once; a batch exceeds them by one line at most.
const BATCH: usize = 128 * 1024;

/// Batches waiting to be taken, which bounds the memory.
const WAITING: usize = 4;

/// A line's own hash, or why it has none that fits.
pub(super) type Judged = Result<Own, String>;

/// Hands every line of a segment on, in order. Gives the bytes read, and the
/// error that ended the reading early, if one did.
pub(super) fn each_line(
    file: File,
    to: &mut dyn FnMut(&Line<'_>, Judged),
) -> (u64, io::Result<()>) {
    let large = file.metadata().is_ok_and(|meta| meta.len() >= WORTHWHILE);
    let mut lines = Lines::new(file);
    let ahead = if large { ahead(&mut lines, to) } else { None };
    let read = ahead.unwrap_or_else(|| here(&mut lines, to));
    (lines.offset(), read)
}

fn here(lines: &mut Lines<File>, to: &mut dyn FnMut(&Line<'_>, Judged)) -> io::Result<()> {
    while let Some(line) = lines.next()? {
        let judged = Own::of(line.bytes);
        to(&line, judged);
    }
    Ok(())
}

/// As [`here`], with the reading on a thread of its own; `None`, with nothing
/// read, when the system has no thread to give.
fn ahead(lines: &mut Lines<File>, to: &mut dyn FnMut(&Line<'_>, Judged)) -> Option<io::Result<()>> {
    std::thread::scope(|scope| {
        let (full, batches) = sync_channel(WAITING);
        let (give_back, emptied) = channel::<Batch>();
        let read = move || {
            let mut batch = Batch::default();
            let read = here(lines, &mut |line, judged| {
                batch.push(line, judged);
                if batch.bytes.len() >= BATCH {
                    let next = emptied.try_recv().unwrap_or_default();
                    // Nobody takes batches any more only while a panic unwinds.
                    drop(full.send(std::mem::replace(&mut batch, next)));
                }
            });
            drop(full.send(batch));
            read
        };
        let reader = Builder::new().spawn_scoped(scope, read).ok()?;
        for mut batch in batches {
            batch.hand_on(to);
            // The reader may be done and need no more.
            drop(give_back.send(batch));
        }
        let read = reader.join();
        Some(read.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Lines on their way from one thread to the other.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    lines: Vec<Held>,
}

/// A line without its bytes, which end at `to`.
struct Held {
    to: usize,
    offset: u64,
    ended: bool,
    oversized: bool,
    judged: Judged,
}

impl Batch {
    fn push(&mut self, line: &Line<'_>, judged: Judged) {
        self.bytes.extend_from_slice(line.bytes);
        self.lines.push(Held {
            to: self.bytes.len(),
            offset: line.offset,
            ended: line.ended,
            oversized: line.oversized,
            judged,
        });
    }

    /// Hands the lines on and is empty again.
    fn hand_on(&mut self, to: &mut dyn FnMut(&Line<'_>, Judged)) {
        let mut from = 0;
        for held in self.lines.drain(..) {
            let line = Line {
                offset: held.offset,
                bytes: &self.bytes[from..held.to],
                ended: held.ended,
                oversized: held.oversized,
            };
            from = held.to;
            to(&line, held.judged);
        }
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Seek, Write};

    type Way = fn(&mut Lines<File>, &mut dyn FnMut(&Line<'_>, Judged)) -> io::Result<()>;

    #[test]
    fn both_ways_give_the_same_lines() {
        let mut file = tempfile::tempfile().unwrap();
        let mut random = fastrand::Rng::with_seed(7);
        for n in 0..4_000 {
            let body = format!("{{\"n\":\"{}\"", "x".repeat(random.usize(0..600)));
            let h = crate::domain::digest::Digest::of(body.as_bytes());
            let h = if n % 50 == 0 {
                "0".repeat(64)
            } else {
                h.to_string()
            };
            writeln!(file, "{body},\"h\":\"{h}\"}}").unwrap();
        }
        file.write_all(&vec![b'y'; 3 * BATCH]).unwrap();
        file.write_all(b"\n\nends without newline").unwrap();
        let mut told = Vec::new();
        let ways: [Way; 2] = [here, |lines, to| ahead(lines, to).unwrap()];
        for read in ways {
            file.rewind().unwrap();
            let mut lines = Lines::new(file.try_clone().unwrap());
            let mut all = Vec::new();
            let mut take = |line: &Line<'_>, judged: Judged| {
                let hash = judged.map(|own| own.hex.to_vec());
                let bytes = line.bytes.to_vec();
                all.push((line.offset, bytes, line.ended, line.oversized, hash));
            };
            read(&mut lines, &mut take).unwrap();
            told.push((all, lines.offset()));
        }
        assert_eq!(told[0].0.len(), 4_003);
        assert_eq!(told[0].0.iter().filter(|line| line.4.is_err()).count(), 83);
        assert!(told[0] == told[1]);
    }
}
