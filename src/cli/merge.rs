//! `firsthour merge`: the counts of several machines, judged as one.
//!
//! The same rules, flags and forms of answer as `check logs`, which wrote the
//! files.

use super::check::logs::{Judging, answer, known};
use super::check::{logs, spoken};
use super::world::World;
use crate::domain::failure::Failure;
use crate::investigate::logs::gather::store::Reader;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Brings files of `check logs --emit-aggregates` together and judges them as
/// one.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files that `check logs --emit-aggregates` wrote, all with the same
    /// release.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Write the whole to a new file of the same form.
    #[arg(long, value_name = "FILE")]
    pub emit_aggregates: Option<PathBuf>,
    #[command(flatten)]
    pub judging: Judging,
}

/// Merges, judges, answers.
///
/// # Errors
/// When standard output cannot be written; what keeps it from merging is told
/// on standard error and gives the exit code of a check that could not run.
pub fn run(args: &Args, world: &mut World<'_>) -> Result<u8, Failure> {
    let answered = merged(args, world);
    spoken(answered, world)
}

fn merged(args: &Args, world: &mut World<'_>) -> Result<(String, u8), Failure> {
    let known = known(&args.judging, world)?;
    let emitted = args.emit_aggregates.as_deref();
    let mut emitted = emitted.map(logs::Emitted::create).transpose()?;
    let mut reader = Reader::default();
    for path in &args.files {
        let mut input = BufReader::new(open(path)?);
        reader.add(&path.display().to_string(), &mut input)?;
    }
    let windows = reader.windows();
    let tables = reader.tables();
    if let Some(emitted) = &mut emitted {
        emitted.write(&tables)?;
    }
    answer(&args.judging, &tables, &known, &windows)
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| {
        Failure::new(
            format!("can't read {}", path.display()),
            error.to_string(),
            "give a file that check logs --emit-aggregates wrote",
        )
    })
}
