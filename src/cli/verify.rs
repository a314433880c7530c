//! `firsthour verify`: is a record still what was written?

use super::incident;
use super::world::World;
use crate::domain::failure::Failure;
use crate::journal::{Since, verify_since};
use std::path::{Path, PathBuf};

/// Checks every entry, the evidence and the playbook of an incident folder.
///
/// Reads only. Exit codes: 0 whole; 1 altered, forked or missing in the
/// middle; 2 incomplete: a torn end, or evidence that is not there; 3 kept for
/// signatures; 4 cannot be read.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The incident: its folder, its id, its codename, or the beginning of one.
    pub incident: PathBuf,
    /// Print the verdict as JSON.
    #[arg(long)]
    pub json: bool,
    /// A head that somebody kept (HASH or NUMBER:HASH): prove that the record
    /// goes on from it.
    #[arg(long, value_name = "HEAD")]
    pub since: Option<String>,
}

/// Verifies and prints the verdict; the exit code is the verdict's.
///
/// # Errors
/// The head is not one, or the output could not be written.
pub fn run(args: &Args, world: &mut World<'_>) -> Result<u8, Failure> {
    let since = args.since.as_deref().map(Since::parse).transpose();
    let since = since.map_err(|why| {
        Failure::new(
            "the head cannot be looked for",
            why,
            "copy it from where it was kept, or leave --since out",
        )
    })?;
    let folder = match find(&args.incident, world) {
        Ok(folder) => folder,
        Err(failure) => {
            for line in failure.lines() {
                writeln!(world.err, "{line}").map_err(|e| not_printed(&e))?;
            }
            // The verdict says so too, in the form that was asked for.
            args.incident.clone()
        }
    };
    let verdict = verify_since(&folder, since.as_ref());
    let printed = if args.json {
        serde_json::to_writer_pretty(&mut *world.out, &verdict)
            .map_err(std::io::Error::from)
            .and_then(|()| writeln!(world.out))
    } else {
        write!(world.out, "{verdict}")
    };
    printed.map_err(|e| not_printed(&e))?;
    Ok(verdict.exit_code())
}

/// A folder as it stands, else what the other commands understand.
fn find(asked: &Path, world: &World<'_>) -> Result<PathBuf, Failure> {
    if asked.is_dir() {
        return Ok(asked.to_owned());
    }
    incident::find(world.paths, &asked.to_string_lossy())
}

fn not_printed(e: &std::io::Error) -> Failure {
    Failure::new(
        "the verdict could not be printed",
        e.to_string(),
        "check where the output goes",
    )
}
