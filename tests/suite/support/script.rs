//! The program talking in plain lines while the test still holds both ends:
//! lines go in when they are meant to, and every line that comes out is seen.

use super::cli::clean_env;
use super::play::{PROGRAM, WAIT};
use super::proc::{children, wait_end};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// One run. It is killed when this is dropped.
#[derive(Debug)]
pub struct Script {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Script {
    /// Starts the program with pipes.
    pub fn start(home: &Path, args: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(args)
            .env_clear()
            .envs(clean_env(home))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            lines,
            seen: Vec::new(),
        }
    }

    /// Types lines. A program that is gone does not read them.
    pub fn say(&mut self, text: &str) {
        drop(self.stdin.as_mut().unwrap().write_all(text.as_bytes()));
    }

    /// Reads on until so many entries were acknowledged.
    ///
    /// # Panics
    /// As [`Script::wait_for`].
    pub fn wait_recorded(&mut self, count: usize) {
        while self.acknowledged().len() < count {
            self.next();
        }
    }

    /// Reads on until an entry of this kind was acknowledged.
    ///
    /// # Panics
    /// As [`Script::wait_for`].
    pub fn wait_kind(&mut self, kind: &str) {
        while !self.acknowledged().iter().any(|(_, said)| said == kind) {
            self.next();
        }
    }

    fn next(&mut self) -> String {
        let line = self.lines.recv_timeout(WAIT);
        let line = line.unwrap_or_else(|e| panic!("{e}; the lines were:\n{}", self.text()));
        self.seen.push(line.clone());
        line
    }

    /// Every entry that was said to be on disk: its number and kind.
    pub fn acknowledged(&self) -> Vec<(u64, String)> {
        let recorded = self.seen.iter().filter_map(|line| {
            let mut words = line.strip_prefix("recorded ")?.split(' ');
            let seq = words.next()?.parse().ok()?;
            Some((seq, words.nth(1)?.to_owned()))
        });
        recorded.collect()
    }

    /// The program's process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything said so far.
    pub fn text(&self) -> String {
        self.seen.join("\n")
    }

    /// Ends the input and waits for the program's end; its exit code.
    pub fn finish(&mut self) -> Option<i32> {
        self.stdin = None;
        self.drain();
        self.child.wait().unwrap().code()
    }

    /// Ends the program without a chance to tidy up, and waits until the
    /// lab's server is gone too. Its guard clears the folder away meanwhile.
    pub fn kill(&mut self) {
        let own = i32::try_from(self.child.id()).unwrap();
        let guards = children(own);
        let servers: Vec<i32> = guards.iter().flat_map(|pid| children(*pid)).collect();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.drain();
        assert!(!servers.is_empty(), "a lab was running");
        for pid in servers {
            wait_end(pid, WAIT);
        }
    }

    /// What was written before the end was acknowledged all the same.
    fn drain(&mut self) {
        while let Ok(line) = self.lines.recv_timeout(WAIT) {
            self.seen.push(line);
        }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
