//! Any bytes as a file of counts; what is taken is written back alike.
#![no_main]

use firsthour::investigate::logs::gather::store::{Reader, write};
use libfuzzer_sys::fuzz_target;

fn read(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::default();
    reader.add("x", &mut { bytes }).ok()?;
    let mut out = Vec::new();
    write(&reader.tables(), &mut out).ok()?;
    Some(out)
}

fuzz_target!(|data: &[u8]| {
    if let Some(once) = read(data) {
        let again = read(&once).expect("what was written is read");
        assert_eq!(once, again);
    }
});
