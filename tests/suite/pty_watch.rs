//! Who reads while somebody watches, in a real terminal: rows that a second
//! connection is sent show on the screen, and the record says so once.

use crate::support::cli::clean_env;
use crate::support::lab::{ROLES, block_on, lab_blocking, rows};
use crate::support::play::{WAIT, incident, press, whole_record};
use crate::support::pty::{self, Key, SMALL};

const CLAIMS: &str = r#"{"sub":"00000000-0000-4000-8000-000000000001","role":"authenticated"}"#;

#[test]
fn rows_sent_while_the_screen_is_open_show_on_it() {
    let home = tempfile::tempdir().unwrap();
    let lab = lab_blocking();
    let url = lab.url("postgres");
    let args = ["drill", "--seed", "7", "--target", &url, "--no-fetch"];
    let mut pty = {
        let _alone = ROLES.blocking_lock();
        let mut pty = pty::spawn(&args, SMALL, &clean_env(home.path()));
        pty.wait_for("T+00:0", WAIT);
        pty
    };
    press(&mut pty, &[(Key::Char('8'), "last look ")]);
    block_on(async {
        let other = lab.connect("postgres").await;
        rows(&other, "set role authenticated").await;
        rows(&other, &format!("set request.jwt.claims = '{CLAIMS}'")).await;
        rows(&other, "select * from public.invoices").await;
    });
    let grew = "WIDE authenticated read public.invoices: +6,000 rows in 1 call";
    pty.wait_for(grew, WAIT);
    // Once it is on record its line is on the list; the page of a line goes on
    // watching.
    pty.wait_for("row 1 of 1", WAIT);
    press(
        &mut pty,
        &[
            (Key::Enter, "+6,000 rows in 1 call while watched"),
            (Key::Escape, grew),
            (Key::Char('1'), "Enter "),
        ],
    );
    pty.key(Key::Char('q'));
    pty.exit(WAIT);
    let record = whole_record(home.path(), &incident(home.path()));
    for kind in ["watch.start", "watch.seen", "watch.end"] {
        let said = format!("\"kind\":\"{kind}\"");
        assert_eq!(record.matches(&said).count(), 1, "{kind}:\n{record}");
    }
    assert!(!record.contains("@example."), "no value is kept");
}
