//! The process beside a lab that outlives it by a moment.
//!
//! firsthour starts itself again as `__lab-guard` with a pipe on standard
//! input. The guard starts the server, answers with one line, and waits for
//! the pipe to close. The kernel closes it however firsthour ends, also after
//! `kill -9`; then the guard ends the server and removes the run's folder.

use super::error::LabError;
use super::launch::{Order, START_LIMIT, launch, stop};
use super::process::Identity;
use super::run_folder::RunFolder;
use crate::domain::failure::Failure;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "__lab-guard";

/// How long the guard may take for its part after the pipe has closed.
const RELEASE_LIMIT: Duration = Duration::from_secs(12);

/// The guard's one line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Ready { server: Option<Identity> },
    Failed { why: String },
}

/// The guard as seen from the process it watches over.
#[derive(Debug)]
pub(super) struct Guard {
    child: Child,
    /// Held open; its end is the signal.
    line: Option<ChildStdin>,
    end: Receiver<String>,
}

impl Guard {
    /// Starts the guard, hands it the order and waits until it answers.
    pub(super) fn start(program: &Path, order: &Order) -> Result<Self, LabError> {
        let spawned = |source| LabError::Spawn {
            program: program.to_owned(),
            source,
        };
        let mut child = Command::new(program)
            .arg(SUBCOMMAND)
            // Its own group: the terminal's Ctrl-C is not meant for it.
            .process_group(0)
            .current_dir("/")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(spawned)?;
        let end = lines(child.stdout.take());
        let mut guard = Self {
            line: child.stdin.take(),
            child,
            end,
        };
        let mut text = serde_json::to_string(order).unwrap_or_default();
        text.push('\n');
        if let Some(line) = &mut guard.line {
            line.write_all(text.as_bytes()).map_err(spawned)?;
        }
        match guard.answer() {
            Ok(()) => Ok(guard),
            Err(error) => {
                guard.release();
                Err(error)
            }
        }
    }

    fn answer(&self) -> Result<(), LabError> {
        let text = self
            .end
            .recv_timeout(START_LIMIT + RELEASE_LIMIT)
            .map_err(|_| LabError::Guard("nothing".to_owned()))?;
        match serde_json::from_str(&text) {
            Ok(Answer::Ready { .. }) => Ok(()),
            Ok(Answer::Failed { why }) => Err(LabError::Guard(why)),
            Err(_) => Err(LabError::Guard(text)),
        }
    }

    /// Lets go of the guard and waits until it has cleaned up.
    pub(super) fn release(mut self) {
        drop(self.line.take());
        // The wire ends with the guard; any further line is of no interest.
        let ended = self.end.recv_timeout(RELEASE_LIMIT)
            == Err(std::sync::mpsc::RecvTimeoutError::Disconnected);
        if !ended {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The lines of a stream as messages; the channel closes with the stream.
fn lines(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (tell, lines) = channel();
    std::thread::spawn(move || {
        for line in stream
            .map(BufReader::new)
            .into_iter()
            .flat_map(BufRead::lines)
        {
            let Ok(line) = line else { return };
            if tell.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// The guard's own life: reads the order from `input`, starts the server,
/// answers on `output`, stays until `stay` returns, then cleans up. `stay`
/// gets the rest of the input, whose end means that the parent is gone.
pub fn serve<I: BufRead>(
    mut input: I,
    output: &mut dyn Write,
    stay: impl FnOnce(I),
) -> Result<(), Failure> {
    let mut text = String::new();
    let read = input.read_line(&mut text);
    let order: Order = match read.map(|_| serde_json::from_str(&text)) {
        Ok(Ok(order)) => order,
        _ => {
            return Err(Failure::new(
                "the lab's guard did not start",
                "its standard input holds no order",
                "run `firsthour drill`, which starts it by itself",
            ));
        }
    };
    let folder = RunFolder::join(&order.run)?;
    let launched = launch(&folder, &order);
    let answer = match &launched {
        Ok(server) => Answer::Ready {
            server: server.identity(),
        },
        Err(error) => Answer::Failed {
            why: error.to_string(),
        },
    };
    // A parent that is gone reads no answer; the wait below ends at once.
    let _ = writeln!(
        output,
        "{}",
        serde_json::to_string(&answer).unwrap_or_default()
    );
    let _ = output.flush();
    if let Ok(mut server) = launched {
        stay(input);
        stop(&mut server);
    }
    folder.remove();
    Ok(())
}
