//! Runs a look at a database and passes its warnings on while it runs. A
//! leaf: the forms of the check import it.

use crate::cli::world::World;
use crate::domain::failure::Failure;
use crate::domain::reading::Exhibit;
use crate::investigate::check::{Keeping, Sink};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Passes warnings on while the audit still runs.
#[derive(Debug)]
pub struct Warnings(UnboundedSender<String>);

impl Sink for Warnings {
    fn progress(&self, _done: usize, _total: usize, _what: &str) {}

    fn warn(&self, warning: &str) {
        // Nobody listens only once the answer could not be written.
        drop(self.0.send(warning.to_owned()));
    }

    fn keep(&self, _exhibit: Exhibit) -> Keeping<'_> {
        // Without an incident there is no record: the answer has the reads.
        Box::pin(std::future::ready(Ok(())))
    }
}

/// Runs the work and writes each warning as it comes: the first ones before
/// the first query of the work.
///
/// # Errors
/// The work's own, and what keeps it from starting or its warnings from
/// being written.
pub fn heard<T, F>(world: &mut World<'_>, work: impl FnOnce(Warnings) -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let runtime = runtime()?;
    let (sender, mut warnings) = unbounded_channel();
    runtime.block_on(async {
        let work = work(Warnings(sender));
        let telling = async {
            while let Some(warning) = warnings.recv().await {
                tell(world, &format!("firsthour: {warning}"))?;
            }
            Ok::<(), Failure>(())
        };
        let (answer, told) = tokio::join!(work, telling);
        told.and(answer)
    })
}

/// What the work of a check runs on.
///
/// # Errors
/// When the system gives no room for it.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(
                "the check could not start",
                error.to_string(),
                "free some memory and try again",
            )
        })
}

/// A line on standard error.
///
/// # Errors
/// When it cannot be written.
pub fn tell(world: &mut World<'_>, line: &str) -> Result<(), Failure> {
    writeln!(world.err, "{line}").map_err(|error| unwritten(&error))
}

/// The answer on standard output.
///
/// # Errors
/// When it cannot be written.
pub fn say(world: &mut World<'_>, bytes: &[u8]) -> Result<(), Failure> {
    let written = world.out.write_all(bytes);
    written.map_err(|error| unwritten(&error))
}

fn unwritten(error: &std::io::Error) -> Failure {
    Failure::new(
        "the answer could not be written",
        error.to_string(),
        "send the output somewhere that takes it",
    )
}

/// A thing that cannot be put into JSON.
pub fn unshaped(error: &serde_json::Error) -> Failure {
    Failure::new(
        "the answer could not be put into JSON",
        error.to_string(),
        "run again without --json",
    )
}
