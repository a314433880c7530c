//! Any bytes as one of the files of what is known besides the logs.
#![no_main]

use firsthour::investigate::logs::known::Known;
use firsthour::investigate::logs::known::read::{customers, routes, users};
use libfuzzer_sys::fuzz_target;
use std::path::PathBuf;
use std::sync::LazyLock;

/// The readers take paths.
static PATH: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("firsthour-fuzz-{}", std::process::id())));

fuzz_target!(|data: &[u8]| {
    let Some((which, data)) = data.split_first() else {
        return;
    };
    if std::fs::write(&*PATH, data).is_err() {
        return;
    }
    let mut known = Known::default();
    let _ = match which % 3 {
        0 => users(&PATH, &mut known),
        1 => customers(&PATH, &mut known),
        _ => routes(&PATH, &mut known),
    };
});
