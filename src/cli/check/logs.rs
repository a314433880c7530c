//! `firsthour check logs`: who read what, from any pile of logs.

pub use super::emitted::Emitted;
use super::emitted::Events;
use super::engine::{self, Engine};
use super::hear::tell;
use crate::cli::world::World;
use crate::domain::check::Coverage;
use crate::domain::failure::Failure;
use crate::domain::finding::{Finding, Severity};
use crate::domain::gap::Gap;
use crate::domain::untrusted::visible;
use crate::investigate::logs::gather::aggregates::Aggregates;
use crate::investigate::logs::known::{Known, read};
use crate::investigate::logs::rules::claim::Case;
use crate::investigate::logs::rules::{claims, judge};
use crate::investigate::logs::scan::{Asked, Progress, scan};
use crate::investigate::logs::source;
use std::path::PathBuf;

/// Arguments of `check logs`.
#[derive(Debug, Default, clap::Args)]
pub struct Logs {
    /// Files, folders, or - for standard input; formats are recognised.
    #[arg(value_name = "PATH", required_unless_present = "engine")]
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
    /// Only what happened then: FROM..TO, FROM.., or 90m, 24h, 7d until now.
    #[arg(long, value_name = "SPAN")]
    pub window: Option<String>,
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

/// Runs the check.
///
/// # Errors
/// When an input can't be read at all.
pub fn run(asked: &Logs, world: &mut World<'_>) -> Result<(String, u8), Failure> {
    let known = known(&asked.judging, world)?;
    let mut scan_asked = Asked::default();
    if let Some(text) = &asked.release_at {
        scan_asked.timing.release = Some(release(text)?);
    }
    let emitted = asked.emit_aggregates.as_deref();
    let mut emitted = emitted.map(Emitted::create).transpose()?;
    scan_asked.timing.window = engine::windowed(asked.window.as_deref(), world)?;
    let (tables, failed) = if asked.engine.name.is_some() {
        match engine::run(&asked.engine, &scan_asked.timing, world)? {
            engine::Asked::Queries(text) => return Ok((text, 0)),
            engine::Asked::Tables(tables, gaps) => (*tables, gaps),
        }
    } else {
        scanned(asked, &mut scan_asked)?
    };
    if let Some(emitted) = &mut emitted {
        emitted.write(&tables)?;
    }
    answer(&tables, &known, &failed)
}

/// Pieces that could not be looked at, and why.
type Failed = Vec<(String, String)>;

fn scanned(asked: &Logs, scan_asked: &mut Asked) -> Result<(Aggregates, Failed), Failure> {
    let events = asked.emit_events.as_deref();
    let events = events.map(Events::create).transpose()?;
    scan_asked.tap = events.as_ref().map(Events::tap);
    let (pieces, failed) = source::pieces(&asked.paths);
    let tables = scan(&pieces, scan_asked, &Progress::default());
    if let Some(events) = &events {
        events.close()?;
    }
    Ok((tables, failed))
}

/// What the rules say of tables, whoever filled them, and the exit code.
///
/// # Errors
/// When the answer has no JSON form.
pub fn answer(
    tables: &Aggregates,
    known: &Known,
    failed: &[(String, String)],
) -> Result<(String, u8), Failure> {
    let case = Case { tables, known };
    let findings: Vec<Finding> = claims(&case)
        .into_iter()
        .map(|claim| judge::finding(claim, tables))
        .collect();
    let coverage = coverage(tables, failed);
    let code = if findings
        .iter()
        .any(|finding| finding.severity >= Severity::Medium)
    {
        1
    } else if coverage.whole() {
        0
    } else {
        2
    };
    let mut out = String::new();
    for finding in &findings {
        out.push_str(&line(finding)?);
    }
    let last = serde_json::to_string(&coverage).map_err(|error| super::hear::unshaped(&error))?;
    out.push_str(&format!("{last}\n"));
    Ok((out, code))
}

fn line(finding: &Finding) -> Result<String, Failure> {
    let text = serde_json::to_string(finding).map_err(|error| super::hear::unshaped(&error))?;
    Ok(format!("{text}\n"))
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

fn coverage(tables: &Aggregates, failed: &[(String, String)]) -> Coverage {
    let mut could_not: Vec<Gap> = failed
        .iter()
        .map(|(what, why)| Gap::new(what, why))
        .collect();
    for piece in &tables.pieces {
        if let Some(why) = &piece.broken {
            could_not.push(Gap::new(&piece.name, why));
        }
        if piece.unparsed > 0 {
            let why = format!("{} records could not be read", piece.unparsed);
            could_not.push(Gap::new(&piece.name, &why));
        }
    }
    could_not.extend(tables.cut.iter().map(|cut| Gap::new("bounds", cut)));
    Coverage {
        check: "logs".into(),
        looked_at: tables.pieces.iter().map(|piece| piece.events).sum(),
        could_not,
    }
}
