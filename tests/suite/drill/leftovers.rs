//! What a lab leaves behind when somebody pulls the plug, and who cleans it.

use crate::support::lab::{GUARD, bin, cache};
use firsthour::drill::account::Account;
use firsthour::drill::process::{Identity, wait_gone};
use firsthour::drill::run_folder::sweep;
use firsthour::drill::server::{Listen, Options, Server};
use firsthour::drill::template;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const LONG: Duration = Duration::from_mins(1);

/// A cache of its own below the real one, which the server's user can enter.
fn private_cache() -> TempDir {
    let dir = tempfile::tempdir_in(cache()).expect("a folder");
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(dir.path(), open).expect("a mode");
    dir
}

fn start(cache: &Path, guard: Option<&Path>) -> Server {
    let options = Options {
        cache,
        listen: Listen::Socket,
        guard,
        settings: &[],
    };
    Server::start(&bin(), &options).expect("a server")
}

/// Not a test of anything: the process that other tests start and kill. It
/// says what it started and stays until its input ends.
#[test]
#[ignore = "other tests run it as a process of its own"]
fn a_lab_to_be_killed() {
    let mut input = BufReader::new(std::io::stdin());
    let mut line = String::new();
    input.read_line(&mut line).unwrap();
    let Some((place, guard)) = line.trim().split_once(' ') else {
        return;
    };
    let guard = (guard == "guarded").then_some(Path::new(GUARD));
    let server = start(Path::new(place), guard);
    let process = server.process().unwrap();
    let folder = server.socket_dir().parent().unwrap();
    println!(
        "\nLAB {}",
        serde_json::to_string(&(folder, process)).unwrap()
    );
    let _ = input.read_to_string(&mut String::new());
}

/// Starts the process above; it lives until it is killed.
fn victim(cache: &Path, guard: &str) -> (Child, PathBuf, Identity) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--ignored", "--exact", "--nocapture", "-q"])
        .arg("drill::leftovers::a_lab_to_be_killed")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let order = format!("{} {guard}\n", cache.display());
    let mut input = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut input, order.as_bytes()).expect("a write");
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let said = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("LAB ").map(str::to_owned))
        .expect("a lab");
    let (folder, process) = serde_json::from_str(&said).expect("what it started");
    child.stdin = Some(input);
    (child, folder, process)
}

/// Waits until the guard, which is nobody's child any more, has removed it.
fn removed(folder: &Path) -> bool {
    let (_open, never) = std::sync::mpsc::channel::<()>();
    let deadline = Instant::now() + LONG;
    while folder.exists() && Instant::now() < deadline {
        let _ = never.recv_timeout(Duration::from_millis(5));
    }
    !folder.exists()
}

fn kill(mut child: Child) {
    child.kill().expect("a kill");
    child.wait().expect("an end");
}

#[test]
fn after_a_kill_the_guard_ends_the_server_and_removes_its_data() {
    let cache = private_cache();
    let (child, folder, process) = victim(cache.path(), "guarded");
    assert!(process.alive() && folder.exists());
    kill(child);
    assert!(wait_gone(&process, LONG));
    assert!(removed(&folder));
    let none: Vec<String> = Vec::new();
    assert_eq!(sweep(cache.path(), Account::for_server()).unwrap(), none);
}

#[test]
fn what_a_kill_left_without_a_guard_is_found_by_the_next_start() {
    let cache = private_cache();
    let (child, folder, process) = victim(cache.path(), "alone");
    let account = Account::for_server();
    let none: Vec<String> = Vec::new();
    assert_eq!(sweep(cache.path(), account).unwrap(), none);
    kill(child);
    assert!(process.alive(), "nothing ended it yet");
    let cleaned = sweep(cache.path(), account).unwrap();
    assert_eq!(cleaned.len(), 1);
    assert!(cleaned[0].starts_with("ended the server"), "{cleaned:?}");
    assert!(wait_gone(&process, LONG));
    assert!(!folder.exists());
    assert_eq!(sweep(cache.path(), account).unwrap(), none);
}

#[test]
fn drafts_that_broke_off_are_removed_and_others_left_alone() {
    let cache = private_cache();
    let shelf = cache.path().join("servers");
    let mut gone = Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    let broken = shelf.join(format!(".new-{}-abc", gone.id()));
    let current = shelf.join(format!(".new-{}-abc", std::process::id()));
    let whole = shelf.join("wheel-18.6.3");
    for dir in [&broken, &current, &whole] {
        std::fs::create_dir_all(dir).unwrap();
    }
    let cleaned = sweep(cache.path(), Account::for_server()).unwrap();
    assert_eq!(cleaned.len(), 1, "{cleaned:?}");
    assert!(!broken.exists() && current.exists() && whole.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_guard_does_not_keep_the_server_alive() {
    let cache = private_cache();
    let server = start(cache.path(), Some(Path::new(GUARD)));
    let process = server.process().unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.pid)).unwrap();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    let guard = Identity::of(parent.unwrap().trim().parse().unwrap()).unwrap();
    guard.signal(rustix::process::Signal::KILL);
    assert!(wait_gone(&guard, LONG));
    assert!(process.alive());
    drop(server);
    assert!(wait_gone(&process, LONG));
}

#[test]
fn two_starts_at_once_make_one_template() {
    let cache = private_cache();
    let place = || template::ensure(cache.path(), &bin(), Account::for_server());
    let (one, two) = std::thread::scope(|scope| {
        let other = scope.spawn(place);
        (place().unwrap(), other.join().unwrap().unwrap())
    });
    assert_eq!(one, two);
    let mode = std::fs::metadata(&one).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "it holds a password");
    let kept = std::fs::read_dir(cache.path().join("templates")).unwrap();
    assert_eq!(kept.count(), 1);
}

#[test]
fn a_socket_path_that_is_too_long_is_refused_with_the_next_step() {
    let cache = private_cache();
    let deep = cache.path().join("d".repeat(80));
    std::fs::create_dir(&deep).unwrap();
    let options = Options {
        cache: &deep,
        listen: Listen::Socket,
        guard: None,
        settings: &[],
    };
    let failure = Server::start(&bin(), &options).unwrap_err();
    assert!(failure.hint.contains("shorter path"), "{failure:?}");
}
