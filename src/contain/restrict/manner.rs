//! How one kind of restriction is held against the live server: what is
//! compared, and how patiently it is changed.

use crate::contain::action::Boxed;
use crate::domain::action::Plan;
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::providers::postgres::Session;
use std::time::Duration;

/// Reads the live state a plan depends on, as a digest to compare with the
/// recorded one.
pub type Live = for<'a> fn(&'a Session, &'a Plan) -> Boxed<'a, Result<Digest, Failure>>;

/// One kind of restriction.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// What is compared, in the plural: "the rights".
    pub of: &'static str,
    pub live: Live,
    /// How long one try waits for a lock.
    pub lock: Duration,
    /// Tries for a lock, each after reading the state again.
    pub tries: u8,
    /// Whether each statement is a transaction of its own, because the next
    /// needs it committed. Otherwise all of them are one.
    pub apart: bool,
    /// What an undo locks, for its plan.
    pub undo_locks: &'static str,
}
