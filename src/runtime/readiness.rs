//! tmp
use crate::config::{Env, Paths};
use crate::domain::failure::Failure;
pub fn lines(_e: &Env, _p: &Paths) -> Result<Vec<String>, Failure> {
    Ok(vec![])
}
