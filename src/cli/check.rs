//! `firsthour check`: look without changing anything.
//!
//! A thin caller of `investigate`. The JSON form is a contract: one finding
//! a line, then who did read, and, last, one line of coverage. Exit code 0: nothing found and
//! everything looked at; 1: findings of medium or more; 2: could not look
//! everywhere; 3: could not run.

pub mod drift;
mod emitted;
mod engine;
mod hear;
mod indexes;
pub mod logs;
mod private;
mod reads;
mod table;
mod watch;
mod window;

use super::world::World;
use crate::config::targets::Target;
use crate::domain::check::{CheckReport, Conclusion};
use crate::domain::fact::Mapped;
use crate::domain::failure::Failure;
use crate::domain::incident::Incident;
use crate::domain::untrusted::visible;
use crate::investigate::check::Practice;
use crate::investigate::database;
use crate::report::exposure;
use crate::runtime::edge::reach_of;
use hear::{heard, say, tell, unshaped};

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
    /// Who read what, from any pile of logs.
    #[command(after_long_help = logs::recognised())]
    Logs(Box<logs::Logs>),
}

/// Arguments of `check database`.
#[derive(Debug, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "one field a flag")]
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
    /// The exposure matrix alone, who reads what, in place of the findings.
    #[arg(long, value_name = "FORMAT", value_enum, conflicts_with = "json")]
    pub matrix: Option<Layout>,
    /// Also probe what runs volatile or outward helper functions, or calls
    /// another server; a read-only transaction does not undo their effects.
    #[arg(long)]
    pub probe_helpers: bool,
    /// Only watch who reads, for so many seconds: what grew, and who sends rows
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["matrix", "rehearse", "probe_helpers", "indexes", "compare", "save", "against"])]
    pub watch: Option<u64>,
    /// Try each drafted fix and roll it back; only on a target marked staging.
    #[arg(long)]
    pub rehearse: bool,
    /// Tell which columns policies look up without an index, and what that
    /// costs: with the index as HypoPG makes it up, or on a target marked
    /// staging as it is built and rolled back. `--rehearse` builds it anyway.
    #[arg(long, conflicts_with_all = ["matrix", "compare", "save", "against"])]
    pub indexes: bool,
    #[command(flatten)]
    pub drift: drift::Asked,
}

/// How the exposure matrix is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Layout {
    /// One line a cell, for a spreadsheet.
    Csv,
    /// One object with principals, relations and cells.
    Json,
}

/// Runs the check and prints its answer.
///
/// # Errors
/// When standard output cannot be written. Everything that keeps the check
/// from running is told on standard error and gives exit code 3.
pub fn run(args: &Args, world: &mut World<'_>) -> Result<u8, Failure> {
    let asked = match &args.source {
        Source::Database(asked) => asked,
        Source::Logs(asked) => return spoken(logs::run(asked, world), world),
    };
    let answered = if let Some(seconds) = asked.watch {
        watched(asked, seconds, world).map(|code| (Vec::new(), code))
    } else if asked.drift.any() {
        drift::run(&asked.drift, asked.place(), asked.json, world)
            .map(|(text, code)| (text.into_bytes(), code))
    } else if asked.indexes {
        let asked = indexes::Asked {
            place: asked.place(),
            json: asked.json,
            build: asked.rehearse,
            probe_helpers: asked.probe_helpers,
        };
        indexes::run(asked, world).map(|(text, code)| (text.into_bytes(), code))
    } else {
        audited(asked, world)
    };
    spoken(answered, world)
}

/// Prints an answer, or why there is none.
pub(super) fn spoken(
    answered: Result<(impl Into<Vec<u8>>, u8), Failure>,
    world: &mut World<'_>,
) -> Result<u8, Failure> {
    match answered {
        Ok((bytes, code)) => {
            say(world, &bytes.into())?;
            Ok(code)
        }
        Err(failure) => {
            for line in failure.lines() {
                tell(world, &line)?;
            }
            Ok(COULD_NOT_RUN)
        }
    }
}

impl Database {
    fn place(&self) -> Option<&str> {
        self.place.as_deref().or(self.target.as_deref())
    }
}

fn watched(asked: &Database, seconds: u64, world: &mut World<'_>) -> Result<u8, Failure> {
    let target = Target::resolve(asked.place(), world.env, world.paths)?;
    for warning in &target.warnings {
        tell(world, &format!("firsthour: {}", visible(warning)))?;
    }
    watch::run(&reach_of(target), seconds, asked.json, world)
}

fn audited(asked: &Database, world: &mut World<'_>) -> Result<(Vec<u8>, u8), Failure> {
    let report = look(asked, world)?;
    let bytes = match asked.matrix {
        Some(layout) => matrix(&report, layout),
        None if asked.json => lines(&report)?.into_bytes(),
        None => table::render(&report).into_bytes(),
    };
    Ok((bytes, exit_code(&report)))
}

fn look(asked: &Database, world: &mut World<'_>) -> Result<CheckReport, Failure> {
    let target = Target::resolve(asked.place(), world.env, world.paths)?;
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
    let mut report = heard(world, |sink| {
        let reach = &reach;
        async move { database::audit(reach, &sink).await }
    })?;
    report
        .warnings
        .extend(target_warnings.iter().map(|warning| visible(warning)));
    Ok(report)
}

/// The matrix as the export of an incident has it.
fn matrix(report: &CheckReport, layout: Layout) -> Vec<u8> {
    let mut incident = Incident::default();
    incident.take_map(&Mapped {
        relations: report.relations.clone(),
        cells: report.cells.clone(),
        by_design: report.by_design.clone(),
        acting: report.acting.clone(),
    });
    match layout {
        Layout::Csv => exposure::csv(&incident),
        Layout::Json => exposure::json(&incident),
    }
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
            trail: None,
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
            acting: Vec::new(),
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
