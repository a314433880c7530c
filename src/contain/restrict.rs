//! Taking a right away: who may read what, which rows are let through, who
//! may log in.

mod acl;
mod blockers;
pub mod deny;
mod grant;
mod manner;
pub mod nologin;
mod paths;
mod perform;
mod prove;
mod reading;
mod record;
mod refusal;
mod relations;
mod restriction;
pub mod revoke;
mod rights;
pub mod rls;
mod things;
mod undo;
mod walls;
