//! The front door: parse, run, print one failure, exit code.

fn main() {}
