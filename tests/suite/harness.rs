//! The harness itself: what the other subjects rely on.

use crate::support::cli::{clean_env, firsthour};
use crate::support::pty::{self, Key, SMALL, Size};
use portable_pty::CommandBuilder;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

fn shell(script: &str) -> pty::Pty {
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", script]);
    pty::spawn_command(command, SMALL, &clean_env(&std::env::temp_dir()))
}

#[test]
fn a_run_collects_output_and_code() {
    let home = tempfile::tempdir().unwrap();
    let ran = firsthour(home.path(), &["--version"])
        .env("NO_COLOR", "1")
        .stdin("not read\n")
        .within(SOON)
        .go();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.is_empty() && !ran.stdout.contains('\u{1b}'));
}

#[test]
fn keys_go_in_and_the_screen_comes_out() {
    let mut pty = shell("stty -echo; echo ready; read line; echo \"got <$line>\"; exit 3");
    pty.wait_for("ready", SOON);
    pty.send(b"hel");
    pty.key(Key::Char('o'));
    pty.key(Key::Enter);
    pty.wait_for("got <helo>", SOON);
    assert_eq!(pty.exit(SOON).exit_code(), 3);
    assert_eq!(pty.screen().trim_end(), "ready\ngot <helo>");
    assert!(!pty.cells().alternate_screen());
}

#[test]
fn a_new_size_reaches_the_program() {
    let mut pty = shell("trap 'stty size' WINCH; echo ready; while read line; do :; done");
    pty.wait_for("ready", SOON);
    pty.resize(Size {
        columns: 100,
        rows: 30,
    });
    pty.key(Key::Enter);
    pty.wait_for("30 100", SOON);
    pty.key(Key::Ctrl('d'));
    pty.exit(SOON);
    assert!(String::from_utf8_lossy(pty.raw()).contains("30 100"));
}

#[test]
fn text_that_goes_away_is_waited_for() {
    let mut pty = shell("printf 'here'; read x; printf '\\033[2J\\033[Hgone'; read y");
    pty.wait_for("here", SOON);
    pty.key(Key::Enter);
    pty.wait_gone("here", SOON);
    assert!(pty.pid().is_some());
    pty.kill();
    assert!(!pty.exit(SOON).success());
}

#[test]
fn the_program_starts_in_a_terminal() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = pty::spawn(&["--version"], SMALL, &clean_env(home.path()));
    assert!(pty.exit(SOON).success());
}

#[test]
fn keys_are_sent_as_terminals_send_them() {
    assert_eq!(Key::Ctrl('p').bytes(), [0x10]);
    for (key, bytes) in [
        (Key::Escape, "\x1b"),
        (Key::Tab, "\t"),
        (Key::BackTab, "\x1b[Z"),
        (Key::Backspace, "\x7f"),
        (Key::Up, "\x1b[A"),
        (Key::Down, "\x1b[B"),
        (Key::Right, "\x1b[C"),
        (Key::Left, "\x1b[D"),
        (Key::PageUp, "\x1b[5~"),
        (Key::PageDown, "\x1b[6~"),
    ] {
        assert_eq!(key.bytes(), bytes.as_bytes());
    }
}
