//! `firsthour completions` and `firsthour man`: what the shell and `man` need,
//! made from the same description that parses the command line.

use super::world::World;
use crate::domain::failure::Failure;
use clap_complete::Shell;

/// Prints the completion script of a shell.
///
/// For bash, for example: firsthour completions bash >
/// ~/.local/share/bash-completion/completions/firsthour
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell to complete for.
    pub shell: Shell,
}

/// Prints the manual page: firsthour man | man -l -
#[derive(Debug, clap::Args)]
pub struct ManArgs {}

/// Prints the script. The caller hands in the whole command line's
/// description, so this file stays below it.
///
/// # Errors
/// When the output could not be written.
pub fn run(args: &Args, command: clap::Command, world: &mut World<'_>) -> Result<u8, Failure> {
    let mut command = command;
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "firsthour", &mut script);
    print(&script, world)
}

/// Prints the page: the program, then every subcommand.
///
/// # Errors
/// When the output could not be written.
pub fn run_man(
    _args: &ManArgs,
    command: clap::Command,
    world: &mut World<'_>,
) -> Result<u8, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|e| not_printed(&e))?;
    print(&page, world)
}

fn print(bytes: &[u8], world: &mut World<'_>) -> Result<u8, Failure> {
    world.out.write_all(bytes).map_err(|e| not_printed(&e))?;
    Ok(0)
}

fn not_printed(e: &std::io::Error) -> Failure {
    Failure::new(
        "the text could not be printed",
        e.to_string(),
        "check where the output goes",
    )
}
