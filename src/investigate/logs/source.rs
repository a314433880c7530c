//! Where bytes come from: files, folders, standard input, other stores, and
//! what is packed in them.
//!
//! A piece is what was asked for; what is packed in it is in `source/`. To add
//! a store: an [`Opener`].

mod piece;
mod place;
mod tar;
#[cfg(test)]
mod tests;
mod unpack;
mod walk;

pub use piece::{Opener, Piece};
pub use place::{Around, around, holds, stored};
pub use unpack::Part;
pub use walk::pieces;
