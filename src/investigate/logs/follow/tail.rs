//! One stream that is followed: what it holds that was not read yet, and
//! whether its file was put aside, cut off or replaced.

use super::border::whole;
use crate::investigate::logs::format::parser::{Format, Parser, Setting};
use crate::investigate::logs::format::sniff;
use crate::investigate::logs::gather::aggregates::Piece as Account;
use crate::investigate::logs::intake::Intake;
use crate::investigate::logs::scan::{Feed, Progress};
use crate::investigate::logs::split::{LONGEST, split};
use std::fs::{File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError};

/// Bytes taken of one stream in one round, so that several go on together.
const CHUNK: usize = 1 << 20;
/// Bytes looked at to tell a format, where the stream has so many.
const SAMPLE: usize = 64 << 10;
/// Lines that tell a format as well.
const LINES: usize = 20;
/// What anything may look like: a few lines do not tell these for sure.
const VAGUE: [&str; 2] = ["console", "json"];
/// Rounds without a byte after which its writer is taken to rest.
const RESTS: u32 = 2;
/// Rounds without a byte after which a file that was put aside is let go: its
/// writer may still have it open for a while.
const LEAVES: u32 = 20;

/// What identifies a file, whatever it is called: device and number.
pub type Id = (u64, u64);

/// The identity of a file.
pub fn id(about: &Metadata) -> Id {
    (about.dev(), about.ino())
}

/// Where bytes come from.
#[derive(Debug)]
enum Source {
    File(File),
    Pipe(Receiver<std::io::Result<Vec<u8>>>),
    /// Let go: a file that was deleted keeps its room on the disk as long as
    /// somebody has it open.
    Closed,
}

/// What became of a file since it was read last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Same,
    /// Another file has its name now.
    Replaced,
    /// It is shorter than what was read of it.
    Cut,
}

/// One stream.
pub struct Tail {
    pub path: PathBuf,
    pub id: Id,
    pub account: Account,
    /// It was read to its end, and nothing more is to come.
    pub done: bool,
    /// Its name belongs to another file by now.
    pub leaving: bool,
    piece: u32,
    source: Source,
    /// Where `held` begins.
    offset: u64,
    held: Vec<u8>,
    reader: Option<(&'static Format, Box<dyn Parser>)>,
    /// What the file was of that had this name before.
    expected: Option<&'static Format>,
    idle: u32,
    /// There was more at the last look than was read.
    behind: bool,
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tail")
            .field("path", &self.path)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}

impl Tail {
    /// A file from its beginning.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path, piece: u32) -> std::io::Result<Self> {
        let file = File::open(path)?;
        let id = id(&file.metadata()?);
        Ok(Self::of(path, id, piece, Source::File(file)))
    }

    /// What comes through a pipe, in pieces of any length.
    pub fn pipe(from: Receiver<std::io::Result<Vec<u8>>>, piece: u32) -> Self {
        Self::of(Path::new("-"), (0, 0), piece, Source::Pipe(from))
    }

    fn of(path: &Path, id: Id, piece: u32, source: Source) -> Self {
        Self {
            path: path.to_owned(),
            id,
            account: Account {
                name: path.display().to_string(),
                ..Account::default()
            },
            done: false,
            leaving: false,
            piece,
            offset: 0,
            held: Vec::new(),
            reader: None,
            expected: None,
            idle: 0,
            behind: !matches!(source, Source::Pipe(_)),
            source,
        }
    }

    /// Whether it is standard input.
    pub const fn is_pipe(&self) -> bool {
        matches!(self.source, Source::Pipe(_))
    }

    /// Counts its number from another one on; before anything was read.
    pub const fn renumber(&mut self, from: u32) {
        self.piece += from;
    }

    /// Bytes of it that were read.
    pub const fn read_to(&self) -> u64 {
        self.offset + self.held.len() as u64
    }

    /// Reads what came since the last round; gives how many bytes that were.
    pub fn round(&mut self, setting: &Setting, intake: &mut Intake, progress: &Progress) -> usize {
        let before = self.held.len();
        if let Err(error) = self.more() {
            self.account.broken = Some(error.to_string());
            self.done = true;
        }
        let read = self.held.len() - before;
        self.behind = read >= CHUNK;
        self.idle = if read > 0 {
            0
        } else {
            self.idle.saturating_add(1)
        };
        let untold = self.reader.is_none() && !self.held.is_empty() && self.idle <= LEAVES;
        if read > 0 || untold || self.idle == RESTS {
            let patient = self.idle < RESTS && self.held.len() <= LONGEST;
            self.take(patient, setting, intake, progress);
        }
        if self.done || self.leaving && self.idle >= LEAVES {
            self.end(setting, intake, progress);
        }
        read
    }

    fn more(&mut self) -> std::io::Result<()> {
        match &mut self.source {
            Source::File(file) => {
                let mut file = Read::take(file, CHUNK as u64);
                file.read_to_end(&mut self.held)?;
            }
            Source::Pipe(pipe) => match pipe.try_recv() {
                Ok(bytes) => self.held.extend(bytes?),
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => self.done = true,
            },
            Source::Closed => {}
        }
        Ok(())
    }

    /// What became of its file; asked when there is nothing more to read.
    pub fn fate(&self) -> Fate {
        let Source::File(file) = &self.source else {
            return Fate::Same;
        };
        let shorter = |about: &Metadata| about.len() < self.read_to();
        // One that is put aside bears no name for a moment.
        let Ok(named) = std::fs::metadata(&self.path) else {
            return Fate::Same;
        };
        if id(&named) != self.id {
            Fate::Replaced
        } else if file.metadata().is_ok_and(|about| shorter(&about)) {
            Fate::Cut
        } else {
            Fate::Same
        }
    }

    /// What has this one's name now, from its beginning: under another number,
    /// since places are of one or the other.
    ///
    /// # Errors
    /// What the system says.
    pub fn again(&self, piece: u32) -> std::io::Result<Self> {
        let mut next = Self::open(&self.path, piece)?;
        next.expected = self.reader.as_ref().map(|(format, _)| *format);
        Ok(next)
    }

    /// Nothing more comes: the last line counts without an end, too.
    pub fn end(&mut self, setting: &Setting, intake: &mut Intake, progress: &Progress) {
        self.done = true;
        if let Source::File(file) = &self.source {
            let length = file.metadata().map_or(0, |about| about.len());
            let left = length.saturating_sub(self.read_to());
            if self.behind && left > 0 {
                self.account.broken = Some(format!(
                    "reading was ended before its end: {left} bytes were not read"
                ));
            }
            self.source = Source::Closed;
        }
        self.take(false, setting, intake, progress);
        if self.reader.is_none() {
            self.tell(true, setting);
        }
        let rest = std::mem::take(&mut self.held);
        self.hand(rest, intake, progress);
        if let Some((_, mut parser)) = self.reader.take() {
            intake.begin(std::mem::take(&mut self.account), false);
            parser.end(intake);
            self.account = intake.begin(Account::default(), false);
        } else if self.offset > 0 && self.account.broken.is_none() {
            self.account.broken = Some("no format that is known".to_owned());
        }
    }

    /// Takes whole records out of what is held.
    fn take(&mut self, patient: bool, setting: &Setting, intake: &mut Intake, progress: &Progress) {
        if self.reader.is_none() {
            self.tell(!patient, setting);
        }
        let Some((format, _)) = &self.reader else {
            return;
        };
        let mut end = whole(&self.held, format.framing, patient);
        if end == 0 && self.held.len() > LONGEST {
            // Longer than any record that is read: it is counted as lost.
            end = self.held.len();
        }
        let rest = self.held.split_off(end);
        let records = std::mem::replace(&mut self.held, rest);
        self.hand(records, intake, progress);
    }

    /// Hands records to the reader; without one they are passed by.
    fn hand(&mut self, records: Vec<u8>, intake: &mut Intake, progress: &Progress) {
        let length = records.len() as u64;
        if length == 0 {
            return;
        }
        if let Some((format, parser)) = self.reader.take() {
            intake.begin(std::mem::take(&mut self.account), format.joins);
            let mut feed = Feed::new(parser, intake, self.piece, progress, self.offset);
            let mut nothing = std::io::empty();
            split(
                records,
                self.offset,
                &mut nothing,
                format.framing,
                &mut feed,
            );
            let (parser, count) = feed.pause(self.offset + length);
            self.account = intake.begin(Account::default(), false);
            self.account.records += count;
            self.reader = Some((format, parser));
        }
        self.account.bytes += length;
        self.offset += length;
    }

    /// Tells the format by what is held, once that is enough or has to do.
    fn tell(&mut self, must: bool, setting: &Setting) {
        let front = self.front();
        let sample = &self.held[front..self.held.len().min(front + SAMPLE)];
        let lines = memchr::memchr_iter(b'\n', sample).count();
        if lines == 0 && !(must && self.done) || !(must || sample.len() >= SAMPLE || lines >= LINES)
        {
            return;
        }
        let expected = self.expected.filter(|format| (format.claim)(sample) > 0);
        let told = expected.or_else(|| sniff(sample));
        let vague = told.is_some_and(|format| VAGUE.contains(&format.name));
        if vague && lines < LINES && !self.done && self.idle < LEAVES {
            return;
        }
        if let Some(format) = told {
            format.name.clone_into(&mut self.account.format);
            self.reader = Some((format, (format.open)(sample, setting)));
            self.held.drain(..front);
            self.offset += front as u64;
        } else if sample.len() >= SAMPLE {
            self.account.broken = Some("no format that is known".to_owned());
            self.done = true;
        }
    }

    /// The hole of a file that was cut, and a byte order mark.
    fn front(&self) -> usize {
        let nuls = self.held.iter().take_while(|byte| **byte == 0).count();
        let marked = self.held[nuls..].starts_with(b"\xef\xbb\xbf");
        nuls + if marked { 3 } else { 0 }
    }
}
