//! Logs that are still written to: the same counts as a scan's, over files
//! that grow, are put aside, cut off and replaced, and over standard input.
//!
//! One round looks at every stream once; who calls decides how often. What is
//! packed does not grow: it is left to the scan, and its tables are the base
//! of these.

mod border;
pub mod news;
mod tail;

use super::event::Event;
use super::gather::Gather;
use super::gather::aggregates::Aggregates;
use super::intake::Intake;
use super::join::Repeats;
use super::scan::{Asked, Progress, apart};
use super::source::{Gaps, Piece, is_plain, pieces};
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use tail::{Fate, Id, Tail, id};

/// Bytes of standard input read at once, and how many such reads may wait.
const READ: usize = 256 << 10;
const READS: usize = 16;
/// Streams open at the same time.
const MOST: usize = 512;

/// Everything that is followed, and what it comes to.
#[derive(Debug)]
pub struct Follower {
    paths: Vec<PathBuf>,
    asked: Asked,
    intake: Intake,
    tails: Vec<Tail>,
    /// Files that were met, and how much of each was read when it was left.
    met: HashMap<Id, u64>,
    base: Aggregates,
    progress: Arc<Progress>,
    /// What could not be opened, by the last look, and what is not followed.
    failed: Gaps,
    passed: Gaps,
}

impl Follower {
    /// Nothing is read yet. Gives what is packed, too, for a scan.
    pub fn new(paths: &[PathBuf], asked: &Asked, progress: Arc<Progress>) -> (Self, Vec<Piece>) {
        let mut intake = Intake::new(Gather::new(asked.timing), Arc::new(Repeats::default()))
            .with_routes(&asked.routes);
        intake.tap.clone_from(&asked.tap);
        let mut follower = Self {
            paths: paths.to_vec(),
            asked: asked.clone(),
            intake,
            tails: Vec::new(),
            met: HashMap::new(),
            base: Aggregates::default(),
            progress,
            failed: Gaps::new(),
            passed: Gaps::new(),
        };
        let packed = follower.look();
        (follower, packed)
    }

    /// What was packed was read: streams are numbered behind its pieces.
    pub fn found_packed(&mut self, base: Aggregates) {
        let many = number(base.pieces.len());
        for tail in &mut self.tails {
            tail.renumber(many);
        }
        self.base = base;
    }

    /// Looks for files that are new below the paths; gives what is packed.
    fn look(&mut self) -> Vec<Piece> {
        let (found, failed) = pieces(&self.paths);
        self.failed = failed;
        let mut packed = Vec::new();
        for piece in found {
            match &piece {
                Piece::File { path, .. } if self.file(path) == Some(false) => packed.push(piece),
                Piece::Stdin if self.tails.iter().all(|tail| !tail.is_pipe()) => {
                    let tail = Tail::pipe(stdin(), self.next());
                    self.tails.push(tail);
                }
                _ => {}
            }
        }
        packed
    }

    /// Follows a file that was not met; whether it may be, `None` where it was
    /// met or can't be opened.
    fn file(&mut self, path: &Path) -> Option<bool> {
        let about = std::fs::metadata(path).ok()?;
        if self.is_met(id(&about), about.len()) {
            return None;
        }
        if !about.is_file() {
            return self.pass(path, "neither a file nor standard input: not followed");
        }
        if self.tails.iter().filter(|tail| !tail.done).count() >= MOST {
            return self.pass(path, "too many files at once: not followed");
        }
        self.met.insert(id(&about), 0);
        let plain = File::open(path).and_then(|mut file| is_plain(&mut file));
        match plain {
            Ok(true) => {
                let tail = Tail::open(path, self.next()).ok()?;
                self.tails.push(tail);
                Some(true)
            }
            Ok(false) => Some(false),
            Err(error) => self.pass(path, &error.to_string()),
        }
    }

    /// Whether a file is, or was, followed. A number is used again once its
    /// file is gone: a file shorter than what was read is another one.
    fn is_met(&self, id: Id, length: u64) -> bool {
        self.tails.iter().any(|tail| !tail.done && tail.id == id)
            || self.met.get(&id).is_some_and(|read| *read <= length)
    }

    fn pass(&mut self, path: &Path, why: &str) -> Option<bool> {
        let gap = (path.display().to_string(), why.to_owned());
        if !self.passed.contains(&gap) {
            self.passed.push(gap);
        }
        None
    }

    fn next(&self) -> u32 {
        number(self.base.pieces.len() + self.tails.len())
    }

    /// Looks for new files. What is packed among them is not read: mostly it
    /// is what was followed before it was packed.
    pub fn refresh(&mut self) {
        for piece in self.look() {
            let why = "packed, and not there when following began: not read";
            self.pass(Path::new(&piece.name()), why);
        }
    }

    /// Reads what came; gives how many bytes that were.
    pub fn round(&mut self) -> usize {
        let mut read = 0;
        let mut risen = Vec::new();
        for at in 0..self.tails.len() {
            let tail = &mut self.tails[at];
            if tail.done {
                continue;
            }
            let came = tail.round(&self.asked.setting, &mut self.intake, &self.progress);
            read += came;
            if came == 0 && !tail.leaving && !tail.done {
                risen.extend(self.turned(at, risen.len()));
            }
        }
        self.tails.extend(risen);
        for tail in &self.tails {
            self.met.insert(tail.id, tail.read_to());
        }
        read
    }

    /// What follows on a stream whose file was replaced or cut.
    fn turned(&mut self, at: usize, risen: usize) -> Option<Tail> {
        let piece = self.next() + number(risen);
        let tail = self.tails.get(at)?;
        let (fate, mut next) = match tail.fate() {
            Fate::Same => return None,
            fate => (fate, tail.again(piece).ok()?),
        };
        // A look at the folder may have met it before.
        let length = std::fs::metadata(&next.path).map_or(0, |about| about.len());
        let is_met = self.is_met(next.id, length);
        let tail = self.tails.get_mut(at)?;
        if fate == Fate::Replaced {
            tail.leaving = true;
            tail.account.name = now_called(&tail.path, tail.id);
            return (!is_met).then_some(next);
        }
        tail.end(&self.asked.setting, &mut self.intake, &self.progress);
        tail.account.remarks.insert(CUT.to_owned());
        next.account.remarks.insert(AGAIN.to_owned());
        Some(next)
    }

    /// A tick of a clock of some seconds: requests wait no longer for more of
    /// their records.
    pub fn tick(&mut self) {
        self.intake.age();
    }

    /// Whether nothing more can come.
    pub fn is_over(&self) -> bool {
        !self.tails.is_empty() && self.tails.iter().all(|tail| tail.done && tail.is_pipe())
    }

    /// How many streams are followed.
    pub fn streams(&self) -> usize {
        self.tails
            .iter()
            .filter(|tail| !tail.done && !tail.leaving)
            .count()
    }

    /// What could not be looked at.
    pub fn gaps(&self) -> Gaps {
        self.failed.iter().chain(&self.passed).cloned().collect()
    }

    /// The tables up to now.
    pub fn tables(&mut self) -> Aggregates {
        let part = self.intake.gather.tables();
        let base = self.base.clone();
        self.together(base, part)
    }

    fn together(&self, mut all: Aggregates, part: Aggregates) -> Aggregates {
        all.release = self.asked.timing.release;
        all.tolerance = self.asked.timing.tolerance;
        all.absorb(part);
        let accounts = self.tails.iter().map(|tail| tail.account.clone());
        all.pieces.extend(accounts);
        all
    }

    /// No more is read: the tables of everything.
    pub fn end(mut self) -> (Aggregates, Gaps) {
        for tail in self.tails.iter_mut().filter(|tail| !tail.done) {
            tail.end(&self.asked.setting, &mut self.intake, &self.progress);
        }
        self.intake.settle();
        let mut joiner = self.intake.leftovers();
        joiner.drain(&mut |event: &Event<'_>| self.intake.counted(event));
        let gaps = self.gaps();
        let base = std::mem::take(&mut self.base);
        let part = self.intake.gather.tables();
        let mut all = self.together(base, part);
        apart(&mut all, &joiner.skew);
        (all, gaps)
    }
}

const CUT: &str = "The file was cut off while it was followed: its lines up to then are gone.";
const AGAIN: &str = "The file was cut off while it was followed, and is read again from its front.";

/// What a file is called that bore this name: the file of that number in the
/// folder, where there is one.
fn now_called(path: &Path, id: Id) -> String {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok();
    let here = entries.into_iter().flatten().flatten().find(|entry| {
        let about = entry.metadata();
        about.is_ok_and(|about| (about.dev(), about.ino()) == id)
    });
    let here = here.map(|entry| match folder {
        Some(folder) => folder.join(entry.file_name()),
        None => PathBuf::from(entry.file_name()),
    });
    here.as_deref().unwrap_or(path).display().to_string()
}

/// Standard input, read by a thread of its own: a read of it waits.
fn stdin() -> Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = sync_channel(READS);
    std::thread::spawn(move || {
        let mut input = std::io::stdin().lock();
        let mut room = vec![0; READ];
        loop {
            let got = match input.read(&mut room) {
                Ok(0) => return,
                Ok(length) => Ok(room[..length].to_vec()),
                Err(error) => Err(error),
            };
            let ends = got.is_err();
            if sender.send(got).is_err() || ends {
                return;
            }
        }
    });
    receiver
}

fn number(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
