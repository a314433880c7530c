//! The scan on this machine: pieces in, tables out, one worker a core. What
//! is done with each record is in `scan/feed.rs`.

mod cuts;
mod feed;
mod progress;

use super::event::Event;
use super::format::parser::{Format, Parser, Setting};
use super::format::sniff;
use super::gather::Gather;
use super::gather::aggregates::{Aggregates, Piece as Account};
use super::gather::room::Room;
use super::gather::timing::Timing;
use super::intake::Intake;
use super::join::{Joiner, Repeats, Skew};
use super::source::Piece;
use super::split::split;
use super::tap::Tap;
use super::templates::Templates;
use cuts::{Cut, Job, jobs};
pub use feed::Feed;
pub use progress::Progress;
use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
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
    /// Bytes that large files are cut to; as is usual where it is not said.
    pub cut: Option<u64>,
    /// Routes that the app declares: they show which words of a path are ids.
    pub routes: Arc<Templates>,
    /// Gets every event that is counted.
    pub tap: Option<Arc<Tap>>,
}

/// What is missing when a worker breaks off by a fault of ours: pieces it had
/// read by then stand as read.
const LOST: &str =
    "a part of the scan broke off by a fault of this program: what it had counted is missing here";

/// What the workers counted, and whether one of them broke off.
fn joined<T>(hands: Vec<thread::ScopedJoinHandle<'_, T>>) -> (Vec<T>, bool) {
    let mut lost = false;
    let done = hands.into_iter().filter_map(|hand| {
        let part = hand.join();
        lost |= part.is_err();
        part.ok()
    });
    (done.collect(), lost)
}

/// Scans the pieces; ends early when `progress.stop` is set.
pub fn scan(pieces: &[Piece], asked: &Asked, progress: &Progress) -> Aggregates {
    let queue = Queue {
        jobs: jobs(pieces, asked.cut),
        next: AtomicUsize::new(0),
    };
    let repeats = Arc::new(Repeats::default());
    let accounts = Mutex::new(vec![Account::default(); pieces.len()]);
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = match asked.workers {
        0 => cores,
        some => some,
    };
    let workers = workers.min(queue.jobs.len()).max(1);
    let room = Arc::new(Room::of(workers));
    let (done, broken) = thread::scope(|scope| {
        let hands: Vec<_> = (0..workers)
            .map(|_| {
                let gather = Gather::within(asked.timing, Arc::clone(&room));
                let mut intake =
                    Intake::new(gather, Arc::clone(&repeats)).with_routes(&asked.routes);
                intake.tap.clone_from(&asked.tap);
                let (queue, accounts) = (&queue, &accounts);
                scope.spawn(move || work(pieces, queue, intake, asked, accounts, progress))
            })
            .collect();
        joined(hands)
    });
    let mut joiner = Joiner::default();
    let mut tables = Aggregates {
        release: asked.timing.release,
        tolerance: asked.timing.tolerance,
        ..Aggregates::default()
    };
    if broken {
        tables.cut.insert(LOST.to_owned());
    }
    for (part, left) in done {
        tables.absorb(part);
        joiner.absorb(left);
    }
    let mut last =
        Intake::new(Gather::within(asked.timing, room), repeats).with_routes(&asked.routes);
    last.tap.clone_from(&asked.tap);
    joiner.drain(&mut |event: &Event<'_>| last.counted(event));
    tables.absorb(last.gather.close());
    tables.pieces = accounts
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    for (account, piece) in tables.pieces.iter_mut().zip(pieces) {
        if account.name.is_empty() {
            account.name = piece.name();
            account.broken = Some("not read: the scan ended before it".to_owned());
        }
    }
    apart(&mut tables, &joiner.skew);
    tables
}

/// Says of pieces how far their clocks are from each other's.
pub fn apart(tables: &mut Aggregates, skew: &Skew) {
    let name = |piece: u32| {
        let known = tables.pieces.get(piece as usize);
        known.map_or_else(String::new, |piece| piece.name.clone())
    };
    for (piece, remark) in skew.remarks(name) {
        if let Some(piece) = tables.pieces.get_mut(piece as usize) {
            piece.remarks.insert(remark);
        }
    }
}

/// What is still to do.
struct Queue {
    jobs: Vec<Job>,
    next: AtomicUsize,
}

impl Queue {
    fn take(&self) -> Option<&Job> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.jobs.get(next)
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
    while let Some(job) = queue.take() {
        if progress.stop.load(Ordering::Relaxed) {
            break;
        }
        let mut hand = Hand {
            intake: &mut intake,
            asked,
            accounts,
            progress,
        };
        let at = job.piece;
        match &job.cuts {
            None => hand.piece(&pieces[at], at),
            Some(cuts) => {
                let goes_on = |_: &&Cut| !progress.stop.load(Ordering::Relaxed);
                for cut in cuts.iter().take_while(goes_on) {
                    hand.cut(&pieces[at], at, cut);
                }
            }
        }
        progress.pieces.fetch_add(1, Ordering::Relaxed);
    }
    let left = intake.leftovers();
    (intake.gather.close(), left)
}

/// What one worker reads into.
struct Hand<'a> {
    intake: &'a mut Intake,
    asked: &'a Asked,
    accounts: &'a Mutex<Vec<Account>>,
    progress: &'a Progress,
}

impl Hand<'_> {
    /// Reads all that is in a piece. The files of an archive get accounts of
    /// their own behind those of the pieces.
    fn piece(&mut self, piece: &Piece, at: usize) {
        let name = piece.name();
        let mut whole = Account {
            name: name.clone(),
            ..Account::default()
        };
        let progress = self.progress;
        piece.parts(&progress.stop, &mut |part| {
            let mut account = Account {
                name: part.name.to_owned(),
                ..Account::default()
            };
            let mut at = at;
            if part.name != name {
                "archive".clone_into(&mut whole.format);
                let mut accounts = self.accounts();
                at = accounts.len();
                accounts.push(account.clone());
            }
            match part.stream {
                Ok(stream) => account = self.part(stream, at, account),
                Err(why) => account.broken = Some(why),
            }
            if part.name == name {
                whole = account;
            } else {
                self.put(at, account);
            }
            !self.progress.stop.load(Ordering::Relaxed)
        });
        let ended = self.progress.stop.load(Ordering::Relaxed);
        if ended && whole.broken.is_none() && whole.format == "archive" {
            whole.broken = Some("reading was ended before its last file".to_owned());
        }
        self.put(at, whole);
    }

    fn accounts(&self) -> MutexGuard<'_, Vec<Account>> {
        self.accounts
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Puts down what is known of a piece.
    fn put(&self, at: usize, account: Account) {
        if let Some(place) = self.accounts().get_mut(at) {
            *place = account;
        }
    }

    /// Reads a part of a large file.
    fn cut(&mut self, piece: &Piece, at: usize, cut: &Cut) {
        let mut account = Account {
            name: piece.name(),
            format: cut.format.name.to_owned(),
            ..Account::default()
        };
        match piece.range(cut.from, cut.to) {
            Ok(mut stream) => {
                let mut sample = Sample::of(&mut stream);
                sample.offset += cut.from;
                let parser = cut.taught((cut.format.open)(&cut.head, &self.asked.setting));
                let begins = (cut.from, at);
                account = self.read(&mut stream, begins, account, (sample, cut.format, parser));
            }
            Err(error) => account.broken = Some(error.to_string()),
        }
        if let Some(place) = self.accounts().get_mut(at) {
            place.add(account);
        }
    }

    /// Reads one stream to its end.
    fn part(&mut self, stream: &mut dyn Read, at: usize, mut account: Account) -> Account {
        let sample = Sample::of(stream);
        let Some(format) = sniff(&sample.head) else {
            account.broken = match sample.broken {
                Some(error) => Some(error.to_string()),
                None if sample.head.is_empty() => None,
                None => Some("no format that is known".to_owned()),
            };
            return account;
        };
        format.name.clone_into(&mut account.format);
        let parser = (format.open)(&sample.head, &self.asked.setting);
        self.read(stream, (0, at), account, (sample, format, parser))
    }

    /// Reads what is behind a sample, and the sample: from a place of a piece.
    fn read(
        &mut self,
        stream: &mut dyn Read,
        (begins, at): (u64, usize),
        account: Account,
        (sample, format, parser): (Sample, &Format, Box<dyn Parser>),
    ) -> Account {
        self.intake.begin(account, format.joins);
        let piece = u32::try_from(at).unwrap_or(u32::MAX);
        let mut feed = Feed::new(parser, self.intake, piece, self.progress, begins);
        let mut nothing = std::io::empty();
        let stream = if sample.broken.is_some() {
            &mut nothing
        } else {
            stream
        };
        let ended = split(
            sample.head,
            sample.offset,
            stream,
            format.framing,
            &mut feed,
        );
        let records = feed.end(ended.bytes);
        self.intake.settle();
        let mut account = self.intake.begin(Account::default(), false);
        account.records = records;
        account.bytes = ended.bytes - begins;
        account.broken = sample
            .broken
            .or(ended.broken)
            .map(|error| error.to_string());
        account
    }
}

/// The beginning of a stream, without what may stand in front of the first
/// record: the NULs of a hole, a byte order mark.
struct Sample {
    head: Vec<u8>,
    /// Where it begins.
    offset: u64,
    /// Why there is no more behind it.
    broken: Option<std::io::Error>,
}

impl Sample {
    fn of(stream: &mut dyn Read) -> Self {
        let (mut head, mut offset) = (Vec::with_capacity(SAMPLE), 0);
        loop {
            let most = SAMPLE - head.len();
            let read = (&mut *stream).take(most as u64).read_to_end(&mut head);
            let nuls = head.iter().take_while(|byte| **byte == 0).count();
            let mark = if head[nuls..].starts_with(b"\xef\xbb\xbf") {
                3
            } else {
                0
            };
            head.drain(..nuls + mark);
            offset += (nuls + mark) as u64;
            match read {
                Ok(read) if read == most && head.is_empty() => {}
                read => {
                    return Self {
                        head,
                        offset,
                        broken: read.err(),
                    };
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_breaks_off_is_told_and_the_others_count() {
        let ended = thread::scope(|scope| {
            let breaks = || -> u8 { panic!("a fault planted by a test") };
            joined(vec![scope.spawn(|| 1), scope.spawn(breaks)])
        });
        assert_eq!(ended, (vec![1], true));
    }
}
