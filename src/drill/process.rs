//! Processes the lab started: who they are, whether they still live, and how
//! to wait for one without waiting for time to pass.
//!
//! A process is known by its number and its start mark together, so a number
//! that was given to somebody else since is never signalled.

use super::error::LabError;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How often a condition is looked at while a program is running.
const PULSE: Duration = Duration::from_millis(4);

/// One process, for as long as it lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub pid: i32,
    /// When it started, in the system's own terms; compared, never read.
    pub started: String,
}

impl Identity {
    /// The process that has this number now; `None` if none runs.
    pub fn of(pid: i32) -> Option<Self> {
        start_mark(pid).map(|started| Self { pid, started })
    }

    /// Whether this very process still runs.
    pub fn alive(&self) -> bool {
        start_mark(self.pid).as_ref() == Some(&self.started)
    }

    /// Sends a signal if this very process still runs.
    pub fn signal(&self, signal: Signal) {
        if self.alive()
            && let Some(pid) = Pid::from_raw(self.pid)
        {
            // It may have ended between the look and the signal: that is the
            // wanted state, so the answer does not matter.
            let _ = kill_process(pid, signal);
        }
    }
}

/// The start mark of a running process: boot and start tick. A zombie has
/// ended and has none.
#[cfg(target_os = "linux")]
fn start_mark(pid: i32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in brackets and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    let tick = fields.nth(18)?;
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    (!matches!(state, "Z" | "X")).then(|| format!("{}/{tick}", boot.trim()))
}

/// The start mark of a running process: the start time `ps` prints.
#[cfg(not(target_os = "linux"))]
fn start_mark(pid: i32) -> Option<String> {
    let out = Command::new("/bin/ps")
        .args(["-o", "stat=,lstart=", "-p", &pid.to_string()])
        .env_clear()
        .env("LC_ALL", "C")
        .output()
        .ok()?;
    let line = String::from_utf8(out.stdout).ok()?;
    let (state, started) = line.trim().split_once(char::is_whitespace)?;
    (!state.starts_with('Z')).then(|| started.trim().to_owned())
}

/// A child whose end can be waited for with a deadline. Its standard output
/// is the wire: it closes when the last process of the family is gone.
#[derive(Debug)]
pub struct Watched {
    child: Child,
    end: Receiver<()>,
}

impl Watched {
    /// Starts the command; its standard output is not available to the caller.
    pub fn spawn(command: &mut Command) -> Result<Self, LabError> {
        let mut child =
            command
                .stdout(Stdio::piped())
                .spawn()
                .map_err(|source| LabError::Spawn {
                    program: command.get_program().into(),
                    source,
                })?;
        let wire = child.stdout.take();
        let (tell, end) = channel();
        std::thread::spawn(move || {
            if let Some(mut wire) = wire {
                let mut scrap = [0_u8; 512];
                while wire.read(&mut scrap).is_ok_and(|n| n > 0) {}
            }
            drop(tell);
        });
        Ok(Self { child, end })
    }

    /// Who the child is. A child that was not waited for keeps its number.
    pub fn identity(&self) -> Option<Identity> {
        Identity::of(i32::try_from(self.child.id()).ok()?)
    }

    /// Waits until `ready` answers yes. `None`: the child ended or the time
    /// was up.
    pub fn wait_until(&self, limit: Duration, ready: impl Fn() -> bool) -> Option<()> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if ready() {
                return Some(());
            }
            if self.end.recv_timeout(PULSE) != Err(RecvTimeoutError::Timeout) {
                return None;
            }
        }
        None
    }

    /// Waits until the child and all it started are gone, at most `limit`.
    pub fn wait_end(&mut self, limit: Duration) -> Option<std::process::ExitStatus> {
        match self.end.recv_timeout(limit) {
            Err(RecvTimeoutError::Timeout) => None,
            _ => self.child.wait().ok(),
        }
    }

    /// Ends the child at once and reaps it.
    pub fn kill(&mut self) {
        // Both fail only when the child is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until a process that is not our child has ended; `false` when it
/// still runs after `limit`.
pub fn wait_gone(identity: &Identity, limit: Duration) -> bool {
    // Nothing is ever sent: the channel is only a wait with a deadline.
    let (_open, never) = channel::<()>();
    let deadline = Instant::now() + limit;
    while identity.alive() {
        if Instant::now() >= deadline {
            return false;
        }
        let _ = never.recv_timeout(PULSE);
    }
    true
}

/// Runs a program to its end and hands on each line it prints, on either
/// stream, as it comes. After `limit` its whole process group is ended.
pub fn follow(
    command: &mut Command,
    limit: Duration,
    line: &mut dyn FnMut(&str),
) -> Result<(), LabError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let deadline = Instant::now() + limit;
    let mut child = command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| LabError::Spawn {
            program: command.get_program().into(),
            source,
        })?;
    let (tell, lines) = channel();
    forward(child.stdout.take(), tell.clone());
    forward(child.stderr.take(), tell);
    let mut said = String::new();
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(text) => {
                line(&text);
                said = text;
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                end_group(&mut child);
                return Err(LabError::Slow {
                    program,
                    limit,
                    said,
                });
            }
        }
    }
    let status = child.wait().map_err(|source| LabError::Spawn {
        program: command.get_program().into(),
        source,
    })?;
    if status.success() {
        return Ok(());
    }
    Err(LabError::Program {
        program,
        status: status.to_string(),
        said,
    })
}

/// What a program prints, as one text. See [`follow`].
pub fn ask(command: &mut Command, limit: Duration) -> Result<String, LabError> {
    let mut said = String::new();
    follow(command, limit, &mut |line| {
        said.push_str(line);
        said.push('\n');
    })?;
    Ok(said)
}

fn forward(stream: Option<impl Read + Send + 'static>, tell: Sender<String>) {
    std::thread::spawn(move || {
        let Some(stream) = stream else { return };
        for bytes in BufReader::new(stream).split(b'\n') {
            let Ok(bytes) = bytes else { return };
            let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            if tell.send(text).is_err() {
                return;
            }
        }
    });
}

fn end_group(child: &mut Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // The group may be gone already, which is what is wanted.
        let _ = kill_process_group(pid, Signal::KILL);
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_number_and_start() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let me = Identity::of(pid).unwrap();
        assert!(me.alive());
        let other = Identity {
            pid,
            started: "another life".to_owned(),
        };
        assert!(!other.alive());
    }

    #[test]
    fn an_ended_child_is_noticed_before_it_is_reaped() {
        let mut child = Watched::spawn(&mut Command::new("true")).unwrap();
        let status = child.wait_end(Duration::from_secs(20)).unwrap();
        assert!(status.success());
        assert_eq!(child.wait_until(Duration::from_secs(20), || false), None);
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo started; sleep 600"]);
        let outcome = ask(&mut command, Duration::from_millis(200));
        let Err(LabError::Slow { said, .. }) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(said, "started");
    }

    #[test]
    fn a_failing_program_is_quoted() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no room >&2; exit 3"]);
        let said = ask(&mut command, Duration::from_secs(20)).unwrap_err();
        assert!(said.to_string().ends_with("3: no room"), "{said}");
    }
}
