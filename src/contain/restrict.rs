//! Taking a right away: who may read what.

mod acl;
mod paths;
mod reading;
mod relations;
pub mod revoke;
