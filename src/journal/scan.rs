//! Reads one writer's segments in order, checks every line against the chain
//! and hands the good ones on. Memory is bounded: one line, and 40 bytes for
//! each entry's place.

use super::chain::{Chain, Link, Step};
use super::fault::{Fault, FaultKind};
use super::layout;
use super::lines::{Line, Lines};
use crate::domain::digest::Digest;
use crate::domain::untrusted::Untrusted;
use std::path::{Path, PathBuf};

/// Faults told for one writer; a hostile file could hold millions.
const MAX_FAULTS: usize = 200;

/// Takes the entries of a scan.
pub(super) trait Visit {
    /// One entry whose own hash is right. An error is told as a fault.
    fn entry(&mut self, seq: u64, line: &[u8]) -> Result<(), String>;
    /// Entries from `from` on were never acknowledged: forget them.
    fn forget(&mut self, from: u64);
}

/// A cut-short write at the end of the last segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) segment: u32,
    pub(super) offset: u64,
    pub(super) bytes: u64,
}

/// What reading one writer gave.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) wid: String,
    pub(super) dir: PathBuf,
    /// The number of the last segment, 0 when there is none.
    pub(super) last_segment: u32,
    pub(super) links: Vec<Link>,
    pub(super) faults: Vec<Fault>,
    /// Faults beyond those kept.
    pub(super) more_faults: u64,
    pub(super) torn: Option<Tail>,
    /// Unacknowledged lines left behind by a disk error and written again.
    pub(super) superseded: u64,
    /// Bytes in all segments.
    pub(super) bytes: u64,
}

/// Reads the writer in `dir`.
pub(super) fn scan(dir: &Path, inc: Option<&str>, genesis: &Digest, to: &mut dyn Visit) -> Scan {
    let name = dir.file_name().unwrap_or_default().as_encoded_bytes();
    let wid = Untrusted::from_bytes(name).raw().to_owned();
    let mut scanner = Scanner {
        chain: Chain::new(inc, &wid, genesis),
        to,
        doubt: Vec::new(),
        out: Scan {
            wid,
            dir: dir.to_owned(),
            last_segment: 0,
            links: Vec::new(),
            faults: Vec::new(),
            more_faults: 0,
            torn: None,
            superseded: 0,
            bytes: 0,
        },
    };
    scanner.run();
    scanner.out.links = scanner.chain.into_links();
    scanner.out
}

struct Scanner<'a> {
    chain: Chain,
    to: &'a mut dyn Visit,
    /// Bad lines that are only a torn tail if nothing good follows.
    doubt: Vec<Fault>,
    out: Scan,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let dir = self.out.dir.clone();
        let (numbers, strays) = match layout::segments(&dir) {
            Ok(found) => found,
            Err(e) => {
                let place = self.place("", None);
                self.fault(Fault::new(FaultKind::Unreadable, &place, &e.to_string()));
                return;
            }
        };
        for &number in &numbers {
            for gone in (self.out.last_segment + 1..number).take(MAX_FAULTS) {
                let place = self.place(&layout::segment_name(gone), None);
                self.fault(Fault::new(
                    FaultKind::Missing,
                    &place,
                    "the segment is gone",
                ));
            }
            self.out.last_segment = number;
            self.segment(&dir.join(layout::segment_name(number)), number);
        }
        if let Some(tail) = self.out.torn {
            self.tear(tail);
        }
        for stray in strays {
            self.stray(&stray);
        }
    }

    fn segment(&mut self, path: &Path, number: u32) {
        let name = layout::segment_name(number);
        let file = match layout::open_regular(path) {
            Ok(file) => file,
            Err(e) => {
                let place = self.place(&name, None);
                self.fault(Fault::new(FaultKind::Unreadable, &place, &e.to_string()));
                return;
            }
        };
        let mut lines = Lines::new(file);
        let mut count = 0_u64;
        loop {
            match lines.next() {
                Ok(Some(line)) => {
                    count += 1;
                    self.line(&line, &name, count);
                }
                Ok(None) => break,
                Err(e) => {
                    let place = self.place(&name, Some(count));
                    self.fault(Fault::new(FaultKind::Unreadable, &place, &e.to_string()));
                    break;
                }
            }
        }
        self.out.bytes += lines.offset();
        if let Some(tail) = self.out.torn.as_mut().filter(|t| t.segment == number) {
            tail.bytes = lines.offset() - tail.offset;
        }
    }

    fn line(&mut self, line: &Line<'_>, name: &str, count: u64) {
        if !line.ended {
            let text = "the line was cut short";
            return self.doubt(line.offset, name, count, text);
        }
        if line.oversized {
            self.settle(false);
            let text = format!("the line is longer than {} bytes", super::lines::LONGEST);
            return self.told(FaultKind::Altered, name, count, &text);
        }
        match self.chain.check(line.bytes, count == 1) {
            Step::Linked { recover } => {
                self.settle(recover && count == 1);
                self.visit(line, name, count);
            }
            Step::Rewound { from, dropped } => {
                self.out.superseded += dropped;
                self.settle(true);
                self.to.forget(from);
                self.visit(line, name, count);
            }
            Step::Skipped(kind, text) => {
                self.settle(false);
                self.told(kind, name, count, &text);
                self.visit(line, name, count);
            }
            // A lost page reads as zeros: the mark of a write the power cut.
            Step::Bad(_, text) if line.bytes.contains(&0) => {
                self.doubt(line.offset, name, count, &text);
            }
            Step::Bad(kind, text) => {
                self.settle(false);
                self.told(kind, name, count, &text);
            }
        }
    }

    fn visit(&mut self, line: &Line<'_>, name: &str, count: u64) {
        let Some(last) = self.chain.last() else {
            return;
        };
        if let Err(text) = self.to.entry(last.seq, line.bytes) {
            self.told(FaultKind::Altered, name, count, &text);
        }
    }

    fn doubt(&mut self, offset: u64, name: &str, count: u64, text: &str) {
        let place = self.place(name, Some(count));
        if self.doubt.len() < MAX_FAULTS {
            self.doubt
                .push(Fault::new(FaultKind::Altered, &place, text));
        }
        let segment = self.out.last_segment;
        self.out.torn.get_or_insert(Tail {
            segment,
            offset,
            bytes: 0,
        });
    }

    /// More follows the lines in doubt: they are no torn tail. When the next
    /// segment starts by saying that the disk failed, they are its remains.
    fn settle(&mut self, explained: bool) {
        if self.out.torn.take().is_none() {
            return;
        }
        let doubt = std::mem::take(&mut self.doubt);
        if explained {
            self.out.superseded += doubt.len() as u64;
        } else {
            for fault in doubt {
                self.fault(fault);
            }
        }
    }

    /// Nothing follows the lines in doubt.
    fn tear(&mut self, tail: Tail) {
        self.doubt.clear();
        let Tail {
            segment,
            offset,
            bytes,
        } = tail;
        let name = layout::segment_name(segment);
        let place = self.place(&name, None);
        let text = format!("the last write was cut short: {bytes} bytes from offset {offset} on");
        self.fault(Fault::new(FaultKind::Torn, &place, &text));
    }

    /// A file beside the segments, such as a copy a sync tool made: its lines
    /// must not say anything else than the chain does.
    fn stray(&mut self, path: &Path) {
        let shown = path.file_name().unwrap_or_default().as_encoded_bytes();
        let name = Untrusted::from_bytes(shown).raw().to_owned();
        let place = self.place(&name, None);
        let Ok(file) = layout::open_regular(path) else {
            return self.fault(Fault::new(
                FaultKind::Unreadable,
                &place,
                "it is no segment of this writer and cannot be read",
            ));
        };
        let mut lines = Lines::new(file);
        let mut forked = false;
        while let Ok(Some(line)) = lines.next() {
            forked |= !line.oversized && self.contradicts(line.bytes);
        }
        if forked {
            let text = "it holds other entries under numbers this writer has used";
            self.fault(Fault::new(FaultKind::Forked, &place, text));
        }
    }

    fn contradicts(&self, line: &[u8]) -> bool {
        crate::domain::entry::Entry::read(line).is_ok_and(|entry| {
            entry.wid == self.out.wid
                && self
                    .chain
                    .hash_at(entry.seq)
                    .is_some_and(|known| super::chain::hex(&known) != entry.h.as_str().as_bytes())
        })
    }

    fn told(&mut self, kind: FaultKind, name: &str, count: u64, text: &str) {
        let place = self.place(name, Some(count));
        self.fault(Fault::new(kind, &place, text));
    }

    fn fault(&mut self, fault: Fault) {
        if self.out.faults.len() < MAX_FAULTS {
            self.out.faults.push(fault);
        } else {
            self.out.more_faults += 1;
        }
    }

    fn place(&self, name: &str, line: Option<u64>) -> String {
        let wid = &self.out.wid;
        match line {
            Some(line) => format!("writers/{wid}/{name} line {line}"),
            None => format!("writers/{wid}/{name}"),
        }
    }
}
