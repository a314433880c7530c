//! tmp
use super::World;
use crate::domain::failure::Failure;
#[derive(Debug, clap::Args)]
/// tmp
pub struct Args {}
pub fn run(_a: &Args, _w: &mut World<'_>) -> Result<u8, Failure> {
    Ok(0)
}
