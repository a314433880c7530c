//! The one writer of the journal, on a thread of its own: a slow disk never
//! holds the screen up, and lines reach the disk in the order they were said.

use super::clock::now;
use crate::app::message::Message;
use crate::domain::entry::Draft;
use crate::domain::failure::Failure;
use crate::journal::Journal;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use tokio::sync::mpsc::UnboundedSender;

/// The writing thread. Dropping it waits until everything said is on disk.
#[derive(Debug)]
pub struct Writer {
    orders: Option<Sender<Vec<Draft>>>,
    thread: Option<JoinHandle<()>>,
    folder: PathBuf,
}

impl Writer {
    /// Takes the journal over; answers go to `outbox`.
    pub fn start(mut journal: Journal, outbox: UnboundedSender<Message>) -> Self {
        let (orders, inbox) = channel::<Vec<Draft>>();
        let folder = journal.folder().to_owned();
        let thread = std::thread::spawn(move || {
            for drafts in inbox {
                let lines = drafts.len();
                let message = match journal.append(now(), &drafts) {
                    Ok(entries) => Message::Recorded(entries),
                    Err(failure) => Message::NotRecorded { failure, lines },
                };
                // Nobody listens any more when the program is on its way out;
                // the lines are on disk all the same.
                drop(outbox.send(message));
            }
        });
        Self {
            orders: Some(orders),
            thread: Some(thread),
            folder,
        }
    }

    /// Orders lines to be written.
    pub fn append(&self, drafts: Vec<Draft>) -> Result<(), Failure> {
        let gone = || {
            Failure::new(
                "lines could not be written",
                "the journal's writer has ended",
                "leave and resume the incident",
            )
        };
        let orders = self.orders.as_ref().ok_or_else(gone)?;
        orders.send(drafts).map_err(|_| gone())
    }

    /// The incident folder.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the writer was told when it happened.
            drop(thread.join());
        }
    }
}
