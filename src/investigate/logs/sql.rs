//! What a statement of SQL tells: its shape, the tables it reads, what binds
//! them, and which object and tenant one run of it asked for.
//!
//! [`normal`] folds a statement to its shape in one walk, [`facts`] reads a
//! shape once with a parser, [`shapes`] keeps what was found. To add a fact:
//! a field of [`super::gather::aggregates::Statement`] and a line in `facts`.

pub mod conditions;
pub mod counted;
pub mod facts;
pub mod names;
pub mod normal;
pub mod parameters;
pub mod shapes;
mod tables;
