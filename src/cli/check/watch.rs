//! `check database --watch SECONDS`: what grows while one waits, without an
//! incident. Nothing is recorded; the lines are the answer.

use super::hear::{runtime, say, tell, unshaped};
use crate::cli::world::World;
use crate::domain::failure::Failure;
use crate::domain::reading::Count;
use crate::domain::watch::{Glance, Growth, Tally, WatchEnded};
use crate::investigate::check::Reach;
use crate::investigate::database::reads::Watcher;
use serde_json::Value;
use std::time::Duration;

/// Seconds between two looks.
const EVERY: u64 = 3;

/// How long one look may take, the first one with its catalogs included.
const LIMIT: Duration = Duration::from_secs(30);

/// Looks every few seconds for so long, and writes what grew as it is seen.
/// Exit code 1: a wide read or a large send was seen; 2: nothing of the kind,
/// but not every look was answered or saw everything; 0: neither.
///
/// # Errors
/// When no look at all was answered, or the answer can't be written.
pub fn run(reach: &Reach, seconds: u64, json: bool, world: &mut World<'_>) -> Result<u8, Failure> {
    runtime()?.block_on(async {
        let mut beat = tokio::time::interval(Duration::from_secs(EVERY));
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut place = None;
        let mut tally = Tally::default();
        let (mut looks, mut failed, mut last) = (0, 0, None);
        // One look to begin with, and one at the end of each pause.
        for _ in 0..=seconds.div_ceil(EVERY) {
            beat.tick().await;
            match Box::pin(glance(&mut place, reach)).await {
                Ok(glance) => {
                    looks += 1;
                    last = None;
                    tally.take(glance);
                    say(world, moved(&tally, json)?.as_bytes())?;
                }
                Err(failure) => {
                    failed += 1;
                    tell(
                        world,
                        &format!("firsthour: a look was not answered: {}", failure.why),
                    )?;
                    last = Some(failure);
                }
            }
        }
        if let Some(failure) = last.clone().filter(|_| looks == 0) {
            return Err(failure);
        }
        let (seen, more) = tally.whole();
        let alarming = seen.grown.iter().any(|growth| growth.wide) || !seen.live.is_empty();
        // Rows that came packed into one were not counted.
        let packed = |growth: &Growth| growth.read.count == Count::Packed;
        let blind = failed > 0 || !tally.off().is_empty() || seen.grown.iter().any(packed);
        let ended = WatchEnded {
            seconds,
            looks,
            failed,
            trouble: last.map(|failure| failure.why),
            off: tally.off().to_vec(),
            seen,
            more,
        };
        say(world, whole(&ended, json)?.as_bytes())?;
        Ok(match (alarming, blind) {
            (true, _) => 1,
            (false, true) => 2,
            (false, false) => 0,
        })
    })
}

/// One look over a connection that is kept while it answers.
async fn glance(place: &mut Option<Watcher>, reach: &Reach) -> Result<Glance, Failure> {
    let look = async {
        let watcher = match place.take() {
            Some(watcher) => watcher,
            None => Watcher::open(reach).await?,
        };
        let seen = watcher.look().await?;
        Ok((watcher, seen))
    };
    let timed_out = |_| {
        Err(Failure::new(
            "the statistics were not looked at",
            format!("timed out after {} s", LIMIT.as_secs()),
            "look at the target's load",
        ))
    };
    let answer = tokio::time::timeout(LIMIT, look).await;
    let (watcher, seen) = answer.unwrap_or_else(timed_out)?;
    *place = Some(watcher);
    Ok(seen)
}

/// What the last look saw move.
fn moved(tally: &Tally, json: bool) -> Result<String, Failure> {
    let mut out = String::new();
    for sending in tally.live() {
        out.push_str(&if json {
            object("live", &sending.live)?
        } else {
            format!("now: {}\n", sending.live.line())
        });
    }
    for (growth, (calls, rows)) in tally.grown() {
        if (calls, rows) == (0, 0) {
            continue;
        }
        let wide = if growth.wide { "WIDE " } else { "" };
        out.push_str(&if json {
            object("grew", growth)?
        } else {
            format!("{wide}{}: {}\n", growth.subject(), growth.step(calls, rows))
        });
    }
    Ok(out)
}

fn whole(ended: &WatchEnded, json: bool) -> Result<String, Failure> {
    if json {
        return object("watch", ended);
    }
    let mut out = format!("{}\n", ended.summary());
    for gap in &ended.off {
        out.push_str(&format!("  blind: {}: {}\n", gap.what, gap.why));
    }
    for line in ended.seen.lines() {
        out.push_str(&format!("  {line}\n"));
    }
    Ok(out)
}

fn object(kind: &str, value: &impl serde::Serialize) -> Result<String, Failure> {
    let mut value = serde_json::to_value(value).map_err(|error| unshaped(&error))?;
    if let Value::Object(object) = &mut value {
        object.insert("kind".to_owned(), kind.into());
    }
    Ok(format!("{value}\n"))
}
