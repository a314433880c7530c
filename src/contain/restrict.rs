//! Taking a right away: who may read what.

mod acl;
mod paths;
mod reading;
mod record;
mod relations;
pub mod revoke;
