//! What numbers from elsewhere must be, so that no sum and no difference of
//! them overflows: in a file of aggregates, or in an engine's answer. A leaf.

use super::size::size_class;
use crate::investigate::logs::words::Stamp;

/// Whether it holds, or why not.
pub type Sane = Result<(), String>;

/// The class of the largest size there is.
const LARGEST: u16 = size_class(u64::MAX);
const MINUTE: i64 = 60_000_000_000;

/// Classes of sizes, of which there are few.
///
/// # Errors
/// When there is no such class.
pub fn class(class: u16) -> Sane {
    if class > LARGEST {
        return Err("there is no such class of sizes".to_owned());
    }
    Ok(())
}

/// Minutes from 1970 to 2262, where times in nanoseconds end.
///
/// # Errors
/// When it is another.
pub fn minute(minute: i64) -> Sane {
    if !(0..Stamp::MAX / MINUTE).contains(&minute) {
        return Err("a minute lies outside of time".to_owned());
    }
    Ok(())
}

/// Times after 1970, so that no difference of two overflows.
///
/// # Errors
/// When one is earlier.
pub fn times(stamps: [Option<Stamp>; 2]) -> Sane {
    if stamps.into_iter().flatten().any(|at| at < 0) {
        return Err("a time lies before 1970".to_owned());
    }
    Ok(())
}
