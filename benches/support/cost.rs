//! What a program costs: processor time and wall time of a child.

use nix::sys::resource::{UsageWho, getrusage};
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub cpu: f64,
    pub wall: f64,
}

/// Processor seconds of all children that have ended, user and system.
fn spent() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("what children used");
    let (user, system) = (usage.user_time(), usage.system_time());
    let seconds = |value: nix::sys::time::TimeVal| {
        let micros = u64::try_from(value.tv_usec()).unwrap_or(0);
        Duration::from_secs(u64::try_from(value.tv_sec()).unwrap_or(0))
            + Duration::from_micros(micros)
    };
    (seconds(user) + seconds(system)).as_secs_f64()
}

/// Runs a program to its end, its output thrown away.
pub fn cost(command: &mut Command, good: &[i32]) -> Cost {
    let (before, start) = (spent(), Instant::now());
    let status = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program");
    let wall = start.elapsed().as_secs_f64();
    let code = status.code().unwrap_or(-1);
    assert!(good.contains(&code), "{command:?} ended with {code}");
    Cost {
        cpu: spent() - before,
        wall,
    }
}

/// The most memory a program that writes at its very end held, in KiB: it
/// waits for its reader then, and the kernel still knows.
pub fn peak(command: &mut Command) -> u64 {
    let mut child: Child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program");
    let mut out = child.stdout.take().expect("its output");
    let status = format!("/proc/{}/status", child.id());
    let mut buffer = vec![0; 1024];
    let mut peak = 0;
    while out.read(&mut buffer).expect("output") > 0 {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let held = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(held.unwrap_or(0));
    }
    child.wait().expect("its end");
    peak
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
