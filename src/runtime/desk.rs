//! Where a job tells how far it is, and what it wants kept. A leaf: the engine
//! hands it out, the work writes on it.

use super::writer::Shelf;
use crate::app::message::Message;
use crate::app::model::{JobId, Progress};
use tokio::sync::mpsc::UnboundedSender;

/// Where a job reports its progress.
#[derive(Debug, Clone)]
pub struct Desk {
    pub job: JobId,
    pub outbox: UnboundedSender<Message>,
    /// The open incident's record, if it is open for writing.
    pub shelf: Option<Shelf>,
}

impl Desk {
    /// Tells how far the job is; `total` 0 when the whole is not known.
    pub fn progress(&self, done: u64, total: u64, what: &str) {
        drop(self.outbox.send(Message::JobProgress {
            job: self.job,
            progress: Progress {
                done,
                total,
                what: what.to_owned(),
            },
        }));
    }
}
