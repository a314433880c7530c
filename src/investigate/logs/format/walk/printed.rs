//! What a message says, found while its record is read. A leaf but for the
//! facts and the memo.

use super::super::facts::Facts;
use super::means::Names;
use super::memo::Memo;

/// What the message of a record says, found on the way.
pub struct Printed<'a, 'r, 'c> {
    /// The names in it.
    pub names: Names,
    pub facts: &'r mut Facts<'a, 'c>,
    pub memo: &'r mut Memo,
    /// Whether a message is worth to be read.
    pub promising: fn(&str) -> bool,
    pub found: Found,
}

/// What came of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It was not looked at.
    Unread,
    /// It says nothing that is looked for.
    Quiet,
    /// Its facts were found.
    Read,
}
