//! The loop on a terminal: one `select!`, one frame for each batch of
//! messages. Nothing ticks while nothing changes, but the clock, once a
//! second while an incident is open.

use super::clock::now;
use super::engine::{Control, Engine};
use super::terminal::Screen;
use crate::app::key::Key;
use crate::app::message::Message;
use crate::app::model::Model;
use crate::app::update::update;
use crate::domain::failure::Failure;
use crate::ui::draw;
use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use futures_util::StreamExt;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;

/// Messages taken in before the next frame is drawn.
const BATCH: usize = 256;

/// Runs until the person leaves or the terminal goes away.
pub async fn run(
    model: &mut Model,
    engine: &mut Engine,
    inbox: &mut UnboundedReceiver<Message>,
    first: Vec<crate::app::effect::Effect>,
) -> Result<(), Failure> {
    let mut screen = Screen::enter()?;
    model.size = screen.size();
    let opens = !first.contains(&crate::app::effect::Effect::ListHome);
    for effect in first {
        engine.perform(effect);
    }
    let mut events = EventStream::new();
    let mut ends = Ends::new()?;
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        screen.draw(|frame| draw(model, frame))?;
        let message = tokio::select! {
            () = ends.next() => return Ok(()),
            event = events.next() => match event {
                Some(Ok(event)) => translate(&event),
                // The terminal is gone; everything said is on disk.
                Some(Err(_)) | None => return Ok(()),
            },
            Some(message) = inbox.recv() => Some(message),
            _ = tick.tick(), if model.case.is_some() || model.busy() => Some(Message::Tick),
        };
        let mut pending: VecDeque<Message> = message.into_iter().collect();
        while pending.len() < BATCH {
            match inbox.try_recv() {
                Ok(message) => pending.push_back(message),
                Err(_) => break,
            }
        }
        for message in pending {
            let key = matches!(message, Message::Key(_));
            let failed = matches!(message, Message::JobFailed { .. });
            for effect in update(model, now(), message) {
                match engine.perform(effect) {
                    Some(Control::Quit) => return Ok(()),
                    Some(Control::Suspend) => screen.suspend()?,
                    Some(Control::Redraw) => screen.forget()?,
                    Some(Control::Copy(text)) => screen.copy(&text)?,
                    None => {}
                }
            }
            if key {
                let reach = crate::ui::reach(model);
                model.screen.clip_scroll(reach);
            }
            // What was asked for on the command line could not be opened.
            if opens && failed && model.case.is_none() {
                return Ok(());
            }
        }
    }
}

/// Signals that ask the program to end.
#[derive(Debug)]
pub struct Ends {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
}

impl Ends {
    /// Listens for them.
    pub fn new() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|e| {
                Failure::new(
                    "signals can't be listened for",
                    e.to_string(),
                    "start the program again",
                )
            })
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Waits for the first of them.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// A terminal event as a message; what means nothing here is dropped.
fn translate(event: &Event) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => key_of(*key).map(Message::Key),
        Event::Resize(columns, lines) => Some(Message::Resized(*columns, *lines)),
        Event::Paste(text) => Some(Message::Pasted(text.clone())),
        _ => None,
    }
}

const fn key_of(key: KeyEvent) -> Option<Key> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char(c) => Some(Key::Ctrl(c.to_ascii_lowercase())),
            _ => None,
        };
    }
    Some(match key.code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        _ => return None,
    })
}
