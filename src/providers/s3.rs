//! Objects of S3, and of stores that speak its protocol: what is there, and
//! their bytes. Only lists and gets.

mod ahead;
mod error;
mod store;

pub use ahead::Ahead;
pub use error::S3Error;
pub use store::{Address, Listed, Object, Store};
