//! The terminal: entered, left and always given back as it was found.
//!
//! Raw mode, the alternate screen and bracketed paste are undone on drop, on
//! panic, on suspend and on a terminating signal. Nothing else of the program
//! writes to the terminal while it is entered, and nothing asks it questions:
//! one that does not answer is as good as one that does.

use crate::domain::failure::Failure;
use crate::domain::untrusted::visible;
use crossterm::clipboard::CopyToClipboard;
use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::execute;
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use std::io::{Stdout, Write, stdout};
use std::mem::ManuallyDrop;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};
use std::thread::{self, ThreadId};

static HOOK: Once = Once::new();

/// Whether the terminal is taken over at this moment.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// What a helping thread said in its panic while the screen was up.
static UNTOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The entered terminal.
#[derive(Debug)]
pub struct Screen {
    /// Never dropped: its own drop prints to standard error when the terminal
    /// is gone, which panics when that is the same terminal. What it would do
    /// is done by [`give_back`].
    inner: ManuallyDrop<Terminal<CrosstermBackend<Stdout>>>,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When there is none, or it refuses raw mode.
    pub fn enter() -> Result<Self, Failure> {
        let drawing = thread::current().id();
        HOOK.call_once(|| hook(drawing));
        if let Err(error) = open() {
            give_back();
            return Err(unusable(error));
        }
        let inner = Terminal::new(CrosstermBackend::new(stdout())).map_err(|error| {
            give_back();
            unusable(error)
        })?;
        let mut screen = Self {
            inner: ManuallyDrop::new(inner),
        };
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
    ///
    /// By a resize to the same size, which clears: the library's own `clear`
    /// asks the terminal where its cursor is and fails without an answer.
    pub fn forget(&mut self) -> Result<(), Failure> {
        let area = Rect::from((
            ratatui::layout::Position::ORIGIN,
            self.inner.size().map_err(unusable)?,
        ));
        self.inner.resize(area).map_err(unusable)
    }

    /// Hands a text to the terminal's clipboard (OSC 52). A terminal that has
    /// none says nothing. The text travels encoded, so it cannot drive the
    /// terminal.
    pub fn copy(&mut self, text: &str) -> Result<(), Failure> {
        let order = CopyToClipboard::to_clipboard_from(text);
        execute!(std::io::stdout(), order).map_err(unusable)
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
        let mut untold = UNTOLD.lock().unwrap_or_else(PoisonError::into_inner);
        for text in untold.drain(..) {
            // With standard error closed there is nobody to tell.
            drop(writeln!(std::io::stderr(), "{text}"));
        }
    }
}

/// A panic of the thread that draws ends the program: the terminal is given
/// back first. One of any other thread ends its job only, so the screen stays
/// and its text is told after it.
fn hook(drawing: ThreadId) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if ENTERED.load(Ordering::SeqCst) && thread::current().id() != drawing {
            keep(info);
            return;
        }
        give_back();
        before(info);
    }));
}

fn keep(info: &PanicHookInfo<'_>) {
    let mut untold = UNTOLD.lock().unwrap_or_else(PoisonError::into_inner);
    untold.push(visible(&info.to_string()));
}

fn open() -> std::io::Result<()> {
    ENTERED.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// Best effort: when the terminal is gone there is nobody left to tell.
fn give_back() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        drop(execute!(
            stdout(),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        ));
        drop(disable_raw_mode());
    }
}

#[expect(clippy::needless_pass_by_value, reason = "shape of map_err")]
fn unusable(error: std::io::Error) -> Failure {
    Failure::new(
        "the terminal can't be used",
        error.to_string(),
        "run it in a terminal, or add --plain for lines without one",
    )
}
