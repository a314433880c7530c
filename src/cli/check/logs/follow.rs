//! `check logs --follow`: the answer of what is there, then a line for each
//! finding that comes up or grows gravely, and the whole answer at Ctrl-C.

use super::live::{COLUMNS, top, watched};
use super::{lines, table};
use crate::cli::check::hear::{runtime, say, tell};
use crate::cli::world::World;
use crate::domain::failure::Failure;
use crate::domain::finding::Finding;
use crate::domain::number::{bytes, of};
use crate::domain::untrusted::visible;
use crate::investigate::logs::answer::answer;
use crate::investigate::logs::event::Stamp;
use crate::investigate::logs::follow::Follower;
use crate::investigate::logs::follow::news::{Change, News};
use crate::investigate::logs::gather::aggregates::Aggregates;
use crate::investigate::logs::known::Known;
use crate::investigate::logs::scan::{Asked, Progress};
use crate::investigate::logs::source::Gaps;
use crate::ui::text::clip;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Between two looks at files that rest.
const LOOK: Duration = Duration::from_millis(250);
/// Between two looks for new files in folders.
const FOLDERS: Duration = Duration::from_secs(2);
/// Half of what a record waits at most for others of its request.
const WAIT: Duration = Duration::from_secs(5);
/// Between two judgements, at the least; and judging takes a twentieth of the
/// time at most.
const JUDGE: Duration = Duration::from_secs(1);
const SHARE: u32 = 20;

type Window = Option<(Stamp, Stamp)>;

/// A window that ends now is one without an end here.
///
/// # Errors
/// When an address of a store is to be followed.
pub fn open_ended(
    paths: &[PathBuf],
    text: Option<&str>,
    window: Window,
) -> Result<Window, Failure> {
    let stored = |path: &&PathBuf| path.to_str().is_some_and(|path| path.contains("://"));
    if let Some(path) = paths.iter().find(stored) {
        return Err(Failure::new(
            "nothing was followed",
            format!(
                "{} is no file, folder or standard input",
                visible(&path.display().to_string())
            ),
            "follow where the logs are written, or leave --follow out",
        ));
    }
    let text = text.unwrap_or("");
    let ends = text.split_once("..").is_some_and(|(_, to)| !to.is_empty());
    Ok(window.map(|(from, to)| (from, if ends { to } else { Stamp::MAX })))
}

/// Follows the logs until Ctrl-C, or until standard input ends.
///
/// # Errors
/// When something of it can't be written.
pub fn followed(
    (paths, json): (&[PathBuf], bool),
    scan_asked: Asked,
    known: &Known,
    world: &mut World<'_>,
) -> Result<(Aggregates, Gaps), Failure> {
    let runtime = runtime()?;
    let progress = Arc::new(Progress::default());
    let (mut follower, packed) = Follower::new(paths, &scan_asked, Arc::clone(&progress));
    let mut watch = Watch::new(json, known, progress);
    let ended: Result<(), Failure> = runtime.block_on(async {
        if !packed.is_empty() {
            let reading = Arc::new(Progress::default());
            let shown = (&mut None, Arc::clone(&reading));
            let base = watched(packed, scan_asked, known, shown, world).await?;
            follower.found_packed(base);
            // Ctrl-C there ends all of it.
            if reading.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
        tokio::select! {
            done = watch.follow(&mut follower, world) => done,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    });
    runtime.shutdown_background();
    clear(world);
    ended?;
    if watch.told_all {
        tell(world, "\nfirsthour: following ends here; the whole answer:")?;
    }
    Ok(follower.end())
}

/// What was told, and when the next look is due.
struct Watch<'a> {
    json: bool,
    known: &'a Known,
    progress: Arc<Progress>,
    news: News,
    /// What was there at the start was answered.
    told_all: bool,
    /// Something came in that was not judged.
    fresh: bool,
    judge_at: Instant,
    status: String,
}

impl<'a> Watch<'a> {
    fn new(json: bool, known: &'a Known, progress: Arc<Progress>) -> Self {
        Self {
            json,
            known,
            progress,
            news: News::default(),
            told_all: false,
            fresh: false,
            judge_at: Instant::now(),
            status: String::new(),
        }
    }

    async fn follow(
        &mut self,
        follower: &mut Follower,
        world: &mut World<'_>,
    ) -> Result<(), Failure> {
        let (mut folders, mut ticks) = (Instant::now(), Instant::now());
        loop {
            let came = follower.round();
            self.fresh |= came > 0;
            if ticks.elapsed() >= WAIT {
                ticks = Instant::now();
                follower.tick();
                self.fresh = true;
            }
            if folders.elapsed() >= FOLDERS {
                folders = Instant::now();
                follower.refresh();
            }
            let over = follower.is_over();
            if over || came == 0 && !self.told_all {
                self.first(follower, world)?;
            } else if self.told_all && self.fresh && self.judge_at <= Instant::now() {
                self.judge(follower, world)?;
            }
            self.line(follower, world);
            if over {
                return Ok(());
            }
            // Ctrl-C is heard here, between two rounds.
            let pause = if came > 0 { Duration::ZERO } else { LOOK };
            tokio::time::sleep(pause).await;
        }
    }

    /// Answers what is there, if anything is, and says that it goes on.
    fn first(&mut self, follower: &mut Follower, world: &mut World<'_>) -> Result<(), Failure> {
        self.told_all = true;
        let tables = follower.tables();
        let gaps = follower.gaps();
        let said = answer(&tables, self.known, &gaps);
        let news = self.news.of(&said.findings);
        let holds = tables.pieces.iter().any(|piece| piece.events > 0);
        clear(world);
        for (what, why) in &gaps {
            tell(
                world,
                &format!("firsthour: {}: {}", visible(what), visible(why)),
            )?;
        }
        if self.json {
            for (change, finding) in news {
                say(world, lines::told(finding, change)?.as_bytes())?;
            }
        } else if follower.is_over() {
            return Ok(());
        } else if holds {
            let text = table::render(&tables, &said, None);
            say(world, format!("{text}\n").as_bytes())?;
        }
        let streams = of(follower.streams() as u64, "stream");
        tell(
            world,
            &format!("firsthour: following {streams}; Ctrl-C ends it with the whole answer"),
        )?;
        drop(world.out.flush());
        self.judged(Instant::now());
        Ok(())
    }

    /// Tells what is new.
    fn judge(&mut self, follower: &mut Follower, world: &mut World<'_>) -> Result<(), Failure> {
        let begun = Instant::now();
        let tables = follower.tables();
        let said = answer(&tables, self.known, &[]);
        let news = self.news.of(&said.findings);
        if !news.is_empty() {
            clear(world);
        }
        for (change, finding) in news {
            let line = if self.json {
                lines::told(finding, change)?
            } else {
                Self::told(change, finding, world)
            };
            say(world, line.as_bytes())?;
        }
        drop(world.out.flush());
        self.status = format!("{} found", said.findings.len());
        let most = top(&tables);
        if !most.is_empty() {
            self.status.push_str(&format!("  most: {most}"));
        }
        self.judged(begun);
        Ok(())
    }

    fn judged(&mut self, begun: Instant) {
        self.fresh = false;
        self.judge_at = Instant::now() + JUDGE.max(begun.elapsed() * SHARE);
    }

    fn told(change: Change, finding: &Finding, world: &World<'_>) -> String {
        let rule = finding.check.rsplit('.').next().unwrap_or("");
        let place = finding
            .trail
            .as_ref()
            .and_then(|trail| trail.places.first());
        let place = place.map_or(String::new(), |place| {
            format!(" ({}:{})", visible(&place.file), place.offset)
        });
        let line = format!(
            "{} {:<4} {} {} {rule}: {}{place}",
            (world.now)().format("%H:%M:%SZ"),
            change.word(),
            finding.severity.word(),
            finding.confidence.word(),
            finding.title,
        );
        if !std::io::stdout().is_terminal() {
            return line + "\n";
        }
        let mut wrapped = String::new();
        table::para(&mut wrapped, 0, 4, &line);
        wrapped
    }

    /// The line that says it is awake.
    fn line(&self, follower: &Follower, world: &mut World<'_>) {
        if !is_watched() {
            return;
        }
        let read = self.progress.bytes.load(Ordering::Relaxed);
        let doing = if self.told_all {
            "following"
        } else {
            "reading"
        };
        let line = format!(
            "{doing} {}  {} read  {}",
            of(follower.streams() as u64, "stream"),
            bytes(read),
            self.status
        );
        // A terminal that is gone has nobody to show progress to.
        drop(write!(world.err, "\r\x1b[2K{}", clip(&line, COLUMNS)));
        drop(world.err.flush());
    }
}

/// Whether somebody sees the line that says it is awake.
fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

fn clear(world: &mut World<'_>) {
    if is_watched() {
        drop(write!(world.err, "\r\x1b[2K"));
    }
}
