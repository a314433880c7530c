//! A scan under a person's eyes: what it has read and found so far on one
//! line of standard error, and Ctrl-C to be content with that.

use crate::cli::check::hear::{runtime, tell};
use crate::cli::world::World;
use crate::domain::failure::Failure;
use crate::domain::number::{bytes, of};
use crate::domain::untrusted::visible;
use crate::investigate::logs::answer;
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::gather::aggregates::{Aggregates, Piece as Account};
use crate::investigate::logs::known::Known;
use crate::investigate::logs::most::most;
use crate::investigate::logs::scan::{Asked, Progress, scan};
use crate::investigate::logs::shots::EVERY;
use crate::investigate::logs::source::{self, Found, Gaps, Piece};
use crate::ui::text::clip;
use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Findings told while the scan still runs; the answer has them all.
const TOLD: usize = 5;
/// Between two looks whether there is something new.
const LOOK: Duration = Duration::from_millis(50);
/// How long pictures come soon after one another, whatever they cost.
const EARLY: Duration = Duration::from_secs(1);
/// Narrower than any terminal, so that the line never wraps.
pub(super) const COLUMNS: usize = 78;

/// How long the reading took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace(Duration);

impl Pace {
    /// Bytes a second; `None` where it took less than a second: that says
    /// more of the machine than of the logs.
    pub fn rate(self, bytes: u64) -> Option<u64> {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        (millis >= 1_000).then(|| bytes.saturating_mul(1_000) / millis)
    }
}

/// Scans, shows how far it is where standard error is a terminal, and ends
/// early at Ctrl-C with what was read.
///
/// # Errors
/// When Ctrl-C came twice, or the scan could not be started.
pub fn scanned(
    paths: &[PathBuf],
    asked: Asked,
    known: &Known,
    world: &mut World<'_>,
) -> Result<(Aggregates, Gaps, Pace), Failure> {
    let runtime = runtime()?;
    let begun = Instant::now();
    let (pieces, failed) = runtime.block_on(listed(paths, asked.timing.window))?;
    let mut show = std::io::stderr()
        .is_terminal()
        .then(|| Show::of(&pieces, asked.timing.release));
    let tables = runtime.block_on(watched(
        pieces,
        asked,
        known,
        (&mut show, Arc::default()),
        world,
    ));
    // A read that waits for input would keep the program for ever.
    runtime.shutdown_background();
    if show.is_some() {
        drop(write!(world.err, "\r\x1b[2K"));
    }
    Ok((tables?, failed, Pace(begun.elapsed())))
}

async fn listed(paths: &[PathBuf], window: Option<(Stamp, Stamp)>) -> Result<Found, Failure> {
    tokio::select! {
        found = source::gathered(paths, window) => Ok(found),
        _ = tokio::signal::ctrl_c() => Err(Failure::new(
            "nothing was answered",
            "the check was ended while it still listed what there is to read",
            "name a longer prefix, or files",
        )),
    }
}

pub(super) async fn watched(
    pieces: Vec<Piece>,
    asked: Asked,
    known: &Known,
    (show, progress): (&mut Option<Show>, Arc<Progress>),
    world: &mut World<'_>,
) -> Result<Aggregates, Failure> {
    let its = Arc::clone(&progress);
    let mut work = tokio::task::spawn_blocking(move || scan(&pieces, &asked, &its));
    let mut beat = tokio::time::interval(LOOK);
    let mut ended = false;
    loop {
        tokio::select! {
            done = &mut work => return done.map_err(|error| Failure::new(
                "the scan broke off",
                error.to_string(),
                "run it again on fewer files to find the one it can't read",
            )),
            _ = tokio::signal::ctrl_c() => {
                if ended {
                    return Err(Failure::new(
                        "nothing was answered",
                        "the scan was ended twice while it waited for input",
                        "end whatever writes into it, or give files",
                    ));
                }
                ended = true;
                progress.stop.store(true, Ordering::Relaxed);
                // Where nobody can be told, what was read is answered all the same.
                drop(tell(world, "\nfirsthour: reading ends here; what was read is answered"));
            }
            _ = beat.tick() => if let Some(show) = show {
                show.draw(&progress, known, world)?;
            }
        }
    }
}

/// What stands on the line, and what was already told above it.
#[derive(Debug)]
pub(super) struct Show {
    begun: Instant,
    /// Bytes to read; `None` where packed files make that unknown.
    total: Option<u64>,
    names: Vec<String>,
    release: Option<Stamp>,
    told: BTreeSet<String>,
    top: String,
    found: usize,
    /// When the next picture is asked for; `None` when no more are.
    next: Option<Instant>,
    /// A picture was asked for and not yet looked at.
    asked: bool,
    /// When the line is drawn again.
    due: Instant,
}

impl Show {
    fn of(pieces: &[Piece], release: Option<Stamp>) -> Self {
        const PLAIN: [&str; 6] = ["log", "json", "ndjson", "jsonl", "csv", "txt"];
        let names: Vec<String> = pieces.iter().map(Piece::name).collect();
        let plain = |name: &String| PLAIN.iter().any(|end| name.ends_with(&format!(".{end}")));
        let now = Instant::now();
        Self {
            begun: now,
            total: names
                .iter()
                .all(plain)
                .then(|| pieces.iter().map(Piece::size).sum()),
            names,
            release,
            told: BTreeSet::new(),
            top: String::new(),
            found: 0,
            next: Some(now),
            asked: false,
            due: now,
        }
    }

    fn draw(
        &mut self,
        progress: &Progress,
        known: &Known,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let now = Instant::now();
        if self.asked {
            self.look(progress, known, world)?;
        } else if self.next.is_some_and(|next| next <= now) {
            progress.shots.ask();
            self.asked = true;
        }
        if now < self.due {
            return Ok(());
        }
        self.due = now + EVERY;
        let line = clip(&self.line(progress.bytes.load(Ordering::Relaxed)), COLUMNS);
        // A terminal that is gone has nobody to show progress to.
        drop(write!(world.err, "\r\x1b[2K{line}"));
        drop(world.err.flush());
        Ok(())
    }

    /// Takes the picture that was asked for and tells what it adds. The first
    /// come soon after one another, later ones as seldom as their cost asks for.
    fn look(
        &mut self,
        progress: &Progress,
        known: &Known,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let (mut picture, pause) = progress.shots.picture();
        picture.release = self.release;
        picture.pieces = self
            .names
            .iter()
            .map(|name| Account {
                name: name.clone(),
                ..Account::default()
            })
            .collect();
        self.top = top(&picture);
        let said = answer::answer(&picture, known, &[]);
        self.found = said.findings.len();
        for finding in &said.findings {
            if self.told.len() < TOLD && self.told.insert(finding.key()) {
                let line = format!("so far: {} {}", finding.severity.word(), finding.title);
                tell(world, &format!("\r\x1b[2K{}", clip(&line, COLUMNS)))?;
            }
        }
        let passed = self.begun.elapsed();
        let most = if passed < EARLY {
            passed.max(LOOK)
        } else {
            Duration::MAX
        };
        self.next = pause.map(|pause| Instant::now() + pause.min(most));
        self.asked = false;
        self.due = Instant::now();
        Ok(())
    }

    fn line(&self, read: u64) -> String {
        let mut line = bytes(read);
        if let Some(total) = self.total {
            line.push_str(&format!(" of {}", bytes(total)));
        }
        if let Some(rate) = Pace(self.begun.elapsed())
            .rate(read)
            .filter(|rate| *rate > 0)
        {
            line.push_str(&format!("  {}/s", bytes(rate)));
            if let Some(total) = self.total {
                line.push_str(&format!("  {} s left", total.saturating_sub(read) / rate));
            }
        }
        if self.found > 0 {
            line.push_str(&format!("  {} found so far", self.found));
        }
        if !self.top.is_empty() {
            line.push_str(&format!("  most: {}", self.top));
        }
        line
    }
}

/// Who got most up to now.
pub(super) fn top(tables: &Aggregates) -> String {
    most(tables, 1).first().map_or(String::new(), |most| {
        let amount = if most.rows > 0 {
            of(most.rows, "row")
        } else {
            of(most.requests, "request")
        };
        format!("{} {} {amount}", most.kind.word(), visible(&most.id))
    })
}
