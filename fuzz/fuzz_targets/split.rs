//! Records are the same however a stream falls into reads, in order, and
//! within it.
#![no_main]

use firsthour::investigate::logs::format::parser::Framing;
use firsthour::investigate::logs::split::{Taker, split};
use libfuzzer_sys::fuzz_target;
use std::io::Read;

/// Gives so many bytes a read.
struct Drops<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for Drops<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let size = self.size.min(into.len()).min(self.rest.len());
        into[..size].copy_from_slice(&self.rest[..size]);
        self.rest = &self.rest[size..];
        Ok(size)
    }
}

#[derive(Default, PartialEq, Debug)]
struct Seen {
    records: Vec<(u64, Vec<u8>)>,
    lost: Vec<u64>,
}

impl Taker for Seen {
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

fuzz_target!(|data: &[u8]| {
    let [framing, size, data @ ..] = data else {
        return;
    };
    let framing = [Framing::Lines, Framing::Csv, Framing::Json][usize::from(*framing) % 3];
    let read = |size| {
        let mut seen = Seen::default();
        let end = split(Vec::new(), 0, &mut Drops { rest: data, size }, framing, &mut seen);
        assert_eq!(end.bytes, data.len() as u64);
        seen
    };
    let whole = read(usize::MAX);
    assert_eq!(whole, read(usize::from(*size).max(1)));
    let mut behind = 0;
    for (offset, record) in &whole.records {
        assert!(*offset >= behind, "{offset} is before {behind}");
        behind = *offset + record.len() as u64;
        assert!(behind <= data.len() as u64);
    }
});
