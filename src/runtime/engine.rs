//! Carries effects out. Each job is a task of its own; whatever becomes of
//! it, exactly one message ends it.

use super::desk::Desk;
use super::edge::Edge;
use super::exporting;
use super::opening::{self, Open};
use super::setup::Setup;
use super::watching;
use super::work;
use super::writer::Writer;
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::model::JobId;
use crate::domain::entry::Draft;
use crate::domain::failure::Failure;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// The longest any job may take before it is given up.
const JOB_LIMIT: Duration = Duration::from_mins(10);

/// What the loop must do itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    Quit,
    Suspend,
    Redraw,
    /// Hand this text to the person.
    Copy(String),
}

/// The open incident's edges, shared with the tasks that use them.
pub type Slot = Arc<Mutex<Option<Open>>>;

/// The edge of the program: everything outside the model.
#[derive(Debug)]
pub struct Engine {
    setup: Arc<Setup>,
    outbox: UnboundedSender<Message>,
    slot: Slot,
}

impl Engine {
    /// An engine whose answers go to `outbox`.
    pub fn new(setup: Setup, outbox: UnboundedSender<Message>) -> Self {
        Self {
            setup: Arc::new(setup),
            outbox,
            slot: Slot::default(),
        }
    }

    /// The folder of the open incident.
    pub fn folder(&self) -> Option<std::path::PathBuf> {
        let slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref().map(|open| open.folder.clone())
    }

    /// Carries one effect out, or hands it to the loop.
    pub fn perform(&mut self, effect: Effect) -> Option<Control> {
        match effect {
            Effect::Append(drafts) => self.append(drafts),
            Effect::ListHome => {
                let rows = opening::home(&self.setup.paths);
                self.send(Message::HomeListed(rows));
            }
            Effect::OpenDrill { job } => self.open(job, opening::drill),
            Effect::OpenLive { job } => self.open(job, opening::live),
            Effect::OpenIncident { job, id } => {
                self.open(job, move |setup, desk| opening::resume(setup, desk, &id));
            }
            Effect::RunCheck { job, check, with } => {
                self.with_edge(job, move |edge, tell| {
                    work::check(edge, tell, job, check, with)
                });
            }
            lines @ Effect::ReadLines { .. } => self.lines(lines),
            Effect::Look { watch } => self.look(Some(watch)),
            Effect::EndWatch => self.look(None),
            Effect::MakePlan {
                job,
                action,
                aim,
                share,
            } => {
                self.with_edge(job, move |edge, _| {
                    work::plan(edge, job, action, aim, share)
                });
            }
            Effect::Rehearse {
                job,
                finding,
                statements,
            } => {
                self.with_edge(job, move |edge, tell| {
                    work::rehearse(edge, tell, job, finding, statements)
                });
            }
            Effect::MakeUndo { job, record } => {
                self.with_edge(job, move |edge, _| work::undo(edge, job, *record));
            }
            Effect::Apply {
                job,
                plan,
                approval,
            } => {
                self.with_edge(job, move |edge, _| work::apply(edge, job, *plan, approval));
            }
            Effect::Prove { job, plan, digest } => {
                self.with_edge(job, move |edge, _| work::prove(edge, job, *plan, digest));
            }
            Effect::Export { job, format } => self.export(job, format),
            Effect::Doctor { job } => self.doctor(job),
            Effect::Copy(text) => return Some(Control::Copy(text)),
            Effect::Redraw => return Some(Control::Redraw),
            Effect::Suspend => return Some(Control::Suspend),
            Effect::Quit => return Some(Control::Quit),
        }
        None
    }

    /// Ends everything that was started: lines reach the disk, then the lab
    /// goes down.
    pub fn shut_down(self) {
        let open = self
            .slot
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(open);
    }

    /// The way to the target of the open incident, or why there is none.
    fn edge(&self) -> Option<Result<Arc<Edge>, Failure>> {
        let slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.as_ref().map(|open| open.edge.clone())
    }

    /// The lines at a place of the target's logs.
    fn lines(&self, effect: Effect) {
        if let Effect::ReadLines { job, place, since } = effect {
            self.with_edge(job, move |edge, _| work::lines(edge, job, place, since));
        }
    }

    /// One look of a watch, or none any more.
    fn look(&self, watch: Option<u64>) {
        let edge = self.edge().unwrap_or_else(|| Err(nothing_open()));
        match watch {
            Some(watch) => watching::look(edge, self.outbox.clone(), watch),
            None => watching::end(edge),
        }
    }

    fn send(&self, message: Message) {
        // The loop is gone only when the program is ending.
        drop(self.outbox.send(message));
    }

    fn append(&self, drafts: Vec<Draft>) {
        let lines = drafts.len();
        let slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = match slot.as_ref().and_then(|open| open.writer.as_ref()) {
            Some(writer) => writer.append(drafts),
            None => Err(Failure::new(
                "lines could not be written",
                "this incident is open for reading only",
                "resume it in a terminal of its own",
            )),
        };
        if let Err(failure) = sent {
            self.send(Message::NotRecorded { failure, lines });
        }
    }

    /// Opens an incident on a thread that may wait for processes and disks.
    fn open<F>(&self, job: JobId, open: F)
    where
        F: FnOnce(&Setup, &Desk) -> Result<(Open, Message), Failure> + Send + 'static,
    {
        let setup = Arc::clone(&self.setup);
        let slot = Arc::clone(&self.slot);
        let desk = Desk {
            job,
            outbox: self.outbox.clone(),
            shelf: None,
        };
        self.blocking(job, move || {
            // What was open before ends first: two labs at once help nobody.
            drop(slot.lock().unwrap_or_else(PoisonError::into_inner).take());
            let (open, message) = open(&setup, &desk)?;
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(open);
            Ok(message)
        });
    }

    fn doctor(&self, job: JobId) {
        let setup = Arc::clone(&self.setup);
        self.blocking(job, move || {
            let lines = setup.doctor();
            Ok(Message::DoctorDone { job, lines })
        });
    }

    fn export(&self, job: JobId, format: String) {
        let Some(folder) = self.folder() else {
            return;
        };
        self.blocking(job, move || exporting::export(job, &folder, &format));
    }

    fn blocking<F>(&self, job: JobId, work: F)
    where
        F: FnOnce() -> Result<Message, Failure> + Send + 'static,
    {
        let outbox = self.outbox.clone();
        tokio::spawn(async move {
            let message = match tokio::task::spawn_blocking(work).await {
                Ok(Ok(message)) => message,
                Ok(Err(failure)) => Message::JobFailed { job, failure },
                Err(_) => Message::JobFailed {
                    job,
                    failure: broke(),
                },
            };
            drop(outbox.send(message));
        });
    }

    /// Runs a job that needs the target; without one, says so.
    fn with_edge<F, R>(&self, job: JobId, work: F)
    where
        F: FnOnce(Arc<Edge>, Desk) -> R + Send + 'static,
        R: Future<Output = Result<Message, Failure>> + Send + 'static,
    {
        let (edge, kept_by) = {
            let slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
            let edge = slot.as_ref().map(|open| open.edge.clone());
            let writer = slot.as_ref().and_then(|open| open.writer.as_ref());
            (edge, writer.and_then(Writer::shelf))
        };
        let desk = Desk {
            job,
            outbox: self.outbox.clone(),
            shelf: kept_by,
        };
        let outbox = self.outbox.clone();
        let edge = match edge {
            Some(Ok(edge)) => edge,
            Some(Err(failure)) => return self.send(Message::JobFailed { job, failure }),
            None => return,
        };
        let task = tokio::spawn(async move {
            tokio::time::timeout(JOB_LIMIT, work(edge, desk))
                .await
                .unwrap_or_else(|_| Err(too_long()))
        });
        tokio::spawn(async move {
            let message = match task.await {
                Ok(Ok(message)) => message,
                Ok(Err(failure)) => Message::JobFailed { job, failure },
                Err(_) => Message::JobFailed {
                    job,
                    failure: broke(),
                },
            };
            drop(outbox.send(message));
        });
    }
}

fn nothing_open() -> Failure {
    Failure::new(
        "the statistics were not looked at",
        "no incident is open",
        "open one from home",
    )
}

fn broke() -> Failure {
    Failure::new(
        "the work broke off",
        "a part of the program failed; what was recorded is safe",
        "try once more; if it happens again, go on by hand",
    )
}

fn too_long() -> Failure {
    Failure::new(
        "the work was given up",
        "it took longer than ten minutes",
        "look at the target's load, then run it again or go on by hand",
    )
}
