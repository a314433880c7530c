//! kill -9 of a real process that appends: nothing it was told is on disk may
//! be gone, and coming back is quick.
//!
//! The test binary starts itself as the appender. `tests/kill-many.sh` runs
//! the same with as many kills as wanted.

use crate::support::journal::{PLAYBOOK, Place, actor, meta, note, now};
use firsthour::config::Env;
use firsthour::domain::entry::Entry;
use firsthour::journal::{Journal, Opened, open, verify};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Tells the appender which folder is its own.
const FOLDER: &str = "FIRSTHOUR_TEST_APPEND_TO";

/// How often the appender is killed.
const KILLS: &str = "FIRSTHOUR_TEST_KILLS";

/// Kills after which a fresh folder is taken, to keep reading it cheap.
const PER_FOLDER: usize = 20;

/// Not a test of its own: the process that is killed. Prints each entry's
/// number and hash once the journal says that it is on disk.
#[test]
#[ignore = "started by the tests of this file, to be killed"]
fn appender() {
    let env = Env::read();
    let Some(folder) = env.get(FOLDER) else {
        return;
    };
    let Opened::Writer { mut journal, .. } = open(Path::new(folder), actor("ada"), now()).unwrap()
    else {
        panic!("the lock outlived its process");
    };
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready").unwrap();
    for n in 0.. {
        let drafts: Vec<_> = (0..=n % 3).map(|i| note(&format!("{n}.{i}"))).collect();
        for entry in journal.append(now(), &drafts).unwrap() {
            writeln!(out, "ack {} {}", entry.seq, entry.h).unwrap();
        }
        out.flush().unwrap();
    }
}

/// A running appender and the lines it prints.
struct Appender {
    child: Child,
    lines: Receiver<String>,
}

impl Appender {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "journal_kill::appender",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// Lets it work for a random while, kills it, and gives every
    /// acknowledgement it got out.
    fn kill_at_random(mut self, random: &mut fastrand::Rng) -> Vec<(u64, String)> {
        let mut acked = Vec::new();
        // Some are killed while they start or recover, most while they append.
        let wanted = random.usize(0..8);
        if random.u8(0..10) > 0 {
            self.wait_for("ready");
        }
        while acked.len() < wanted {
            let line = self.lines.recv_timeout(Duration::from_secs(20)).unwrap();
            acked.extend(ack(&line));
        }
        let grace = Instant::now() + Duration::from_micros(random.u64(0..6_000));
        loop {
            let left = grace.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => acked.extend(ack(&line)),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => panic!("the appender ended by itself"),
            }
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        // What it said before it died counts too.
        acked.extend(self.lines.iter().filter_map(|line| ack(&line)));
        acked
    }

    fn wait_for(&self, what: &str) {
        while !self
            .lines
            .recv_timeout(Duration::from_secs(20))
            .unwrap()
            .contains(what)
        {}
    }
}

fn ack(line: &str) -> Option<(u64, String)> {
    // A line the kill cut short is no acknowledgement.
    let (seq, hash) = line.strip_prefix("ack ")?.split_once(' ')?;
    (hash.len() == 64).then(|| (seq.parse().unwrap(), hash.to_owned()))
}

/// Opens the folder as a person coming back would.
fn come_back(folder: &Path) -> Vec<Arc<Entry>> {
    let Opened::Writer { entries, .. } = open(folder, actor("ada"), now()).unwrap() else {
        panic!("the lock outlived its process");
    };
    entries
}

#[test]
fn no_acknowledged_entry_is_lost_to_kill_9() {
    let kills: usize = Env::read()
        .get(KILLS)
        .map_or(500, |text| text.parse().unwrap());
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let dir = tempfile::tempdir().unwrap();
    let (mut folder, mut acked) = (PathBuf::new(), Vec::new());
    let mut lost = 0;
    for round in 0..kills {
        if round % PER_FOLDER == 0 {
            let meta = meta(&format!("inc-{round}"));
            let made = Journal::create(dir.path(), &meta, PLAYBOOK, actor("ada"), now());
            folder = made.unwrap().folder().to_owned();
            acked.clear();
        }
        acked.extend(Appender::start(&folder).kill_at_random(&mut random));
        let before = Instant::now();
        let entries = come_back(&folder);
        assert!(before.elapsed() < Duration::from_secs(2), "round {round}");
        for (seq, hash) in &acked {
            let kept = entries
                .get(usize::try_from(*seq).unwrap())
                .is_some_and(|entry| entry.seq == *seq && entry.h.as_str() == hash);
            lost += usize::from(!kept);
        }
        assert_eq!(lost, 0, "round {round}, seed {seed}");
        if round % PER_FOLDER == PER_FOLDER - 1 || round + 1 == kills {
            let verdict = verify(&folder);
            assert_eq!(verdict.exit_code(), 0, "{verdict}");
        }
    }
}

#[test]
fn a_second_process_reads_and_names_the_first() {
    let place = Place::with(1);
    let mut appender = Appender::start(&place.folder);
    appender.wait_for("ready");
    let Opened::ReadOnly { holder, entries } = open(&place.folder, actor("ada"), now()).unwrap()
    else {
        panic!("two processes write one chain");
    };
    assert!(entries.len() >= 3);
    let pid = appender.child.id();
    assert!(
        holder.contains(&format!("process {pid} of ada on mbp")),
        "{holder}"
    );
    appender.child.kill().unwrap();
    appender.child.wait().unwrap();
    assert!(come_back(&place.folder).len() >= 3);
}
