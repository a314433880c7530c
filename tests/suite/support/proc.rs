//! A process as the kernel tells of it: its state, its parent, the time it
//! took, its end. Linux only, like the lab's own bookkeeping.

use rustix::process::{Pid, Signal, kill_process};
use std::time::{Duration, Instant};

/// The fields of `/proc/PID/stat` after the name, which may hold blanks.
fn stat(pid: i32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// The process's state, `T` when it is stopped; `None` when it is gone.
pub fn state(pid: i32) -> Option<char> {
    stat(pid)?.first()?.chars().next()
}

/// The clock ticks it has spent so far, in itself and in the kernel.
pub fn cpu_ticks(pid: i32) -> u64 {
    let fields = stat(pid).unwrap();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// Sends a signal to one process.
pub fn send(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

/// Waits until a process is gone.
///
/// # Panics
/// When it is still there after the deadline.
pub fn wait_end(pid: i32, deadline: Duration) {
    let end = Instant::now() + deadline;
    while state(pid).is_some_and(|state| state != 'Z') {
        assert!(Instant::now() < end, "process {pid} is still there");
        std::thread::yield_now();
    }
}
