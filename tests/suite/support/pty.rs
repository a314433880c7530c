//! The built program in a pseudo-terminal, seen through a terminal parser.
//!
//! A reader thread passes every chunk of output on; [`Pty::wait_for`] feeds
//! the parser until the text stands on the screen or the deadline is over.

use portable_pty::{
    ChildKiller, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system,
};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Columns and rows of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub columns: u16,
    pub rows: u16,
}

/// The size every screen must be comfortable in.
pub const SMALL: Size = Size {
    columns: 80,
    rows: 24,
};

/// A key by name, for scripts that read well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Char(char),
    Ctrl(char),
    Enter,
    Escape,
    Tab,
    BackTab,
    Backspace,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
}

impl Key {
    /// The bytes a common terminal sends for the key.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Self::Char(c) => c.to_string().into_bytes(),
            Self::Ctrl(c) => vec![c.to_ascii_uppercase() as u8 & 0x1f],
            Self::Enter => b"\r".to_vec(),
            Self::Escape => b"\x1b".to_vec(),
            Self::Tab => b"\t".to_vec(),
            Self::BackTab => b"\x1b[Z".to_vec(),
            Self::Backspace => b"\x7f".to_vec(),
            Self::Up => b"\x1b[A".to_vec(),
            Self::Down => b"\x1b[B".to_vec(),
            Self::Right => b"\x1b[C".to_vec(),
            Self::Left => b"\x1b[D".to_vec(),
            Self::PageUp => b"\x1b[5~".to_vec(),
            Self::PageDown => b"\x1b[6~".to_vec(),
        }
    }
}

/// A program running in a pseudo-terminal. It is killed when this is dropped.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    killer: Box<dyn ChildKiller + Send + Sync>,
    pid: Option<u32>,
    chunks: Receiver<Vec<u8>>,
    ended: Receiver<ExitStatus>,
    parser: vt100::Parser,
    raw: Vec<u8>,
}

impl std::fmt::Debug for Pty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pty")
            .field("pid", &self.pid)
            .field("seen", &self.raw.len())
            .finish_non_exhaustive()
    }
}

/// Starts the built program.
pub fn spawn(args: &[&str], size: Size, env: &[(String, String)]) -> Pty {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_firsthour"));
    command.args(args);
    spawn_command(command, size, env)
}

/// Starts any command with only `env` and a `TERM` set.
pub fn spawn_command(mut command: CommandBuilder, size: Size, env: &[(String, String)]) -> Pty {
    command.env_clear();
    command.env("TERM", "xterm-256color");
    for (name, value) in env {
        command.env(name, value);
    }
    let pair = native_pty_system().openpty(cells(size)).unwrap();
    let mut child = pair.slave.spawn_command(command).unwrap();
    // The last copy of the slave must close with the child, or its end is
    // never seen.
    drop(pair.slave);
    let (killer, pid) = (child.clone_killer(), child.process_id());
    let (tell_chunk, chunks) = channel();
    let mut reader = pair.master.try_clone_reader().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 8192];
        // Linux answers EIO, not an end of file, when the child has gone.
        while let Ok(n @ 1..) = reader.read(&mut buffer) {
            if tell_chunk.send(buffer[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    let (tell_end, ended) = channel();
    std::thread::spawn(move || child.wait().map(|status| tell_end.send(status)));
    Pty {
        writer: pair.master.take_writer().unwrap(),
        master: pair.master,
        killer,
        pid,
        chunks,
        ended,
        parser: vt100::Parser::new(positive(size.rows), positive(size.columns), 0),
        raw: Vec::new(),
    }
}

impl Pty {
    /// Waits until `text` stands on one row of the screen.
    ///
    /// # Panics
    /// When the deadline is over or the program ended first; the last screen
    /// is shown.
    pub fn wait_for(&mut self, text: &str, deadline: Duration) {
        self.wait_until(text, deadline, |screen| screen.contains(text));
    }

    /// Waits until `text` no longer stands on the screen.
    ///
    /// # Panics
    /// As [`Pty::wait_for`].
    pub fn wait_gone(&mut self, text: &str, deadline: Duration) {
        self.wait_until(text, deadline, |screen| !screen.contains(text));
    }

    fn wait_until(&mut self, what: &str, deadline: Duration, done: impl Fn(&str) -> bool) {
        let end = Instant::now() + deadline;
        while !done(&self.screen()) {
            let left = end.saturating_duration_since(Instant::now());
            match self.chunks.recv_timeout(left) {
                Ok(chunk) => self.feed(&chunk),
                Err(why) => panic!(
                    "waited for {what:?}: {}; the screen was:\n{}",
                    match why {
                        RecvTimeoutError::Timeout => "the deadline is over",
                        RecvTimeoutError::Disconnected => "the program ended",
                    },
                    self.screen()
                ),
            }
        }
    }

    /// Reads on until the program has been silent for `quiet`: the frame is
    /// whole then. Silence is the event waited for.
    pub fn settle(&mut self, quiet: Duration) {
        while let Ok(chunk) = self.chunks.recv_timeout(quiet) {
            self.feed(&chunk);
        }
    }

    fn feed(&mut self, chunk: &[u8]) {
        self.raw.extend_from_slice(chunk);
        self.parser.process(chunk);
    }

    /// Presses one key.
    pub fn key(&mut self, key: Key) {
        self.send(&key.bytes());
    }

    /// Types bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).unwrap();
        self.writer.flush().unwrap();
    }

    /// The screen as text, one line a row, without trailing blanks.
    pub fn screen(&self) -> String {
        let columns = self.parser.screen().size().1.get();
        let rows: Vec<String> = self
            .parser
            .screen()
            .rows(0, columns)
            .map(|row| row.trim_end().to_owned())
            .collect();
        rows.join("\n")
    }

    /// The screen with colours and modes.
    pub fn cells(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Changes the window size; the program gets the signal for it.
    pub fn resize(&mut self, size: Size) {
        self.master.resize(cells(size)).unwrap();
        self.parser
            .set_size(positive(size.rows), positive(size.columns));
    }

    /// Every byte the program has sent so far and this side has read.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The process id, for tests that send a signal.
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// Whether the terminal hands keys over one by one, without an echo.
    pub fn raw_mode(&self) -> bool {
        use rustix::termios::LocalModes;
        let modes = self.master.get_termios().unwrap();
        !LocalModes::from_bits_retain(modes.local_flags.bits())
            .intersects(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Ends the program at once, without a chance to tidy up.
    pub fn kill(&mut self) {
        drop(self.killer.kill());
    }

    /// Waits for the program's end and reads the rest of its output.
    ///
    /// # Panics
    /// When the program is still there after the deadline.
    pub fn exit(&mut self, deadline: Duration) -> ExitStatus {
        let end = Instant::now() + deadline;
        let left = || end.saturating_duration_since(Instant::now());
        loop {
            match self.chunks.recv_timeout(left()) {
                Ok(chunk) => self.feed(&chunk),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    panic!(
                        "the program did not end; the screen was:\n{}",
                        self.screen()
                    )
                }
            }
        }
        self.ended.recv_timeout(left()).unwrap()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        self.kill();
    }
}

fn cells(size: Size) -> PtySize {
    PtySize {
        rows: size.rows,
        cols: size.columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn positive(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells.max(1)).unwrap()
}
