//! What a splitter handed over, from a text that comes in any reads.

use crate::investigate::logs::format::parser::Framing;
use crate::investigate::logs::split::{Taker, split};
use std::io::Read;

#[derive(Debug, Default, PartialEq, Eq, Clone)]
pub struct Kept {
    pub records: Vec<(u64, Vec<u8>)>,
    pub lost: Vec<u64>,
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

impl Kept {
    pub fn of(text: impl AsRef<[u8]>, framing: Framing) -> Self {
        Self::cut(text.as_ref(), &[], framing)
    }

    /// Splits a text that comes in reads of those lengths.
    pub fn cut(text: &[u8], reads: &[usize], framing: Framing) -> Self {
        let mut kept = Self::default();
        let mut stream = Reads {
            text,
            reads: reads.to_vec(),
        };
        let end = split(Vec::new(), 0, &mut stream, framing, &mut kept);
        assert_eq!(end.bytes, text.len() as u64);
        for (offset, record) in &kept.records {
            let from = usize::try_from(*offset).unwrap();
            assert_eq!(&text[from..from + record.len()], &record[..]);
        }
        kept
    }

    pub fn texts(&self) -> Vec<&str> {
        self.records
            .iter()
            .map(|(_, record)| std::str::from_utf8(record).unwrap())
            .collect()
    }
}

struct Reads<'a> {
    text: &'a [u8],
    reads: Vec<usize>,
}

impl Read for Reads<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let most = self.reads.pop().unwrap_or(usize::MAX).max(1);
        let most = most.min(into.len()).min(self.text.len());
        into[..most].copy_from_slice(&self.text[..most]);
        self.text = &self.text[most..];
        Ok(most)
    }
}
