//! Signals, sizes and silence: however the program ends, stops or is resized,
//! the terminal is whole and what was acknowledged is on disk.

use crate::support::cli::clean_env;
use crate::support::play::{PROGRAM, WAIT, drill, incident, press, whole_record};
use crate::support::proc::{cpu_ticks, send, state, wait_end};
use crate::support::pty::{self, Key, Pty, SMALL, Size};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use rustix::process::Signal;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// What a signal is sent to.
fn pid(pty: &Pty) -> i32 {
    i32::try_from(pty.pid().unwrap()).unwrap()
}

/// Writes a note and sees it acknowledged.
fn noted(pty: &mut Pty, text: &str) {
    press(pty, &[(Key::Char('n'), "Note (no customer values)")]);
    pty.send(text.as_bytes());
    pty.wait_for(text, WAIT);
    pty.key(Key::Enter);
    pty.wait_gone("Note (no customer values)", WAIT);
    pty.wait_for("journal recorded", WAIT);
}

fn assert_given_back(pty: &Pty) {
    assert!(!pty.cells().alternate_screen(), "the screen is given back");
    assert!(!pty.cells().hide_cursor(), "the cursor is shown");
    assert!(!pty.cells().bracketed_paste(), "pasting is as it was");
    assert!(!pty.raw_mode(), "the terminal is cooked again");
}

/// Ends a drill by a signal or a key and looks at what it leaves.
fn ended_by(end: impl FnOnce(&mut Pty)) {
    let home = tempfile::tempdir().unwrap();
    let mut pty = drill(home.path(), SMALL);
    assert!(pty.raw_mode(), "keys are taken one by one");
    noted(&mut pty, "said before the end");
    end(&mut pty);
    let status = pty.exit(WAIT);
    assert_eq!(status.exit_code(), 0, "{}", pty.screen());
    assert_given_back(&pty);
    assert!(pty.screen().contains("Go on with:"), "{}", pty.screen());
    let record = whole_record(home.path(), &incident(home.path()));
    assert!(record.contains("said before the end"), "{record}");
}

#[test]
fn ctrl_c_ends_it_cleanly() {
    ended_by(|pty| pty.key(Key::Ctrl('c')));
}

#[test]
fn a_terminating_signal_ends_it_cleanly() {
    ended_by(|pty| send(pid(pty), Signal::TERM));
}

#[test]
fn a_hang_up_ends_it_cleanly() {
    ended_by(|pty| send(pid(pty), Signal::HUP));
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = drill(home.path(), SMALL);
    noted(&mut pty, "before the pause");
    pty.key(Key::Ctrl('z'));
    pty.wait_gone("DRILL", WAIT);
    // The stop follows the last byte at once; the kernel tells when.
    let end = std::time::Instant::now() + WAIT;
    while state(pid(&pty)) != Some('T') {
        assert!(std::time::Instant::now() < end, "it never stopped");
        std::thread::yield_now();
    }
    assert_given_back(&pty);
    pty.resize(Size {
        columns: 100,
        rows: 30,
    });
    send(pid(&pty), Signal::CONT);
    pty.wait_for("DRILL", WAIT);
    pty.wait_for("q quit", WAIT);
    assert!(pty.raw_mode() && pty.cells().alternate_screen());
    noted(&mut pty, "after the pause");
    pty.key(Key::Char('q'));
    assert_eq!(pty.exit(WAIT).exit_code(), 0);
    assert_given_back(&pty);
    whole_record(home.path(), &incident(home.path()));
}

#[test]
fn any_size_is_survived_and_the_screen_is_right_again() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = drill(home.path(), SMALL);
    press(&mut pty, &[(Key::Enter, "step declare")]);
    for round in 0..5 {
        for (columns, rows) in [(1, 1), (20, 5), (200, 60), (2, 40), (300, 1), (79, 23)] {
            pty.resize(Size { columns, rows });
            // A key in the middle of it: none is lost, none does harm.
            pty.key(if round % 2 == 0 { Key::Down } else { Key::Up });
        }
    }
    pty.resize(SMALL);
    pty.key(Key::Ctrl('l'));
    pty.key(Key::Char('1'));
    pty.wait_for("T1 See what is exposed   14 min", WAIT);
    pty.wait_for("Enter asks: Who noticed it?", WAIT);
    let screen = pty.screen();
    let lines: Vec<&str> = screen.lines().collect();
    assert!(lines[0].starts_with(" DRILL   ") && lines[0].ends_with("of 60:00"));
    assert!(lines[2].starts_with(" 1 map 2 findings"), "{screen}");
    assert!(lines[23].contains("Enter go on"), "{screen}");
    pty.key(Key::Char('q'));
    assert_eq!(pty.exit(WAIT).exit_code(), 0);
}

#[test]
fn waiting_costs_no_cpu() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = drill(home.path(), SMALL);
    press(&mut pty, &[(Key::Enter, "step declare")]);
    let clock = |pty: &Pty| {
        let line = pty.screen().lines().next().unwrap_or_default().to_owned();
        line.split("T+").nth(1).unwrap()[..5].to_owned()
    };
    let shown = clock(&pty);
    pty.wait_gone(&format!("T+{shown}"), WAIT);
    let before = cpu_ticks(pid(&pty));
    for _ in 0..3 {
        let shown = clock(&pty);
        pty.wait_gone(&format!("T+{shown}"), WAIT);
    }
    let spent = cpu_ticks(pid(&pty)) - before;
    // Three frames drawn in three seconds; a busy loop takes 300.
    assert!(spent < 30, "{spent} ticks");
}

#[test]
fn nothing_is_drawn_while_nothing_changes() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = pty::spawn(&[], SMALL, &clean_env(home.path()));
    pty.wait_for("q quit", WAIT);
    pty.settle(Duration::from_millis(300));
    let before = cpu_ticks(pid(&pty));
    let seen = pty.raw().len();
    pty.settle(Duration::from_secs(2));
    assert_eq!(pty.raw().len(), seen, "bytes came: {}", pty.screen());
    assert!(cpu_ticks(pid(&pty)) - before < 5);
    pty.key(Key::Char('q'));
    assert_eq!(pty.exit(WAIT).exit_code(), 0);
}

/// The whole window goes: keys, output and the terminal itself, with the
/// signal the kernel sends for it. Nothing may spin or hang then.
#[test]
fn a_closed_window_ends_it_with_everything_on_disk() {
    let home = tempfile::tempdir().unwrap();
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["drill", "--seed", "7", "--no-fetch"]);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    for (name, value) in clean_env(home.path()) {
        command.env(name, value);
    }
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut screen = pair.master.try_clone_reader().unwrap();
    let (mut seen, mut buffer) = (Vec::new(), [0_u8; 4096]);
    while !String::from_utf8_lossy(&seen).contains("T+00:0") {
        let n = screen.read(&mut buffer).unwrap();
        seen.extend_from_slice(&buffer[..n]);
    }
    drop(screen);
    drop(pair.master);
    wait_end(child.process_id().unwrap().try_into().unwrap(), WAIT);
    child.wait().unwrap();
    let record = whole_record(home.path(), &incident(home.path()));
    assert!(record.contains("incident.open"), "{record}");
}

fn helper(home: &Path, test: &str) -> Pty {
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    let mut env = clean_env(home);
    env.push((PANICS.to_owned(), "1".to_owned()));
    pty::spawn_command(command, SMALL, &env)
}

/// Set where a helper below is meant to run.
const PANICS: &str = "FIRSTHOUR_TEST_PANICS";

fn meant() -> bool {
    firsthour::config::Env::read().get(PANICS).is_some()
}

#[test]
#[ignore = "started by the test below, in a terminal of its own"]
fn panics_while_it_draws() {
    if meant() {
        let mut screen = firsthour::runtime::terminal::Screen::enter().unwrap();
        screen.draw(|_| panic!("drawing went wrong")).unwrap();
    }
}

#[test]
#[ignore = "started by the test below, in a terminal of its own"]
fn a_helping_thread_panics() {
    if meant() {
        let mut screen = firsthour::runtime::terminal::Screen::enter().unwrap();
        let helping = std::thread::spawn(|| panic!("helping\u{1b}[31m went wrong"));
        assert!(helping.join().is_err());
        screen
            .draw(|frame| frame.render_widget("still here", frame.area()))
            .unwrap();
        std::io::stdin().read_line(&mut String::new()).unwrap();
    }
}

#[test]
fn a_panic_leaves_a_sane_terminal_and_says_why() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = helper(home.path(), "pty_signals::panics_while_it_draws");
    pty.wait_for("drawing went wrong", WAIT);
    assert!(!pty.exit(WAIT).success());
    assert_given_back(&pty);
    let raw = String::from_utf8_lossy(pty.raw()).into_owned();
    let (screen, after) = raw.rsplit_once("\u{1b}[?1049l").unwrap();
    assert!(screen.contains("\u{1b}[?1049h"));
    assert!(
        after.contains("drawing went wrong"),
        "told on the own screen"
    );
}

#[test]
fn a_panic_of_a_helping_thread_leaves_the_screen_up() {
    let home = tempfile::tempdir().unwrap();
    let mut pty = helper(home.path(), "pty_signals::a_helping_thread_panics");
    pty.wait_for("still here", WAIT);
    assert!(pty.cells().alternate_screen() && pty.raw_mode());
    assert!(!pty.screen().contains("went wrong"), "{}", pty.screen());
    // Raw mode hands every byte over as it is: a line ends with a line feed.
    pty.send(b"\n");
    assert!(pty.exit(WAIT).success());
    assert_given_back(&pty);
    let screen = pty.screen();
    assert!(screen.contains("helping^[[31m went wrong"), "{screen}");
}
