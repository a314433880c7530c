//! Runs the built program with pipes and collects what it said.
//!
//! Each run has its own `FIRSTHOUR_HOME` unless one is given, a clean
//! environment, and a deadline after which the child is killed and the test
//! fails with everything seen so far.

use firsthour::config::Env;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Longest a run may take before the test gives up on it.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// One run of the program, described before it starts.
#[derive(Debug)]
pub struct Run {
    args: Vec<String>,
    env: Vec<(String, String)>,
    stdin: String,
    home: PathBuf,
    deadline: Duration,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    /// The exit code; `None` when a signal ended the program.
    pub code: Option<i32>,
}

/// Describes a run of the built program under `home`.
pub fn firsthour(home: &Path, args: &[&str]) -> Run {
    Run {
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
        env: Vec::new(),
        stdin: String::new(),
        home: home.to_owned(),
        deadline: DEADLINE,
    }
}

/// The variables every child gets: enough to find installed programs, and
/// nothing a developer's shell may have set.
pub fn clean_env(home: &Path) -> Vec<(String, String)> {
    let own = Env::read();
    let mut vars: Vec<(String, String)> = ["PATH", "LANG", "TMPDIR"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), own.get(name)?.to_owned())))
        .collect();
    vars.push(("HOME".to_owned(), home.display().to_string()));
    vars.push(("FIRSTHOUR_HOME".to_owned(), home.display().to_string()));
    vars
}

impl Run {
    /// Sets one more variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Text for standard input; without it the input is empty.
    #[must_use]
    pub fn stdin(mut self, text: &str) -> Self {
        text.clone_into(&mut self.stdin);
        self
    }

    /// Another deadline than [`DEADLINE`].
    #[must_use]
    pub fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Starts the program and waits for its end.
    ///
    /// # Panics
    /// When the program does not end before the deadline.
    pub fn go(self) -> Ran {
        let mut child = self.spawn();
        let mut input = child.stdin.take().unwrap();
        let text = self.stdin.clone();
        // A program that ends without reading closes the pipe; that is its right.
        std::thread::spawn(move || drop(input.write_all(text.as_bytes())));
        let out = drain(child.stdout.take().unwrap());
        let err = drain(child.stderr.take().unwrap());
        let pid = child.id();
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || tell.send(child.wait()));
        let Ok(status) = told.recv_timeout(self.deadline) else {
            end(pid);
            panic!(
                "{:?} did not end within {:?}\nstdout: {}\nstderr: {}",
                self.args,
                self.deadline,
                out.recv().unwrap_or_default(),
                err.recv().unwrap_or_default()
            );
        };
        Ran {
            stdout: out.recv_timeout(self.deadline).unwrap(),
            stderr: err.recv_timeout(self.deadline).unwrap(),
            code: status.unwrap().code(),
        }
    }

    fn spawn(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_firsthour"))
            .args(&self.args)
            .env_clear()
            .envs(clean_env(&self.home))
            .envs(self.env.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

/// Ends a child that outlived its deadline, by its own process id.
fn end(pid: u32) {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself a moment ago.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        drop(pipe.read_to_end(&mut bytes));
        tell.send(String::from_utf8_lossy(&bytes).into_owned())
    });
    told
}
