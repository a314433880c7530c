//! One file a subcommand; each is a thin caller of the rooms below.
//!
//! A subcommand is a `clap::Args` struct and `run(&Args, &mut World)`, which
//! returns the process's exit code or the one failure to print.

pub mod check;
pub mod completions;
pub mod doctor;
pub mod explain;
pub mod export;
pub mod incident;
pub mod lab_guard;
pub mod merge;
pub mod playbook;
pub mod session;
pub mod verify;
pub mod world;

use crate::config::{Env, Paths};
use crate::domain::failure::Failure;
use crate::domain::untrusted::visible_lines;
use crate::runtime::clock;
use crate::runtime::setup::Setup;
use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use world::World;

/// The exit code of a failure that no subcommand gave another meaning.
const FAILED: u8 = 3;

/// The first hour of a live customer-data leak: prove it, contain it, record it.
///
/// Without a command it opens the home screen: resume an incident, start one,
/// run a drill, look at what is ready.
#[derive(Debug, Parser)]
#[command(
    name = "firsthour",
    version,
    about,
    long_about,
    propagate_version = true
)]
#[command(
    after_help = "Incidents are kept under the data folder of this user, or under FIRSTHOUR_HOME."
)]
pub struct Cli {
    /// Talk in plain lines: for screen readers, dumb terminals and scripts
    #[arg(long, global = true)]
    plain: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Everything the program does from the command line.
#[derive(Debug, Subcommand)]
enum Command {
    /// Open a live incident and walk a playbook
    Start(session::StartArgs),
    /// Practise against a leaky lab on this machine
    Drill(session::DrillArgs),
    /// Go on with an incident where it was left
    Resume(session::ResumeArgs),
    /// Look through a recorded incident without changing it
    Review(session::ReviewArgs),
    /// Look for exposure without opening an incident (reads only)
    Check(Box<check::Args>),
    /// Bring together what `check logs --emit-aggregates` counted on several machines
    Merge(merge::Args),
    /// Say what a check looks for, why it leaks and what to do about it
    Explain(explain::Args),
    /// Check that a recorded incident is whole and unaltered
    Verify(verify::Args),
    /// Write a recorded incident as a report, as its lines, or its exposure as CSV or JSON
    Export(export::Args),
    /// Check, show, print or start a playbook
    Playbook(playbook::Args),
    /// Show what is ready and what is missing; changes nothing
    Doctor(doctor::Args),
    /// Print shell completions
    Completions(completions::Args),
    /// Print the manual page
    Man(completions::ManArgs),
    #[command(name = "__lab-guard", hide = true)]
    LabGuard,
}

/// Parses the arguments, runs what they ask for, prints at most one failure.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            return not_parsed(&error);
        }
    };
    if matches!(cli.command, Some(Command::LabGuard)) {
        return lab_guard::run();
    }
    let env = Env::read();
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let result = Paths::find(&env).and_then(|paths| {
        let mut world = World {
            env: &env,
            paths: &paths,
            now: clock::now,
            out: &mut out,
            err: &mut err,
        };
        dispatch(cli, &mut world)
    });
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            for line in failure.lines() {
                // With standard error closed there is nobody to tell.
                drop(writeln!(std::io::stderr(), "{line}"));
            }
            ExitCode::from(FAILED)
        }
    }
}

/// Help and version are no errors; the rest repeats the person's line, which
/// may have come from elsewhere and must not drive the terminal.
fn not_parsed(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // With the output closed there is nobody to tell.
        drop(error.print());
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    for line in visible_lines(text.trim_end()) {
        drop(writeln!(std::io::stderr(), "{line}"));
    }
    ExitCode::from(FAILED)
}

fn dispatch(cli: Cli, world: &mut World<'_>) -> Result<u8, Failure> {
    let plain =
        cli.plain || !std::io::stdout().is_terminal() || world.env.get("TERM") == Some("dumb");
    match cli.command {
        None => session::home(plain, world),
        Some(Command::Start(args)) => session::start(&args, plain, world),
        Some(Command::Drill(args)) => session::drill(&args, plain, world),
        Some(Command::Resume(args)) => session::resume(&args, plain, world),
        Some(Command::Review(args)) => session::review(&args, plain, world),
        Some(Command::Check(args)) => check::run(&args, world),
        Some(Command::Merge(args)) => merge::run(&args, world),
        Some(Command::Explain(args)) => explain::run(&args, columns(), world),
        Some(Command::Verify(args)) => verify::run(&args, world),
        Some(Command::Export(args)) => export::run(&args, world),
        Some(Command::Playbook(args)) => playbook::run(&args, &Setup::playbook_abilities(), world),
        Some(Command::Doctor(args)) => doctor::run(&args, world),
        Some(Command::Completions(args)) => completions::run(&args, Cli::command(), world),
        Some(Command::Man(args)) => completions::run_man(&args, Cli::command(), world),
        // Taken before the world was built.
        Some(Command::LabGuard) => Ok(0),
    }
}

/// How wide the text on standard output may be: that of the terminal, and of
/// an ordinary one where there is none.
fn columns() -> usize {
    let out = std::io::stdout();
    let size = out.is_terminal().then(crossterm::terminal::size);
    size.and_then(Result::ok)
        .map_or(80, |(columns, _)| usize::from(columns))
}
