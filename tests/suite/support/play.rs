//! The program played in a pseudo-terminal: where it is started, and the keys
//! that lead from the first screen to the proof.

use super::cli::{clean_env, firsthour};
use super::pty::{self, Key, Pty, Size};
use portable_pty::CommandBuilder;
use std::path::Path;
use std::time::Duration;

/// How long anything on the screen may take: a lab is built meanwhile, on a
/// machine that runs other tests too.
pub const WAIT: Duration = Duration::from_mins(2);

/// The program's path, for scripts that start it.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_firsthour");

/// Starts a drill whose leak is known, and waits for its first screen.
pub fn drill(home: &Path, size: Size) -> Pty {
    let args = ["drill", "--seed", "7", "--no-fetch"];
    let mut pty = pty::spawn(&args, size, &clean_env(home));
    pty.wait_for("T+00:0", WAIT);
    pty
}

/// Runs a shell script in which `$firsthour` is the program.
pub fn shell(home: &Path, size: Size, script: &str) -> Pty {
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", script]);
    let mut env = clean_env(home);
    env.push(("firsthour".to_owned(), PROGRAM.to_owned()));
    pty::spawn_command(command, size, &env)
}

/// The keys from the first screen to the first proven leak, each with what
/// stands on the screen once it was taken in.
pub const TO_THE_PROOF: [(Key, &str); 8] = [
    (Key::Enter, "step declare"),
    (Key::Enter, "Esc leave without writing"),
    (Key::Char('2'), "= staff"),
    (Key::Enter, "step map-data"),
    (Key::Enter, "database.catalogue: 0 findings"),
    (Key::Enter, "database.policies: 9 findings"),
    (Key::Enter, "step prove-reach"),
    (Key::Enter, "database.reach: 9 findings, 1 above low"),
];

/// Presses keys, each once what the last one set off is shown and on disk.
pub fn press(pty: &mut Pty, keys: &[(Key, &str)]) {
    for (key, shown) in keys {
        pty.key(*key);
        pty.wait_for(shown, WAIT);
        pty.wait_for("journal recorded", WAIT);
    }
}

/// The id of the one incident under a home.
pub fn incident(home: &Path) -> String {
    let folders = std::fs::read_dir(home.join("incidents")).unwrap();
    let mut ids: Vec<String> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("inc-"))
        .collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    ids.remove(0)
}

/// The incident's record, whole and unaltered, as JSONL.
///
/// # Panics
/// When `verify` finds anything.
pub fn whole_record(home: &Path, id: &str) -> String {
    let verified = firsthour(home, &["verify", id]).go();
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let lines = firsthour(home, &["export", id, "--as", "jsonl"]).go();
    assert_eq!(lines.code, Some(0), "{lines:?}");
    lines.stdout
}
