//! `firsthour playbook`: lint, show, print, new, schema.
//!
//! A thin caller of the `playbooks` room. What checks and actions exist is
//! handed in by whoever wires the subcommand.

use super::world::World;
use crate::domain::failure::Failure;
use crate::playbooks::{self, Abilities, Level};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Everything was read and nothing is wrong; warnings may have been printed.
const CLEAN: u8 = 0;
/// At least one playbook has an error.
const MISTAKES: u8 = 1;
/// At least one playbook could not be read at all.
const UNREADABLE: u8 = 3;

/// Write, check and print playbooks.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check playbooks and say where each mistake stands.
    ///
    /// Exit codes: 0 no errors (warnings are allowed), 1 errors, 3 a playbook
    /// could not be read.
    Lint {
        /// Files or shipped names; all shipped playbooks when none is given.
        playbooks: Vec<PathBuf>,
        /// Print one JSON object a line instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Show a playbook, or one step of it, as plain text.
    Show {
        /// A file or a shipped name.
        playbook: PathBuf,
        /// The id of one step.
        step: Option<String>,
    },
    /// Print a one-page checklist for paper.
    Print {
        /// A file or a shipped name.
        #[arg(default_value = "data-leak")]
        playbook: PathBuf,
        /// Columns of the page.
        #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u16).range(40..=400))]
        width: u16,
    },
    /// Write a new playbook that passes the lint, to start from.
    New {
        /// Its id: lower-case words joined by hyphens. The file is ID.md.
        id: String,
        /// The folder to write it to.
        #[arg(long, default_value = ".")]
        folder: PathBuf,
    },
    /// List the playbooks that come with the program.
    List,
    /// Print the JSON Schema of front matter and fences.
    Schema,
}

/// Runs the subcommand and returns the exit code.
///
/// # Errors
/// When a playbook cannot be read or run, or a new one cannot be written.
pub fn run(args: &Args, abilities: &Abilities, world: &mut World<'_>) -> Result<u8, Failure> {
    match &args.command {
        Command::Lint { playbooks, json } => lint(playbooks, *json, abilities, world),
        Command::Show { playbook, step } => {
            let book = open(playbook, abilities, world)?;
            let text = match step {
                None => playbooks::show(&book),
                Some(id) => playbooks::show_step(book.step(id).ok_or_else(|| no_step(&book, id))?),
            };
            write(world, &text)
        }
        Command::Print { playbook, width } => {
            let book = open(playbook, abilities, world)?;
            let text = playbooks::print(&book, usize::from(*width));
            write(world, &text)
        }
        Command::New { id, folder } => new(id, folder, abilities, world),
        Command::List => {
            let mut text = String::new();
            for shipped in playbooks::shipped() {
                let book = open(Path::new(shipped.name), abilities, world)?;
                text.push_str(&format!("{:<20} {}\n", shipped.name, book.title));
            }
            write(world, &text)
        }
        Command::Schema => write(world, &playbooks::schema()),
    }
}

fn open(
    path: &Path,
    abilities: &Abilities,
    world: &mut World<'_>,
) -> Result<crate::domain::playbook::Playbook, Failure> {
    let text = playbooks::load(path)?;
    let (book, warnings) = playbooks::open(&text, abilities, (world.now)().date_naive())?;
    for warning in warnings {
        writeln!(world.err, "{}", warning.text()).map_err(unwritten)?;
    }
    Ok(book)
}

fn lint(
    paths: &[PathBuf],
    json: bool,
    abilities: &Abilities,
    world: &mut World<'_>,
) -> Result<u8, Failure> {
    let shipped: Vec<PathBuf> = playbooks::shipped().iter().map(|s| s.name.into()).collect();
    let paths = if paths.is_empty() { &shipped } else { paths };
    let today = (world.now)().date_naive();
    let (mut errors, mut warnings, mut code) = (0_usize, 0_usize, CLEAN);
    for path in paths {
        let text = match playbooks::load(path) {
            Ok(text) => text,
            Err(failure) => {
                code = UNREADABLE;
                for line in failure.lines() {
                    writeln!(world.err, "{line}").map_err(unwritten)?;
                }
                continue;
            }
        };
        let (_, found) = playbooks::check(&text.source, &text.origin, abilities, today);
        for diagnostic in &found {
            match diagnostic.level {
                Level::Error => errors += 1,
                Level::Warning => warnings += 1,
            }
            if json {
                writeln!(world.out, "{}", diagnostic.json()).map_err(unwritten)?;
            } else {
                writeln!(world.out, "{}\n", diagnostic.text()).map_err(unwritten)?;
            }
        }
    }
    if !json {
        let files = paths.len();
        writeln!(
            world.out,
            "{}, {}, {}",
            count(files, "playbook"),
            count(errors, "error"),
            count(warnings, "warning")
        )
        .map_err(unwritten)?;
    }
    Ok(if code == CLEAN && errors > 0 {
        MISTAKES
    } else {
        code
    })
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn new(
    id: &str,
    folder: &Path,
    abilities: &Abilities,
    world: &mut World<'_>,
) -> Result<u8, Failure> {
    let today = (world.now)().date_naive();
    let text = playbooks::template(id, today);
    let (_, found) = playbooks::check(&text, id, abilities, today);
    if let Some(first) = found.first() {
        return Err(Failure::new(
            "the playbook was not written",
            first.message.clone(),
            first.help.clone(),
        ));
    }
    let path = folder.join(format!("{id}.md"));
    let failed = |error: std::io::Error| {
        Failure::new(
            format!("{} was not written", path.display()),
            error.to_string(),
            "choose another id, or another folder with --folder",
        )
    };
    // `create_new` never replaces a file that is already there.
    let mut file = std::fs::File::create_new(&path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    let shown = crate::domain::untrusted::visible(&path.to_string_lossy());
    write(
        world,
        &format!("wrote {shown}\nnext: edit it, then run `firsthour playbook lint {shown}`\n"),
    )
}

fn no_step(book: &crate::domain::playbook::Playbook, id: &str) -> Failure {
    let ids: Vec<&str> = book.steps().map(|(_, step)| step.id.as_str()).collect();
    Failure::new(
        format!("the playbook {} has no step {id}", book.id),
        "no heading carries this id",
        format!("the steps are: {}", ids.join(", ")),
    )
}

fn write(world: &mut World<'_>, text: &str) -> Result<u8, Failure> {
    world.out.write_all(text.as_bytes()).map_err(unwritten)?;
    Ok(CLEAN)
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn unwritten(error: std::io::Error) -> Failure {
    Failure::new(
        "the output could not be written",
        error.to_string(),
        "check the pipe or the disk it goes to",
    )
}
