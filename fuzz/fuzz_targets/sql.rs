//! Any text as a statement, what follows a NUL as its parameters.
#![no_main]

use firsthour::investigate::logs::sql::shapes::Shapes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (statement, parameters) = text.split_once('\0').unwrap_or((&text, ""));
    let mut shapes = Shapes::default();
    let first = {
        let run = shapes.run(statement, parameters);
        (run.object.to_owned(), run.tenant.to_owned())
    };
    // What is known of a shape says the same again.
    let run = shapes.run(statement, parameters);
    assert!(!run.is_new);
    assert_eq!(first, (run.object.to_owned(), run.tenant.to_owned()));
});
