//! The yes without which an engine is asked nothing of the logs, typed in a
//! real terminal.

use crate::logs::door::{Door, Seen, answer};
use crate::support::cli::clean_env;
use crate::support::play::WAIT;
use crate::support::pty::{self, Key, SMALL};

/// A server that knows its version and has not one row.
fn empty(seen: &Seen, _: usize) -> Vec<u8> {
    let body = if seen.body.contains("version()") {
        "[\"24.8.1\"]\n"
    } else {
        ""
    };
    answer("200 OK", &[], body)
}

/// What was asked of the table's rows: an estimate reads none of them, and
/// `LIMIT 0` asks for a column's name alone.
fn questions(door: &Door) -> Vec<String> {
    let seen = door.seen().into_iter().map(|seen| seen.body);
    seen.filter(|text| text.contains("otel_logs"))
        .filter(|text| !text.starts_with("EXPLAIN") && !text.ends_with("LIMIT 0"))
        .collect()
}

fn typed(word: &str) -> (Door, u32) {
    let home = tempfile::tempdir().unwrap();
    let door = Door::new(empty);
    let args = [
        "check",
        "logs",
        "--engine",
        "clickhouse",
        "--url",
        &door.url,
        "--mapping",
        "otel",
        "--window",
        "2026-03-10T04:00:00Z..2026-03-10T16:00:00Z",
    ];
    let mut pty = pty::spawn(&args, SMALL, &clean_env(home.path()));
    pty.wait_for("type yes to send these queries", WAIT);
    assert!(questions(&door).is_empty(), "{:?}", questions(&door));
    for letter in word.chars() {
        pty.key(Key::Char(letter));
    }
    pty.key(Key::Enter);
    let code = pty.exit(WAIT).exit_code();
    (door, code)
}

#[test]
fn nothing_is_asked_of_the_logs_without_a_typed_yes() {
    for word in ["n", "y", "", "yess"] {
        let (door, code) = typed(word);
        assert_eq!(code, 3, "{word}");
        assert!(
            questions(&door).is_empty(),
            "{word}: {:?}",
            questions(&door)
        );
    }
    let (door, _) = typed("yes");
    assert!(!questions(&door).is_empty(), "the yes was not heard");
}
