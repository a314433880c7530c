//! Parses, runs, prints one failure, sets the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|name| name == firsthour::drill::guard::SUBCOMMAND)
    {
        return firsthour::cli::lab_guard::run();
    }
    ExitCode::FAILURE
}
