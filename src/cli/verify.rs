//! `firsthour verify`: is a record still what was written?

use super::incident;
use super::world::World;
use crate::domain::failure::Failure;
use crate::journal::{Since, verify_since};

/// The exit code for a record that cannot be read.
const CANNOT_BE_READ: u8 = 4;

/// Checks every entry, the evidence and the playbook of an incident folder.
///
/// Reads only. Exit codes: 0 whole; 1 altered, forked or missing in the
/// middle; 2 incomplete: a torn end, or evidence that is not there; 3 kept for
/// signatures; 4 cannot be read.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The incident's id or the beginning of it, its codename, or its folder.
    pub incident: String,
    /// Print the verdict as JSON.
    #[arg(long)]
    pub json: bool,
    /// A head that somebody kept (HASH or NUMBER:HASH): prove that the record
    /// goes on from it.
    #[arg(long, value_name = "HEAD")]
    pub since: Option<String>,
}

/// Verifies and prints the verdict; the exit code is the verdict's. A name that
/// fits no incident, or several, is told on standard error with exit code 4: a
/// failure's own code would say that a record was altered.
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
    let folder = match incident::find(world.paths, &args.incident) {
        Ok(folder) => folder,
        Err(failure) => {
            for line in failure.lines() {
                // With standard error closed the exit code still tells.
                drop(writeln!(world.err, "{line}"));
            }
            return Ok(CANNOT_BE_READ);
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
    printed.map_err(|e| {
        Failure::new(
            "the verdict could not be printed",
            e.to_string(),
            "check where the output goes",
        )
    })?;
    Ok(verdict.exit_code())
}
