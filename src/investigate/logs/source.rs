//! Where bytes come from: files, folders, standard input, other stores, and
//! what is packed in them.
//!
//! A piece is what was asked for; what is packed in it is in `source/`. To add
//! a store: an [`Opener`], and its address in `source/remote.rs`.

mod dated;
mod piece;
mod place;
mod remote;
mod tar;
#[cfg(test)]
mod tests;
mod unpack;
mod walk;

pub use piece::{Opener, Piece};
pub use place::{Around, around, holds, namesake, stored};
pub use remote::gathered;
pub use unpack::{Part, is_plain};
pub use walk::{Found, Gaps, pieces};
