//! Any bytes as a file, all the way to the counts.
#![no_main]

use firsthour::investigate::logs::scan::{Asked, Progress, scan};
use firsthour::investigate::logs::source::{Opener, Piece};
use libfuzzer_sys::fuzz_target;
use std::io::{Cursor, Read};
use std::sync::Arc;

#[derive(Debug)]
struct Bytes(Vec<u8>);

impl Opener for Bytes {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }
}

fuzz_target!(|data: &[u8]| {
    let piece = Piece::Stored {
        name: "x".to_owned(),
        size: data.len() as u64,
        opener: Arc::new(Bytes(data.to_vec())),
    };
    let asked = Asked {
        workers: 1,
        ..Asked::default()
    };
    let tables = scan(&[piece], &asked, &Progress::default());
    for piece in &tables.pieces {
        assert!(piece.unparsed_at.len() as u64 <= piece.unparsed);
    }
});
