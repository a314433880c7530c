//! `firsthour verify`: is a record still what was written?

use super::world::World;
use crate::domain::failure::Failure;
use crate::journal::{Since, verify_since};
use std::path::PathBuf;

/// Checks every entry, the evidence and the playbook of an incident folder.
///
/// Reads only. Exit codes: 0 whole; 1 altered, forked or missing in the
/// middle; 2 incomplete: a torn end, or evidence that is not there; 3 kept for
/// signatures; 4 cannot be read.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The incident's folder, or its id.
    pub folder: PathBuf,
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
    let known = world.paths.incidents.join(&args.folder);
    let folder = if args.folder.is_dir() || !known.is_dir() {
        &args.folder
    } else {
        &known
    };
    let verdict = verify_since(folder, since.as_ref());
    let printed = if args.json {
        serde_json::to_writer_pretty(&mut *world.out, &verdict)
            .map_err(std::io::Error::from)
            .and_then(|()| writeln!(world.out))
    } else {
        write!(world.out, "{verdict}")
    };
    printed.map_err(|e| {
        Failure::new(
            "the verdict could not be printed",
            e.to_string(),
            "check where the output goes",
        )
    })?;
    Ok(verdict.exit_code())
}
