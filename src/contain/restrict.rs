//! Taking a right away: who may read what.

mod acl;
mod blockers;
mod grant;
mod manner;
mod paths;
mod perform;
mod prove;
mod reading;
mod record;
mod refusal;
mod relations;
pub mod revoke;
mod rights;
mod things;
mod undo;
