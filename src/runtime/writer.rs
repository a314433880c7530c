//! The one writer of the journal, on a thread of its own: a slow disk never
//! holds the screen up, and lines reach the disk in the order they were said.

use super::clock::now;
use crate::app::chunks::exhibited;
use crate::app::message::Message;
use crate::domain::entry::{Draft, Entry};
use crate::domain::failure::Failure;
use crate::domain::reading::Exhibit;
use crate::journal::Journal;
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

/// One thing to put on disk.
#[derive(Debug)]
enum Order {
    Append(Vec<Draft>),
    /// Store the blob, record it, then answer.
    Keep(Exhibit, oneshot::Sender<Result<(), Failure>>),
}

/// The way for a running job to have something kept. It does not hold the
/// writer open.
#[derive(Debug, Clone)]
pub struct Shelf(Weak<Sender<Order>>);

impl Shelf {
    /// Ends when the exhibit and the lines that tell of it are on disk.
    ///
    /// # Errors
    /// When they are not.
    pub async fn keep(&self, exhibit: Exhibit) -> Result<(), Failure> {
        let (answer, kept) = oneshot::channel();
        let sent = match self.0.upgrade() {
            Some(orders) => orders.send(Order::Keep(exhibit, answer)).is_ok(),
            None => false,
        };
        if !sent {
            return Err(gone());
        }
        kept.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// The writing thread. Dropping it waits until everything said is on disk.
#[derive(Debug)]
pub struct Writer {
    orders: Option<Arc<Sender<Order>>>,
    thread: Option<JoinHandle<()>>,
    folder: PathBuf,
}

impl Writer {
    /// Takes the journal over; answers go to `outbox`.
    pub fn start(mut journal: Journal, outbox: UnboundedSender<Message>) -> Self {
        let (orders, inbox) = channel::<Order>();
        let folder = journal.folder().to_owned();
        let thread = std::thread::spawn(move || {
            for order in inbox {
                // Nobody listens any more when the program is on its way out;
                // the lines are on disk all the same.
                match order {
                    Order::Append(drafts) => drop(outbox.send(append(&mut journal, &drafts))),
                    Order::Keep(exhibit, answer) => {
                        let kept = keep(&mut journal, exhibit)
                            .map(|entries| drop(outbox.send(Message::Kept(entries))));
                        drop(answer.send(kept));
                    }
                }
            }
        });
        Self {
            orders: Some(Arc::new(orders)),
            thread: Some(thread),
            folder,
        }
    }

    /// Orders lines to be written.
    pub fn append(&self, drafts: Vec<Draft>) -> Result<(), Failure> {
        let orders = self.orders.as_ref().ok_or_else(gone)?;
        orders.send(Order::Append(drafts)).map_err(|_| gone())
    }

    /// The way for a job to have something kept.
    pub fn shelf(&self) -> Option<Shelf> {
        self.orders
            .as_ref()
            .map(|orders| Shelf(Arc::downgrade(orders)))
    }

    /// The incident folder.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }
}

fn append(journal: &mut Journal, drafts: &[Draft]) -> Message {
    match journal.append(now(), drafts) {
        Ok(entries) => Message::Recorded(entries),
        Err(failure) => Message::NotRecorded {
            failure,
            lines: drafts.len(),
        },
    }
}

/// The blob first: no line may speak of what is not there.
fn keep(journal: &mut Journal, exhibit: Exhibit) -> Result<Vec<Arc<Entry>>, Failure> {
    let kept = journal.keep(now(), &exhibit.bytes, exhibit.media_type, &exhibit.what)?;
    journal.append(now(), &exhibited(exhibit, kept))
}

fn gone() -> Failure {
    Failure::new(
        "lines could not be written",
        "the journal's writer has ended",
        "leave and resume the incident",
    )
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
