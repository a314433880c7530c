//! The terminal: entered, left and always given back as it was found.
//!
//! Raw mode and the alternate screen are undone on drop, on panic, on suspend
//! and on a terminating signal. Nothing else of the program writes to the
//! terminal while it is entered.

use crate::domain::failure::Failure;
use crossterm::cursor::Show;
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};
use std::io::{Stdout, stdout};
use std::sync::Once;

static HOOK: Once = Once::new();

/// The entered terminal.
#[derive(Debug)]
pub struct Screen {
    inner: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When there is none, or it refuses raw mode.
    pub fn enter() -> Result<Self, Failure> {
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                give_back();
                before(info);
            }));
        });
        open().map_err(unusable)?;
        let inner = Terminal::new(CrosstermBackend::new(stdout())).map_err(unusable)?;
        let mut screen = Self { inner };
        screen.forget()?;
        Ok(screen)
    }

    /// Columns and lines.
    pub fn size(&self) -> (u16, u16) {
        self.inner
            .size()
            .map_or((80, 24), |size| (size.width, size.height))
    }

    /// Draws one frame.
    pub fn draw(&mut self, frame: impl FnOnce(&mut ratatui::Frame<'_>)) -> Result<(), Failure> {
        self.inner.draw(frame).map(drop).map_err(unusable)
    }

    /// Draws everything again at the next frame.
    pub fn forget(&mut self) -> Result<(), Failure> {
        // `Terminal::clear` first asks the terminal where its cursor is, and
        // fails where nothing answers, as on a serial line. A change to the
        // same size clears without asking.
        let size = self.inner.size().map_err(unusable)?;
        self.inner
            .resize(Rect::from((Position::ORIGIN, size)))
            .map_err(unusable)
    }

    /// Gives the terminal to the shell, stops this process, and takes the
    /// terminal back when the shell says so.
    pub fn suspend(&mut self) -> Result<(), Failure> {
        give_back();
        let own = rustix::process::getpid();
        rustix::process::kill_process(own, rustix::process::Signal::STOP)
            .map_err(|e| unusable(e.into()))?;
        open().map_err(unusable)?;
        self.forget()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn open() -> std::io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen)
}

/// Best effort: when the terminal is gone there is nobody left to tell.
fn give_back() {
    drop(execute!(stdout(), LeaveAlternateScreen, Show));
    drop(disable_raw_mode());
}

#[expect(clippy::needless_pass_by_value, reason = "shape of map_err")]
fn unusable(error: std::io::Error) -> Failure {
    Failure::new(
        "the terminal can't be used",
        error.to_string(),
        "run it in a terminal, or add --plain for lines without one",
    )
}
