//! A process as the kernel tells of it: its state, its parent, the time it
//! took, its end. Linux only, like the lab's own bookkeeping.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use std::time::Duration;

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

/// Every living process whose parent is `pid`.
pub fn children(pid: i32) -> Vec<i32> {
    let parent = pid.to_string();
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| stat(*pid).is_some_and(|fields| fields[1] == parent))
        .collect()
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
    // The kernel's handle on a process becomes readable at its end.
    let Ok(handle) = pidfd_open(Pid::from_raw(pid).unwrap(), PidfdFlags::empty()) else {
        return;
    };
    let limit = Timespec::try_from(deadline).unwrap();
    let mut watched = [PollFd::new(&handle, PollFlags::IN)];
    let ended = poll(&mut watched, Some(&limit)).unwrap() == 1;
    assert!(ended, "process {pid} is still there");
}
