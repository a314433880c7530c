//! `firsthour check`: look without changing anything.
//!
//! A thin caller of `investigate`. The JSON form is a contract: one finding
//! a line, then who did read, and, last, one line of coverage. Exit code 0: nothing found and
//! everything looked at; 1: findings of medium or more; 2: could not look
//! everywhere; 3: could not run.

mod reads;
mod table;

use super::world::World;
use crate::config::targets::Target;
use crate::domain::check::{CheckReport, Conclusion};
use crate::domain::failure::Failure;
use crate::domain::reading::Exhibit;
use crate::domain::untrusted::visible;
use crate::investigate::check::{Keeping, Practice, Reach, Sink};
use crate::investigate::database;
use crate::runtime::edge::reach_of;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// The exit code when nothing could be looked at.
pub const COULD_NOT_RUN: u8 = 3;

/// Look at a source of evidence without changing it.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    pub source: Source,
}

/// What is looked at.
#[derive(Debug, clap::Subcommand)]
pub enum Source {
    /// Who can read whose rows in a PostgreSQL database.
    Database(Database),
}

/// Arguments of `check database`.
#[derive(Debug, clap::Args)]
pub struct Database {
    /// A target's name or a postgres:// URL; the PG* variables otherwise.
    #[arg(value_name = "TARGET|URL")]
    pub place: Option<String>,
    /// A target's name, as firsthour.toml has it.
    #[arg(long, value_name = "NAME", conflicts_with = "place")]
    pub target: Option<String>,
    /// One JSON object a line, coverage last.
    #[arg(long)]
    pub json: bool,
    /// Also probe what runs volatile or outward helper functions, or calls
    /// another server; a read-only transaction does not undo their effects.
    #[arg(long)]
    pub probe_helpers: bool,
    /// Try each drafted fix and roll it back; only on a target marked staging.
    #[arg(long)]
    pub rehearse: bool,
}

/// Runs the check and prints its answer.
///
/// # Errors
/// When standard output cannot be written. Everything that keeps the check
/// from running is told on standard error and gives exit code 3.
pub fn run(args: &Args, world: &mut World<'_>) -> Result<u8, Failure> {
    let Source::Database(asked) = &args.source;
    let report = match look(asked, world) {
        Ok(report) => report,
        Err(failure) => {
            for line in failure.lines() {
                tell(world, &line)?;
            }
            return Ok(COULD_NOT_RUN);
        }
    };
    let text = if asked.json {
        lines(&report)?
    } else {
        table::render(&report)
    };
    world
        .out
        .write_all(text.as_bytes())
        .map_err(|error| unwritten(&error))?;
    Ok(exit_code(&report))
}

fn look(asked: &Database, world: &mut World<'_>) -> Result<CheckReport, Failure> {
    let place = asked.place.as_deref().or(asked.target.as_deref());
    let target = Target::resolve(place, world.env, world.paths)?;
    for warning in &target.warnings {
        tell(world, &format!("firsthour: {}", visible(warning)))?;
    }
    let target_warnings = target.warnings.clone();
    let practice = if asked.rehearse {
        Some(Practice::on(&target.name, target.staging)?)
    } else {
        None
    };
    let mut reach = reach_of(target);
    reach.practice = practice;
    reach.probe_helpers = asked.probe_helpers;
    let mut report = heard(&reach, world)?;
    report
        .warnings
        .extend(target_warnings.iter().map(|warning| visible(warning)));
    Ok(report)
}

/// Passes warnings on while the audit still runs.
struct Warnings(UnboundedSender<String>);

impl Sink for Warnings {
    fn progress(&self, _done: usize, _total: usize, _what: &str) {}

    fn warn(&self, warning: &str) {
        // Nobody listens only once the answer could not be written.
        drop(self.0.send(warning.to_owned()));
    }

    fn keep(&self, _exhibit: Exhibit) -> Keeping<'_> {
        // Without an incident there is no record: the answer has the reads.
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Runs the audit and writes each warning as it comes: the first ones before
/// the first query of the audit.
fn heard(reach: &Reach, world: &mut World<'_>) -> Result<CheckReport, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(
                "the check could not start",
                error.to_string(),
                "free some memory and try again",
            )
        })?;
    let (sender, mut warnings) = unbounded_channel();
    runtime.block_on(async {
        let audit = async move {
            let sink = Warnings(sender);
            database::audit(reach, &sink).await
        };
        let telling = async {
            while let Some(warning) = warnings.recv().await {
                tell(world, &format!("firsthour: {warning}"))?;
            }
            Ok::<(), Failure>(())
        };
        let (report, told) = tokio::join!(audit, telling);
        told.and(report)
    })
}

fn tell(world: &mut World<'_>, line: &str) -> Result<(), Failure> {
    writeln!(world.err, "{line}").map_err(|error| unwritten(&error))
}

fn unwritten(error: &std::io::Error) -> Failure {
    Failure::new(
        "the answer could not be written",
        error.to_string(),
        "send the output somewhere that takes it",
    )
}

/// The contract of `--json`.
fn lines(report: &CheckReport) -> Result<String, Failure> {
    let mut out = String::new();
    for finding in &report.findings {
        let mut line = serde_json::to_value(finding).map_err(|error| unshaped(&error))?;
        if let Some(object) = line.as_object_mut() {
            object.insert("kind".to_owned(), "finding".into());
        }
        out.push_str(&format!("{line}\n"));
    }
    for line in reads::objects(&report.reads).map_err(|error| unshaped(&error))? {
        out.push_str(&format!("{line}\n"));
    }
    let mut last = serde_json::to_value(&report.coverage).map_err(|error| unshaped(&error))?;
    if let Some(object) = last.as_object_mut() {
        object.insert("kind".to_owned(), "coverage".into());
        if !report.warnings.is_empty() {
            object.insert("warnings".to_owned(), report.warnings.clone().into());
        }
    }
    out.push_str(&format!("{last}\n"));
    Ok(out)
}

fn unshaped(error: &serde_json::Error) -> Failure {
    Failure::new(
        "the answer could not be put into JSON",
        error.to_string(),
        "run again without --json",
    )
}

/// Findings win over gaps; only a whole look without findings is 0.
fn exit_code(report: &CheckReport) -> u8 {
    match report.conclusion() {
        Conclusion::Clean => 0,
        Conclusion::Found => 1,
        Conclusion::Unknown => 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check::{Coverage, Gap};
    use crate::domain::finding::{Confidence, Finding, Severity, Subject, SubjectKind};
    use crate::domain::reading::Reads;
    use std::collections::BTreeMap;

    fn report(severity: Option<Severity>, gaps: usize) -> CheckReport {
        let finding = |severity| Finding {
            check: "P01".into(),
            title: "t".into(),
            severity,
            confidence: Confidence::Suspected,
            subject: Subject::new(SubjectKind::Table, "public.t"),
            principal: None,
            causes: Vec::new(),
            evidence: Vec::new(),
            hint: String::new(),
            fix: None,
        };
        CheckReport {
            coverage: Coverage {
                check: "database".into(),
                looked_at: 1,
                could_not: (0..gaps).map(|_| Gap::new("x", "y")).collect(),
            },
            findings: severity.map(finding).into_iter().collect(),
            relations: Vec::new(),
            cells: Vec::new(),
            by_design: Vec::new(),
            fields: BTreeMap::new(),
            warnings: Vec::new(),
            reads: Reads::default(),
        }
    }

    #[test]
    fn exit_codes_follow_findings_then_gaps() {
        assert_eq!(exit_code(&report(None, 0)), 0);
        assert_eq!(exit_code(&report(Some(Severity::Low), 0)), 0);
        assert_eq!(exit_code(&report(Some(Severity::Medium), 1)), 1);
        assert_eq!(exit_code(&report(Some(Severity::Info), 1)), 2);
    }

    #[test]
    fn coverage_is_the_last_line_and_warnings_only_when_there_are_any() {
        let mut with = report(Some(Severity::High), 1);
        let text = lines(&with).unwrap();
        assert_eq!(text.lines().count(), 2);
        assert!(
            text.lines()
                .next()
                .unwrap()
                .contains("\"kind\":\"finding\"")
        );
        assert!(
            text.lines()
                .last()
                .unwrap()
                .contains("\"kind\":\"coverage\"")
        );
        assert!(!text.contains("warnings"));
        with.warnings.push("w".into());
        assert!(lines(&with).unwrap().contains("\"warnings\":[\"w\"]"));
    }
}
