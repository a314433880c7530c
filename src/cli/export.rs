//! `firsthour export`: the record as a report or as its own lines.
//!
//! The export itself is recorded when no other process has the incident
//! open; otherwise that is said and nothing else changes.

use super::incident;
use super::world::World;
use crate::domain::digest::Digest;
use crate::domain::entry::Draft;
use crate::domain::fact::{Exported, Fact};
use crate::domain::failure::Failure;
use crate::journal::{Opened, open};
use crate::report::Format;
use crate::runtime::actor::actor;
use crate::runtime::record::render;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes an incident's record as a report or as its recorded lines.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The incident: its id, the beginning of it, its codename or its folder.
    pub incident: String,
    /// The form: a report for people, or the recorded lines byte for byte.
    #[arg(long = "as", value_name = "FORMAT", default_value = "markdown", value_parser = format_parser())]
    pub format: Format,
    /// Where to write; standard output without it. A file that exists is kept.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::word))
        .try_map(|word| Format::parse(&word).ok_or("not a format"))
}

/// Exports, then records the export if the journal is free.
///
/// # Errors
/// When the incident is not found or not readable, or the file can't be
/// written.
pub fn run(args: &Args, world: &mut World<'_>) -> Result<u8, Failure> {
    let folder = incident::find(world.paths, &args.incident)?;
    let bytes = render(&folder, args.format, (world.now)())?;
    match &args.out {
        Some(file) => write_file(file, &bytes)?,
        None => world.out.write_all(&bytes).map_err(|e| not_printed(&e))?,
    }
    // The report is out; what follows can only be told.
    let note = match record(&folder, args.format, &bytes, world) {
        Ok(()) => "the export was recorded".to_owned(),
        Err(why) => format!("the export was not recorded: {why}"),
    };
    writeln!(world.err, "firsthour: {note}").map_err(|e| not_printed(&e))?;
    Ok(0)
}

/// Writes a new file only its owner can read; an existing one is never
/// replaced, since people write into reports.
fn write_file(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut open| {
            open.write_all(bytes)?;
            open.sync_all()
        });
    written.map_err(|e| {
        let hint = if e.kind() == std::io::ErrorKind::AlreadyExists {
            "give a name that is not taken; a report may hold what people wrote"
        } else {
            "give a file in a folder you may write to"
        };
        Failure::new(
            format!("the export was not written to {}", file.display()),
            e.to_string(),
            hint,
        )
    })
}

fn record(folder: &Path, format: Format, bytes: &[u8], world: &World<'_>) -> Result<(), String> {
    let now = (world.now)();
    match open(folder, actor(world.env, "cli"), now).map_err(|failure| failure.to_string())? {
        Opened::ReadOnly { holder, .. } => Err(holder),
        Opened::Writer { mut journal, .. } => {
            let fact = Fact::Exported(Exported {
                format: format.word().to_owned(),
                sha256: Digest::of(bytes),
                bytes: bytes.len() as u64,
            });
            journal
                .append(now, &[Draft::new(fact)])
                .map(drop)
                .map_err(|failure| failure.to_string())
        }
    }
}

fn not_printed(e: &std::io::Error) -> Failure {
    Failure::new(
        "the export could not be printed",
        e.to_string(),
        "check where the output goes, or use --out FILE",
    )
}
