//! What the journal costs: an append against a bare write and `fdatasync` of
//! the same bytes, the fold of 100,000 entries, and `verify` of 100,000
//! entries against SHA-256 of the same bytes.
//!
//! `cargo bench --bench journal` prints p50 and p99 of the appends, taken in
//! turn on one disk, before the table.

use chrono::{DateTime, Utc};
use divan::Bencher;
use firsthour::domain::digest::Digest;
use firsthour::domain::entry::{Actor, Draft, Entry};
use firsthour::domain::fact::{Fact, Noted, PlaybookPin};
use firsthour::domain::incident::Incident;
use firsthour::domain::stance::Mode;
use firsthour::journal::{Journal, Meta, read, verify};
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

const ENTRIES: usize = 100_000;
const APPENDS: usize = 1_000;

fn main() {
    appends();
    divan::main();
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_787_392_923, 0).expect("a constant time")
}

fn note(n: usize) -> Draft {
    let text = format!("note {n}: the reply of the API held rows of another tenant again");
    Draft::new(Fact::Noted(Noted { text }))
}

fn fresh() -> (tempfile::TempDir, Journal) {
    // Beside the build, on a real disk: a temporary folder may be in memory.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
    let meta = Meta {
        id: "inc-20260822-k7f3".into(),
        title: "t".into(),
        codename: "c".into(),
        created: now(),
        mode: Mode::Drill,
        playbook: PlaybookPin {
            id: "p".into(),
            title: "p".into(),
            sha256: Digest::of(b"# p"),
            origin: String::new(),
        },
        target: "lab".into(),
    };
    let actor = Actor {
        id: "ada".into(),
        via: "cli".into(),
        host: "mbp".into(),
    };
    let journal = Journal::create(dir.path(), &meta, "# p", actor, now()).expect("a journal");
    (dir, journal)
}

/// An incident of 100,000 entries, made once.
static LARGE: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let (dir, mut journal) = fresh();
    for batch in 0..ENTRIES / 1_000 {
        let drafts: Vec<_> = (0..1_000).map(|n| note(batch * 1_000 + n)).collect();
        journal.append(now(), &drafts).expect("an append");
    }
    let folder = journal.folder().to_owned();
    (dir, folder)
});

fn segment() -> PathBuf {
    let writers = LARGE.1.join("writers");
    let mut dirs = std::fs::read_dir(writers).expect("the writers");
    let dir = dirs.next().expect("one writer").expect("its name").path();
    dir.join("000001.jsonl")
}

/// One append and one bare write of as many bytes, in turn.
#[expect(clippy::print_stdout, reason = "what a benchmark is for")]
fn appends() {
    let (dir, mut journal) = fresh();
    let mut bare = OpenOptions::new()
        .append(true)
        .create(true)
        .open(dir.path().join("bare"))
        .expect("a bare file");
    let bytes = [b'x'; 430];
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for n in 0..APPENDS {
        let draft = note(n);
        let start = Instant::now();
        journal.append(now(), &[draft]).expect("an append");
        ours.push(start.elapsed());
        theirs.push(bare_append(&mut bare, &bytes));
    }
    let (ours, theirs) = (centiles(ours), centiles(theirs));
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!(
        "append of one entry, durable    p50 {:?}  p99 {:?}",
        ours.0, ours.1
    );
    println!(
        "bare write and fdatasync        p50 {:?}  p99 {:?}",
        theirs.0, theirs.1
    );
    println!(
        "ratio                           p50 {:.2}  p99 {:.2}\n",
        ratio(ours.0, theirs.0),
        ratio(ours.1, theirs.1)
    );
}

fn bare_append(file: &mut File, bytes: &[u8]) -> Duration {
    let start = Instant::now();
    file.write_all(bytes).expect("a write");
    file.sync_data().expect("a sync");
    start.elapsed()
}

fn centiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

/// The floor: the bytes off the disk and through the hash, in one go.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn sha256_of_the_bytes_of_100_000_entries(bencher: Bencher<'_, '_>) {
    let path = segment();
    let mut piece = vec![0; 256 * 1024];
    bencher.bench_local(|| {
        let mut file = File::open(&path).expect("the segment");
        let mut hasher = Sha256::new();
        loop {
            match file.read(&mut piece).expect("its bytes") {
                0 => return hasher.finalize(),
                n => hasher.update(&piece[..n]),
            }
        }
    });
}

/// What any judge of the chain must do: a hash for every line.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn sha256_line_by_line_of_100_000_entries(bencher: Bencher<'_, '_>) {
    let path = segment();
    bencher.bench(|| {
        let file = BufReader::with_capacity(256 * 1024, File::open(&path).expect("the segment"));
        let lines = file.split(b'\n');
        lines
            .map(|line| Sha256::digest(line.expect("a line"))[0])
            .max()
    });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn verify_100_000_entries(bencher: Bencher<'_, '_>) {
    let folder = &LARGE.1;
    bencher.bench(|| assert_eq!(verify(folder).exit_code(), 0));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn read_100_000_entries(bencher: Bencher<'_, '_>) {
    let folder = &LARGE.1;
    bencher.bench(|| read(folder).expect("the record").entries.len());
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn fold_100_000_entries(bencher: Bencher<'_, '_>) {
    let entries: Vec<Arc<Entry>> = read(&LARGE.1).expect("the record").entries;
    bencher.bench(|| Incident::fold(entries.iter().cloned()).timeline.len());
}
