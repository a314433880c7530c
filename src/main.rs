//! The front door: parse, run, print one failure, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(error) = color_eyre::config::HookBuilder::default()
        .display_env_section(false)
        .install()
    {
        // Without the hook a panic is told in the usual way; go on.
        drop(error);
    }
    firsthour::cli::run(std::env::args_os())
}
