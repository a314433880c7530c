//! Any bytes as something packed.
#![no_main]

use firsthour::investigate::logs::source::{Opener, Piece};
use libfuzzer_sys::fuzz_target;
use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[derive(Debug)]
struct Bytes(Vec<u8>);

impl Opener for Bytes {
    fn open(&self) -> std::io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(self.0.clone())))
    }
}

/// What is read of one part: enough to get into it.
const MOST: u64 = 4 << 20;

fuzz_target!(|data: &[u8]| {
    let piece = Piece::Stored {
        name: "x".to_owned(),
        size: data.len() as u64,
        opener: Arc::new(Bytes(data.to_vec())),
    };
    let mut parts = 0;
    piece.parts(&AtomicBool::new(false), &mut |part| {
        parts += 1;
        assert!(!part.name.is_empty());
        if let Ok(stream) = part.stream {
            let _ = std::io::copy(&mut stream.take(MOST), &mut std::io::sink());
        }
        parts < 64
    });
});
