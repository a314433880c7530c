//! `firsthour doctor`: what is ready and what is missing. Changes nothing.

use super::world::World;
use crate::domain::failure::Failure;
use crate::runtime::readiness::{examine, text};

/// Checks this machine and changes nothing.
///
/// Exit code 0: ready for a drill; 1: something needed is missing.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

/// Prints the report.
///
/// # Errors
/// When the output can't be written.
pub fn run(args: &Args, world: &mut World<'_>) -> Result<u8, Failure> {
    let report = examine(world.env, world.paths, (world.now)());
    let text = if args.json {
        serde_json::to_string(&report).unwrap_or_default() + "\n"
    } else {
        text(&report)
    };
    world.out.write_all(text.as_bytes()).map_err(|error| {
        Failure::new(
            "the report was not printed",
            error.to_string(),
            "run it again with its output on a terminal or in a file",
        )
    })?;
    Ok(u8::from(!report.ready))
}
