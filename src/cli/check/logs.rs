//! `firsthour check logs`: who read what, from any pile of logs.
//!
//! The arguments and the way from them to an answer; how it is written is in
//! `logs/`.

mod follow;
mod lines;
mod live;
mod show;
mod table;

pub use super::emitted::Emitted;
use super::emitted::Events;
use super::engine::{self, Engine};
use super::hear::tell;
use crate::cli::world::World;
use crate::domain::failure::Failure;
use crate::domain::finding::{Confidence, Severity};
use crate::domain::untrusted::visible;
use crate::domain::zone::Zone;
use crate::investigate::logs::answer::{self, Answer};
use crate::investigate::logs::format::FORMATS;
use crate::investigate::logs::gather::aggregates::Aggregates;
use crate::investigate::logs::known::{Known, read};
use crate::investigate::logs::scan::Asked;
use crate::investigate::logs::source::Gaps;
use std::path::PathBuf;

/// What is read, for the help: every format of the registry.
pub fn recognised() -> String {
    let longest = FORMATS.iter().map(|format| format.name.len()).max();
    let longest = longest.unwrap_or(0);
    let mut text = "Formats, told by their content and never asked for:\n".to_owned();
    for format in FORMATS {
        text.push_str(&format!("  {:longest$}  {}\n", format.name, format.title));
    }
    text.push_str("A file of text lines and JSON objects is read as both. Packed by gzip, zstd, lz4 or tar, in each other. What is none of these is told and not guessed.");
    text
}

/// Arguments of `check logs`.
#[derive(Debug, Default, clap::Args)]
pub struct Logs {
    /// Files, folders, `s3://BUCKET/PREFIX`, or - for standard input; formats
    /// are recognised.
    #[arg(value_name = "PATH", required_unless_present_any = ["engine", "lines"])]
    pub paths: Vec<PathBuf>,
    /// When the suspected release went out, such as 2026-03-10T08:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub release_at: Option<String>,
    /// Write what was counted to a new file, for `firsthour merge` on one
    /// machine. It holds names, routes and hashes of ids, no lines.
    #[arg(long, value_name = "FILE")]
    pub emit_aggregates: Option<PathBuf>,
    /// Write the events themselves to a new file, one JSON object a line, for
    /// an engine to count. It holds your customers' data: names, addresses,
    /// paths, ids; nothing that was printed, and no statements.
    #[arg(long, value_name = "FILE")]
    pub emit_events: Option<PathBuf>,
    /// What a time without a zone is taken as: an offset such as +02:00, Z, or
    /// a place such as Europe/Berlin, whose summer time is minded.
    #[arg(
        long,
        value_name = "ZONE",
        allow_hyphen_values = true,
        conflicts_with = "engine"
    )]
    pub tz: Option<String>,
    /// Go on reading what is written to the files, to new files in folders and
    /// to standard input, and tell each finding as it comes up. Ctrl-C ends it
    /// with the whole answer.
    #[arg(long, conflicts_with_all = ["engine", "lines"])]
    pub follow: bool,
    /// Only what happened then: FROM..TO, FROM.., or 90m, 24h, 7d until now.
    #[arg(long, value_name = "SPAN")]
    pub window: Option<String>,
    /// Show the lines at a place that a finding names, and a few around it;
    /// what looks secret or personal is covered.
    #[arg(long, value_name = "FILE:OFFSET", conflicts_with_all = ["paths", "engine", "window", "release_at", "emit_aggregates", "emit_events", "users", "customers", "routes"])]
    pub lines: Option<String>,
    #[command(flatten)]
    pub engine: Engine,
    #[command(flatten)]
    pub judging: Judging,
}

/// What tables are judged by, and how the answer is written.
#[derive(Debug, Default, clap::Args)]
pub struct Judging {
    /// Who the users are: id, uuid, email, role, `org_id`, `assigned_orgs`, status.
    #[arg(long, value_name = "FILE.csv")]
    pub users: Option<PathBuf>,
    /// Whose customer each id is: id, `org_id`.
    #[arg(long, value_name = "FILE.csv")]
    pub customers: Option<PathBuf>,
    /// The app's routes: route, method, kind, roles, private.
    #[arg(long, value_name = "FILE.json")]
    pub routes: Option<PathBuf>,
    /// One JSON object a line, coverage last.
    #[arg(long)]
    pub json: bool,
}

/// Runs the check. Ctrl-C ends the reading, and what was read is answered.
///
/// # Errors
/// When an input can't be read at all.
pub fn run(asked: &Logs, world: &mut World<'_>) -> Result<(String, u8), Failure> {
    if let Some(place) = &asked.lines {
        return Ok((show::shown(place, asked.judging.json)?, 0));
    }
    let known = known(&asked.judging, world)?;
    let mut scan_asked = Asked::default();
    scan_asked.setting.now = Some((world.now)());
    scan_asked.routes = std::sync::Arc::new(known.templates());
    scan_asked.setting.zone = asked.tz.as_deref().map(zone).transpose()?;
    if let Some(text) = &asked.release_at {
        scan_asked.timing.release = Some(release(text)?);
    }
    let emitted = asked.emit_aggregates.as_deref();
    let mut emitted = emitted.map(Emitted::create).transpose()?;
    scan_asked.timing.window = engine::windowed(asked.window.as_deref(), world)?;
    if asked.follow {
        let window = scan_asked.timing.window;
        scan_asked.timing.window =
            follow::open_ended(&asked.paths, asked.window.as_deref(), window)?;
    }
    let (mut tables, failed, pace) = if asked.engine.name.is_some() {
        match engine::run(&asked.engine, &scan_asked.timing, world)? {
            engine::Asked::Queries(text) => return Ok((text, 0)),
            engine::Asked::Tables(tables, gaps) => (*tables, gaps, None),
        }
    } else {
        scanned(asked, scan_asked, &known, world)?
    };
    let said = answer::answer(&tables, &known, &failed);
    let answered = written(&asked.judging, &tables, &said, pace)?;
    if let Some(emitted) = &mut emitted {
        // What was not looked at here is not looked at in the whole either.
        let gaps = failed.iter().map(|(what, why)| format!("{what}: {why}"));
        tables.cut.extend(gaps);
        emitted.write(&tables)?;
    }
    // The program ends here: to take the tables apart would cost time alone.
    std::mem::forget((tables, known));
    Ok(answered)
}

/// Tables, pieces that could not be looked at and why, and how long it took.
type Scanned = (Aggregates, Gaps, Option<live::Pace>);

fn scanned(
    asked: &Logs,
    mut scan_asked: Asked,
    known: &Known,
    world: &mut World<'_>,
) -> Result<Scanned, Failure> {
    let events = asked.emit_events.as_deref();
    let events = events.map(Events::create).transpose()?;
    scan_asked.tap = events.as_ref().map(Events::tap);
    let scanned = if asked.follow {
        let input = (&*asked.paths, asked.judging.json);
        let (tables, failed) = follow::followed(input, scan_asked, known, world)?;
        (tables, failed, None)
    } else {
        let (tables, failed, pace) = live::scanned(&asked.paths, scan_asked, known, world)?;
        (tables, failed, Some(pace))
    };
    if let Some(events) = &events {
        events.close()?;
    }
    Ok(scanned)
}

/// What the rules say of tables that were filled elsewhere, and the exit code.
///
/// # Errors
/// When the answer has no JSON form.
pub fn answer(
    asked: &Judging,
    tables: &Aggregates,
    known: &Known,
    failed: &[(String, String)],
) -> Result<(String, u8), Failure> {
    let said = answer::answer(tables, known, failed);
    written(asked, tables, &said, None)
}

fn written(
    asked: &Judging,
    tables: &Aggregates,
    said: &Answer,
    pace: Option<live::Pace>,
) -> Result<(String, u8), Failure> {
    let text = if asked.json {
        lines::render(tables, said)?
    } else {
        table::render(tables, said, pace)
    };
    Ok((text, exit_code(said)))
}

/// Findings win over gaps; only a whole look without findings is 0.
fn exit_code(said: &Answer) -> u8 {
    let found = said.findings.iter().any(|finding| {
        finding.severity >= Severity::Medium
            && matches!(
                finding.confidence,
                Confidence::Confirmed | Confidence::Suspected
            )
    });
    match (found, said.coverage.whole()) {
        (true, _) => 1,
        (false, true) => 0,
        (false, false) => 2,
    }
}

/// The zone of times that have none.
fn zone(text: &str) -> Result<Zone, Failure> {
    Zone::read(text).ok_or_else(|| {
        Failure::new(
            "the zone of the logs can't be read",
            format!(
                "{} is neither an offset from UTC nor a place",
                visible(text)
            ),
            "write --tz +02:00, --tz Z, or a place such as --tz Europe/Berlin; abbreviations \
             such as CET stand for several zones",
        )
    })
}

fn release(text: &str) -> Result<i64, Failure> {
    crate::investigate::logs::time::iso(text.as_bytes())
        .filter(|(_, zoned, _)| *zoned)
        .map(|(stamp, _, _)| stamp)
        .ok_or_else(|| {
            Failure::new(
                "the time of the release can't be read",
                format!("{} is no time with a zone", visible(text)),
                "write it as 2026-03-10T08:00:00Z or with an offset such as +02:00",
            )
        })
}

/// Reads what is known besides the logs, and tells what was used of it.
///
/// # Errors
/// When a file can't be read.
pub fn known(asked: &Judging, world: &mut World<'_>) -> Result<Known, Failure> {
    let mut known = Known::default();
    let mut used = Vec::new();
    if let Some(path) = &asked.users {
        used.push(read::users(path, &mut known)?);
    }
    if let Some(path) = &asked.customers {
        used.push(read::customers(path, &mut known)?);
    }
    if let Some(path) = &asked.routes {
        used.push(read::routes(path, &mut known)?);
    }
    for used in used {
        tell(
            world,
            &format!(
                "firsthour: {}: {} rows, columns {}",
                visible(&used.file),
                used.rows,
                visible(&used.columns.join(", "))
            ),
        )?;
    }
    Ok(known)
}
