//! The scan on this machine: pieces in, tables out, one worker a core.

use super::event::{Event, Place};
use super::format::parser::{Parser, Setting};
use super::format::sniff;
use super::gather::Gather;
use super::gather::aggregates::{Aggregates, Piece as Account};
use super::gather::timing::Timing;
use super::intake::Intake;
use super::join::{Joiner, Repeats};
use super::shots::Shots;
use super::source::Piece;
use super::spill::Spills;
use super::split::{Taker, split};
use super::tap::Tap;
use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// Bytes looked at to tell a format.
const SAMPLE: usize = 64 << 10;

/// What a scan is asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub timing: Timing,
    pub setting: Setting,
    /// Workers; 0 for one a core.
    pub workers: usize,
    /// Gets every event that is counted.
    pub tap: Option<Arc<Tap>>,
}

/// How far a scan is; read while it runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes after decompression that are behind.
    pub bytes: AtomicU64,
    pub records: AtomicU64,
    pub pieces: AtomicUsize,
    /// Set to end the scan early.
    pub stop: AtomicBool,
    /// Pictures of the counts while they grow.
    pub shots: Shots,
}

/// Scans the pieces; ends early when `progress.stop` is set.
pub fn scan(pieces: &[Piece], asked: &Asked, progress: &Progress) -> Aggregates {
    let queue = Queue::of(pieces);
    let repeats = Arc::new(Repeats::default());
    let accounts = Mutex::new(vec![Account::default(); pieces.len()]);
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = match asked.workers {
        0 => cores,
        some => some,
    };
    let done: Vec<(Aggregates, Joiner)> = thread::scope(|scope| {
        let hands: Vec<_> = (0..workers.min(pieces.len()).max(1))
            .map(|_| {
                let mut intake = Intake::new(Gather::new(asked.timing), Arc::clone(&repeats));
                intake.tap.clone_from(&asked.tap);
                let (queue, accounts) = (&queue, &accounts);
                scope.spawn(move || work(pieces, queue, intake, asked, accounts, progress))
            })
            .collect();
        hands
            .into_iter()
            .filter_map(|hand| hand.join().ok())
            .collect()
    });
    let mut joiner = Joiner::default();
    let mut tables = Aggregates {
        release: asked.timing.release,
        tolerance: asked.timing.tolerance,
        ..Aggregates::default()
    };
    for (part, left) in done {
        tables.absorb(part);
        joiner.absorb(left);
    }
    let mut last = Intake::new(Gather::new(asked.timing), repeats);
    last.tap.clone_from(&asked.tap);
    joiner.drain(&mut |event: &Event<'_>| last.counted(event));
    tables.absorb(last.gather.tables());
    tables.pieces = accounts
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for (account, piece) in tables.pieces.iter_mut().zip(pieces) {
        if account.name.is_empty() {
            account.name = piece.name();
            account.broken = Some("not read: the scan ended before it".to_owned());
        }
    }
    tables
}

/// The pieces still to do, the largest first.
struct Queue {
    order: Vec<usize>,
    next: AtomicUsize,
}

impl Queue {
    fn of(pieces: &[Piece]) -> Self {
        let mut order: Vec<usize> = (0..pieces.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(pieces[*at].size()));
        Self {
            order,
            next: AtomicUsize::new(0),
        }
    }

    fn take(&self) -> Option<usize> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.order.get(next).copied()
    }
}

fn work(
    pieces: &[Piece],
    queue: &Queue,
    mut intake: Intake,
    asked: &Asked,
    accounts: &Mutex<Vec<Account>>,
    progress: &Progress,
) -> (Aggregates, Joiner) {
    while let Some(at) = queue.take() {
        if progress.stop.load(Ordering::Relaxed) {
            break;
        }
        let account = one(&pieces[at], at, &mut intake, asked, progress);
        let mut accounts = accounts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        accounts[at] = account;
        progress.pieces.fetch_add(1, Ordering::Relaxed);
    }
    (intake.gather.tables(), intake.leftovers())
}

/// Reads one piece to its end.
fn one(
    piece: &Piece,
    at: usize,
    intake: &mut Intake,
    asked: &Asked,
    progress: &Progress,
) -> Account {
    let mut account = Account {
        name: piece.name(),
        ..Account::default()
    };
    let mut stream = match piece.open() {
        Ok(stream) => stream,
        Err(error) => {
            account.broken = Some(error.to_string());
            return account;
        }
    };
    let head = match sample(&mut stream) {
        Ok(head) => head,
        Err(error) => {
            account.broken = Some(error.to_string());
            return account;
        }
    };
    let Some(format) = sniff(&head) else {
        if !head.is_empty() {
            account.broken = Some("no format that is known".to_owned());
        }
        return account;
    };
    format.name.clone_into(&mut account.format);
    let parser = (format.open)(&head, &asked.setting);
    intake.begin(account, format.joins);
    let mut feed = Feed {
        parser,
        intake,
        piece: u32::try_from(at).unwrap_or(u32::MAX),
        progress,
        told: 0,
        records: 0,
        spills: Spills::default(),
    };
    let ended = split(head, 0, &mut stream, format.framing, &mut feed);
    feed.parser.end(feed.intake);
    let records = feed.records;
    progress
        .records
        .fetch_add(records % TELL, Ordering::Relaxed);
    intake.settle();
    let mut account = intake.begin(Account::default(), false);
    account.records = records;
    account.bytes = ended.bytes;
    account.broken = ended.broken.map(|error| error.to_string());
    if account.broken.is_none() && progress.stop.load(Ordering::Relaxed) {
        account.broken = Some(format!("reading was ended after {} bytes", account.bytes));
    }
    account
}

fn sample(stream: &mut dyn Read) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(SAMPLE);
    stream.take(SAMPLE as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Records between two notes of progress.
const TELL: u64 = 4_096;

/// Hands records to the parser and the parser's events to the counts.
struct Feed<'a> {
    parser: Box<dyn Parser>,
    intake: &'a mut Intake,
    piece: u32,
    progress: &'a Progress,
    told: u64,
    records: u64,
    spills: Spills,
}

impl Taker for Feed<'_> {
    fn record(&mut self, record: &[u8], offset: u64) {
        self.records += 1;
        if self.records.is_multiple_of(TELL) {
            self.progress.records.fetch_add(TELL, Ordering::Relaxed);
        }
        let place = Place {
            piece: self.piece,
            offset,
        };
        self.parser.record(record, place, self.intake);
        let intake = &mut *self.intake;
        self.spills.look(record, &mut |spilled| {
            intake.spilled(spilled.kind, &spilled.sample, place);
        });
    }

    fn lost(&mut self, offset: u64) {
        use super::format::parser::Out;
        let place = Place {
            piece: self.piece,
            offset,
        };
        self.intake.unparsed(place);
    }

    fn goes_on(&mut self, behind: u64) -> bool {
        self.progress
            .bytes
            .fetch_add(behind - self.told, Ordering::Relaxed);
        self.told = behind;
        if self.progress.shots.is_wanted() {
            self.progress.shots.give(self.intake.gather.tables());
        }
        !self.progress.stop.load(Ordering::Relaxed)
    }
}
