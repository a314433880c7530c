//! The loop on lines: print the page, read a line, wait until all work it set
//! off is done, say what was recorded.

use super::clock::now;
use super::engine::{Control, Engine};
use super::tui::Ends;
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::model::{JobId, Model};
use crate::app::screen::Overlay;
use crate::app::update::update;
use crate::domain::failure::Failure;
use crate::domain::untrusted::{Untrusted, visible};
use crate::plain::{self, Parsed};
use std::collections::BTreeSet;
use std::io::{BufRead, Write};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver};

/// The longest line taken from standard input, in bytes.
const LONGEST_LINE: u64 = 64 * 1024;

/// Why the loop ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The person left, or a signal asked to.
    Left,
    /// Standard input ended.
    InputEnded,
}

/// The loop's state beside the model.
struct Lines<'a> {
    model: &'a mut Model,
    engine: &'a mut Engine,
    inbox: &'a mut UnboundedReceiver<Message>,
    out: &'a mut dyn Write,
    /// Jobs whose start was already told.
    told: BTreeSet<JobId>,
}

/// Runs until the input ends or the person leaves.
pub async fn run(
    model: &mut Model,
    engine: &mut Engine,
    inbox: &mut UnboundedReceiver<Message>,
    out: &mut dyn Write,
    first: Vec<Effect>,
) -> Result<Ended, Failure> {
    let mut input = read_lines();
    let mut ends = Ends::new()?;
    let mut lines = Lines {
        model,
        engine,
        inbox,
        out,
        told: BTreeSet::new(),
    };
    let opens = !first.contains(&Effect::ListHome);
    if lines.perform(first)? || lines.settle(&mut ends).await? {
        return Ok(Ended::Left);
    }
    // What was asked for on the command line could not be opened: say so and
    // leave, rather than take the next lines for something else.
    if opens && lines.model.case.is_none() {
        return Ok(Ended::Left);
    }
    loop {
        let page = plain::page(lines.model);
        lines.print(&page)?;
        let line = tokio::select! {
            () = ends.next() => return Ok(Ended::Left),
            line = input.recv() => line,
        };
        let Some(line) = line else {
            return Ok(Ended::InputEnded);
        };
        lines.print(&[format!("> {}", visible(&line))])?;
        if lines.take(&line, &mut ends).await? {
            return Ok(Ended::Left);
        }
    }
}

impl Lines<'_> {
    /// Carries one typed line out. True when the person leaves.
    async fn take(&mut self, line: &str, ends: &mut Ends) -> Result<bool, Failure> {
        let (messages, text) = match plain::parse(line, self.model) {
            Parsed::NotUnderstood(why) => {
                self.print(&[format!("Not understood: {}", visible(&why))])?;
                return Ok(false);
            }
            Parsed::Ask { messages, text } => (messages, text),
        };
        for message in messages {
            if self.feed(message)? || self.settle(ends).await? {
                return Ok(true);
            }
        }
        if let Some(text) = text
            && matches!(self.model.overlay, Some(Overlay::Prompt(_)))
        {
            return Ok(self.feed(Message::Text(text))? || self.settle(ends).await?);
        }
        Ok(false)
    }

    /// Waits until nothing is under way. True when the person leaves.
    async fn settle(&mut self, ends: &mut Ends) -> Result<bool, Failure> {
        while self.model.waits() {
            self.tell_jobs()?;
            let message = tokio::select! {
                () = ends.next() => return Ok(true),
                message = self.inbox.recv() => message,
            };
            let Some(message) = message else {
                return Ok(true);
            };
            if self.feed(message)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn feed(&mut self, message: Message) -> Result<bool, Failure> {
        if let Message::Recorded(entries) | Message::Kept(entries) = &message {
            self.print(&plain::news(entries))?;
        }
        if let Message::Opened { case, .. } = &message {
            // What opened or resumed it was written before the loop began.
            let last = case.incident.timeline.last().cloned();
            self.print(&plain::news(&last.into_iter().collect::<Vec<_>>()))?;
        }
        if let Message::JobProgress { progress, .. } = &message
            && progress.total == 0
        {
            self.print(&[format!("working: {}", visible(&progress.what))])?;
        }
        let effects = update(self.model, now(), message);
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<bool, Failure> {
        for effect in effects {
            match self.engine.perform(effect) {
                Some(Control::Quit) => return Ok(true),
                Some(Control::Copy(text)) => {
                    let lines: Vec<String> = text.lines().map(visible).collect();
                    self.print(&lines)?;
                }
                _ => {}
            }
        }
        self.tell_jobs()?;
        Ok(false)
    }

    /// Says once that a job is under way.
    fn tell_jobs(&mut self) -> Result<(), Failure> {
        let fresh: Vec<(JobId, String)> = self
            .model
            .jobs
            .iter()
            .filter(|(id, _)| !self.told.contains(id))
            .map(|(id, job)| (*id, job.what.label()))
            .collect();
        for (id, label) in fresh {
            self.told.insert(id);
            self.print(&[format!("working: {}", visible(&label))])?;
        }
        Ok(())
    }

    fn print(&mut self, lines: &[String]) -> Result<(), Failure> {
        for line in lines {
            writeln!(self.out, "{line}").map_err(unwritable)?;
        }
        self.out.flush().map_err(unwritable)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "shape of map_err")]
fn unwritable(error: std::io::Error) -> Failure {
    Failure::new(
        "the output can't be written",
        error.to_string(),
        "what was recorded is on disk; resume with a reader that stays open",
    )
}

/// Reads standard input on a thread of its own, so that a slow writer never
/// holds the loop up. Lines that are not UTF-8 are spelled out.
fn read_lines() -> Receiver<String> {
    let (tell, told) = tokio::sync::mpsc::channel(16);
    std::thread::spawn(move || {
        let stdin = std::io::stdin();
        let mut stdin = stdin.lock();
        loop {
            let mut bytes = Vec::new();
            let mut bounded = std::io::Read::take(&mut stdin, LONGEST_LINE);
            match bounded.read_until(b'\n', &mut bytes) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            while matches!(bytes.last(), Some(b'\n' | b'\r')) {
                bytes.pop();
            }
            let line = Untrusted::from_bytes(&bytes).raw().to_owned();
            if tell.blocking_send(line).is_err() {
                return;
            }
        }
    });
    told
}
