//! Any bytes as a time.
#![no_main]

use firsthour::investigate::logs::time::{access_log, epoch, iso, month, zone};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some((_, _, rest)) = iso(data) {
        assert!(data.ends_with(rest));
    }
    if let Some((offset, rest)) = zone(data) {
        assert!(data.ends_with(rest) && offset.abs() < 86_400);
    }
    let _ = access_log(data);
    let _ = month(data);
    if let Some(bytes) = data.first_chunk::<8>() {
        let _ = epoch(i64::from_le_bytes(*bytes));
    }
});
